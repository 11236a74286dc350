"""The Kafka client: made as the core says, and its troubles put into words."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import confluent_kafka

if TYPE_CHECKING:
    from collections.abc import Callable

    from forebay import _core

log = logging.getLogger("forebay.producer")

SAY_AGAIN_S = 5.0
QUIET = 2  # librdkafka's own log: what it says of errors comes through error_cb as well


class Client:
    """An idempotent confluent_kafka.Producer. `fatal` is set once it can go on with nothing."""

    def __init__(self, run: _core.ProducerRun) -> None:
        self._redact: Callable[[str], str] = run.redact
        self._said = -SAY_AGAIN_S
        self.fatal: str | None = None
        settings: dict[str, object] = dict(run.client_settings)
        self._brokers = settings["bootstrap.servers"]
        self.producer = confluent_kafka.Producer(
            settings | {"error_cb": self._on_error, "log_level": QUIET}, logger=logging.getLogger("forebay.kafka")
        )

    def _on_error(self, error: confluent_kafka.KafkaError) -> None:
        text = self._redact(error.str())
        if error.fatal():
            self.fatal = f"the producer cannot go on: {text} ({error.name()})"
            return
        now = time.monotonic()
        if now - self._said >= SAY_AGAIN_S:
            log.warning("broker %s does not answer (%s), waiting", self._brokers, text)
            self._said = now

    def listen(self, seconds: float) -> None:
        """Lets the client call back for what became of records, waiting up to so long for the first."""
        self.producer.poll(seconds)

    def give_up(self) -> None:
        """Gives up on all that is outstanding; the records are reported as not delivered."""
        self.producer.purge()
