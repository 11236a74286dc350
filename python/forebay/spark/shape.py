"""The columns between decode, the user's transform and stage. Pure functions over Arrow.

Valid rows have the table's columns, `_partition` (their directory), and `_forebay` = null. Rejected records and
tombstones go through the same stream, so that each record is decoded once: their table columns are null except for the
Kafka coordinates, and `_forebay` holds their kind.
"""

import pyarrow as pa
import pyarrow.compute as pc

PARTITION = "_partition"
SIDE_CHANNEL = "_forebay"
COORDINATES = ("_kafka_partition", "_kafka_offset", "_kafka_timestamp")
REJECT, TOMBSTONE = "reject", "tombstone"


def transport_schema(decoded: pa.Schema, rejects: pa.Schema) -> pa.Schema:
    """The schema between the steps, from the schemas of a table's decoded rows and of the quarantine.

    All columns are nullable here; stage checks valid rows against the contract again. Times are the microseconds since
    midnight: Spark takes none from Python.
    """
    side_channel = pa.struct(
        [
            pa.field("kind", pa.string()),
            *(pa.field(field.name, field.type) for field in rejects if field.name not in COORDINATES),
        ]
    )
    columns = (pa.field(field.name, _without_times(field.type)) for field in decoded)
    return pa.schema([*columns, pa.field(SIDE_CHANNEL, side_channel)])


def _without_times(column: pa.DataType) -> pa.DataType:
    if pa.types.is_time(column):
        return pa.int64()
    if pa.types.is_struct(column):
        return pa.struct([field.with_type(_without_times(field.type)) for field in column])
    if pa.types.is_list(column):
        return pa.list_(column.value_field.with_type(_without_times(column.value_type)))
    if pa.types.is_map(column):
        return pa.map_(
            column.key_field.with_type(_without_times(column.key_type)),
            column.item_field.with_type(_without_times(column.item_type)),
        )
    return column


def merge_rows(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Valid rows in the transport schema."""
    return _fill(rows, pa.nulls(rows.num_rows, schema.field(SIDE_CHANNEL).type), schema)


def merge_side_channel(kind: str, records: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rejects or tombstones in the transport schema."""
    size = records.num_rows
    fields = list(schema.field(SIDE_CHANNEL).type)
    known = {"kind": pa.array([kind] * size, pa.string())}
    children = [known.get(field.name, _column(records, field)) for field in fields]
    return _fill(records, pa.StructArray.from_arrays(children, fields=fields), schema)


def _fill(records: pa.RecordBatch, side_channel: pa.Array, schema: pa.Schema) -> pa.RecordBatch:
    columns = [side_channel if field.name == SIDE_CHANNEL else _column(records, field) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(records: pa.RecordBatch, field: pa.Field) -> pa.Array:
    at = records.schema.get_field_index(field.name)
    return pa.nulls(records.num_rows, field.type) if at < 0 else records.column(at).cast(field.type)


def split(
    batch: pa.RecordBatch, rejects: pa.Schema, tombstones: pa.Schema
) -> tuple[pa.RecordBatch, pa.RecordBatch, pa.RecordBatch]:
    """Splits a batch into valid rows, rejects and tombstones, each in the batch's order."""
    side_channel = batch.column(batch.schema.get_field_index(SIDE_CHANNEL))
    rows = batch.drop_columns([SIDE_CHANNEL])
    if side_channel.null_count == len(side_channel):
        none = batch.slice(0, 0)
        return rows, _unmerge(none, rejects), _unmerge(none, tombstones)
    kind = pc.struct_field(side_channel, "kind")
    return (
        rows.filter(pc.is_null(kind)),
        _unmerge(batch.filter(pc.equal(kind, REJECT)), rejects),
        _unmerge(batch.filter(pc.equal(kind, TOMBSTONE)), tombstones),
    )


def _unmerge(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    side_channel = batch.column(batch.schema.get_field_index(SIDE_CHANNEL))
    columns = [
        batch.column(batch.schema.get_field_index(field.name))
        if field.name in COORDINATES
        else pc.struct_field(side_channel, field.name)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(
        [column.cast(field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
