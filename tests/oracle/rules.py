"""A second reading of the decoder's rules, slow and plain, made from docs/contract.md, docs/formats.md and
docs/quarantine.md. Where those leave something open, a comment "Taken so" gives the choice made here. It shares no
code with the core, and reads each record by itself: it predicts nothing and remembers nothing.

Times are integers, in microseconds or days since 1970-01-01 UTC, so that every year of the rules can be compared.
"""
import math
import operator
import re
from decimal import Context, Decimal

from oracle.days import DAY_US, HOUR_US
from oracle.elsewhere import read_elsewhere
from oracle.places import Place, dimensions_of
from oracle.strict_json import JSON_NUMBER, MAX_BYTES, Refused, Value, number_parts, read_json, require
from oracle.times import EPOCH_DIGITS, Times, any_epoch, epoch_number

BOUNDS = {"minimum": operator.ge, "maximum": operator.le,
          "exclusiveMinimum": operator.gt, "exclusiveMaximum": operator.lt}
UNITS_US = {"ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": HOUR_US, "d": DAY_US}
# Those whose grammar is a short one.
FORMATS = {"uuid": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
           "email": re.compile(r"[^\x00- ]+@[^@\x00- ]+"),
           "byte": re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")}
EXACT = Context(prec=100)
MAX_VIOLATIONS = 100
SPACES = "\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # ECMA-262's \s


# --- Values -------------------------------------------------------------------------------------------------------

def integer(text, bits):
    sign, digits, exponent = number_parts(text)
    require(not digits or exponent >= 0, "wrong_type")
    require(not digits or len(digits) + exponent < 20, "out_of_range")
    number = sign * int(digits) * 10 ** exponent if digits else 0
    require(-(1 << bits - 1) <= number < 1 << bits - 1, "out_of_range")
    return number


def decimal(text, precision, scale):
    sign, digits, exponent = number_parts(text)
    require(not digits or exponent + scale >= 0 and len(digits) + exponent + scale <= precision, "out_of_range")
    return Decimal(sign * int(digits) * 10 ** (exponent + scale) if digits else 0).scaleb(-scale, Context(prec=100))


def double(text):
    number = float(text)  # rounds to the nearest; what is too small becomes 0
    require(not math.isinf(number), "out_of_range")
    return number


# --- Fields -------------------------------------------------------------------------------------------------------

def compiled(pattern):
    """ECMA-262's meaning in Python's words. Knows no `.` and `$` that stand for themselves, nor `\\s` in brackets."""
    for theirs, ours in ((".", r"[^\n\r\u2028\u2029]"), ("$", r"\Z"), (r"\s", f"[{SPACES}]"), (r"\S", f"[^{SPACES}]")):
        pattern = pattern.replace(theirs, ours)
    return re.compile(pattern, re.ASCII)


def scalar(field):
    """(JSON kind, text of a value -> value, text of a bound -> value)"""
    options = field.get("logicalTypeOptions", {})
    physical = field.get("physicalType", "").upper()
    if field["logicalType"] == "integer":
        bits = 32 if physical in ("INTEGER", "INT") or options.get("format") == "i32" else 64
        return "number", lambda text: integer(text, bits), int
    if field["logicalType"] == "number":
        found = re.fullmatch(r"(?:DECIMAL|NUMERIC)\(([0-9]+)(?:,([0-9]+))?\)", physical)
        if not found:
            return "number", double, float
        precision, scale = int(found[1]), int(found[2] or 0)
        return "number", lambda text: decimal(text, precision, scale), Decimal
    if options.get("format") in EPOCH_DIGITS:
        return "number", lambda text: epoch_number(text, EPOCH_DIGITS[options["format"]]), times_of(field).bound
    if field["logicalType"] in ("date", "time", "timestamp"):
        times = times_of(field)
        return "string", times.read, times.bound
    return {"string": ("string", str, None), "boolean": ("boolean", bool, None)}[field["logicalType"]]


def times_of(field):
    return Times(field["logicalType"], field.get("logicalTypeOptions", {}), field.get("physicalType"))


def kind_of(field):
    """The logical type, or json: any value, whose content the contract does not describe."""
    kind = field.get("logicalType", "json")
    return "json" if kind == "object" and not field.get("properties") else kind


class Field:
    """The contract of one field, of the elements of an array, or of a map's keys or values."""

    def __init__(self, field, lenient=False, coerce=()):
        """`lenient`: the table sets wrong values to null; `coerce`: what the field around it, or the table, coerces."""
        self.name, self.kind = field.get("name"), kind_of(field)
        self.column = field.get("physicalName") or self.name or "empty"
        self.aliases = custom_of(field).get("aliases", [])
        self.source = custom_of(field).get("kafka.source")
        self.required = field.get("required", False)
        wrong = custom_of(field).get("onWrongValue")
        self.lenient = (lenient if wrong is None else wrong == "setNull") and not self.required and not self.source
        self.coerce = custom_of(field).get("coerce", coerce)
        inside = lenient, self.coerce
        self.key = Field(field["map"]["key"]) if self.kind == "map" else None
        self.value = Field(field["map"]["value"], *inside) if self.kind == "map" else None
        self.members = [Field(member, *inside) for member in field.get("properties", ())]
        self.items = Field(field["items"], *inside) if "items" in field else None
        options = field.get("logicalTypeOptions", {})
        self.enum = [entry["value"] for entry in field.get("enum", ())]
        self.items_allowed = options.get("minItems", 0), options.get("maxItems", MAX_BYTES)
        self.unique_items = options.get("uniqueItems", False)
        self.format = FORMATS.get(options.get("format"))
        self.pattern = compiled(options["pattern"]) if "pattern" in options else None
        self.lengths = options.get("minLength", 0), options.get("maxLength", MAX_BYTES)
        times = times_of(field) if self.kind in ("date", "time", "timestamp") else None
        self.only_pattern = times is not None and times.only_pattern
        takes_epochs = not self.only_pattern and options.get("format") not in (*EPOCH_DIGITS, "rfc3339")
        self.any_timestamp = self.kind == "timestamp" and takes_epochs
        self.json_kind = "object" if self.kind == "map" else self.kind
        if self.kind not in ("object", "array", "map", "json"):
            self.json_kind, self.parse, bound = scalar(field)
            self.bounds = {name: bound(str(options[name])) for name in BOUNDS if name in options}
            self.multiple = bound(str(options["multipleOf"])) if "multipleOf" in options else None
            self.enum = [bound(str(value)) for value in self.enum] if self.json_kind == "number" else self.enum

    def read(self, value, path, to):
        """The column's value, or nothing, with what is wrong in `to`. A null where a value is required, and an object
        without a required member, are wrong values at their place in the text; only what the record itself lacks is
        found at the end."""
        try:
            return self.value_of(value, path, to)
        except Refused as refused:
            to.wrong.append((refused.reason, path))

    def coerced(self, value):
        """The value that another one stands for."""
        if value.kind == "string" and value.content == "" and "emptyAsNull" in self.coerce and self.kind != "json":
            return Value("null", "null", None)
        takes_numbers = self.json_kind == "number" or self.json_kind == "boolean" and "numbersAsBooleans" in self.coerce
        if (value.kind == "string" and "numbersInStrings" in self.coerce and takes_numbers
                and JSON_NUMBER.fullmatch(value.content)):
            value = Value("number", value.content, None)
        if (value.kind == "number" and self.json_kind == "boolean" and "numbersAsBooleans" in self.coerce
                and value.text in ("0", "1")):
            value = Value("boolean", value.text, value.text == "1")
        return value

    def value_of(self, value, path, to):
        value = self.coerced(value)
        if value.kind == "null":
            require(not self.required, "missing_field")
            return None
        if self.kind == "json":
            return value.text
        if self.any_timestamp and value.kind == "number":
            parsed = any_epoch(value.text)
            self.check(parsed)
            return parsed
        if self.only_pattern and value.kind == "number":
            value = Value("string", value.text, value.text)
        require(value.kind == self.json_kind, "wrong_type")
        if self.kind == "map":
            return [self.read_entry(name, member, (*path, name), to) for name, member in value.content]
        if self.kind == "object":
            return read_members(self.members, value, path, to)
        if self.kind == "array":
            found = [self.items.read(element, (*path, i), to) for i, element in enumerate(value.content)]
            require(self.items_allowed[0] <= len(found) <= self.items_allowed[1], "bad_length")
            # Elements are compared where the record is right so far.
            is_unique = not self.unique_items or to.wrong or len({repr(one) for one in found}) == len(found)
            require(is_unique, "out_of_range")
            return found
        parsed = self.parse(value.text if value.kind == "number" else value.content)
        self.check(parsed)
        return parsed

    def read_entry(self, name, member, path, to):
        return self.key.read(Value("string", None, name), path, to), self.value.read(member, path, to)

    def check(self, parsed):
        """Of several rules that a text breaks, `enum` comes first, then the lengths, `pattern` and `format`. Of those
        that a number breaks, the bounds come first."""
        require(self.json_kind == "number" or not self.enum or parsed in self.enum, "not_in_enum")
        require(self.kind != "string" or self.lengths[0] <= len(parsed) <= self.lengths[1], "bad_length")
        require(not self.pattern or self.pattern.search(parsed), "pattern_mismatch")
        require(self.kind != "string" or not self.format or self.format.fullmatch(parsed), "pattern_mismatch")
        for name, bound in self.bounds.items():
            require(BOUNDS[name](parsed, bound), "out_of_range")
        if self.json_kind == "number" and self.kind != "timestamp":
            require(not self.enum or parsed in self.enum, "not_in_enum")
            require(not self.multiple or is_multiple(parsed, self.multiple), "out_of_range")


def is_multiple(number, of):
    """A double is a multiple if it is next to the double of one."""
    if not isinstance(number, float):
        return EXACT.remainder(Decimal(number), Decimal(of)) == 0
    if math.isinf(number / of):
        return True
    multiple = float(round(number / of)) * of
    return number == multiple or math.nextafter(multiple, number) == number


class Doubled(Exception):
    """A member is there under two of its names."""


class Reading:
    """What a record says beside its columns: the members that the contract does not know, and what breaks it."""

    def __init__(self):
        self.extra, self.wrong = [], []  # texts; (reason, path)


def read_members(fields, value, path, to):
    known = {name: field for field in fields for name in (field.name, *field.aliases)}
    row = {}
    for name, member in value.content:
        if name in known:
            if known[name].name in row:
                raise Doubled
            field, extra, wrong = known[name], len(to.extra), len(to.wrong)
            row[field.name] = field.read(member, (*path, field.name), to)
            if field.lenient and len(to.wrong) > wrong:
                row[field.name] = None
                del to.wrong[wrong:], to.extra[extra:]
                to.extra.append(extra_member((*path, field.name), member.text))
        else:
            to.extra.append(extra_member((*path, name), member.text))
    for field in fields:
        if field.name not in row and field.required:
            to.wrong.append(("missing_field", (*path, field.name)))
    return {field.column: row.get(field.name) for field in fields}


def extra_member(path, text):
    """Names are written anew, with no more escapes than JSON needs."""
    name = path[0]
    if len(path) > 1 or name.startswith("/"):
        name = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
    name = re.sub(r'["\\]', r"\\\g<0>", name)
    name = re.sub(r"[\x00-\x1f]", lambda found: f"\\u{ord(found[0]):04x}", name)
    return f'"{name}":{text}'


# --- Records ------------------------------------------------------------------------------------------------------

def duration_us(text):
    number, unit = re.fullmatch(r"([0-9]+)([a-z]+)", text).groups()
    return int(number) * UNITS_US[unit]


def custom_of(field):
    return {entry["property"]: entry["value"] for entry in field.get("customProperties", ())}


def path_text(path):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".") or None


class Oracle:
    """A table of a contract, as YAML would give it."""

    def __init__(self, table):
        settings = custom_of(table)
        lenient, coerce = settings.get("onWrongValue") == "setNull", settings.get("coerce", ())
        self.fields = [Field(field, lenient, coerce) for field in table["properties"] if "transformLogic" not in field]
        for field in self.fields:
            field.column = "extra" if field.column == "_extra" else field.column
        self.dimensions = dimensions_of(table, self.fields)
        self.of_several_topics = settings["kafka.topic"][0] == "^" or isinstance(settings["kafka.topic"], list)
        self.key = settings.get("kafka.key")
        self.tombstones = settings.get("kafka.tombstones") == "rows"
        self.event_time = Place(self.fields, settings["eventTime"]) if "eventTime" in settings else None
        self.max_ahead = duration_us(settings.get("eventTime.maxAhead", "1d"))
        self.max_behind = duration_us(settings.get("eventTime.maxBehind", "9999999d"))

    def decode(self, record, now_ms):
        """("tombstones",), ("rejects", [(reason, field), ...]) or ("rows", columns without the record's position). The
        record's timestamp is one that counts, or None."""
        if record["value"] is None and not self.tombstones:
            return ("tombstones",)
        to, kafka_ms = Reading(), record["timestamp"]
        try:
            row = self.read(record, to)
            if not to.wrong:
                self.check_event_time(row, kafka_ms, now_ms)
                directory = "/".join(dimension.level(row, kafka_ms) for dimension in self.dimensions)
        except Refused as refused:
            to.wrong = [(refused.reason, refused.path)]
        except Doubled:
            to.wrong = [("duplicate_member", ())]
        if to.wrong:
            return "rejects", [(reason, path_text(path)) for reason, path in to.wrong[:MAX_VIOLATIONS]]
        for dimension in self.dimensions:
            if dimension.in_path_only:
                row.pop(*dimension.place.columns)
        flag = {"_kafka_tombstone": record["value"] is None} if self.tombstones else {}
        return "rows", row | flag | {"_extra": "{" + ",".join(to.extra) + "}" if to.extra else None,
                                     "_partition": directory}

    def read(self, record, to):
        """The row, from the value first, and then from the record's key, headers and coordinates."""
        tombstone = record["value"] is None
        elsewhere = [field for field in self.fields if field.source or tombstone and field.name == self.key]
        of_value = [field for field in self.fields if field not in elsewhere]
        if tombstone:
            row = {field.column: None for field in of_value}
        else:
            row = read_members(of_value, read_json(record["value"]), (), to)
        for field in elsewhere:
            row[field.column] = read_elsewhere(field, record, to)
        return {field.column: row[field.column] for field in self.fields}

    def check_event_time(self, row, kafka_ms, now_ms):
        at = self.event_time and self.event_time.microseconds(row, kafka_ms)
        if at is not None:
            ahead = at - (now_ms if kafka_ms is None else kafka_ms) * 1000
            require(-self.max_behind <= ahead <= self.max_ahead, "bad_timestamp", tuple(self.event_time.names))
