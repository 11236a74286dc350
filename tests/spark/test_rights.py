"""A principal with Read and Describe on the topics alone, on a broker with Kafka's authorizer."""
import pytest

from support import readers
from support.contracts import ContractCopy
from support.spark import SparkLanding


@pytest.fixture
def reader(forebay, guarded_broker, tmp_path, spark_session):
    contract = ContractCopy("shop.odcs.yaml", tmp_path, partitions=2)
    landing = SparkLanding(forebay, guarded_broker, contract, tmp_path, spark_session)
    landing.produce("--records", 1000, "--seed", 1)
    for table in ("clicks", "orders"):
        guarded_broker.allow("topic", contract.topic(table), "READ", "DESCRIBE")
    return landing


def test_read_and_describe_are_enough(reader, guarded_broker):
    totals = reader.spark_here(brokers=guarded_broker.guarded_address,
                               kafka_config=guarded_broker.client_settings(reader.directory))
    assert totals.rows == 1025 and readers.duckdb_rows(reader.lake, "clicks").total() == 1000
    assert reader.verify().json["clean"]
