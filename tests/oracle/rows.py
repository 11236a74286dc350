"""The oracle's rows, and those of Arrow and Parquet, in one form that can be compared."""
import pyarrow as pa

from oracle.random_tables import NOW_MS

FIRST_MS, END_MS = 946_684_800_000, 4_102_444_800_000  # usable timestamps of Kafka: the years 2000 to 2099


def in_numbers(arrow_type):
    """The type with times as integers (Python's have no year 0), and with values instead of dictionaries."""
    if pa.types.is_dictionary(arrow_type):
        return in_numbers(arrow_type.value_type)
    if isinstance(arrow_type, pa.BaseExtensionType):  # JSON
        return in_numbers(arrow_type.storage_type)
    if pa.types.is_temporal(arrow_type):
        return pa.int32() if pa.types.is_date(arrow_type) else pa.int64()
    if pa.types.is_struct(arrow_type):
        return pa.struct([field.with_type(in_numbers(field.type)) for field in arrow_type])
    if pa.types.is_list(arrow_type):
        return pa.list_(arrow_type.value_field.with_type(in_numbers(arrow_type.value_type)))
    if pa.types.is_map(arrow_type):
        item = arrow_type.item_field.with_type(in_numbers(arrow_type.item_type))
        return pa.map_(arrow_type.key_field.with_type(in_numbers(arrow_type.key_type)), item)
    return arrow_type


def plain_rows(batch):
    """Of a record batch or a table."""
    table = pa.table(batch)
    return table.cast(pa.schema(in_numbers(pa.struct(list(table.schema))))).to_pylist()


def expected(oracle, record, version="v7"):
    """(kind, the whole row of rows, rejects or tombstones) of a record of RECORDS, with its topic. Violations have no
    details."""
    stamp = record["timestamp"] if FIRST_MS <= (record["timestamp"] or -1) < END_MS else None
    kind, *what = oracle.decode(record | {"timestamp": stamp, "headers": pairs(record.get("headers"))}, NOW_MS)
    if kind == "rejects":
        headers = [{"key": name, "value": value} for name, value in pairs(record.get("headers"))]
        violations = [{"reason": reason, "field": field} for reason, field in what[0]]
        what = [{"key": record["key"], "value": record["value"], **violations[0], "violations": violations,
                 "headers": headers or None, "contract_version": version}]
    topic = {"_kafka_topic": record["topic"]} if kind != "rows" or oracle.of_several_topics else {}
    position = topic | {"_kafka_partition": record["partition"], "_kafka_offset": record["offset"],
                "_kafka_timestamp": None if stamp is None else stamp * 1000}
    return kind, position | (what[0] if what else {})


def pairs(headers):
    """Headers as pairs: those of an Arrow batch are objects."""
    return [(one["key"], one["value"]) if isinstance(one, dict) else one for one in headers or ()]


def without_details(reject):
    """A rejected record, whose details are texts for people: each is there."""
    assert reject["detail"] and all(violation["detail"] for violation in reject["violations"])
    violations = [{name: one[name] for name in ("reason", "field")} for one in reject["violations"]]
    return {name: value for name, value in reject.items() if name != "detail"} | {"violations": violations}


def unlike(right, got):
    """Column -> (right value, found value) where two rows differ; a column that is not there is null. Values are
    compared as texts, in which -0.0 is not 0.0, and 1 not True."""
    both = {name: (right.get(name), got.get(name)) for name in right | got}
    return {name: pair for name, pair in both.items() if repr(pair[0]) != repr(pair[1])}
