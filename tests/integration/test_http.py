"""What land --http and ui answer to programs: Prometheus, probes, and those who should not ask."""
import json
import re
import socket
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support import readers
from support.contracts import ContractCopy
from support.landing import Landing
from support.paths import ROOT

UNITS = ("_seconds", "_bytes", "_records", "_rows", "_files", "_batches", "_blocks", "_fds", "_total", "_info",
         "_phase", "_dates", "_readable", "_up", "_fields", "_breaches")


@pytest.fixture(scope="module")
def landing(forebay, broker, tmp_path_factory):
    directory = tmp_path_factory.mktemp("http")
    return Landing(forebay, broker, ContractCopy("shop.odcs.yaml", directory), directory)


def get(url, host=None, method="GET"):
    """Status, headers and body."""
    request = urllib.request.Request(url, method=method, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def samples(text):
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families(text).values() for sample in family.samples}


def scrape_until(url, wanted, tries=100):
    """/metrics, once `wanted` holds of its samples."""
    for _ in range(tries):
        status, headers, text = get(url + "/metrics")
        assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        if wanted(samples(text)):
            return text
        time.sleep(0.2)
    raise AssertionError(text)


@pytest.fixture(scope="module")
def landed(landing):
    """A running lander that has landed all there is, and its metrics."""
    landing.produce("--records", 4000, "--seed", 3, "--faults", "malformed=0.05")
    with landing.follow("--http", "127.0.0.1:0", "--flush-interval", "1s") as lander:
        lander.url = lander.page_url()
        lander.metrics = scrape_until(lander.url, lambda all_: is_landed(all_, landing))
        yield lander


def is_landed(all_, landing):
    lags = [value for (name, _), value in all_.items() if name == "forebay_lag_records"]
    stage = all_.get(("forebay_stage_records_total", (("stage", "committed"),)), 0)
    return len(lags) == 12 and sum(lags) == 0 and stage == 4100 and all_["forebay_batches_total", ()] > 0


def test_the_metrics_agree_with_readers(landed, landing):
    metrics = samples(landed.metrics)
    for table in ("clicks", "orders"):
        rows = readers.duckdb_rows(landing.lake, table).total()
        assert metrics["forebay_table_rows", (("table", table),)] == rows
        assert metrics["forebay_records_total", (("outcome", "landed"), ("table", table))] == rows
        assert metrics["forebay_table_files", (("table", table),)] == len(readers.files(landing.lake, table))
        refused = readers.quarantined(landing.lake, landing.contract.topic(table))
        assert {dict(labels)["reason"]: value for (name, labels), value in metrics.items()
                if name == "forebay_quarantined_records_total" and dict(labels)["table"] == table} == refused
        assert 0 <= metrics["forebay_freshness_seconds", (("table", table),)] < 300
    for stage in ("consumed", "decoded", "committed"):
        assert metrics["forebay_stage_records_total", (("stage", stage),)] == 4100
    assert metrics["forebay_lander_phase", (("phase", "landing"),)] == 1
    for name, seconds in (("freshness", 300), ("latency", 86400), ("retention", 365 * 86400)):
        labels = (("property", name), ("table", "clicks"))
        assert metrics["forebay_service_level_limit_seconds", labels] == seconds
        assert metrics["forebay_service_level_breaches", labels] in (0, 1)
    assert metrics["forebay_commit_duration_seconds_count", ()] == metrics["forebay_batches_total", ()]
    assert metrics["forebay_commit_duration_seconds_bucket", (("le", "+Inf"),)] == metrics["forebay_batches_total", ()]
    assert 20e6 < metrics["process_resident_memory_bytes", ()] < 2e9
    assert metrics["forebay_brokers_up", ()] == metrics["forebay_lake_readable", ()] == 1


def test_names_are_conventional_and_documented(landed):
    documented = set(re.findall(r"`((?:forebay|process)_[a-z_]+)", (ROOT / "docs/metrics.md").read_text()))
    exposed = set(re.findall(r"^# TYPE (\S+)", landed.metrics, re.MULTILINE))
    assert documented == exposed
    for family in families(landed.metrics).values():
        name = family.name + ("_total" if family.type == "counter" else "")
        assert re.fullmatch(r"[a-z_]+", name) and name.endswith(UNITS), name
        assert family.documentation.endswith("."), name


def test_every_metric_of_the_dashboard_exists(landed):
    dashboard = json.loads((ROOT / "deploy/grafana/forebay.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    expressions += [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    used = {name for expression in expressions for name in re.findall(r"\b(?:forebay|process)_[a-z_]+", expression)}
    exposed = {sample.name for family in families(landed.metrics).values() for sample in family.samples}
    assert len(used) > 12 and used <= exposed, used - exposed
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_probes_and_refusals(landed):
    url = landed.url
    assert get(url + "/healthz")[0] == get(url + "/readyz")[0] == 200
    status, headers, page = get(url + "/?x=1")
    assert status == 200 and "<script>" not in page and "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Set-Cookie"] is None
    assert get(url + "/", method="HEAD")[2] == ""
    assert get(url + "/../../etc/passwd")[0] == get(url + "/nothing")[0] == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, headers, _ = get(url + "/", method=method)
        assert status == 405 and headers["Allow"] == "GET, HEAD"
    port = url.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example"):
        assert get(url + "/api/status", host)[0] == 403
    for host in (f"localhost:{port}", "LOCALHOST", "[::1]:1", "127.1.2.3"):
        assert get(url + "/api/status", host)[0] == 200


def test_a_lander_that_waits_is_alive_and_not_ready(landed, landing):
    with landing.follow("--wait", "--http", "127.0.0.1:0") as second:
        url = second.page_url()
        status, _, text = get(url + "/readyz")
        for _ in range(50):
            if "waiting" in text:
                break
            status, _, text = get(url + "/readyz")
        assert status == 503 and "the lander is waiting" in text
        assert get(url + "/healthz")[0] == 200


def test_a_lost_broker_is_reported(forebay, own_broker, shop, tmp_path):
    landing = Landing(forebay, own_broker, shop, tmp_path)
    landing.produce("--records", 100, "--seed", 1)
    landing.land()
    with forebay.start("ui", "--lake", landing.lake, *landing.brokers, "--http", "127.0.0.1:0") as ui:
        url = ui.page_url()
        scrape_until(url, lambda all_: all_.get(("forebay_brokers_up", ())) == 1)
        own_broker.kill()
        metrics = samples(scrape_until(url, lambda all_: all_.get(("forebay_brokers_up", ())) == 0))
        assert metrics["forebay_lake_readable", ()] == 1 and metrics["forebay_status_age_seconds", ()] < 10
        assert not [name for name, _ in metrics if name == "forebay_lag_records"]
        assert get(url + "/readyz")[0] == 200
        assert ui.terminate(timeout_s=15).status == 0


@pytest.mark.parametrize("address, status, words", [
    ("0.0.0.0:0", 2, "not a loopback address"), ("[::]:0", 2, "--http-allow-remote"),
    ("192.0.2.1:80", 2, "not a loopback"),
    ("8090", 2, "is not an address such as 127.0.0.1:8090"), ("localhost:99999", 2, "is not an address"),
    ("example.org:80", 2, "is not an address"), ("127.0.0.1:", 2, "is not an address")])
def test_where_it_does_not_listen(forebay, landed, landing, address, status, words):
    for command in (landing.land_arguments("--once"), ("ui", "--lake", landing.lake)):
        refused = forebay(*command, "--http", address, status=status)
        assert words in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_taken_port_and_a_remote_one(forebay, landed, landing):
    lake = landing.lake
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        refused = forebay("ui", "--lake", lake, "--http", address, status=3)
        assert "port in use by another process" in refused.stderr and address in refused.stderr
    with forebay.start("ui", "--lake", lake, env={"FOREBAY_HTTP": "0.0.0.0:0"}) as ui:
        assert ui.wait(30).status == 2
    with forebay.start("ui", "--lake", lake, "--http-allow-remote", env={"FOREBAY_HTTP": "0.0.0.0:0"}) as ui:
        port = ui.page_url().rpartition(":")[2]
        assert get(f"http://127.0.0.1:{port}/healthz", "lander.example")[0] == 200


def test_a_directory_that_is_not_a_lake_is_refused_at_once(forebay, tmp_path):
    assert "is not a lake" in forebay("ui", "--lake", tmp_path, "--http", "127.0.0.1:0", status=2).stderr


def raw(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        return connection.makefile("rb").readline()


def test_bad_and_slow_clients_do_no_harm(landed, landing):
    port = int(landed.url.rpartition(":")[2])
    assert b" 400 " in raw(port, b"nonsense\r\n\r\n")
    assert b" 400 " in raw(port, b"GET / HTTP/1.1\r\n\r\n")  # no Host
    assert b" 400 " in raw(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert b" 431 " in raw(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000)
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
    for connection in idle[:100]:
        connection.sendall(b"GET /api/st")
    assert get(landed.url + "/healthz")[0] == 200
    landing.produce("--records", 1000, "--seed", 4)
    scrape_until(landed.url, lambda all_: all_["forebay_stage_records_total", (("stage", "committed"),)] == 5125)
    for connection in idle:
        connection.close()
    assert landed.terminate().status == 0
