"""The columns that travel between decode, the user's transform and stage. Pure functions over Arrow.

Good rows have the table's columns, `_partition` (the directory they belong to), and `_forebay` = null. What was
refused, and tombstones, travel in the same stream, so that each record is decoded once: their table columns are null
but for the Kafka coordinates, and `_forebay` says what they are.
"""

import pyarrow as pa
import pyarrow.compute as pc

PARTITION = "_partition"
SIDE_CHANNEL = "_forebay"
COORDINATES = ("_kafka_partition", "_kafka_offset", "_kafka_timestamp")
REJECT, TOMBSTONE = "reject", "tombstone"


def transport_schema(decoded: pa.Schema, rejects: pa.Schema) -> pa.Schema:
    """The schema between the steps, out of that of a table's decoded rows and that of the quarantine.

    Everything may be null here; stage holds good rows against the contract again.
    """
    aside = pa.struct(
        [
            pa.field("kind", pa.string()),
            *(pa.field(field.name, field.type) for field in rejects if field.name not in COORDINATES),
        ]
    )
    return pa.schema([*(pa.field(field.name, field.type) for field in decoded), pa.field(SIDE_CHANNEL, aside)])


def merge_rows(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Good rows, in the shape that travels."""
    return _fill(rows, pa.nulls(rows.num_rows, schema.field(SIDE_CHANNEL).type), schema)


def merge_aside(kind: str, records: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rejects or tombstones, in the shape of rows."""
    size = records.num_rows
    fields = list(schema.field(SIDE_CHANNEL).type)
    known = {"kind": pa.array([kind] * size, pa.string())}
    children = [known.get(field.name, _column(records, field)) for field in fields]
    return _fill(records, pa.StructArray.from_arrays(children, fields=fields), schema)


def _fill(records: pa.RecordBatch, aside: pa.Array, schema: pa.Schema) -> pa.RecordBatch:
    columns = [aside if field.name == SIDE_CHANNEL else _column(records, field) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(records: pa.RecordBatch, field: pa.Field) -> pa.Array:
    at = records.schema.get_field_index(field.name)
    return pa.nulls(records.num_rows, field.type) if at < 0 else records.column(at).cast(field.type)


def split(batch: pa.RecordBatch, rejects: pa.Schema) -> tuple[pa.RecordBatch, pa.RecordBatch, pa.RecordBatch]:
    """Good rows, rejects and tombstones again, each in the order in which they came."""
    at = batch.schema.get_field_index(SIDE_CHANNEL)
    aside = batch.column(at)
    rows = batch.drop_columns([SIDE_CHANNEL])
    if aside.null_count == len(aside):
        return rows, _unmerge(batch.slice(0, 0), rejects), batch.slice(0, 0).select(list(COORDINATES))
    kind = pc.struct_field(aside, "kind")
    return (
        rows.filter(pc.is_null(kind)),
        _unmerge(batch.filter(pc.equal(kind, REJECT)), rejects),
        batch.filter(pc.equal(kind, TOMBSTONE)).select(list(COORDINATES)),
    )


def _unmerge(batch: pa.RecordBatch, rejects: pa.Schema) -> pa.RecordBatch:
    aside = batch.column(batch.schema.get_field_index(SIDE_CHANNEL))
    columns = [
        batch.column(batch.schema.get_field_index(field.name))
        if field.name in COORDINATES
        else pc.struct_field(aside, field.name)
        for field in rejects
    ]
    return pa.RecordBatch.from_arrays(
        [column.cast(field.type) for column, field in zip(columns, rejects, strict=True)], schema=rejects
    )
