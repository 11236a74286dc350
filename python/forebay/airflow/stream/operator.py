"""The task that has a stream running for as long as it lasts."""

from collections.abc import Mapping
from typing import Any, NoReturn

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from forebay.airflow import microbatch, tasks
from forebay.airflow.settings import Settings
from forebay.airflow.stream.trigger import REFUSED, StreamTrigger


class StreamOperator(BaseOperator):
    """Looks whether the world is fit for a stream, and then waits, without a worker's slot, while a trigger watches it.

    It starts nothing by itself: a task that is killed leaves nothing behind, and what an earlier trigger left running
    is adopted by the next one.
    """

    def execute(self, context: Mapping[str, Any]) -> NoReturn:
        """Begin."""
        settings = Settings.from_environment()
        with tasks.translate_errors():
            engine = tasks.chosen_engine(settings, context["params"])
            for line in microbatch.check(settings):
                self.log.info("%s", line)
        self._watch(engine)

    def resume(self, context: Mapping[str, Any], event: dict[str, Any]) -> NoReturn:
        """After a pause the scheduler comes here once the DAG is no longer paused: the stream goes on."""
        if event["what"] == REFUSED:
            raise AirflowFailException(event["why"])
        self.log.info("the DAG was paused, and is no longer; the stream goes on")
        self.execute(context)

    def _watch(self, engine: str) -> NoReturn:
        self.defer(trigger=StreamTrigger(engine=engine, dag_id=self.dag_id), method_name=self.resume.__name__)
        raise AssertionError("defer() raises")
