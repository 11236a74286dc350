"""An example of work on complete dates: a sales report per emitted date, recomputed when the date changes."""
from airflow.sdk import dag, task

from forebay.airflow import tasks
from forebay.airflow.assets import COMPLETE_DATES
from forebay.airflow.examples.tasks import SALES_REPORTS, make_reports
from forebay.airflow.settings import Settings

SETTINGS = Settings.from_environment()


@dag(schedule=[COMPLETE_DATES], catchup=False, max_active_runs=1, tags=["forebay", "example"], doc_md=__doc__,
     default_args=tasks.retries(SETTINGS))
def forebay_sales_report():
    @task(inlets=[COMPLETE_DATES], outlets=[SALES_REPORTS])
    def report(triggering_asset_events=None, inlet_events=None, outlet_events=None):
        return make_reports(triggering_asset_events, inlet_events, outlet_events)

    report()


forebay_sales_report()
