"""Complete dates: emits an asset event when a date is complete and the lake verifies clean; again if it changes."""
from datetime import timedelta

from airflow.sdk import dag, task

from forebay.airflow import tasks
from forebay.airflow.assets import DATE_EVENTS, VERIFIED_BATCHES
from forebay.airflow.settings import Settings

SETTINGS = Settings.from_environment()


@dag(schedule=SETTINGS.daily_schedule, catchup=False, max_active_runs=1, tags=["forebay"], doc_md=__doc__,
     default_args=tasks.retries(SETTINGS))
def forebay_daily():
    @task(inlets=[VERIFIED_BATCHES], execution_timeout=timedelta(hours=2))
    def find():
        return tasks.find_dates()

    @task(outlets=[DATE_EVENTS])
    def emit(events, outlet_events=None):
        return tasks.emit_dates(events, outlet_events)

    @task
    def record(events):
        return tasks.record_dates(events)

    record(emit(find()))


forebay_daily()
