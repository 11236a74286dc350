"""Complete dates: each date that became complete, and verify clean, is told as an asset event; if it changes, again."""
from datetime import timedelta

from airflow.sdk import dag, task

from forebay.airflow import tasks
from forebay.airflow.assets import DATES_TO_TELL, VERIFIED_BATCHES
from forebay.airflow.settings import Settings

SETTINGS = Settings.from_environment()


@dag(schedule=SETTINGS.daily_schedule, catchup=False, max_active_runs=1, tags=["forebay"], doc_md=__doc__,
     default_args=tasks.retries(SETTINGS))
def forebay_daily():
    @task(inlets=[VERIFIED_BATCHES], execution_timeout=timedelta(hours=2))
    def find():
        return tasks.find_dates()

    @task(outlets=[DATES_TO_TELL])
    def tell(events, outlet_events=None):
        return tasks.emit_dates(events, outlet_events)

    @task
    def remember(events):
        return tasks.remember_dates(events)

    events = find()
    tell(events) >> remember(events)


forebay_daily()
