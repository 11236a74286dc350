"""The tasks of the example DAGs."""

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowSkipException

from forebay.airflow import tasks
from forebay.airflow.examples import produce, report
from forebay.airflow.settings import Settings

log = logging.getLogger("forebay.airflow")

# extra: done (one line per date)
SALES_REPORTS = Asset(name="forebay_sales_reports", uri="forebay://reports/sales")


def make_reports(triggering_asset_events: Any, inlet_events: Any, outlet_events: Any) -> list[str]:
    """Write a report for each date that the events name."""
    settings = Settings.from_environment()
    events = tasks.events_to_process(triggering_asset_events, inlet_events)
    with tasks.translate_errors():
        done = [report.make(settings, event) for event in report.newest(events)]
    if not done:
        raise AirflowSkipException(f"none of {len(events)} events is about {report.TABLE}")
    for line in done:
        log.info("%s", line)
    outlet_events[SALES_REPORTS].extra = {"done": done}
    return done


def produce_records(params: Mapping[str, Any]) -> dict[str, Any]:
    """Produce records of the shop scenario."""
    with tasks.translate_errors():
        return produce.produce(Settings.from_environment(), dict(params))
