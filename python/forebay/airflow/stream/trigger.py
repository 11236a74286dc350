"""The trigger that supervises a stream while its task holds no worker slot."""

import asyncio
import json
import logging
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import Connection
from airflow.triggers.base import BaseTrigger, TriggerEvent

from forebay.airflow.settings import Settings
from forebay.airflow.stream.supervision import PermanentStreamError, Supervision

log = logging.getLogger("forebay.airflow")

API_CONNECTION = "forebay_airflow_api"
PAUSE_POLL_S = 3.0
API_TIMEOUT_S = 10
PAUSED, FAILED = "paused", "failed"


class StreamTrigger(BaseTrigger):
    """Starts or adopts the engine, supervises it, and stops it when a user ends the task or pauses the DAG.

    The engine survives the triggerer; the next triggerer adopts it.
    """

    def __init__(self, engine: str, dag_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.engine = engine
        self.dag_id = dag_id
        self._supervision: Supervision | None = None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Returns the class path and the arguments to recreate the trigger."""
        return f"{StreamTrigger.__module__}.StreamTrigger", {"engine": self.engine, "dag_id": self.dag_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Supervises until the task must handle an event."""
        settings = Settings.from_environment()
        supervision = self._supervision = Supervision(settings, self.engine)
        pause = PausePoller(self.dag_id)
        while True:
            try:
                await asyncio.to_thread(supervision.step)
            except PermanentStreamError as error:
                yield _event({"state": FAILED, "error": str(error)})
                return
            if await pause.is_paused():
                await asyncio.to_thread(supervision.close, stop=True)
                yield _event({"state": PAUSED})
                return
            await asyncio.sleep(settings.poll_s)

    async def on_kill(self) -> None:
        """Stops the engine when a user clears the task or marks it as failed or succeeded."""
        if self._supervision is not None:
            await asyncio.to_thread(self._supervision.close, stop=True)


class PausePoller:
    """Polls Airflow's API for whether the DAG is paused, which triggers are not notified of."""

    def __init__(self, dag_id: str) -> None:
        self._dag_id = dag_id
        self._token: str | None = None
        self._poll_at = 0.0
        self._warned = False

    async def is_paused(self) -> bool:
        """Polls the API at its interval. False when the API fails: a stream continues unless it is paused."""
        now = asyncio.get_running_loop().time()
        if now < self._poll_at:
            return False
        self._poll_at = now + PAUSE_POLL_S
        try:
            connection = await Connection.async_get(API_CONNECTION)
            paused = await asyncio.to_thread(self._fetch_paused, connection)
        except Exception as failure:  # noqa: BLE001 - no failure of the API may stop the stream
            self._token = None
            if not self._warned:
                log.warning(
                    "Airflow API: cannot read whether %s is paused; check connection %s: %s",
                    self._dag_id,
                    API_CONNECTION,
                    failure,
                )
            self._warned = True
            return False
        self._warned = False
        return paused

    def _fetch_paused(self, connection: Any) -> bool:
        base = f"{connection.schema or 'http'}://{connection.host}:{connection.port}"
        if self._token is None:
            login = json.dumps({"username": connection.login, "password": connection.password}).encode()
            self._token = _fetch(f"{base}/auth/token", {}, login)["access_token"]
        return bool(
            _fetch(f"{base}/api/v2/dags/{self._dag_id}", {"Authorization": f"Bearer {self._token}"})["is_paused"]
        )


def _event(payload: dict[str, Any]) -> TriggerEvent:
    return TriggerEvent(payload)  # type: ignore[no-untyped-call]


def _fetch(url: str, headers: dict[str, str], body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310
    with urllib.request.urlopen(request, timeout=API_TIMEOUT_S) as response:  # noqa: S310 - a connection's URL
        document: dict[str, Any] = json.loads(response.read())
        return document
