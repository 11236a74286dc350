"""docker-compose.yml, built and run: what it starts, that it lands exactly once, and that it survives kills.

The tests follow each other: each one goes on with the stack that the one before left.
"""
import json
import os
import re
import sys
from urllib.request import urlopen

import duckdb
import pytest

from dev.airflow.client import Client
from support.docker import CannotRun, Stack, engine, make_base_image, remove_leftovers
from support.forebay import Forebay
from support.paths import ROOT

SERVICES = ("kafka", "database", "airflow", "page")
IMAGES = {"forebay:local": 2_500_000_000, "forebay-native:local": 250_000_000, "forebay-kafka:local": 600_000_000,
          "forebay-postgres:local": 400_000_000}
BUILD_TOOLS = ("cc", "gcc", "g++", "c++", "make", "cmake", "ninja", "mvn", "git")
USER = 10001
RECORDS = 5000
RUN_TIMEOUT_S = 300


class Airflow:
    """Its address and password, for a client of its API."""

    def __init__(self, stack):
        self.stack = stack

    def url(self):
        return f"http://127.0.0.1:{self.stack.ports['AIRFLOW']}"

    def password(self):
        return self.stack.execute("airflow", "tools/airflow", "password").stdout.strip()


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    directory = tmp_path_factory.mktemp("docker")
    try:
        with engine() as environment:
            make_base_image(environment, directory)
            with Stack("test", environment) as stack:
                stack.build()
                yield stack
    except CannotRun as reason:
        pytest.skip(str(reason))


class PatientClient(Client):
    TIMEOUT_S = 180  # other tests may keep the machine busy


@pytest.fixture(scope="module")
def client(stack):
    return PatientClient(Airflow(stack))


def run_dag(client, dag, **conf):
    client.pause(dag, paused=False)
    run = client.trigger(dag, conf)
    found = client.wait_for(dag, run, RUN_TIMEOUT_S)
    assert found["state"] == "success", [(task["task_id"], task["state"]) for task in client.tasks(dag, run)]
    return found


def rows(stack, table):
    files = stack.volume("data") / "lake" / table / "**" / "*.parquet"
    return duckdb.sql(f"SELECT count(*), count(DISTINCT (_kafka_partition, _kafka_offset)) FROM read_parquet('{files}')"
                      ).fetchall()[0]


def verify(stack):
    """From the host, through the published port, with every receipt."""
    data = stack.volume("data")
    receipts = [word for path in sorted((data / "receipts").glob("*.json")) for word in ("--receipt", path)]
    assert receipts
    Forebay()("verify", "--require-landed", "--lake", data / "lake", "--brokers",
              f"127.0.0.1:{stack.ports['KAFKA']}", *receipts)


def up(stack):
    stack.compose("up", "-d")
    stack.wait_until_healthy(*SERVICES)


# --- Images ------------------------------------------------------------------------------------------------------

def test_images_are_small_and_labelled_and_of_no_privileged_user(stack):
    for image, most in IMAGES.items():
        size, user = stack.docker("image", "inspect", "-f", "{{.Size}} {{.Config.User}}", image).stdout.split()
        sys.stdout.write(f"  {image}: {int(size) / 1e6:,.0f} MB\n")
        assert int(size) < most and user not in ("", "root", "0")
        labels = json.loads(stack.docker("image", "inspect", "-f", "{{json .Config.Labels}}", image).stdout)
        assert all(labels[f"org.opencontainers.image.{name}"] for name in ("title", "version", "source", "licenses"))


@pytest.mark.parametrize("image", IMAGES)
def test_images_have_no_build_tools_and_no_way_to_the_registries(stack, image):
    script = "; ".join([*(f"command -v {tool}" for tool in BUILD_TOOLS), "ls /usr/local/share/ca-certificates",
                        "cat /etc/pip.conf"])
    found = stack.docker("run", "--rm", "--entrypoint", "sh", image, "-c", script, check=False)
    assert found.stdout == ""
    history = stack.docker("history", "--no-trunc", image).stdout
    assert "BEGIN CERTIFICATE" not in history


def test_the_native_image_is_the_command_line(stack):
    version = re.search(r"project\(forebay VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert stack.docker("run", "--rm", "forebay-native:local", "--version").stdout.strip() == version
    checked = stack.docker("run", "--rm", "forebay-native:local", "contract", "check", "contracts/shop.odcs.yaml")
    assert checked.stdout


def test_what_a_killed_run_left_is_removed(stack):
    """It would run beside each later stack: containers with a restart policy start with the engine."""
    if not stack.engine_environment:
        pytest.skip("the engine is the host's, not ours alone")
    stack.docker("network", "create", "left")
    stack.docker("run", "-d", "--name", "left", "--network", "left", "-v", "left:/data", "--restart", "unless-stopped",
                 "--entrypoint", "sleep", "forebay-native:local", "600")
    remove_leftovers(stack.engine_environment)
    for listing in (["ps", "-a", "-q"], ["volume", "ls", "-q"], ["network", "ls", "-q", "--filter", "type=custom"]):
        assert stack.docker(*listing).stdout == ""


# --- The stack ---------------------------------------------------------------------------------------------------

def test_up_is_healthy_on_loopback_alone(stack, client):
    up(stack)
    for service in SERVICES:
        published = [each for bindings in stack.container(service)["NetworkSettings"]["Ports"].values()
                     for each in bindings or []]
        assert all(each["HostIp"] == "127.0.0.1" for each in published)
        assert bool(published) == (service != "database")
    assert stack.container("topics")["State"]["ExitCode"] == 0
    assert client.unhealthy() == []


def test_the_password_is_nowhere_but_where_the_command_reads_it(stack, client):
    password = client.home.password()
    assert len(password) >= 12
    assert password not in stack.compose("logs").stdout
    assert password not in str([stack.container(service) for service in SERVICES])


def test_what_is_produced_is_landed_exactly(stack, client):
    run_dag(client, "forebay_produce", records=RECORDS, seed=1)
    run_dag(client, "forebay_microbatch")
    verify(stack)
    found, distinct = rows(stack, "clicks")
    assert found == distinct > RECORDS * 0.9


def test_killed_containers_come_back_and_everything_is_exact(stack, client):
    run_dag(client, "forebay_produce", records=RECORDS, seed=2)
    client.trigger("forebay_microbatch", {"engine": "native"})
    stack.kill("kafka", "airflow")
    up(stack)
    run_dag(client, "forebay_microbatch", engine="native")
    verify(stack)
    found, distinct = rows(stack, "clicks")
    assert found == distinct > 2 * RECORDS * 0.9


def test_down_and_up_again_goes_on_where_it_was(stack, client):
    password = client.home.password()
    before = rows(stack, "clicks")
    stack.compose("down")
    up(stack)
    client.token = None
    assert client.home.password() == password
    assert rows(stack, "clicks") == before
    run_dag(client, "forebay_produce", records=RECORDS, seed=3)
    run_dag(client, "forebay_microbatch")
    verify(stack)
    assert rows(stack, "clicks")[0] > before[0]


def test_the_page_shows_the_lake(stack):
    with urlopen(f"http://127.0.0.1:{stack.ports['PAGE']}/", timeout=30) as answer:
        assert answer.status == 200 and b"Forebay" in answer.read()


def test_the_demo_ends_with_a_verified_lake_and_the_query(stack):
    result = stack.compose("--profile", "demo", "up", "--exit-code-from", "demo", "demo", timeout=600)
    assert "Everything that was produced is in the lake exactly once" in result.stdout
    assert "Revenue and conversion by date and country" in result.stdout


def test_a_contract_and_a_directory_of_ones_own(stack, tmp_path):
    os.chown(tmp_path, USER, USER)
    contract = ROOT / "contracts" / "weather.odcs.yaml"
    with Stack("own", stack.engine_environment, FOREBAY_CONTRACT=str(contract), FOREBAY_DATA=str(tmp_path)) as own:
        assert "created" in own.compose("run", "--rm", "topics").stdout
        own.compose("run", "--rm", "--no-deps", "airflow", "forebay", "land", "--once")
        assert "weather" in own.compose("run", "--rm", "--no-deps", "page", "status").stdout
    assert (tmp_path / "lake" / "_forebay" / "lake.json").stat().st_uid == USER
