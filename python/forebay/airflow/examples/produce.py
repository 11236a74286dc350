"""Produces records of the shop scenario."""

from typing import Any

from forebay.airflow import commands, microbatch
from forebay.airflow.settings import Settings

OPTIONAL = ("event_start", "event_span", "rate")


def produce(settings: Settings, params: dict[str, Any]) -> dict[str, Any]:
    """Produces `records` clicks and their orders with `seed`. Verification compares the lake with its receipt."""
    microbatch.check(settings)
    settings.receipts.mkdir(parents=True, exist_ok=True)
    options: list[object] = []
    for name in OPTIONAL:
        if params.get(name):
            options += [f"--{name.replace('_', '-')}", params[name]]
    produced = commands.forebay(
        settings,
        "produce",
        "--contract",
        settings.contract,
        "--brokers",
        settings.brokers,
        "--records",
        params["records"],
        "--seed",
        params["seed"],
        "--faults",
        params["faults"],
        "--receipt",
        f"{settings.receipts}/",
        *options,
    ).result
    return {"summary": f"{produced['acknowledged']} records acknowledged", **produced}
