"""What the DAGs in `dags/` are made of.

Importing this package, or any module of it, needs neither Forebay's C++ extension nor pyarrow: the landing is done by
the `forebay` command and by `python -m forebay.spark`, in processes of their own. Airflow itself is needed by
`assets`, `stream_operator`, `stream_trigger` and `tasks` alone.
"""
