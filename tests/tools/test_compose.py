"""docker-compose.yml and its images agree with the rest of the repository. tests/docker runs them."""
import re

import yaml

from dev.airflow import DEFAULT_PORT
from dev.airflow.home import PASSED_ON
from dev.broker import DEFAULT_PORT as KAFKA_PORT
from dev.broker import INSIDE_PORT
from forebay.airflow.settings import Settings
from support.paths import ROOT

COMPOSE = ROOT / "docker-compose.yml"
TEXT = COMPOSE.read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
DOCKERFILES = [ROOT / "deploy/Dockerfile", ROOT / "deploy/kafka/Dockerfile", ROOT / "deploy/postgres/Dockerfile"]
# Given to Airflow's container, and read by the command line, not by the DAGs.
OF_THE_COMMAND_LINE = {"FOREBAY_KAFKA_CONFIG", "FOREBAY_CONSUMER_GROUP", "FOREBAY_LOCAL_CLOCK"}


def default_of(text):
    """As Compose reads it where no variable is set."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text)


def test_ports_are_published_on_loopback_alone_and_can_be_changed():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    wanted = [f"127.0.0.1:{port}:{port}" for port in (KAFKA_PORT, DEFAULT_PORT, 8090)]
    assert [default_of(port) for port in ports] == wanted
    assert all("${FOREBAY_" in port for port in ports)


def test_containers_reach_the_broker_where_it_says():
    assert default_of(SERVICES["airflow"]["environment"]["FOREBAY_BROKERS"]) == f"kafka:{INSIDE_PORT}"
    words = SERVICES["kafka"]["command"]
    assert words[words.index("--host") + 1] == "kafka"


def test_the_database_is_reached_by_its_socket_alone():
    database, airflow = SERVICES["database"], SERVICES["airflow"]
    assert database["network_mode"] == "none" and "ports" not in database
    [socket] = set(database["volumes"]) & set(airflow["volumes"])
    assert airflow["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(f"?host={socket.split(':')[1]}")
    assert {name for name in airflow["environment"] if name.startswith("AIRFLOW__")} == set(PASSED_ON)


def test_every_forebay_setting_is_one_that_is_read():
    names = {name for service in SERVICES.values() for name in service.get("environment", {})
             if name.startswith("FOREBAY_")}
    source = (ROOT / "python/forebay/airflow/settings.py").read_text()
    unread = {name for name in names - OF_THE_COMMAND_LINE if f'"{name.removeprefix("FOREBAY_")}"' not in source}
    assert names and unread == set()


def test_every_variable_is_explained():
    comment = "\n".join(line for line in TEXT.splitlines() if line.startswith("#"))
    used = set(re.findall(r"\$\{(FOREBAY_[A-Z_]+):-", TEXT))
    assert {name for name in used if name not in comment} == {"FOREBAY_SOURCE"}


def test_a_stream_has_the_time_to_land_before_its_container_is_killed():
    grace = SERVICES["airflow"]["stop_grace_period"]
    assert int(grace.removesuffix("m")) * 60 > Settings.from_environment({}).drain_s + 30


def test_engines_end_before_the_broker_that_they_land_from():
    """Compose stops a service after those that depend on it, but does not look through one that has ended."""
    assert "kafka" in SERVICES["airflow"]["depends_on"]


def test_there_are_no_secrets_in_it():
    found = re.findall(r"(?i)^\s*\S*(password|secret|token)\S*:.*$", TEXT, re.MULTILINE)
    assert found == [] and not re.search(r"//[^/\s:]+:[^@\s]+@", TEXT)


def test_images_come_from_the_repository_and_debian_alone():
    for service in SERVICES.values():
        assert service["image"].startswith("forebay") and service["image"].endswith(":local")
    for dockerfile in DOCKERFILES:
        stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?", dockerfile.read_text(), re.MULTILINE)
        assert {base for base, _ in stages} <= {"${BASE}", *(name for _, name in stages)}
        assert "ARG BASE=debian:12-slim" in dockerfile.read_text()


def test_labels_name_the_versions():
    version = re.search(r"project\(forebay VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    kafka = re.search(r"<kafka.version>(.*)</kafka.version>", (ROOT / "deploy/kafka/pom.xml").read_text())[1]
    postgres = re.search(r"^version=(\d+)$", (ROOT / "deploy/postgres/serve").read_text(), re.MULTILINE)[1]
    for dockerfile, wanted in zip(DOCKERFILES, (version, kafka, postgres)):
        assert f'image.version="{wanted}"' in dockerfile.read_text()
