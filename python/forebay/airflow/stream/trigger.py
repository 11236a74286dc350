"""The trigger that watches a stream while its task holds no worker's slot."""

import asyncio
import json
import logging
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import Connection
from airflow.triggers.base import BaseTrigger, TriggerEvent

from forebay.airflow.settings import Settings
from forebay.airflow.stream.supervision import StreamRefusedError, Supervision

log = logging.getLogger("forebay.airflow")

API_CONNECTION = "forebay_airflow_api"
PAUSE_POLL_S = 3.0
API_TIMEOUT_S = 10
PAUSED, REFUSED = "paused", "refused"


class StreamTrigger(BaseTrigger):
    """Starts or adopts the engine, sees to it, and stops it when a user ends the task or pauses the DAG.

    When the triggerer itself goes away the engine stays: the next triggerer adopts it.
    """

    def __init__(self, engine: str, dag_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.engine = engine
        self.dag_id = dag_id
        self._supervision: Supervision | None = None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what it is made from again."""
        return f"{StreamTrigger.__module__}.StreamTrigger", {"engine": self.engine, "dag_id": self.dag_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Until there is something for the task to decide."""
        settings = Settings.from_environment()
        supervision = self._supervision = Supervision(settings, self.engine)
        pause = PauseWatch(self.dag_id)
        while True:
            try:
                await asyncio.to_thread(supervision.step)
            except StreamRefusedError as refusal:
                yield _event({"what": REFUSED, "why": str(refusal)})
                return
            if await pause.is_paused():
                await asyncio.to_thread(supervision.close, stop=True)
                yield _event({"what": PAUSED})
                return
            await asyncio.sleep(settings.poll_s)

    async def on_kill(self) -> None:
        """A user cleared the task, or said that it failed or succeeded."""
        if self._supervision is not None:
            await asyncio.to_thread(self._supervision.close, stop=True)


class PauseWatch:
    """Asks Airflow's API now and then whether the DAG is paused. A trigger is told of everything but that."""

    def __init__(self, dag_id: str) -> None:
        self._dag_id = dag_id
        self._token: str | None = None
        self._ask_at = 0.0
        self._complained = False

    async def is_paused(self) -> bool:
        """When the API can't be asked it is not: a stream goes on unless somebody wants it to stop."""
        now = asyncio.get_running_loop().time()
        if now < self._ask_at:
            return False
        self._ask_at = now + PAUSE_POLL_S
        try:
            connection = await Connection.async_get(API_CONNECTION)
            found = await asyncio.to_thread(self._ask, connection)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the stream goes on
            self._token = None
            if not self._complained:
                log.warning(
                    "can't ask the API whether %s is paused (connection %s): %s", self._dag_id, API_CONNECTION, failure
                )
            self._complained = True
            return False
        self._complained = False
        return found

    def _ask(self, connection: Any) -> bool:
        base = f"{connection.schema or 'http'}://{connection.host}:{connection.port}"
        if self._token is None:
            login = json.dumps({"username": connection.login, "password": connection.password}).encode()
            self._token = _fetch(f"{base}/auth/token", {}, login)["access_token"]
        return bool(
            _fetch(f"{base}/api/v2/dags/{self._dag_id}", {"Authorization": f"Bearer {self._token}"})["is_paused"]
        )


def _event(what: dict[str, Any]) -> TriggerEvent:
    return TriggerEvent(what)  # type: ignore[no-untyped-call]


def _fetch(url: str, headers: dict[str, str], body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310
    with urllib.request.urlopen(request, timeout=API_TIMEOUT_S) as answer:  # noqa: S310 - a connection's URL
        found: dict[str, Any] = json.loads(answer.read())
        return found
