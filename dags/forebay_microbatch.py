"""Micro-batches: every minute, lands, verifies and publishes the new records of the topics."""
from datetime import timedelta

from airflow.sdk import Param, dag, task

from forebay.airflow import tasks
from forebay.airflow.assets import VERIFIED_BATCHES
from forebay.airflow.settings import ENGINES, Settings

SETTINGS = Settings.from_environment()


@dag(schedule=SETTINGS.microbatch_schedule, catchup=False, max_active_runs=1, tags=["forebay"], doc_md=__doc__,
     default_args=tasks.retries(SETTINGS),
     params={"engine": Param(None, type=["null", "string"], enum=[None, *ENGINES], title="Engine",
                             description="The landing engine. Empty: the Variable forebay_engine, or FOREBAY_ENGINE.")})
def forebay_microbatch():
    @task(execution_timeout=timedelta(minutes=2))
    def check():
        return tasks.check()

    @task(execution_timeout=timedelta(hours=1))
    def land(params=None):
        return tasks.land(params)

    @task(inlets=[VERIFIED_BATCHES], execution_timeout=timedelta(hours=1))
    def verify(inlet_events=None):
        return tasks.verify(inlet_events)

    @task(outlets=[VERIFIED_BATCHES], on_success_callback=tasks.record_verified)
    def publish(verified, outlet_events=None):
        return tasks.publish(verified, outlet_events)

    verified = verify()
    check() >> land() >> verified
    publish(verified)


forebay_microbatch()
