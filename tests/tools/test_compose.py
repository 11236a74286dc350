"""docker-compose.yml gives the same broker as tools/broker, and the contract's topics. It is read, not started."""
import re
import subprocess

import pytest
import yaml

from devbroker.life import JVM_FLAGS
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
    assert {service["image"] for service in services.values()} == {f"apache/kafka:{version}"}
    heap = services["kafka"]["environment"]["KAFKA_HEAP_OPTS"].split()
    assert heap == [flag for flag in JVM_FLAGS if flag.startswith("-Xm")]


def test_ports_are_published_on_loopback_alone(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:9092:9092"]


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
    known = {"image", "ports", "environment", "volumes", "healthcheck", "restart", "network_mode", "depends_on",
             "entrypoint", "command"}
    assert set().union(*(service.keys() for service in services.values())) <= known
    assert set(yaml.safe_load(COMPOSE.read_text())) == {"name", "services", "volumes"}
    assert services["kafka"]["healthcheck"].keys() == {"test", "interval", "timeout", "retries", "start_period"}


def test_docker_itself_accepts_the_file():
    try:
        has_compose = subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        has_compose = False
    if not has_compose:
        pytest.skip("there is no `docker compose` here")
    result = subprocess.run(["docker", "compose", "-f", COMPOSE, "config", "--quiet"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
