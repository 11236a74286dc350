"""Sends blocks of records at the requested rate, until there are no more or a stop is due."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import confluent_kafka

from forebay import _core

if TYPE_CHECKING:
    from collections.abc import Callable

    from forebay.producer.client import Client

CHUNK = 64  # records between checks of the clock and of delivery reports
WAIT_FOR_BLOCK_MS = 20
MAX_SLEEP_S = 0.05  # delays a stop by at most this
Headers = list[tuple[str, str | bytes | None]]
UNASSIGNED = -1  # the client chooses the partition by the key


class Block(NamedTuple):
    """Records of one table."""

    table: int
    timestamp_ms: int
    """The timestamp of all records; -1 for the time of sending."""
    keys: list[bytes | None]
    values: list[bytes]
    sequences: list[bytes]
    reports: list[_core.Report]


class Sender:
    """Sends one run's records. It calls `poll` often, which handles delivery reports."""

    def __init__(
        self, run: _core.ProducerRun, client: Client, stop: _core.StopFlag, poll: Callable[[float], None]
    ) -> None:
        self._run = run
        self._client = client
        self._stop = stop
        self._poll = poll
        self._topics = run.topics
        self._run_header = ("run", run.run.encode())
        self._pacer = _core.Pacer(run.rate)
        self._paced = run.rate > 0
        self._deadline = time.monotonic() + run.duration_s if run.duration_s > 0 else float("inf")

    def is_over(self) -> bool:
        """Whether to stop: on request, after a fatal error, or after the duration."""
        return self._stop.is_set() or self._client.fatal is not None or time.monotonic() >= self._deadline

    def work(self) -> None:
        """Sends all records. Raises ForebayError when the source of records fails."""
        while not self.is_over():
            made = self._run.next_block(WAIT_FOR_BLOCK_MS)
            if made is not None:
                self._send(Block(*made))
            elif self._run.over:
                break
            self._poll(0)
        self._run.stop_making()

    def _send(self, block: Block) -> None:
        size = len(block.values)
        at = 0
        while at < size and self._wait_until_due():
            at = self._send_chunk(block, at, at + 1 if self._paced else min(at + CHUNK, size))
            self._poll(0)
        self._run.skip(size - at)

    def _wait_until_due(self) -> bool:
        """Waits until the next record is due; False to stop."""
        while not self.is_over():
            if not self._paced:
                return True
            wait_s = self._pacer.acquire()
            if wait_s <= 0:
                return True
            self._poll(min(wait_s, MAX_SLEEP_S))
        return False

    def _send_chunk(self, block: Block, begin: int, end: int) -> int:
        """Returns the index to continue at; the client accepted the records before it, or refused one permanently."""
        produce = self._client.producer.produce
        topic = self._topics[block.table]
        timestamp = block.timestamp_ms if block.timestamp_ms >= 0 else time.time_ns() // 1_000_000
        _, _, keys, values, sequences, reports = block
        run_header = self._run_header
        at = begin
        try:
            for at in range(begin, end):
                headers: Headers = [run_header, ("seq", sequences[at])]
                produce(topic, values[at], keys[at], UNASSIGNED, reports[at], None, timestamp, headers)
        except BufferError:  # the client's queue is full
            self._run.note_sent(at - begin)
            self._poll(MAX_SLEEP_S)
            return at
        except confluent_kafka.KafkaException as error:
            self._run.note_sent(at - begin)
            self._run.note_refused(error.args[0].str())
            return at + 1
        self._run.note_sent(end - begin)
        return end
