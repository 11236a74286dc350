"""The places of fields in a record, and the directories of rows: the part of the rules that is about them."""
import re

from oracle.days import DAY_US, FIRST_DAY, HOUR_US, LAST_DAY, date_text, local_time
from oracle.strict_json import require

MAX_DIRECTORY_BYTES = 200


class Place:
    """A field of the record, or inside objects: found by a name, or by a JSON Pointer."""

    def __init__(self, fields, text):
        is_name = any(field.name == text for field in fields)
        steps = text[1:].split("/") if text.startswith("/") and not is_name else [text]
        self.names = [step.replace("~1", "/").replace("~0", "~") for step in steps]
        self.columns, self.kind = [], "timestamp"  # of Kafka, if no field has the name
        self.of_kafka = text == "_kafka_timestamp"
        for name in [] if self.of_kafka else self.names:
            (field,) = [field for field in fields if field.name == name]
            self.columns.append(field.column)
            self.kind, fields = field.kind, field.members

    def value(self, row, kafka_ms):
        if self.of_kafka:
            return None if kafka_ms is None else kafka_ms * 1000
        for column in self.columns:
            row = None if row is None else row[column]
        return row

    def microseconds(self, row, kafka_ms):
        at = self.value(row, kafka_ms)
        return at * DAY_US if self.kind == "date" and at is not None else at


class Dimension:
    """A level of the directories."""

    def __init__(self, fields, place, name, logic=None):
        self.place, self.name, self.logic = place, name, logic
        self.in_path_only = logic is None and len(place.columns) == 1

    def level(self, row, kafka_ms):
        text = self.text(row, kafka_ms)
        if text is None:
            return f"{self.name}=__HIVE_DEFAULT_PARTITION__"
        encoded = re.sub(rb"[^A-Za-z0-9_.\x80-\xff-]", lambda byte: b"%%%02X" % byte[0][0], text.encode())
        require(text not in ("", "__HIVE_DEFAULT_PARTITION__") and "\0" not in text
                and len(encoded) <= MAX_DIRECTORY_BYTES, "out_of_range", tuple(self.place.names))
        return f"{self.name}={encoded.decode()}"

    def text(self, row, kafka_ms):
        if self.logic is None:
            value = self.place.value(row, kafka_ms)
            if value is None:
                return None
            text = date_text(value) if self.place.kind == "date" else str(value)
            return text.lower() if self.place.kind == "boolean" else text
        function, zone = self.logic
        at = self.place.microseconds(row, kafka_ms)
        if at is None:
            return None
        if zone:
            at = local_time(at, zone)
            require(FIRST_DAY <= at // DAY_US <= LAST_DAY, "out_of_range", tuple(self.place.names))
        length = {"year": 4, "month": 7}.get(function, 10)
        return date_text(at // DAY_US)[:length] + (f"-{at // HOUR_US % 24:02}" if function == "hour" else "")


def dimensions_of(table, fields):
    """In the order of their positions. A column of a directory's level has another name than all others."""
    found = []
    for field, path in partitioned(table["properties"], ""):
        logic = re.fullmatch(r"(\w+)\(`?(.*?)`?(?:, '([^']+)')?\)", field.get("transformLogic", ""))
        place = Place(fields, logic[2] if logic else path)
        found.append((field["partitionKeyPosition"], place, field, logic and logic.group(1, 3)))
    dimensions = []
    for _, place, field, logic in sorted(found, key=lambda one: one[0]):
        own = [one for one in fields if logic is None and place.columns == [one.column]]
        column = own[0].column if own else field.get("physicalName") or field["name"] or "empty"
        taken = {one.column.lower() for one in fields if one not in own} | {one.name.lower() for one in dimensions}
        name = re.sub(r"[^A-Za-z0-9_.\x80-\U0010ffff-]", "_", column.lstrip("_."))
        while name.lower() in taken:
            name += "_"
        for one in own:
            one.column, place.columns = name, [name]
        dimensions.append(Dimension(fields, place, name, logic))
    return dimensions


def partitioned(properties, path):
    """(field, its JSON Pointer or name) of each partition dimension."""
    for field in properties:
        here = f"{path}/{field['name'].replace('~', '~0').replace('/', '~1')}"
        if field.get("partitioned"):
            yield field, here if path else field["name"]
        yield from partitioned(field.get("properties", ()), here)
