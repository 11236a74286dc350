"""Shared by all tests: a real broker, contracts with topics of their own, and the forebay binary."""
import os
import random
import sys
from collections import defaultdict

import pytest

from support.broker import Broker
from support.contracts import ContractCopy
from support.forebay import Forebay
from support.paths import PACKAGE

sys.path.insert(0, str(PACKAGE))
# Brokers of tests live for minutes: what the second compiler does for a longer life costs more than it gains.
os.environ.setdefault("KAFKA_JVM_PERFORMANCE_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")


def pytest_configure(config):
    config.addinivalue_line("markers", "sampled(count): so many of the test's cases are run, drawn by SEED; without "
                                       "it, and with NIGHT=1, all of them")


def pytest_collection_modifyitems(config, items):
    if "SEED" not in os.environ or os.environ.get("NIGHT"):
        return
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            cases[item.path, item.originalname].append(item)
    left_out = set()
    for (_, name), all_cases in cases.items():
        (count,) = all_cases[0].get_closest_marker("sampled").args
        drawn = random.Random(f"{os.environ['SEED']} {name}").sample(all_cases, min(count, len(all_cases)))
        left_out |= set(all_cases) - set(drawn)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """The broker that tests share. A test that stops, kills or pauses one takes `own_broker`."""
    with Broker(tmp_path_factory.mktemp("broker")) as shared:
        yield shared


@pytest.fixture
def own_broker(tmp_path):
    with Broker(tmp_path / "broker") as own:
        yield own


@pytest.fixture(scope="session")
def guarded_broker(tmp_path_factory):
    """A broker on which a user has only the rights that a test grants."""
    from support.acls import GuardedBroker  # Airflow's environment has no Kafka client

    with GuardedBroker(tmp_path_factory.mktemp("guarded") / "broker") as guarded:
        yield guarded


@pytest.fixture
def shop(tmp_path):
    """The shop's contract, with topics that no other test uses."""
    return ContractCopy("shop.odcs.yaml", tmp_path)


@pytest.fixture
def weather(tmp_path):
    return ContractCopy("weather.odcs.yaml", tmp_path)


@pytest.fixture(scope="session")
def forebay():
    return Forebay()


@pytest.fixture
def delete_records(broker):
    """delete_records(topic, before=None): deletes a topic's records, as Kafka's retention does."""
    from support import topics  # Airflow's environment, which needs none of this, has no Kafka client

    def forget(topic, before=None):
        topics.delete_records(broker, topic, before)
    return forget
