"""A topic of a thousand partitions, over a slow network: brokers are asked about all of them at once."""
import pytest
from confluent_kafka import Producer

from support import topics
from support.contracts import ContractCopy
from support.landing import Landing
from support.proxy import Proxy

PARTITIONS = 1000
MOST_REQUESTS = 100  # one for each partition would be ten times as many


@pytest.fixture
def many(forebay, broker, tmp_path):
    """One record in each of some partitions."""
    contract = ContractCopy("weather.odcs.yaml", tmp_path, partitions=PARTITIONS)
    landing = Landing(forebay, broker, contract, tmp_path)
    topic = contract.topic("seattle_weather")
    producer = Producer({"bootstrap.servers": broker.address})
    for partition in range(0, PARTITIONS, 100):
        producer.produce(topic, b"{}", partition=partition)
    assert producer.flush(240) == 0
    topics.wait_for_leaders(broker, topic, 240)
    yield landing
    topics.delete_topic(broker, topic)


def test_brokers_are_asked_about_all_partitions_at_once(forebay, broker, many):
    with Proxy(broker, delay_s=0.02) as proxy:
        def run(command, *arguments, lake=many.lake):
            before = proxy.asked
            result = forebay(command, "--lake", lake, "--brokers", proxy.address, "--json", *arguments)
            assert proxy.asked - before < MOST_REQUESTS, result
            return result.json

        land = ("land", "--once", "--contract", many.contract, "--max-reject-rate", 1)
        assert run(*land)["quarantined"] == PARTITIONS // 100
        assert run(*land)["batches"] == 0
        (table,) = run("status")["tables"]
        assert len(table["partitions"]) == PARTITIONS and table["lag"] == 0
        assert run("verify")["clean"]
        late = many.lake.with_name("late")
        assert run(*land, "--start", "2100-01-01T00:00:00Z", lake=late)["batches"] == 0
