"""The DAGs' tasks: what Airflow gives, to the functions that do the work, and their failures to Airflow's words."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from forebay.airflow import dates, microbatch
from forebay.airflow.assets import COMPLETE_DATES, DATES_TO_TELL, VERIFIED_BATCHES
from forebay.airflow.commands import RefusedError
from forebay.airflow.dates import DateEvent, Memory
from forebay.airflow.settings import ENGINES, SettingError, Settings

log = logging.getLogger("forebay.airflow")

ENGINE_VARIABLE = "forebay_engine"
Context = Mapping[str, Any]


@contextmanager
def translate_errors() -> Iterator[None]:
    """What trying again cannot mend fails at once; everything else is tried again."""
    try:
        yield
    except (RefusedError, SettingError) as refusal:
        log.error("%s", refusal)  # noqa: TRY400 - a sentence for people, not a stack trace
        raise AirflowFailException(str(refusal)) from refusal


def retries(settings: Settings) -> dict[str, Any]:
    """Return how tasks are tried again: soon, then less and less often. Landing twice lands once."""
    return {
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_delay_s),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=5),
    }


def chosen_engine(settings: Settings, params: Mapping[str, Any]) -> str:
    """The run's param, or the Airflow Variable, or the setting."""
    engine = params.get("engine") or Variable.get(ENGINE_VARIABLE, default=None) or settings.engine
    if engine not in ENGINES:
        raise SettingError(f"'{engine}' is not an engine: choose {' or '.join(ENGINES)}")
    return str(engine)


def check() -> list[str]:
    """The brokers answer, and the topics are as the contract says."""
    with translate_errors():
        return microbatch.check(Settings.from_environment())


def land(params: Mapping[str, Any]) -> dict[str, Any]:
    """One micro-batch."""
    settings = Settings.from_environment()
    with translate_errors():
        return microbatch.land(settings, chosen_engine(settings, params))


def verify(inlet_events: Any) -> dict[str, Any]:
    """Everything since the batch that was published last: a failure is found again until it is mended."""
    settings = Settings.from_environment()
    newest = inlet_events[VERIFIED_BATCHES].ascending(ascending=False).limit(1)
    events = [event.extra for event in newest]
    lake_id = dates.lake_id(settings)
    with translate_errors():
        return microbatch.verify(settings, microbatch.last_verified(events, lake_id))


def publish(verified: dict[str, Any], outlet_events: Any) -> str:
    """Tell what was verified. Its event is the memory from which the next verification goes on."""
    if verified["last_batch"] <= verified["since"]:
        raise AirflowSkipException(verified["summary"])
    outlet_events[VERIFIED_BATCHES].extra = {name: value for name, value in verified.items() if name != "summary"}
    return str(verified["summary"])


def find_dates() -> list[dict[str, Any]]:
    """The dates there is something to tell of, the lake verified."""
    with translate_errors():
        found = dates.look(Settings.from_environment())
    for event in found:
        log.log(logging.INFO if event.state == dates.COMPLETE else logging.WARNING, "%s", dates.describe(event))
    return [asdict(event) for event in found]


def emit_dates(events: list[dict[str, Any]], outlet_events: Any) -> list[str]:
    """One event a date. They come into the world together, when the task succeeds."""
    if not events:
        raise AirflowSkipException("no date became complete, and none that was told has changed")
    for event in events:
        outlet_events[DATES_TO_TELL].add(COMPLETE_DATES, extra=event)
    return [dates.describe(DateEvent(**event)) for event in events]


def remember_dates(events: list[dict[str, Any]]) -> None:
    """Only after they were told: who is killed in between tells them twice, never not at all."""
    Memory(Settings.from_environment()).add([DateEvent(**event) for event in events])


def told_dates(triggering_asset_events: Any, inlet_events: Any) -> list[dict[str, Any]]:
    """The events that a run has to answer: from the one that started it onwards, all of them.

    Airflow hands a run the events up to the first one that asked for it, and those of the same moment that come after
    it may wait for the next run. So what a run answers is read from the asset when its task begins: nothing waits, and
    what is answered twice is answered alike. A run that was started by hand answers everything that was ever told.
    """
    started_by = list(triggering_asset_events[COMPLETE_DATES]) if COMPLETE_DATES in triggering_asset_events else []
    events = inlet_events[COMPLETE_DATES]
    if started_by:
        events = events.after(min(event.timestamp for event in started_by))
    return [event.extra for event in events]
