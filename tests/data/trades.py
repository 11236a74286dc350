"""Records of trades.odcs.yaml: objects that are there, null, or absent, around members that have no nulls."""
import json

from confluent_kafka import Producer

from support.contracts import ContractCopy
from support.paths import ROOT

PARTY = {"name": "Ada", "kind": "company", "score": 0.5, "limit": 1.25, "size": 3, "active": True,
         "since": "2020-02-29", "seen": "2025-10-30T11:00:00Z", "opens": "08:30",
         "signed": "2025-03-30T02:30:00", "born": "10.12.1815", "place": [52.5, 13.25],
         "notes": {"by": ["x", None]}, "limits": {"day": [1, 2], "week": None, "": []}, "tags": ["a", "b"],
         "address": {"zip": "10115"}}
ABSENT = object()
PARTIES = (PARTY, None, ABSENT)
LEGS = (ABSENT, None, [], [None], [PARTY, None, PARTY])


def contract(directory):
    return ContractCopy("trades.odcs.yaml", directory, folder=ROOT / "tests/data")


def records(count):
    for number in range(count):
        record = {"at": f"2025-10-{30 + number % 2}T12:00:00Z", "number": number}
        for name, values in (("party", PARTIES), ("legs", LEGS)):
            value = values[number % len(values)]
            if value is not ABSENT:
                record[name] = value
        yield record


def produce(broker, topic, count):
    producer = Producer({"bootstrap.servers": broker.address})
    for record in records(count):
        producer.produce(topic, value=json.dumps(record).encode())
    assert producer.flush(30) == 0


def party_text(party):
    """A party's members, joined as the query of the test joins them."""
    return party and f"{party['name']} {party['kind']} {party['size']} {party['address']['zip']}"
