"""Produces records of the shop scenario, to see everything else work. Triggered by hand."""
from airflow.sdk import Param, dag, task

from forebay.airflow.examples import tasks


@dag(schedule=None, catchup=False, tags=["forebay"], doc_md=__doc__,
     params={"records": Param(10_000, type="integer", minimum=1, title="Clicks", description="Orders come with them."),
             "seed": Param(1, type="integer", minimum=0, title="Seed",
                           description="The same seed and options give the same records."),
             "faults": Param("default", type="string", title="Faults",
                             description="none, default, or NAME=SHARE[,NAME=SHARE...] (forebay produce --help)."),
             "event_start": Param(None, type=["null", "string"], title="Event time begins",
                                  description="Such as 2025-10-30. Empty: the scenario's own beginning."),
             "event_span": Param(None, type=["null", "string"], title="Event time's span", description="Such as 1d."),
             "rate": Param(None, type=["null", "number"], title="Records a second",
                           description="Empty: as fast as the broker takes them.")})
def forebay_produce():
    @task(retries=0)  # again would be more records, not the same ones
    def produce(params=None):
        return tasks.produce_records(params)

    produce()


forebay_produce()
