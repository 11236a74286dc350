"""Shared by all tests: a real broker, contracts with topics of their own, and the forebay binary."""
import sys

import pytest

from support.broker import Broker
from support.contracts import ContractCopy
from support.forebay import Forebay
from support.paths import PACKAGE

sys.path.insert(0, str(PACKAGE))


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
