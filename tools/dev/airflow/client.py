"""A client of Airflow's REST API, as its admin."""
import json
import time
import urllib.error
import urllib.request


class Unreachable(Exception):
    """The API does not answer."""


class Refusal(Exception):
    """The API answered with an error."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


def _log_line(line):
    if not isinstance(line, dict):
        return str(line)
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in line.get("error_detail") or []]
    return "\n".join([line["event"], *errors])


class Client:
    TIMEOUT_S = 30

    def __init__(self, home):
        self.home = home
        self.token = None

    def get(self, path):
        return self._call("GET", f"/api/v2{path}")

    def post(self, path, body):
        return self._call("POST", f"/api/v2{path}", body)

    def patch(self, path, body):
        return self._call("PATCH", f"/api/v2{path}", body)

    def delete(self, path):
        return self._call("DELETE", f"/api/v2{path}")

    def exists(self, path):
        try:
            self.get(path)
        except Refusal as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def unhealthy(self):
        """The components that the API calls unhealthy."""
        health = self._send("GET", "/api/v2/monitor/health", None, {})
        wanted = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return [name for name in wanted if (health.get(name) or {}).get("status") != "healthy"]

    # --- DAGs ------------------------------------------------------------------------------------------------

    def pause(self, dag, paused=True):
        self.patch(f"/dags/{dag}", {"is_paused": paused})

    def trigger(self, dag, conf=None):
        """The id of the new run."""
        return self.post(f"/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf or {}})["dag_run_id"]

    def run(self, dag, run):
        return self.get(f"/dags/{dag}/dagRuns/{run}")

    def runs(self, dag):
        return self.get(f"/dags/{dag}/dagRuns?order_by=-run_after&limit=100")["dag_runs"]

    def tasks(self, dag, run):
        return self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]

    def xcom(self, dag, run, task, key="return_value"):
        value = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/{key}")["value"]
        return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value

    def log(self, dag, run, task, attempt=1, map_index=-1):
        answer = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}?map_index={map_index}"
                          "&full_content=true")
        return "\n".join(_log_line(line) for line in answer["content"])

    def wait_for(self, dag, run, timeout_s=300, states=("success", "failed")):
        """The run, once it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.run(dag, run)
            if found["state"] in states:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{dag} {run} is still {found['state']} after {timeout_s} s")
            time.sleep(0.3)

    def asset_events(self, asset, timeout_s=120):
        """The extra data of this asset's events among the latest 100, oldest first.

        Airflow cannot show an event that made a run which has not begun: its answer is 500, until the run begins.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                found = self.get("/assets/events?limit=100&order_by=-timestamp")["asset_events"]
                return [event["extra"] for event in reversed(found) if event["name"] == asset]
            except Refusal as refusal:
                if refusal.status != 500 or time.monotonic() > deadline:
                    raise
            time.sleep(0.3)

    # --- HTTP ------------------------------------------------------------------------------------------------

    def _call(self, method, path, body=None):
        if self.token is None:
            login = {"username": "admin", "password": self.home.password()}
            self.token = self._send("POST", "/auth/token", login, {})["access_token"]
        try:
            return self._send(method, path, body, {"Authorization": f"Bearer {self.token}"})
        except Refusal as refusal:
            if refusal.status != 401:
                raise
            self.token = None
            return self._call(method, path, body)

    def _send(self, method, path, body, headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.home.url() + path, data, {"Content-Type": "application/json", **headers},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.TIMEOUT_S) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refusal(error.code, error.read().decode(errors="replace")[:500]) from error
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from error
        return json.loads(text) if text else None
