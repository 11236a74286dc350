"""One Airflow, one broker and one lake, shared by the tests of this folder in the order of their files."""
import pytest

from support.airflow import Airflow
from support.contracts import ContractCopy


@pytest.fixture(scope="session")
def airflow(tmp_path_factory, broker):
    directory = tmp_path_factory.mktemp("shop")
    contract = ContractCopy("shop.odcs.yaml", directory)
    with Airflow(directory, broker, contract) as running:
        yield running
