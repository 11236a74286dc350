"""Produces records of the shop scenario, as input for the other DAGs. Triggered manually."""
from airflow.sdk import Param, dag, task

from forebay.airflow.examples import tasks


@dag(schedule=None, catchup=False, tags=["forebay"], doc_md=__doc__,
     params={"records": Param(10_000, type="integer", minimum=1, title="Clicks", description="With their orders."),
             "seed": Param(1, type="integer", minimum=0, title="Seed",
                           description="The same seed and options give the same records."),
             "faults": Param("default", type="string", title="Faults",
                             description="none, default, or NAME=SHARE[,NAME=SHARE...] (forebay produce --help)."),
             "event_start": Param(None, type=["null", "string"], title="Start of event time",
                                  description="Such as 2025-10-30. Empty: the scenario's default."),
             "event_span": Param(None, type=["null", "string"], title="Span of event time", description="Such as 1d."),
             "rate": Param(None, type=["null", "number"], title="Records per second",
                           description="Empty: as fast as the broker accepts.")})
def forebay_produce():
    @task(retries=0)  # a retry would produce more records, not the same ones
    def produce(params=None):
        return tasks.produce_records(params)

    produce()


forebay_produce()
