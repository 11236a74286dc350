"""The stream: one supervised engine that follows the topics, restarted when it fails. Pause the DAG to stop it."""
from airflow.sdk import Param, dag

from forebay.airflow import tasks
from forebay.airflow.settings import ENGINES, Settings
from forebay.airflow.stream.operator import StreamOperator

SETTINGS = Settings.from_environment()


@dag(schedule=SETTINGS.stream_schedule, catchup=False, max_active_runs=1, tags=["forebay"], doc_md=__doc__,
     default_args=tasks.retries(SETTINGS),
     params={"engine": Param(None, type=["null", "string"], enum=[None, *ENGINES], title="Engine",
                             description="The landing engine. Empty: the Variable forebay_engine, or FOREBAY_ENGINE.")})
def forebay_stream():
    StreamOperator(task_id="stream")


forebay_stream()
