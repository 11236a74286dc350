"""The Kafka client, with the core's settings, and its errors as log lines."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import confluent_kafka

if TYPE_CHECKING:
    from collections.abc import Callable

    from forebay import _core

log = logging.getLogger("forebay.producer")

MIN_WARNING_INTERVAL_S = 5.0
LOG_LEVEL = 2  # of librdkafka's log, whose errors arrive through error_cb as well


class Client:
    """An idempotent confluent_kafka.Producer. `fatal` is the error after which it can send nothing more."""

    def __init__(self, run: _core.ProducerRun) -> None:
        self._redact: Callable[[str], str] = run.redact
        self._warned_at = -MIN_WARNING_INTERVAL_S
        self.fatal: str | None = None
        settings: dict[str, object] = dict(run.client_settings)
        self._brokers = settings["bootstrap.servers"]
        self.producer = confluent_kafka.Producer(
            settings | {"error_cb": self._on_error, "log_level": LOG_LEVEL}, logger=logging.getLogger("forebay.kafka")
        )

    def _on_error(self, error: confluent_kafka.KafkaError) -> None:
        text = self._redact(error.str())
        if error.fatal():
            self.fatal = f"fatal error of the Kafka producer: {text} ({error.name()})"
            return
        now = time.monotonic()
        if now - self._warned_at >= MIN_WARNING_INTERVAL_S:
            log.warning("broker %s does not answer (%s), waiting", self._brokers, text)
            self._warned_at = now

    def poll(self, seconds: float) -> None:
        """Runs the callbacks of delivery reports, waiting up to `seconds` for the first."""
        self.producer.poll(seconds)

    def purge(self) -> None:
        """Abandons all outstanding records, which are then reported as not delivered."""
        self.producer.purge()
