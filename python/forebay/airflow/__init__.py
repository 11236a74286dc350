"""The parts of the DAGs in `dags/`.

    settings        environment variables                tasks     what the DAGs call
    commands        runs the `forebay` command           assets    what the DAGs emit
    engines         the engines' command lines           stream/   the supervised stream
    microbatch      check, land, verify                  examples/ demo records and reports
    dates           events of complete dates
    service_levels  the contract's freshness

No module needs Forebay's C++ extension or pyarrow: landing runs as `forebay` and `python -m forebay.spark`. Only
`assets`, `tasks`, `examples.tasks`, `stream.operator` and `stream.trigger` import Airflow.
"""
