"""The broker goes away, and producers are killed: nothing is lost or doubled, and each one says that it waits."""
import json
import signal
import time

import pytest

from support.landing import Landing


@pytest.fixture
def landing(forebay, own_broker, shop, tmp_path):
    return Landing(forebay, own_broker, shop, tmp_path)


def test_a_broker_that_is_killed_and_one_that_hangs(landing, own_broker):
    produce = landing.produce_arguments("--duration", "1h", "--rate", 3000, "--seed", 1, "--faults", "default")
    with landing.forebay.start(*produce) as producer, landing.follow("--flush-interval", "500ms") as lander:
        time.sleep(3)
        own_broker.kill()
        time.sleep(5)
        assert producer.is_running and lander.is_running
        own_broker.start()
        time.sleep(5)
        own_broker.pause()
        time.sleep(10)
        assert producer.is_running and lander.is_running
        own_broker.resume()
        time.sleep(5)
        produced = producer.terminate()
        assert produced.status == 0, produced
        landed = lander.terminate()
        assert landed.status == 0, landed
    assert str(own_broker.port) in produced.stderr  # it said which broker it waited for
    landing.land()
    assert landing.verify().json["clean"]
    landing.assert_readers_agree()


def test_a_killed_producer_leaves_a_true_receipt(landing):
    produce = landing.produce_arguments("--duration", "1h", "--rate", 20000, "--seed", 1, "--faults", "default")
    with landing.forebay.start(*produce) as producer:
        time.sleep(8)
        producer.send(signal.SIGKILL)
        producer.wait(10)
    receipt = json.loads((landing.receipts / "1.json").read_text())
    assert receipt["state"] == "running"
    named = sum(partition["records"] for table in receipt["tables"] for partition in table["partitions"])
    assert named > 0
    report = landing.land().json
    assert report["rows"] + report["quarantined"] >= named
    assert landing.verify().json["clean"]

    # The next run has a receipt of its own, beside it.
    landing.produce("--records", 1000, "--seed", 2)
    landing.land()
    assert landing.verify().json["clean"]
