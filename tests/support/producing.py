"""Producing runs, and their receipts compared with the topics."""
import json
import time
from collections import Counter

import pytest

from support.forebay import Forebay, ForebayWithPythonProducer
from support.topics import read_topic


# Fixtures of the tests that run with both producers, which import them by name.

@pytest.fixture(params=[Forebay, ForebayWithPythonProducer], ids=["native", "python"])
def forebay(request):
    return request.param()


@pytest.fixture
def topics(forebay, broker, shop):
    forebay("topics", "apply", "--contract", shop, "--brokers", broker.address)
    return shop


def producing(broker, contract, receipt, *arguments):
    return ("produce", "--contract", contract, "--brokers", broker.address, "--receipt", receipt, *arguments)


def check_receipt(broker, receipt):
    """The receipt agrees with what is in the topics: each acknowledged offset is there, and nothing else is."""
    for table in receipt["tables"]:
        named = {(part["partition"], offset) for part in table["partitions"]
                 for begin, end in part["acknowledged"] for offset in range(begin, end)}
        records = read_topic(broker, table["topic"])
        assert named == {(record[0], record[1]) for record in records}
        sequences = [int(record[4]["seq"]) for record in records]
        assert max(Counter(sequences).values(), default=1) == 1, "a sequence is there twice"
        yield table, records


def check_order_by_key(records):
    last = {}
    for partition, offset, key, _, headers, _ in sorted(records, key=lambda record: record[:2]):
        sequence = int(headers["seq"])
        assert sequence > last.get(key, (partition, -1))[1], f"key {key} is out of order at {partition}:{offset}"
        assert partition == last.get(key, (partition, -1))[0], f"key {key} is in two partitions"
        last[key] = (partition, sequence)


def wait_for_receipt(path, records, timeout_s=30):
    """Waits until a receipt names at least so many records."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if path.exists():
            receipt = json.loads(path.read_text())
            if sum(part["records"] for table in receipt["tables"] for part in table["partitions"]) >= records:
                return receipt
        time.sleep(0.05)
    raise AssertionError(f"{path} names no {records} records")


def click(number, **members):
    return json.dumps({"event_id": f"{number:016x}", "event_time": "2025-10-30T12:00:00.000Z", "event_type": "view",
                       "user_id": f"u{number % 50:07}", "session_id": f"{number:016x}", "country": "DE",
                       "device": "mobile", "page": "/"} | members)
