"""A lake under two contracts: every change that is allowed, landed by each engine, audited, rebuilt and read."""
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml

from data import parcels
from data.parcels import NEW, NEW_RECORDS, OLD, OLD_RECORDS, produce
from support import readers
from support.arrow_engine import ArrowEngine
from support.landing import Landing


@pytest.fixture
def landing(forebay, broker, tmp_path):
    return Landing(forebay, broker, parcels.Versions(tmp_path), tmp_path)


def land_native(landing):
    landing.land()


def land_with_arrow(landing):
    ArrowEngine(landing.contract, landing.brokers[1], landing.lake).land()


ENGINES = pytest.mark.parametrize("land", [land_native, land_with_arrow], ids=["native", "arrow"])


@pytest.fixture
def evolved(landing, land):
    produce(landing, OLD_RECORDS)
    landing.land("--max-reject-rate", 1)
    landing.contract.write("2.0.0", NEW)
    produce(landing, NEW_RECORDS)
    land(landing)
    return landing


def newest(lake):
    return max(readers.files(lake, "parcels"), key=lambda file: file.name)


def read_with_duckdb(lake):
    rows = duckdb.sql(f"""FROM read_parquet('{lake}/parcels/**/*.parquet', hive_partitioning = true,
                                            union_by_name = true)""")
    return [dict(zip(rows.columns, row)) for row in rows.fetchall()]


def read_with_polars(lake):
    return pl.scan_parquet(
        f"{lake}/parcels/**/*.parquet", hive_partitioning=True, schema=pl.read_parquet_schema(newest(lake)),
        missing_columns="insert",
        cast_options=pl.ScanCastOptions(integer_cast="upcast", missing_struct_fields="insert"),
    ).with_columns(pl.col("box").ext.storage()).collect().to_dicts()


def read_with_pyarrow(lake):
    schema = pq.read_schema(newest(lake)).append(pa.field("date", pa.string()))
    return ds.dataset(lake / "parcels", partitioning="hive", schema=schema).to_table().to_pylist()


READERS = {"duckdb": read_with_duckdb, "polars": read_with_polars, "pyarrow": read_with_pyarrow}


def assert_all_rows_are_read(lake):
    for name, read in READERS.items():
        found = {}
        for row in read(lake):
            found |= parcels.row(row)
        assert found == parcels.ROWS, name


@ENGINES
def test_the_lake_is_whole(evolved):
    assert_all_rows_are_read(evolved.lake)
    for arguments in ((), ("--content",)):
        report = evolved.verify(*arguments).json
        assert report["clean"], report["problems"]
        assert report["rows"] == 4 and report["quarantined"] == 1


@ENGINES
def test_old_columns_stay_in_new_files(evolved):
    schema = pq.read_schema(newest(evolved.lake))
    assert {"note", "box"} < set(schema.names)
    assert schema.field("from").type.names == ["city", "code"]
    # A query without any option finds them in all files.
    files = f"read_parquet('{evolved.lake}/parcels/**/*.parquet')"
    assert duckdb.sql(f"SELECT id, note FROM {files} WHERE state = 'sent' OR id = 'd' ORDER BY id").fetchall() == [
        ("a", "x"), ("d", None)]
    assert duckdb.sql(f"SELECT _extra FROM {files} WHERE _extra LIKE '%note%'").fetchall() == [
        ('{"note":"y","/from/city":"Ulm","/lines/0/sku":"t"}',)]


# The key of a record is the same, whether its number has 32 bits or 64.
@ENGINES
def test_keys_are_compared_across_the_contracts(evolved):
    notes = evolved.verify("--keys").json["notes"]
    assert ["a, 5 in 2 rows" in note["detail"] for note in notes if note["kind"] == "duplicate_key"] == [True]


@ENGINES
def test_files_of_both_contracts_are_rebuilt(evolved):
    schemas = {file: pq.read_schema(file) for file in readers.files(evolved.lake, "parcels")}
    assert len(schemas) == 4
    for file in schemas:
        file.unlink()
    rebuilt = evolved.forebay("lake", "rebuild", "--lake", evolved.lake, *evolved.brokers, "--as-decoded",
                              "--json").json
    assert rebuilt["all_rebuilt"] and len(rebuilt["files"]) == 4
    assert {file: pq.read_schema(file) for file in readers.files(evolved.lake, "parcels")} == schemas
    assert_all_rows_are_read(evolved.lake)
    assert evolved.verify("--content").json["clean"]


@ENGINES
def test_quarantine_and_status_know_both(evolved):
    listed = evolved.forebay("quarantine", "list", "--lake", evolved.lake).stdout
    assert "out_of_range" in listed and "weight" in listed
    (table,) = evolved.forebay("status", "--lake", evolved.lake, "--json").json["tables"]
    assert table["rows"] == 4 and table["unknown_members"] == {"note": 1, "from.city": 1, "lines[].sku": 1}


def test_the_diff_is_what_the_landing_checks(landing, tmp_path):
    produce(landing, OLD_RECORDS)
    landing.land("--max-reject-rate", 1)
    old = tmp_path / "old.odcs.yaml"
    old.write_text(landing.contract.path.read_text())
    landing.contract.write("2.0.0", NEW)
    diff = landing.forebay("contract", "diff", "--lake", landing.lake, landing.contract, "--json").json
    assert diff["allowed"] and (diff["from_version"], diff["to_version"]) == ("1.0.0", "2.0.0")
    assert diff == landing.forebay("contract", "diff", old, landing.contract, "--json").json
    assert {change["place"] for change in diff["changes"]} == {"", *(f"parcels.{path}" for path in (
        "number", "weight", "price", "state", "by", "note", "box", "from.city", "from.zip", "lines[].sku",
        "lines[].count", "sizes[]", "to"))}

    landing.contract.write("2.0.0", NEW.replace("{name: to, logicalType: string}", "{name: box, logicalType: string}"))
    refused = landing.forebay("contract", "diff", "--lake", landing.lake, landing.contract, status=1)
    assert landing.forebay("contract", "diff", old, landing.contract, status=1).stdout.count("refused") == 2
    sentence = "parcels.box: type changed from JSON to a string; readers do not take both as one column"
    assert sentence in refused.stdout
    assert sentence in landing.land(status=2).stderr


def test_a_dropped_column_comes_back_as_it_was(landing):
    for version, properties in (("1.0.0", OLD), ("2.0.0", NEW)):
        landing.contract.write(version, properties)
        produce(landing, OLD_RECORDS[:1])
        landing.land()
    landing.contract.write("3.0.0", NEW + "      - {name: note, logicalType: integer}\n")
    refused = landing.land(status=2).stderr
    assert "parcels.note: dropped field came back, an integer of 64 bits instead of a string" in refused
    landing.contract.write("3.0.0", NEW + "      - {name: note, logicalType: string}\n")
    produce(landing, OLD_RECORDS[:1])
    landing.land()
    query = f"SELECT note FROM read_parquet('{landing.lake}/parcels/**/*.parquet', filename = true) ORDER BY filename"
    assert duckdb.sql(query).fetchall() == [("x",), (None,), ("x",)]
    assert landing.verify("--content").json["clean"]


# A table may get a primary key, a Kafka key and an event time that it did not have.
def test_roles_are_added(landing):
    roles = "      - {property: eventTime, value: at}\n"
    with_roles = landing.contract.path.read_text().replace(roles, roles + "      - {property: kafka.key, value: id}\n")
    landing.contract.path.write_text(with_roles.replace(roles, "").replace(", primaryKey: true", "")
                                     .replace("      - {property: kafka.key, value: id}\n", ""))
    produce(landing, OLD_RECORDS[:2])
    landing.land()
    landing.contract.path.write_text(with_roles)
    produce(landing, OLD_RECORDS[:2] * 2)
    landing.land()
    for arguments in ((), ("--content",)):
        assert landing.verify(*arguments).json["clean"]
    keys = [note for note in landing.verify("--keys").json["notes"] if note["kind"] == "duplicate_key"]
    assert len(keys) == 2 and all("in 2 rows" in key["detail"] for key in keys)
    (table,) = landing.forebay("status", "--lake", landing.lake, *landing.brokers, "--json").json["tables"]
    assert [(period["date"], period["rows"]) for period in table["dates"]] == [("2025-10-30", 3), ("2025-10-31", 3)]
    assert table["newest_event_us"] is not None and table["dates"][0]["state"] != "unknown"


# What lies in Kafka, and was refused or never landed, binds nothing.
def test_nothing_binds_a_lake_without_rows(landing):
    incompatible = NEW.replace("DECIMAL(18,2)", "DECIMAL(18,4)").replace("{name: note, logicalType: string}", "")
    landing.land()
    landing.contract.write("1.0.0", incompatible)
    landing.land()
    produce(landing, OLD_RECORDS[2:])
    landing.contract.write("1.0.0", OLD)
    landing.land("--max-reject-rate", 1)
    landing.contract.write("1.0.0", incompatible)
    produce(landing, NEW_RECORDS)
    landing.land()
    report = landing.verify("--content").json
    assert report["clean"] and report["rows"] == 2 and report["quarantined"] == 1, report["problems"]
    landing.contract.write("1.0.0", OLD)
    assert "another contract of version 1.0.0 was landed in this lake" in landing.land(status=2).stderr


def test_a_table_is_renamed_before_it_has_landed_alone(landing):
    landing.land()
    text = landing.contract.path.read_text()
    landing.contract.path.write_text(text.replace("name: parcels\n", "name: boxes\n"))
    produce(landing, OLD_RECORDS, table="boxes")
    landing.land("--max-reject-rate", 1)
    assert landing.verify("--content").json["clean"]
    (table,) = landing.forebay("status", "--lake", landing.lake, "--json").json["tables"]
    assert (table["table"], table["rows"]) == ("boxes", 2)
    landing.contract.path.write_text(text)
    assert "it was landed as table 'boxes', in the directory of that name" in landing.land(status=2).stderr


def test_a_removed_table_keeps_its_files_and_continues_when_it_comes_back(forebay, broker, shop, tmp_path):
    landing = Landing(forebay, broker, shop, tmp_path)
    landing.produce("--records", 400, "--seed", 1)
    landing.land()
    whole = shop.path.read_text()
    contract = yaml.safe_load(whole)
    contract["schema"] = [table for table in contract["schema"] if table["name"] == "clicks"]
    shop.path.write_text(yaml.safe_dump(contract))
    diff = forebay("contract", "diff", "--lake", landing.lake, shop, "--json").json
    assert [(change["place"], change["change"]) for change in diff["changes"]] == [("orders", "table removed")]

    shop.path.write_text(whole)
    landing.produce("--records", 200, "--seed", 2)
    shop.path.write_text(yaml.safe_dump(contract))
    landing.land()
    status = forebay("status", "--lake", landing.lake, *landing.brokers, "--json").json
    tables = {table["table"]: table for table in status["tables"]}
    assert (tables["clicks"]["in_contract"], tables["clicks"]["lag"]) == (True, 0)
    assert (tables["orders"]["in_contract"], tables["orders"]["lag"]) == (False, None)
    assert tables["orders"]["rows"] == len(readers.rows(landing.lake, "orders", ["order_id"])) > 0
    assert "freshness" not in {level["property"] for level in tables["orders"]["service_levels"]}
    assert "the contract has this table no longer" in forebay("status", "--lake", landing.lake).stdout

    shop.path.write_text(whole)
    landing.land()
    assert landing.verify("--content").json["clean"]
    landing.assert_readers_agree()


def test_the_contract_of_another_lake_is_refused(landing, weather):
    produce(landing, OLD_RECORDS)
    landing.land("--max-reject-rate", 1)
    landing.forebay("topics", "apply", "--contract", weather, *landing.brokers)
    refused = landing.forebay("land", "--once", "--contract", weather, *landing.brokers, "--lake", landing.lake,
                              status=2)
    assert "none of the landed tables is left; it looks like the contract of another lake" in refused.stderr
