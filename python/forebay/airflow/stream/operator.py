"""The task that keeps a stream running."""

from collections.abc import Mapping
from typing import Any, NoReturn

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from forebay.airflow import microbatch, tasks
from forebay.airflow.settings import Settings
from forebay.airflow.stream.trigger import FAILED, StreamTrigger


class StreamOperator(BaseOperator):
    """Checks brokers and topics, and then defers, without a worker slot, to a trigger that supervises the stream.

    It starts no process itself: killing the task leaves nothing behind. The trigger adopts an engine that an earlier
    one left running.
    """

    def execute(self, context: Mapping[str, Any]) -> NoReturn:
        """Checks and defers."""
        settings = Settings.from_environment()
        with tasks.translate_errors():
            engine = tasks.chosen_engine(settings, context["params"])
            for line in microbatch.check(settings):
                self.log.info("%s", line)
        self.defer(trigger=StreamTrigger(engine=engine, dag_id=self.dag_id), method_name=self.resume.__name__)
        raise AssertionError("defer() raises")

    def resume(self, context: Mapping[str, Any], event: dict[str, Any]) -> NoReturn:
        """Handles the trigger's event. After a pause, the scheduler calls this once the DAG is unpaused."""
        if event["state"] == FAILED:
            raise AirflowFailException(event["error"])
        self.log.info("the DAG is unpaused; continuing the stream")
        self.execute(context)
