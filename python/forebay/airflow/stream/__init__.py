"""The stream: one engine per lake as a detached process, supervised by a trigger.

    process      processes of /proc, identified by PID and start time
    engine       finds, starts, replaces and stops the engine of a lake
    watch        lag, staleness and restart delays, as pure functions of samples
    supervision  one supervision step at a time, independent of Airflow
    trigger      the Airflow trigger that runs the steps
    operator     the Airflow task that defers to the trigger

Only `trigger` and `operator` import Airflow.
"""
