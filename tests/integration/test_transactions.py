"""Transactions that are open: what waits behind them is told apart from what is landed, by whatever tells of either."""
import json
import subprocess
import time
import urllib.request
import uuid
from dataclasses import replace

import pytest
from confluent_kafka import Producer

from dev.broker.java import JARS, find_java
from forebay.airflow import microbatch
from forebay.airflow.settings import Settings
from support import readers
from support.landing import Landing
from support.paths import FOREBAY

BEHIND = 1000
HELD_BACK = BEHIND + 1  # with the record of the transaction


def producers_by_kafka(broker, topic):
    """What Kafka's own tool tells of the producers with an open transaction in partition 0."""
    command = [find_java(), "-XX:TieredStopAtLevel=1", "-cp", f"{JARS.lib}/*",
               "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", broker.address, "describe-producers",
               "--topic", topic, "--partition", "0"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    header, *lines = [line.split() for line in told.splitlines() if line.strip()]
    found = [dict(zip(header, line, strict=True)) for line in lines]
    return [(int(each["ProducerId"]), int(each["ProducerEpoch"]))
            for each in found if each["CurrentTransactionStartOffset"] != "None"]


@pytest.fixture
def hanging(forebay, broker, shop, tmp_path):
    """One landed click; then a transaction with one click, which stays open, and a thousand clicks behind it."""
    landing = Landing(forebay, broker, shop, tmp_path)
    click = forebay("generate", "--contract", shop, "--table", "clicks", "--records", 1, "--seed", 1).stdout
    topic = shop.topic("clicks")
    plain = Producer({"bootstrap.servers": broker.address})
    plain.produce(topic, click, partition=0)
    assert plain.flush(30) == 0
    landing.began_ms = time.time() * 1000
    landing.open = Producer({"bootstrap.servers": broker.address, "transactional.id": uuid.uuid4().hex,
                             "transaction.timeout.ms": 900_000})
    landing.open.init_transactions()
    landing.open.begin_transaction()
    landing.open.produce(topic, click, partition=0)
    assert landing.open.flush(30) == 0
    for _ in range(BEHIND):
        plain.produce(topic, click, partition=0)
    assert plain.flush(30) == 0
    return landing


def clicks_of(landing, *arguments):
    status = landing.forebay("status", "--lake", landing.lake, *landing.brokers, "--json", *arguments).json
    return next(table for table in status["tables"] if table["table"] == "clicks")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def test_a_hanging_transaction_is_told_by_landing_and_status(hanging, broker):
    topic = hanging.contract.topic("clicks")
    first = hanging.land()
    assert (first.json["rows"], first.json["held_back"]) == (1, HELD_BACK)
    assert f"{HELD_BACK} records of topic '{topic}' partition 0 wait behind an open transaction since" in first.stderr
    again = hanging.forebay(*hanging.land_arguments("--once"))
    assert "nothing new to land; 1,001 records behind open transactions" in again.stdout

    time.sleep(0.1)
    clicks = clicks_of(hanging, "--idle", "1ms")
    partition = clicks["partitions"][0]
    assert (clicks["lag"], clicks["held_back"], partition["held_back"]) == (0, HELD_BACK, HELD_BACK)
    assert (partition["next"], partition["stable"], partition["end"]) == (1, 1, HELD_BACK + 1)
    transaction = partition["open_transaction"]
    assert hanging.began_ms <= transaction["since_ms"] <= time.time() * 1000
    assert producers_by_kafka(broker, topic) == [(transaction["producer_id"], transaction["producer_epoch"])]
    assert all(other["held_back"] == 0 and other["open_transaction"] is None for other in clicks["partitions"][1:])
    (date,) = clicks["dates"]
    assert date["state"] == "open"
    assert date["waits_for"] == f"partition 0: {HELD_BACK} records behind an open transaction"
    text = hanging.forebay("status", "--lake", hanging.lake, *hanging.brokers).stdout
    assert "lag 0; 1,001 records behind open transactions" in text
    assert f"of producer id {transaction['producer_id']}, epoch {transaction['producer_epoch']}" in text
    assert f"abort --topic {topic} --partition 0 --start-offset 1" in text

    hanging.open.abort_transaction()
    assert hanging.land().json["held_back"] == 0
    assert readers.duckdb_rows(hanging.lake, "clicks").total() == BEHIND + 1
    time.sleep(0.1)
    clicks = clicks_of(hanging, "--idle", "1ms")
    assert clicks["held_back"] == 0 and {date["state"] for date in clicks["dates"]} == {"complete"}
    assert hanging.verify().json["clean"]


def test_a_hanging_transaction_is_told_by_page_metrics_and_probes(hanging):
    hanging.land()
    with hanging.forebay.start("ui", "--lake", hanging.lake, *hanging.brokers, "--http", "127.0.0.1:0") as ui:
        url = ui.page_url()
        deadline = time.monotonic() + 60
        while "forebay_open_transaction_age_seconds{" not in (metrics := get(url + "/metrics")):
            assert time.monotonic() < deadline, metrics
            time.sleep(0.1)
        labels = f'{{table="clicks",topic="{hanging.contract.topic("clicks")}",partition="0"}}'
        assert f"forebay_held_back_records{labels} {HELD_BACK}\n" in metrics
        assert f"forebay_lag_records{labels} 0\n" in metrics
        assert f"{HELD_BACK} records of topic {hanging.contract.topic('clicks')} wait behind" in get(url + "/readyz")
        status = json.loads(get(url + "/api/status"))["status"]
        clicks = next(table for table in status["tables"] if table["table"] == "clicks")
        assert clicks["partitions"][0]["open_transaction"]["producer_id"] is not None
    hanging.open.abort_transaction()


def test_a_hanging_transaction_is_told_by_the_dags(hanging, broker):
    settings = replace(Settings.from_environment({}), binary=str(FOREBAY), brokers=broker.address, lake=hanging.lake,
                       contract=hanging.contract.path, receipts=hanging.receipts, native_options=())
    landed = microbatch.land(settings, "native")
    assert landed["held_back"] == HELD_BACK
    assert landed["summary"].endswith("; 1001 records wait behind open transactions: a later run lands them")
    hanging.open.abort_transaction()
