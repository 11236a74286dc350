"""Real data and a contract that has nothing to do with shops: Seattle's daily weather, one directory for each day."""
from decimal import Decimal

import duckdb
import polars
import pytest

from data import seattle
from data.seattle import NUMBERS
from support.landing import Landing


@pytest.fixture(scope="module")
def days():
    return seattle.days()


@pytest.fixture
def landed(forebay, broker, weather, tmp_path, days):
    landing = Landing(forebay, broker, weather, tmp_path)
    landing.produce("--table", "seattle_weather", "--from", seattle.json_lines(tmp_path))
    landing.land()
    return landing


def test_every_day_is_in_its_directory_as_the_source_has_it(landed, days):
    assert landed.verify().json["clean"]
    landed.assert_readers_agree()
    directories = {file.parent for file in (landed.lake / "seattle_weather").glob("*/*/*.parquet")}
    assert len(directories) == len(days) > 1000

    wanted = sorted((day["date"].replace("/", "-"), day["weather"], *(Decimal(day[name]) for name in NUMBERS))
                    for day in days)
    query = f"""SELECT date::VARCHAR, weather, precipitation, temp_max, temp_min, wind
                FROM read_parquet('{landed.lake}/seattle_weather/**/*.parquet', hive_partitioning = true)"""
    found = sorted((*row[:5], Decimal(repr(row[5]))) for row in duckdb.sql(query).fetchall())
    assert found == wanted

    frame = polars.read_parquet(f"{landed.lake}/seattle_weather/**/*.parquet", hive_partitioning=True)
    assert frame.height == len(days)
    assert frame["precipitation"].sum() == sum(Decimal(day["precipitation"]) for day in days)


def test_one_kind_of_weather_is_one_directory(landed, days):
    kinds = {path.name for path in (landed.lake / "seattle_weather").iterdir()}
    assert kinds == {f"weather={day['weather']}" for day in days}
