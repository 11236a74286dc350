"""Options that the Spark engine shares with `forebay land` have the same effect."""
import json
import threading
import time
from datetime import datetime, timezone

import pytest
from confluent_kafka import Producer

from forebay import ForebayError
from support import readers


def rows(landing, table="clicks"):
    return readers.duckdb_rows(landing.lake, table).total() if readers.files(landing.lake, table) else 0


def test_it_starts_at_the_end(here):
    here.produce("--records", 2000, "--seed", 1)
    assert here.spark_here(start="latest").rows == 0
    here.produce("--records", 1000, "--seed", 2)
    here.spark_here(start="earliest")  # has no effect: the first landing set the start
    assert rows(here) == 1000
    assert here.verify().json["clean"]


def test_it_starts_at_a_time(here):
    here.produce("--records", 2000, "--seed", 1)
    time.sleep(0.05)
    middle = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    time.sleep(0.05)
    here.produce("--records", 1000, "--seed", 2)
    here.spark_here(start=middle)
    assert rows(here) == 1000
    assert here.verify().json["clean"]


def test_too_many_rejects_stop_it_before_landing(here):
    here.produce("--records", 2000, "--seed", 1, "--faults", "malformed=0.2")
    with pytest.raises(ForebayError, match="max-reject-rate") as refusal:
        here.spark_here(max_reject_rate=0.1)
    assert refusal.value.exit_status == 3
    assert not readers.files(here.lake, "clicks") and not readers.files(here.lake, "quarantine")
    here.spark_here(max_reject_rate=0.3)
    here.assert_readers_agree()


def test_a_table_of_nothing_but_rejects_stops_it(here, broker):
    here.produce("--table", "orders", "--records", 100, "--seed", 1)
    producer = Producer({"bootstrap.servers": broker.address})
    for number in range(200):
        producer.produce(here.contract.topic("clicks"), json.dumps({"event_id": number}), partition=0)
    assert producer.flush(30) == 0
    with pytest.raises(ForebayError, match="--max-reject-rate") as refusal:
        here.spark_here()
    assert refusal.value.exit_status == 3
    assert "event_id, wrong_type: 200 records" in str(refusal.value)
    assert "{\"event_id\": 0}" in str(refusal.value)
    assert rows(here) == 0 and not readers.files(here.lake, "quarantine")
    assert here.spark_here(max_reject_rate=1).quarantined == 200
    assert here.verify().json["clean"]


def test_a_lake_that_must_exist_is_not_begun(here):
    here.produce("--records", 500, "--seed", 1)
    with pytest.raises(ForebayError, match="is not a lake, and --existing") as refusal:
        here.spark_here(existing=True)
    assert refusal.value.exit_status == 2 and not here.lake.exists()
    here.spark_here()
    assert here.spark_here(existing=True).batches == 0


def test_it_waits_for_the_lock(here):
    here.produce("--records", 1000, "--seed", 1)
    with here.follow("--flush-interval", "100ms") as other:
        deadline = time.monotonic() + 30
        while rows(here) < 1000:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        landed = []
        waiting = threading.Thread(target=lambda: landed.append(here.spark("--once", "--wait", "--json")))
        waiting.start()
        time.sleep(2)
        assert waiting.is_alive() and not landed
        assert other.terminate().status == 0
        waiting.join(60)
    assert landed and landed[0].status == 0
    assert rows(here) == 1000 and here.verify("--require-landed").json["clean"]
