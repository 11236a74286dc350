"""docker-compose.yml gives the broker of tools/broker, the contract's topics and the Airflow of tools/airflow.

It is read, not started.
"""
import configparser
import re
import subprocess

import pytest
import yaml

from dev.airflow import DEFAULT_PORT
from dev.airflow.home import PASSED_ON
from dev.broker.lifecycle import JVM_FLAGS
from forebay.airflow.settings import Settings
from support.paths import CONTRACTS, ROOT

COMPOSE = ROOT / "docker-compose.yml"
# Where it listens and where its data is cannot be the same in a container.
PLACES = {"listeners", "log.dirs"}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


def properties(text):
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def settings_of(service):
    """The image's rule: KAFKA_NODE_ID is node.id."""
    return {name[6:].lower().replace("_", "."): value for name, value in service["environment"].items()
            if name.startswith("KAFKA_") and name not in ("KAFKA_HEAP_OPTS", "KAFKA_LOG4J_ROOT_LOGLEVEL")}


def test_the_settings_are_those_of_server_properties(services):
    template = (ROOT / "deploy/kafka/server.properties").read_text()
    wanted = properties(template.replace("@PORT@", "9092").replace("@CONTROLLER_PORT@", "9093"))
    found = settings_of(services["kafka"])
    assert found.keys() == wanted.keys()
    assert {key: found[key] for key in wanted if key not in PLACES} == {
        key: wanted[key] for key in wanted if key not in PLACES}
    assert wanted["listeners"].replace("127.0.0.1:9092", "0.0.0.0:9092") == found["listeners"]


def test_the_version_and_the_heap_are_the_same(services):
    version = re.search(r"<kafka.version>(.*)</kafka.version>", (ROOT / "deploy/kafka/pom.xml").read_text())[1]
    brokers = {service["image"] for name, service in services.items() if name == "kafka" or name.startswith("topic-")}
    assert brokers == {f"apache/kafka:{version}"}
    heap = services["kafka"]["environment"]["KAFKA_HEAP_OPTS"].split()
    assert heap == [flag for flag in JVM_FLAGS if flag.startswith("-Xm")]


def test_ports_are_published_on_loopback_alone(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:9092:9092", "127.0.0.1:8080:8080"]


def test_the_data_outlives_the_container(services):
    mounts = {volume.split(":")[1] for volume in services["kafka"]["volumes"]}
    assert services["kafka"]["environment"]["KAFKA_LOG_DIRS"] in mounts


def test_topics_are_created_as_the_contract_says(services):
    found = {}
    for name, service in services.items():
        if name.startswith("topic-"):
            assert service["depends_on"]["kafka"]["condition"] == "service_healthy"
            words = service["command"]
            options = dict(word.split("=") for flag, word in zip(words, words[1:]) if flag == "--config")
            options["partitions"] = words[words.index("--partitions") + 1]
            found[words[words.index("--topic") + 1]] = options
    wanted = {}
    for table in yaml.safe_load((CONTRACTS / "shop.odcs.yaml").read_text())["schema"]:
        said = {entry["property"]: str(entry["value"]) for entry in table["customProperties"]}
        wanted[said["kafka.topic"]] = {"partitions": said["kafka.partitions"],
                                       "retention.ms": said["kafka.retention.ms"],
                                       "cleanup.policy": said.get("kafka.cleanup.policy", "delete")}
    assert found == wanted


def test_health_is_an_answer_of_the_broker(services):
    assert any("kafka-broker-api-versions.sh" in word for word in services["kafka"]["healthcheck"]["test"])


def test_every_key_is_one_that_compose_knows(services):
    known = {"image", "build", "init", "ports", "environment", "volumes", "healthcheck", "restart", "network_mode",
             "depends_on", "entrypoint", "command", "stop_grace_period"}
    assert set().union(*(service.keys() for service in services.values())) <= known
    assert set(yaml.safe_load(COMPOSE.read_text())) == {"name", "services", "volumes"}
    for name in ("kafka", "database", "airflow"):
        assert services[name]["healthcheck"].keys() == {"test", "interval", "timeout", "retries", "start_period"}
    mounts = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert mounts == set(yaml.safe_load(COMPOSE.read_text())["volumes"])


# --- Airflow -------------------------------------------------------------------------------------------------------

def airflow_settings():
    """AIRFLOW__SECTION__KEY -> value, of deploy/airflow/airflow.cfg."""
    template = configparser.ConfigParser(interpolation=None)
    template.read(ROOT / "deploy/airflow/airflow.cfg")
    return {f"AIRFLOW__{section}__{key}".upper(): value for section in template.sections()
            for key, value in template.items(section)}


def test_airflow_differs_from_the_local_one_in_where_it_listens_and_keeps_its_metadata(services):
    environment = services["airflow"]["environment"]
    changed = {name: value for name, value in environment.items() if name.startswith("AIRFLOW__")}
    assert set(changed) == set(PASSED_ON) and set(changed) <= set(airflow_settings())
    assert changed["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql")
    drivers = (ROOT / "requirements/airflow.txt").read_text()
    assert re.search("^psycopg2-binary==", drivers, re.MULTILINE) and re.search("^asyncpg==", drivers, re.MULTILINE)
    words = services["airflow"]["command"]
    assert words[:2] == ["tools/airflow", "serve"] and words[words.index("--port") + 1] == "8080" == str(DEFAULT_PORT)


def test_airflow_and_its_database_are_reached_from_the_brokers_network_alone(services):
    for name in ("airflow", "database"):
        assert services[name]["network_mode"] == "service:kafka" and "ports" not in services[name]
    assert services["database"]["command"] == ["postgres", "-c", "listen_addresses=127.0.0.1"]
    brokers = services["airflow"]["environment"]["FOREBAY_BROKERS"]
    assert services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{brokers}"
    assert all(wait["condition"] == "service_healthy" for wait in services["airflow"]["depends_on"].values())


def test_every_forebay_setting_is_one_that_is_read(services):
    environment = services["airflow"]["environment"]
    names = {name.removeprefix("FOREBAY_") for name in environment if name.startswith("FOREBAY_")}
    source = (ROOT / "python/forebay/airflow/settings.py").read_text()
    assert names and all(f'"{name}"' in source for name in names)


def test_a_stream_has_the_time_to_land_before_its_container_is_killed(services):
    grace = services["airflow"]["stop_grace_period"]
    assert int(grace.removesuffix("m")) * 60 > Settings.from_environment({}).drain_s + 30


def test_there_are_no_secrets_in_it():
    found = re.findall(r"(?i)^\s*\S*(password|secret|token|key)\S*:.*$", COMPOSE.read_text(), re.MULTILINE)
    assert found == [] and not re.search(r"//[^/\s:]+:[^@\s]+@", COMPOSE.read_text())


def test_the_image_is_made_of_what_the_repository_has(services):
    build = services["airflow"]["build"]
    text = (ROOT / build["dockerfile"]).read_text()
    known = ("FROM", "WORKDIR", "COPY", "RUN", "USER", "CMD")
    steps = [line for line in re.sub(r"\\\n", "", text).splitlines() if line and not line.startswith("#")]
    assert all(line.split()[0] in known for line in steps)
    for line in (line for line in steps if line.startswith("COPY") and "--from" not in line):
        for source in line.split()[1:-1]:
            assert source == "." or list(ROOT.glob(source)), source
    assert "FROM debian:12 AS build" in steps and "USER forebay" in steps and 'CMD ["tools/airflow", "serve"]' in steps
    volumes = {volume.split(":")[1] for volume in services["airflow"]["volumes"]}
    owned = re.search(r"install -d -o forebay -g forebay (.*)", text)[1].split()
    assert volumes == set(owned)
    assert services["airflow"]["environment"]["FOREBAY_LAKE"].startswith("/data/") and "/data" in volumes


def test_docker_itself_accepts_the_file():
    try:
        has_compose = subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        has_compose = False
    if not has_compose:
        pytest.skip("there is no `docker compose` here")
    result = subprocess.run(["docker", "compose", "-f", COMPOSE, "config", "--quiet"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
