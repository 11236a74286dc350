"""One Airflow, one broker and one lake, shared by the tests of this folder in the order of their files."""
import pytest

from support.airflow import Airflow
from support.contracts import PARTITIONS, ContractCopy
from support.forebay import Forebay


def create_grown_topics(broker, contract, directory):
    """Topics that have changed since the contract was written: more partitions, and another retention."""
    grown = directory / "grown.odcs.yaml"
    text = PARTITIONS.sub(r"\g<1>7", contract.path.read_text())
    grown.write_text(text.replace("value: 604800000", "value: 700000000"))
    Forebay()("topics", "apply", "--contract", grown, "--brokers", broker.address)


@pytest.fixture(scope="session")
def airflow(tmp_path_factory, broker):
    directory = tmp_path_factory.mktemp("shop")
    contract = ContractCopy("shop.odcs.yaml", directory)
    create_grown_topics(broker, contract, directory)
    with Airflow(directory, broker, contract) as running:
        yield running
