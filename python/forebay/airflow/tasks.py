"""The DAGs' tasks: pass Airflow's parameters to Forebay's functions, and translate their errors for Airflow."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from forebay.airflow import dates, microbatch
from forebay.airflow.assets import COMPLETE_DATES, DATE_EVENTS, VERIFIED_BATCHES
from forebay.airflow.commands import PermanentError
from forebay.airflow.dates import DateEvent, NotifiedDates
from forebay.airflow.memory import VerifiedBatches
from forebay.airflow.settings import ENGINES, SettingError, Settings

log = logging.getLogger("forebay.airflow")

ENGINE_VARIABLE = "forebay_engine"
Context = Mapping[str, Any]


@contextmanager
def translate_errors() -> Iterator[None]:
    """Fails the task without a retry on a permanent error; Airflow retries on all others."""
    try:
        yield
    except (PermanentError, SettingError) as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence is enough, without a stack trace
        raise AirflowFailException(str(error)) from error


def retries(settings: Settings) -> dict[str, Any]:
    """Returns the tasks' retry settings, with exponential backoff. Retrying is safe: a record is landed once."""
    return {
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_delay_s),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=5),
    }


def chosen_engine(settings: Settings, params: Mapping[str, Any]) -> str:
    """Returns the engine: the run's param, else the Airflow Variable, else the setting."""
    engine = params.get("engine") or Variable.get(ENGINE_VARIABLE, default=None) or settings.engine
    if engine not in ENGINES:
        raise SettingError(f"'{engine}' is not an engine: choose {' or '.join(ENGINES)}")
    return str(engine)


def check() -> list[str]:
    """Checks that the brokers respond and that the topics exist; warns of topics that differ from the contract."""
    with translate_errors():
        return microbatch.check(Settings.from_environment())


def land(params: Mapping[str, Any]) -> dict[str, Any]:
    """Lands one micro-batch."""
    settings = Settings.from_environment()
    with translate_errors():
        return microbatch.land(settings, chosen_engine(settings, params))


def verify(inlet_events: Any) -> dict[str, Any]:
    """Verifies all batches after the last published one, so that a failure is reported until it is repaired."""
    settings = Settings.from_environment()
    lake_id = dates.lake_id(settings)
    newest = inlet_events[VERIFIED_BATCHES].ascending(ascending=False).limit(1)
    published = microbatch.last_published([event.extra for event in newest], lake_id)
    memory = VerifiedBatches(settings)
    with translate_errors():
        if lake_id is not None and published > 0:
            memory.record(lake_id, published)  # a run may be killed between the event and its record
        return microbatch.verify(settings, memory.last(lake_id))


def publish(verified: dict[str, Any], outlet_events: Any) -> str:
    """Emits the event of the verified batches, from which the next verification continues.

    Where an overlapping run has emitted some of them meanwhile, the others are verified again and emitted.
    """
    settings = Settings.from_environment()
    with translate_errors():
        emitted = VerifiedBatches(settings).last(verified.get("lake_id"))
        if emitted > verified["since"]:
            verified = microbatch.verify(settings, emitted)
    if verified["last_batch"] <= verified["since"]:
        raise AirflowSkipException(verified["summary"])
    outlet_events[VERIFIED_BATCHES].extra = {name: value for name, value in verified.items() if name != "summary"}
    return str(verified["summary"])


def record_verified(context: Context) -> None:
    """Records the event of `publish`; Airflow calls it once the event is stored."""
    event = context["outlet_events"][VERIFIED_BATCHES].extra
    VerifiedBatches(Settings.from_environment()).record(event["lake_id"], event["last_batch"])


def find_dates() -> list[dict[str, Any]]:
    """Returns the date events that are due, after verifying the lake."""
    with translate_errors():
        events = dates.find_changes(Settings.from_environment())
    for event in events:
        log.log(logging.INFO if event.state == dates.COMPLETE else logging.WARNING, "%s", dates.describe(event))
    return [asdict(event) for event in events]


def emit_dates(events: list[dict[str, Any]], outlet_events: Any) -> list[dict[str, Any]]:
    """Emits one event per date, and returns them. Airflow stores them in one transaction when the task succeeds."""
    with translate_errors():
        due = NotifiedDates(Settings.from_environment()).still_due([DateEvent(**event) for event in events])
    if not due:
        raise AirflowSkipException("no date became complete, and no emitted date has changed")
    emitted = [asdict(event) for event in due]
    for event in emitted:
        outlet_events[DATE_EVENTS].add(COMPLETE_DATES, extra=event)
    return emitted


def record_dates(events: list[dict[str, Any]]) -> None:
    """Records emitted events. A run that is killed between emitting and recording emits them again."""
    with translate_errors():
        NotifiedDates(Settings.from_environment()).add([DateEvent(**event) for event in events])


def events_to_process(triggering_asset_events: Any, inlet_events: Any) -> list[dict[str, Any]]:
    """Returns all date events from the one that triggered the run onwards; a manual run gets all there are.

    Airflow passes a run only the events up to the first one that queued it; simultaneous ones wait for the next run.
    This reads them from the asset instead, so that none waits. Processing an event twice must therefore be harmless.
    """
    triggers = list(triggering_asset_events[COMPLETE_DATES]) if COMPLETE_DATES in triggering_asset_events else []
    events = inlet_events[COMPLETE_DATES]
    if triggers:
        events = events.after(min(event.timestamp for event in triggers))
    return [event.extra for event in events]
