"""forebay produce and its twin in Python, on a real broker: what they send, what their receipts say, and what they do
when things go wrong."""
import json
import random
import signal
import time
from collections import Counter, defaultdict

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from support.producing import (check_order_by_key, check_receipt, click, forebay, producing,  # noqa: F401 - fixtures
                               topics, wait_for_receipt)
from support.topics import read_topic, recreate


def generated(forebay, contract, table, records, *arguments):
    """Reads the shop scenario's lines; values that are no single line can't be had this way, so without faults."""
    out = forebay("generate", "--contract", contract, "--table", table, "--records", records, *arguments).stdout
    return [line.encode() for line in out.splitlines()]


@pytest.fixture
def own_topics(forebay, own_broker, shop):
    forebay("topics", "apply", "--contract", shop, "--brokers", own_broker.address)
    return shop


def test_what_is_sent_is_what_generate_prints(forebay, broker, topics, tmp_path):
    before = time.time() * 1000
    summary = forebay(*producing(broker, topics, tmp_path / "r.json", "--records", 20_000, "--seed", 7, "--json")).json
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "complete"
    assert summary["run"] == receipt["run"]
    assert summary["failed"] == summary["uncertain"] == 0
    total = 0
    for table, records in check_receipt(broker, receipt):
        expected = generated(forebay, topics, table["table"], len(records), "--seed", 7)
        by_sequence = {int(record[4]["seq"]): record for record in records}
        assert [by_sequence[i][3] for i in range(len(expected))] == expected
        for _, _, key, value, headers, timestamp in records:
            assert key.decode() == json.loads(value)["user_id"]
            assert headers["run"].decode() == receipt["run"]
            assert before - 1000 <= timestamp <= time.time() * 1000 + 1000
        check_order_by_key(records)
        time_field = {"clicks": "event_time", "orders": "order_time"}[table["table"]]
        days = Counter("date=" + json.loads(value)[time_field][:10]
                       for value in expected)
        assert {day: rows["rows"] for day, rows in table["landed"].items()} == days
        total += len(records)
    assert summary["acknowledged"] == total > 20_000


def test_faults_are_expected_in_quarantine(forebay, broker, topics, tmp_path):
    faults = "not_json=0.01,missing_field=0.02,too_large=0.0002,late=0.01,duplicate=0.01"
    forebay(*producing(broker, topics, tmp_path / "r.json", "--records", 20_000, "--table", "clicks",
                       "--faults", faults))
    receipt = json.loads((tmp_path / "r.json").read_text())
    ((table, records),) = check_receipt(broker, receipt)
    assert len(records) == 20_000
    assert set(table["quarantined"]) == {"not_json", "missing_field", "too_large"}
    assert 100 < table["quarantined"]["not_json"] < 320
    assert table["quarantined"]["too_large"] == sum(len(record[3]) > 1024 * 1024 for record in records)


def test_a_second_run_goes_on_where_the_first_ended(forebay, broker, topics, tmp_path):
    for number, first in enumerate((0, 3000)):
        forebay(*producing(broker, topics, tmp_path / f"{number}.json", "--records", 3000, "--first", first))
    for table in ("clicks", "orders"):
        records = read_topic(broker, topics.topic(table))
        assert sorted(int(record[4]["seq"]) for record in records) == list(range(len(records)))
        assert len({record[4]["run"] for record in records}) == 2


def test_a_receipt_of_another_run_is_left_alone(forebay, broker, topics, tmp_path):
    forebay(*producing(broker, topics, tmp_path / "r.json", "--records", 10))
    kept = (tmp_path / "r.json").read_text()
    result = forebay(*producing(broker, topics, tmp_path / "r.json", "--records", 10), status=2)
    assert "receipt of another run" in result.stderr
    assert (tmp_path / "r.json").read_text() == kept
    forebay(*producing(broker, topics, f"{tmp_path}/receipts/", "--records", 10))
    ((path),) = (tmp_path / "receipts").iterdir()
    assert json.loads(path.read_text())["run"] == path.stem


def test_a_topic_that_is_made_again_is_said(forebay, broker, topics, tmp_path):
    """Offsets repeat, which no receipt can have."""
    with forebay.start(*producing(broker, topics, tmp_path / "r.json", "--table", "clicks", "--rate", 500,
                                  "--duration", "12s")) as running:
        wait_for_receipt(tmp_path / "r.json", 1000)
        recreate(broker, topics.topic("clicks"), 6)
        result = running.wait(60)
    assert result.status == 3, result
    assert "was deleted and recreated" in result.stderr and "bug" not in result.stderr


def test_rate_and_duration(forebay, broker, topics, tmp_path):
    started = time.monotonic()
    summary = forebay(*producing(broker, topics, tmp_path / "r.json", "--rate", 400, "--duration", "4s", "--json")).json
    assert 4 <= time.monotonic() - started < 12
    assert 1400 <= summary["acknowledged"] <= 1650
    now = time.time()
    for record in read_topic(broker, topics.topic("clicks")):
        event_time = json.loads(record[3])["event_time"]
        assert abs(time.mktime(time.strptime(event_time[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - now) < 3600


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_completes_the_receipt(forebay, broker, topics, tmp_path, stop):
    with forebay.start(*producing(broker, topics, tmp_path / "r.json", "--rate", 5000)) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        running.send(stop)
        result = running.wait(30)
    assert result.status == 0, result
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "complete"
    for table, records in check_receipt(broker, receipt):
        sequences = sorted(int(record[4]["seq"]) for record in records)
        assert sequences == list(range(len(sequences))), table["table"]


def test_kill_leaves_a_true_receipt(forebay, broker, topics, tmp_path):
    with forebay.start(*producing(broker, topics, tmp_path / "r.json", "--rate", 20_000)) as running:
        wait_for_receipt(tmp_path / "r.json", 10_000)
        running.send(signal.SIGKILL)
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "running"
    for table in receipt["tables"]:
        records = {record[:2]: record for record in read_topic(broker, topics.topic(table["table"]))}
        named = [(part["partition"], offset) for part in table["partitions"]
                 for begin, end in part["acknowledged"] for offset in range(begin, end)]
        assert len(named) <= len(records)
        days = Counter("date=" + json.loads(records[position][3])[
            {"clicks": "event_time", "orders": "order_time"}[table["table"]]][:10] for position in named)
        assert {day: rows["rows"] for day, rows in table["landed"].items()} == days


def test_waits_for_a_broker_that_is_down_at_the_start(forebay, own_broker, own_topics, tmp_path):
    own_broker.stop()
    with forebay.start(*producing(own_broker, own_topics, tmp_path / "r.json", "--records", 1000)) as running:
        time.sleep(3)
        assert running.is_running
        own_broker.start()
        result = running.wait(60)
    assert result.status == 0, result
    assert f"broker {own_broker.address} does not answer" in result.stderr
    for _, records in check_receipt(own_broker, json.loads((tmp_path / "r.json").read_text())):
        assert records


def lose_broker_by_kill(broker):
    broker.kill()
    time.sleep(4)
    broker.start()


def lose_broker_by_pause(broker):
    broker.pause()
    time.sleep(12)
    broker.resume()


@pytest.mark.parametrize("lose", [lose_broker_by_kill, lose_broker_by_pause])
def test_a_lost_broker_loses_and_doubles_nothing(forebay, own_broker, own_topics, tmp_path, lose):
    count = 120_000
    with forebay.start(*producing(own_broker, own_topics, tmp_path / "r.json", "--records", count, "--rate", 30_000,
                                  "--json")) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        lose(own_broker)
        result = running.wait(120)
    assert result.status == 0, result
    assert result.json["failed"] == result.json["uncertain"] == 0
    assert "waiting" in result.stderr
    for table, records in check_receipt(own_broker, json.loads((tmp_path / "r.json").read_text())):
        check_order_by_key(records)
        assert sorted(int(record[4]["seq"]) for record in records) == list(range(len(records)))
        if table["table"] == "clicks":
            assert len(records) == count


def test_a_stop_without_a_broker_counts_what_is_not_known(forebay, own_broker, own_topics, tmp_path):
    with forebay.start(*producing(own_broker, own_topics, tmp_path / "r.json", "--rate", 2000, "--stop-timeout", "2s",
                                  "--json")) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        own_broker.kill()
        time.sleep(1.5)
        result = running.terminate()
    assert result.status == 3, result
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["state"] == "complete"
    lost = sum(table["failed"] + table["uncertain"] for table in receipt["tables"])
    assert lost == result.json["failed"] + result.json["uncertain"] > 0
    own_broker.start()
    for table in receipt["tables"]:
        records = read_topic(own_broker, table["topic"])
        acknowledged = sum(part["records"] for part in table["partitions"])
        assert acknowledged <= len(records) <= acknowledged + table["uncertain"]


def set_topic(broker, topic, name, value):
    client = AdminClient({"bootstrap.servers": broker.address})
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)])
    client.incremental_alter_configs([resource])[resource].result(30)
    asked = ConfigResource(ConfigResource.Type.TOPIC, topic)
    while client.describe_configs([asked])[asked].result(30)[name].value != value:  # the change takes a moment
        time.sleep(0.1)


def test_a_record_that_is_too_large_for_the_topic_fails_alone(forebay, broker, topics, tmp_path):
    set_topic(broker, topics.topic("clicks"), "max.message.bytes", "50000")
    noise = random.Random(1).randbytes(100_000).hex()  # compresses to half, which still is too large
    lines = [click(number) for number in range(2000)]
    lines[1000] = click(1000, page=noise)
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    result = forebay(*producing(broker, topics, tmp_path / "r.json", "--json", "--table", "clicks",
                                "--from", tmp_path / "in.jsonl"), status=3)
    assert (result.json["failed"], result.json["uncertain"], result.json["acknowledged"]) == (1, 0, 1999)
    assert any("MSG_SIZE_TOO_LARGE" in reason for reason in result.json["failures"])
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert receipt["tables"][0]["failed"] == 1
    ((_, records),) = check_receipt(broker, receipt)
    assert sorted(int(record[4]["seq"]) for record in records) == [n for n in range(2000) if n != 1000]
    check_order_by_key(records)


def test_delivery_timeout(forebay, own_broker, own_topics, tmp_path):
    with forebay.start(*producing(own_broker, own_topics, tmp_path / "r.json", "--records", 30_000, "--rate", 3000,
                                  "--delivery-timeout", "2s", "--json")) as running:
        wait_for_receipt(tmp_path / "r.json", 1)
        own_broker.pause()
        time.sleep(8)
        own_broker.resume()
        result = running.wait(90)
    assert result.status == 3, result
    receipt = json.loads((tmp_path / "r.json").read_text())
    made = sum(part["records"] for table in receipt["tables"] for part in table["partitions"])
    lost = sum(table["failed"] + table["uncertain"] for table in receipt["tables"])
    assert lost > 0
    assert made + lost >= 30_000


def test_same_key_as_a_java_client(forebay, broker, topics, tmp_path):
    """Kafka's default partitioner: murmur2 of the key. The partitions below are kafka-clients' own."""
    forebay(*producing(broker, topics, tmp_path / "r.json", "--records", 2000))
    spread = defaultdict(set)
    for record in read_topic(broker, topics.topic("clicks")):
        spread[record[2]].add(record[0])
        assert record[0] == (murmur2(record[2]) & 0x7FFFFFFF) % 6
    assert all(len(partitions) == 1 for partitions in spread.values())


def murmur2(data):
    """Austin Appleby's MurmurHash2 with Kafka's seed."""
    mask, m, r = 0xFFFFFFFF, 0x5BD1E995, 24
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> r) * m & mask
        h = (h * m & mask) ^ k
    tail = data[whole:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_wrong_usage(forebay, broker, topics, shop, tmp_path):
    def says(*arguments, status=2):
        return forebay(*producing(broker, topics, tmp_path / "no.json", *arguments), status=status).stderr

    assert "has no table 'sales'" in says("--table", "sales")
    assert "--from requires --table" in says("--from", "x.jsonl")
    assert "x.jsonl cannot be read" in says("--from", "x.jsonl", "--table", "clicks")
    assert "duration" in says("--duration", "soon")
    assert "fault" in says("--faults", "gremlins=1").lower()
    assert "--records" in says("--records", 0)
    assert "--rate" in says("--rate", "nan")
    assert "is a directory" in says("--from", tmp_path, "--table", "clicks")
    assert "--refuse-rejects applies only to --from" in says("--refuse-rejects", "--records", 1)
    assert not (tmp_path / "no.json").exists()


def test_a_missing_topic_is_said_with_the_command(forebay, broker, shop, tmp_path):
    result = forebay(*producing(broker, shop, tmp_path / "r.json", "--records", 1), status=3)
    assert f"the topic {shop.topic('clicks')} does not exist; run: forebay topics apply" in result.stderr


def test_secrets_stay_out_of_what_is_printed(forebay, broker, topics, tmp_path):
    canary = "canary-5ecret"
    settings = tmp_path / "kafka.conf"
    # The broker speaks no SASL: the handshake fails, and librdkafka has a lot to say about it.
    settings.write_text("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=me\n"
                        f"sasl.password={canary}\n"
                        "debug=security,broker\n")
    with forebay.start(*producing(broker, topics, tmp_path / "r.json", "--records", 1, "--kafka-config", settings),
                       env={"FOREBAY_LOG": "debug"}) as running:
        printed = []
        for line in running.process.stderr:
            printed.append(line)
            if "SASL PLAIN mechanism handshake failed" in line:
                break
        else:
            pytest.fail(f"it ended without a handshake: {''.join(printed)}")
        running.send(signal.SIGTERM)
        printed += [*running.process.stderr, *running.process.stdout]
    assert canary not in "".join(printed)
