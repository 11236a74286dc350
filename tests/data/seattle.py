"""Seattle's daily weather, as the vega-datasets package ships it: real data."""
import csv
import json
from pathlib import Path

import vega_datasets

NUMBERS = ("precipitation", "temp_max", "temp_min", "wind")


def days():
    source = Path(vega_datasets.__file__).parent / "_data" / "seattle-weather.csv"
    with open(source, newline="") as file:
        return list(csv.DictReader(file))


def json_lines(directory):
    """A file of the days as records of contracts/weather.odcs.yaml."""
    lines = [json.dumps({name: float(value) if name in NUMBERS else value.replace("/", "-")
                         for name, value in day.items()}) for day in days()]
    path = directory / "weather.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path
