"""Records that expired in Kafka before they were landed: whoever asks is told, before anyone lands again."""
import time
import urllib.request
from dataclasses import replace

import pytest
from confluent_kafka import Producer

from forebay.airflow import microbatch
from forebay.airflow.settings import Settings
from support import topics
from support.landing import Landing
from support.paths import FOREBAY


@pytest.fixture
def lost(forebay, broker, shop, tmp_path, delete_records):
    """Some records are landed, and receipts name those; more come, and are gone. The receipt of those is the second."""
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--table", "clicks", "--records", 600, "--seed", 1)
    landing.land()
    landing.produce("--table", "clicks", "--records", 300, "--seed", 2)
    delete_records(shop.topic("clicks"))
    return landing


def verify(landing, *arguments, status=1):
    return landing.forebay("verify", "--lake", landing.lake, *landing.brokers, "--json", *arguments, status=status).json


def clicks_of(landing):
    status = landing.forebay("status", "--lake", landing.lake, *landing.brokers, "--json").json
    return next(table for table in status["tables"] if table["table"] == "clicks")


def test_verify_names_them_with_and_without_receipts(lost):
    report = verify(lost)
    assert set(report["problems_by_kind"]) == {"expired_before_landing"} and not report["clean"]
    found = report["problems"]
    assert sum(each["to_offset"] - each["from_offset"] for each in found) == 300
    assert {each["topic"] for each in found} == {lost.contract.topic("clicks")}
    assert all("--accept-loss" in each["next"] for each in found)

    report = verify(lost, *lost.receipt_flags())
    assert set(report["problems_by_kind"]) == {"expired_before_landing"}
    told = [each["detail"] for each in report["problems"] if each.get("file", "").endswith("2.json")]
    assert sum(int(detail.removesuffix(" acknowledged records")) for detail in told) == 300
    assert "not_landed_yet" not in report["notes_by_kind"]
    assert not any("land --once" in note.get("next", "") for note in report["notes"])

    lost.forebay(*lost.land_arguments("--once"), status=3)
    lost.land("--accept-loss")
    report = verify(lost, *lost.receipt_flags(), status=0)
    assert report["clean"] and report["notes_by_kind"]["accepted_loss"] > 0


def test_a_partition_that_no_lander_has_begun_counts(lost, broker):
    topic = lost.contract.topic("clicks")
    lost.land("--accept-loss")
    topics.add_partitions(broker, topic, 7)
    producer = Producer({"bootstrap.servers": broker.address})
    producer.produce(topic, b"{}", partition=6)
    assert producer.flush(30) == 0
    topics.delete_records(broker, topic, partitions=[6])
    (problem,) = verify(lost)["problems"]
    assert (problem["kind"], problem["partition"], problem["from_offset"], problem["to_offset"]) == (
        "expired_before_landing", 6, 0, 1)


def test_status_and_metrics_tell_them(lost):
    clicks = clicks_of(lost)
    assert clicks["expired"] == clicks["lag"] == 300
    assert all(one["expired"] == one["earliest"] - one["next"] for one in clicks["partitions"])
    text = lost.forebay("status", "--lake", lost.lake, *lost.brokers).stdout
    assert "300 offsets expired before landing" in text and "`forebay land --accept-loss` continues" in text
    with lost.forebay.start("ui", "--lake", lost.lake, *lost.brokers, "--http", "127.0.0.1:0") as ui:
        url = ui.page_url() + "/metrics"
        deadline = time.monotonic() + 60
        while "forebay_expired_records{" not in (metrics := urllib.request.urlopen(url, timeout=20).read().decode()):
            assert time.monotonic() < deadline, metrics
            time.sleep(0.1)
    told = [float(line.split()[-1]) for line in metrics.splitlines()
            if line.startswith('forebay_expired_records{table="clicks"')]
    assert sum(told) == 300
    lost.land("--accept-loss")
    assert clicks_of(lost)["expired"] == 0


def test_the_dags_tell_them(lost, broker):
    settings = replace(Settings.from_environment({}), binary=str(FOREBAY), brokers=broker.address, lake=lost.lake,
                       contract=lost.contract.path, receipts=lost.receipts, native_options=())
    with pytest.raises(microbatch.VerificationError, match=r"(?s)expired_before_landing.*--accept-loss"):
        microbatch.verify(settings, since=0)
