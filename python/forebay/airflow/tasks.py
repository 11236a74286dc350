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
    newest = inlet_events[VERIFIED_BATCHES].ascending(ascending=False).limit(1)
    events = [event.extra for event in newest]
    lake_id = dates.lake_id(settings)
    with translate_errors():
        return microbatch.verify(settings, microbatch.last_verified(events, lake_id))


def publish(verified: dict[str, Any], outlet_events: Any) -> str:
    """Emits the event of the verified batches, from which the next verification continues."""
    if verified["last_batch"] <= verified["since"]:
        raise AirflowSkipException(verified["summary"])
    outlet_events[VERIFIED_BATCHES].extra = {name: value for name, value in verified.items() if name != "summary"}
    return str(verified["summary"])


def find_dates() -> list[dict[str, Any]]:
    """Returns the date events that are due, after verifying the lake."""
    with translate_errors():
        events = dates.find_changes(Settings.from_environment())
    for event in events:
        log.log(logging.INFO if event.state == dates.COMPLETE else logging.WARNING, "%s", dates.describe(event))
    return [asdict(event) for event in events]


def emit_dates(events: list[dict[str, Any]], outlet_events: Any) -> list[str]:
    """Emits one event per date. Airflow stores them in one transaction when the task succeeds."""
    if not events:
        raise AirflowSkipException("no date became complete, and no emitted date has changed")
    for event in events:
        outlet_events[DATE_EVENTS].add(COMPLETE_DATES, extra=event)
    return [dates.describe(DateEvent(**event)) for event in events]


def record_dates(events: list[dict[str, Any]]) -> None:
    """Records emitted events. A run that is killed between emitting and recording emits them again."""
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
