"""A contract for each feature of the Open Data Contract Standard: none is refused, and each note is meant."""
import json

import pytest

HEAD = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "corpus", "version": "1.0.0", "status": "active"}
DAY = {"name": "day", "logicalType": "date", "required": True, "partitioned": True}
TOPIC = {"property": "kafka.topic", "value": "corpus"}
QUALITY = [{"type": "sql", "query": "SELECT count(*) FROM t", "mustBe": 0}, {"metric": "nullValues", "mustBe": 0}]

# Name -> (a field, what is noted).
FIELDS = {
    "string": ({"logicalType": "string"}, []),
    "string-options": ({"logicalType": "string",
                        "logicalTypeOptions": {"minLength": 1, "maxLength": 9, "pattern": "^a", "format": "uuid"}}, []),
    **{f"string-{name}": ({"logicalType": "string", "logicalTypeOptions": {"format": name}}, []) for name in (
        "email", "uri", "hostname", "ipv4", "ipv6", "byte", "date", "time", "date-time")},
    "string-password": ({"logicalType": "string", "logicalTypeOptions": {"format": "password"}}, ["is not checked"]),
    "integer": ({"logicalType": "integer",
                 "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 9, "multipleOf": 3}}, []),
    **{f"integer-{bits}": ({"logicalType": "integer", "logicalTypeOptions": {"format": bits}}, []) for bits in (
        "i8", "i16", "i32", "i64", "u8", "u16", "u32")},
    "integer-i128": ({"logicalType": "integer", "logicalTypeOptions": {"format": "i128"}}, ["has 64 bits"]),
    "number-f32": ({"logicalType": "number", "logicalTypeOptions": {"format": "f32"}}, []),
    "number-decimal": ({"logicalType": "number", "physicalType": "NUMBER(38,18)"}, []),
    "number-numeric": ({"logicalType": "number", "physicalType": "NUMERIC"}, ["is a DOUBLE"]),
    "boolean": ({"logicalType": "boolean"}, []),
    "date": ({"logicalType": "date", "logicalTypeOptions": {"format": "yyyy-MM-dd", "minimum": "2020-01-01"}}, []),
    **{f"date-{form}": ({"logicalType": "date", "logicalTypeOptions": {"format": form}}, []) for form in (
        "dd/MM/yyyy", "yyyyMMdd", "MMM d, yyyy", "YYYY-MM-DD", "%Y-%m-%d")},
    "date-quarter": ({"logicalType": "date", "logicalTypeOptions": {"format": "yyyy-QQQ"}}, ["is not used"]),
    "time": ({"logicalType": "time", "logicalTypeOptions": {"format": "HH:mm:ss", "maximum": "17:00:00"}}, []),
    "time-timezone": ({"logicalType": "time", "logicalTypeOptions": {"timezone": True}}, ["has no offset"]),
    "timestamp": ({"logicalType": "timestamp",
                   "logicalTypeOptions": {"timezone": True, "minimum": "2020-01-01T00:00:00Z"}}, []),
    "timestamp-local": ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, []),
    "timestamp-bounds": ({"logicalType": "timestamp", "logicalTypeOptions": {
        "minimum": "2020-01-01 00:00:00+10:00", "maximum": "2021-01-01"}}, []),
    "timestamp-zone": ({"logicalType": "timestamp",
                        "logicalTypeOptions": {"timezone": False, "defaultTimezone": "Europe/Berlin"}}, []),
    "timestamp-pattern": ({"logicalType": "timestamp", "logicalTypeOptions": {
        "format": "yyyy-MM-dd HH:mm:ss", "minimum": "2020-01-01 00:00:00"}}, ["have no offset"]),
    "timestamp-offset": ({"logicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-ddTHH:mm:ssZ"}}, []),
    "timestamp-ntz": ({"logicalType": "timestamp", "physicalType": "TIMESTAMP_NTZ"}, []),
    "vector": ({"logicalType": "vector", "physicalType": "vector(3)", "logicalTypeOptions": {
        "dimensions": 3, "elementType": "float32", "distanceMetric": "cosine", "embeddingModel": "m"}}, []),
    "vector-normalized": ({"logicalType": "vector", "logicalTypeOptions": {"dimensions": 3, "normalized": True}},
                          ["'normalized' is not checked"]),
    "object": ({"logicalType": "object", "logicalTypeOptions": {"required": ["a"]},
                "properties": [{"name": "a", "logicalType": "string"}]}, []),
    "object-sizes": ({"logicalType": "object", "logicalTypeOptions": {"minProperties": 1, "maxProperties": 2},
                      "properties": [{"name": "a", "logicalType": "string"}]}, ["minProperties", "maxProperties"]),
    "object-open": ({"logicalType": "object"}, []),
    "object-open-required": ({"logicalType": "object", "logicalTypeOptions": {"required": ["a"]}},
                             ["'required' is not checked"]),
    "array": ({"logicalType": "array", "items": {"logicalType": "string"},
               "logicalTypeOptions": {"minItems": 1, "maxItems": 9, "uniqueItems": True}}, []),
    "array-of-arrays": ({"logicalType": "array",
                         "items": {"logicalType": "array", "items": {"logicalType": "number"}}}, []),
    "array-without-items": ({"logicalType": "array"}, []),
    "map": ({"logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": {"logicalType": "integer"}}}, []),
    "physical-varchar": ({"logicalType": "string", "physicalType": "VARCHAR(255)"}, []),
    "physical-array": ({"logicalType": "array", "physicalType": "ARRAY<STRING>", "items": {"logicalType": "string"}},
                        []),
    "physical-unknown": ({"logicalType": "string", "physicalType": "HSTORE"}, ["is not used"]),
    "physical-name": ({"logicalType": "string", "physicalName": "COL_1"}, []),
    "enum": ({"logicalType": "string", "enum": [{"value": "a", "description": "first"}, {"value": "b"}]}, []),
    "enum-integers": ({"logicalType": "integer", "enum": [{"value": 1}, {"value": 2}]}, []),
    "primary-key": ({"logicalType": "string", "required": True, "primaryKey": True, "primaryKeyPosition": 1}, []),
    "primary-key-optional": ({"logicalType": "string", "primaryKey": True}, []),
    "primary-key-array": ({"logicalType": "array", "items": {"logicalType": "string"}, "primaryKey": True},
                          ["primary key"]),
    "positions-of-nothing": ({"logicalType": "string", "primaryKey": False, "primaryKeyPosition": -1,
                              "partitioned": False, "partitionKeyPosition": -1}, []),
    "partitioned-timestamp": ({"logicalType": "timestamp", "partitioned": True, "partitionKeyPosition": 2},
                               ["its date"]),
    "partitioned-number": ({"logicalType": "number", "partitioned": True, "partitionKeyPosition": 2}, ["is not used"]),
    "partitioned-optional": ({"logicalType": "string", "partitioned": True, "partitionKeyPosition": 2}, []),
    "unique": ({"logicalType": "string", "unique": True}, ["'unique'"]),
    "transform": ({"logicalType": "string", "transformLogic": "select a from b", "transformDescription": "x",
                   "transformSourceObjects": ["b"]}, ["is not run"]),
    "documentation": ({"logicalType": "string", "description": "x", "businessName": "y", "tags": ["z"],
                       "examples": ["a"],
                       "classification": "restricted", "criticalDataElement": True, "encryptedName": "e",
                       "authoritativeDefinitions": [{"url": "https://example.com", "type": "definition"}]}, []),
    "quality": ({"logicalType": "string", "quality": QUALITY}, ["'quality'"]),
    "relationships": ({"logicalType": "string", "relationships": [{"type": "foreignKey", "to": "other.id"}]},
                      ["'relationships'"]),
    "custom": ({"logicalType": "string", "customProperties": [{"property": "pii", "value": True}]}, []),
}

# Name -> (keys of the table, what is noted).
TABLES = {
    "documentation": ({"description": "x", "businessName": "y", "tags": ["z"], "dataGranularityDescription": "g",
                       "authoritativeDefinitions": [{"url": "https://example.com", "type": "doc"}]}, []),
    "physical-type": ({"physicalType": "topic"}, []),
    "physical-name": ({"physicalName": "corpus-topic", "customProperties": []}, []),
    "no-properties": ({"properties": []}, ["it has no 'properties'"]),
    "not-in-kafka": ({"customProperties": [], "physicalType": "table"}, ["it is not landed"]),
    "quality": ({"quality": QUALITY}, ["'quality'"]),
    "custom": ({"customProperties": [TOPIC, {"property": "owner", "value": "me"}]}, []),
    "name": ({"name": "Order Items/v2"}, ["cannot be that of a table's directory"]),
}

# Name -> (keys of the contract, what is noted).
CONTRACTS = {
    **{version: ({"apiVersion": version}, []) for version in ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")},
    "head": ({"name": "n", "tenant": "t", "domain": "d", "dataProduct": "p", "tags": ["a"],
              "description": {"usage": "u"},
              "contractCreatedTs": "2025-01-01T00:00:00Z", "authoritativeDefinitions": []}, []),
    "servers": ({"servers": [{"server": "prod", "type": "kafka", "host": "kafka:9092", "format": "json"}]}, []),
    "people": ({"team": [{"username": "a", "role": "owner"}], "roles": [{"role": "reader", "access": "read"}],
                "support": [{"channel": "#help", "tool": "slack"}],
                "price": {"priceAmount": 9.95, "priceCurrency": "USD", "priceUnit": "megabyte"}}, []),
    "sla": ({"slaProperties": [{"property": "freshness", "value": 5, "unit": "min"},
                               {"property": "retention", "value": 3, "unit": "y", "element": "things.day"},
                               {"property": "availability", "value": "99.9%"}]}, []),
    "sla-elsewhere": ({"slaProperties": [{"property": "latency", "value": 4, "unit": "d", "element": "other.x"}]},
                      ["is not a landed table"]),
    "custom": ({"customProperties": [{"property": "refRulesetName", "value": "gcsc.ruleset.name"}]}, []),
    "environment": ({"name": "${CORPUS_NAME:-default}"}, []),
}


def contract(head=(), table=(), fields=()):
    of_table = {"name": "things", "customProperties": [TOPIC], "properties": [DAY, *fields]} | dict(table)
    return HEAD | {"schema": [of_table]} | dict(head)


CORPUS = [
    *((f"field-{name}", contract(fields=[{"name": "f"} | field]), notes) for name, (field, notes) in FIELDS.items()),
    *((f"nested-{name}", contract(fields=[{"name": "o", "logicalType": "object",
                                           "properties": [{"name": "f"} | field]}]), None)
      for name, (field, _) in FIELDS.items()),
    *((f"table-{name}", contract(table=keys), notes) for name, (keys, notes) in TABLES.items()),
    *((f"contract-{name}", contract(head=keys), notes) for name, (keys, notes) in CONTRACTS.items()),
]


@pytest.mark.parametrize("text, notes", [(json.dumps(one), notes) for _, one, notes in CORPUS],
                         ids=[name for name, *_ in CORPUS])
def test_no_feature_of_the_standard_is_refused(text, notes, forebay, tmp_path):
    path = tmp_path / "corpus.odcs.yaml"
    path.write_text(text)
    report = forebay("contract", "check", "--json", path, status=None).json
    assert report["ok"], report["diagnostics"]
    if notes is not None:
        found = [note["message"] for note in report["notes"]]
        assert len(found) == len(notes), found
        assert all(any(part in message for message in found) for part in notes), found
