"""Parcels under two contracts, with every change that a lake accepts: numbers widen, fields go, become optional, or are
new."""
import json
import uuid

HEAD = """apiVersion: v3.2.0
kind: DataContract
id: parcels
version: {version}
schema:
  - name: parcels
    customProperties:
      - {{property: kafka.topic, value: {topic}}}
      - {{property: kafka.partitions, value: 2}}
      - {{property: eventTime, value: at}}
    properties:
      - {{name: date, logicalType: date, partitioned: true, transformLogic: date(at)}}
      - {{name: at, logicalType: timestamp, required: true}}
      - {{name: id, logicalType: string, required: true, primaryKey: true}}
"""
OLD = """
      - {name: number, logicalType: integer, physicalType: INTEGER, primaryKey: true}
      - {name: weight, logicalType: integer, physicalType: INTEGER}
      - {name: price, logicalType: number, physicalType: "DECIMAL(9,2)"}
      - {name: state, logicalType: string, required: true, enum: [{value: sent}, {value: lost}]}
      - {name: sender, logicalType: string}
      - {name: note, logicalType: string}
      - {name: box, logicalType: object}
      - name: from
        logicalType: object
        properties:
          - {name: city, logicalType: string, required: true}
          - {name: code, logicalType: integer, physicalType: INTEGER}
      - name: lines
        logicalType: array
        items:
          logicalType: object
          properties:
            - {name: sku, logicalType: string}
            - {name: count, logicalType: integer, physicalType: INTEGER}
      - name: sizes
        logicalType: map
        map: {key: {logicalType: string}, value: {logicalType: integer, physicalType: INTEGER}}
"""
# Numbers widen; `note`, `box`, `from.city` and `lines[].sku` go; `state` may be missing, and has one more value;
# `sender` and `from.code` have other names; `to` is new.
NEW = """
      - {name: number, logicalType: integer, primaryKey: true}
      - {name: weight, logicalType: integer}
      - {name: price, logicalType: number, physicalType: "DECIMAL(18,2)"}
      - {name: state, logicalType: string, enum: [{value: sent}, {value: lost}, {value: found}]}
      - name: by
        logicalType: string
        physicalName: sender
        customProperties: [{property: aliases, value: [sender]}]
      - name: from
        logicalType: object
        properties:
          - name: zip
            logicalType: integer
            physicalName: code
            customProperties: [{property: aliases, value: [code]}]
      - name: lines
        logicalType: array
        items: {logicalType: object, properties: [{name: count, logicalType: integer}]}
      - {name: sizes, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}}
      - {name: to, logicalType: string}
"""
BIG = 2**40
OLD_RECORDS = [
    {"at": "2025-10-30T10:00:00Z", "id": "a", "number": 5, "weight": 1, "price": 1.25, "state": "sent", "note": "x",
     "sender": "Ann", "box": {"w": [1]}, "from": {"city": "Ulm", "code": 7}, "lines": [{"sku": "s", "count": 2}],
     "sizes": {"s": 3}},
    {"at": "2025-10-31T10:00:00Z", "id": "b", "number": 6, "state": "lost"},
    {"at": "2025-10-31T10:00:00Z", "id": "c", "number": 7, "state": "sent", "weight": BIG},  # refused: out_of_range
]
NEW_RECORDS = [
    {"at": "2025-10-30T11:00:00Z", "id": "a", "number": 5, "weight": BIG, "price": 123456789012.75, "by": "Bob",
     "state": "found", "note": "y", "from": {"city": "Ulm", "zip": BIG}, "lines": [{"sku": "t", "count": BIG}],
     "sizes": {"s": BIG}, "to": "Bonn"},
    {"at": "2025-11-01T10:00:00Z", "id": "d", "sender": "Cid", "from": {"code": 8}},
]
# date, id, number, contract: weight, price, state, sender, note, box, from.code, from.city, lines[0].count,
# lines[0].sku, sizes.s, to
ROWS = {
    ("2025-10-30", "a", 5, 1): (1, "1.25", "sent", "Ann", "x", '{"w": [1]}', 7, "Ulm", 2, "s", 3, None),
    ("2025-10-31", "b", 6, 1): (None, None, "lost") + (None,) * 9,
    ("2025-10-30", "a", 5, 2): (BIG, "123456789012.75", "found", "Bob", None, None, BIG, None, BIG, None, BIG, "Bonn"),
    ("2025-11-01", "d", None, 2): (None, None, None, "Cid", None, None, 8) + (None,) * 5,
}


class Versions:
    """A contract file that changes, with a topic of its own."""

    def __init__(self, directory):
        self.path = directory / "parcels.odcs.yaml"
        self.name = f"t{uuid.uuid4().hex[:10]}.parcels"
        self.write("1.0.0", OLD)

    def write(self, version, properties):
        self.path.write_text(HEAD.format(version=version, topic=self.name) + properties.lstrip("\n"))

    def topic(self, _):
        return self.name

    def __fspath__(self):
        return str(self.path)

    __str__ = __fspath__


def row(of):
    """A row of any reader, in the form of ROWS."""
    origin = of["from"] or {"code": None, "city": None}
    line = (of["lines"] or [{"count": None, "sku": None}])[0]
    price = None if of["price"] is None else str(of["price"])
    values = (of["weight"], price, of["state"], of["sender"], of["note"], of["box"], origin["code"], origin["city"],
              line["count"], line["sku"], dict(of["sizes"] or {}).get("s"), of["to"])
    contract = 2 if of["id"] == "d" or of["weight"] == BIG else 1
    return {(str(of["date"]), of["id"], of["number"], contract): values}


def produce(landing, records, table="parcels"):
    file = landing.receipts.parent / "records.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    landing.produce("--table", table, "--from", file)
