"""Random contracts, and the contracts that may have come before them."""
import json
import os
import re
from decimal import Context, Decimal

import forebay
from oracle import rules
from oracle.times import EPOCH_DIGITS, LOCAL_TYPES, Pattern

NOW_MS, DAY_MS = 1_761_825_600_000, 86_400_000  # it is 2025-10-30T12:00:00Z
EXACT = Context(prec=100)

# A pattern, and the characters of texts that may match it.
PATTERNS = {"^[A-Z]{2}$": "ABZ", r"^\d+$": "0189", "b.d": "bda", r"^\w*$": "a_9Z", r"^\S+\s\S+$": "xxyx \xa0",
            "^(?:ab|ba)*$": "ab", "^[^,;]{1,5}$": "é,x😀", "^é?[a-f]$": "éaf"}
# Formats of texts, with some that have them.
FORMATS = {"uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-42661417400F"],
           "email": ["a@b.org", "é+x@b", "a@b@c"], "byte": ["", "YQ==", "YWI=", "YWJj"]}
# Days of 23 and 25 hours and of none, offsets of a quarter of an hour, midnights that are skipped or come twice.
ZONES = ["America/New_York", "America/St_Johns", "America/Havana", "America/Sao_Paulo", "Asia/Kathmandu",
         "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Europe/Berlin", "Etc/GMT+12", "UTC"]
# Among them long ones that begin alike, and some as long as one and two words of a machine.
NAMES = [*"abcdefghijklmno", "@type", "a-b", "dot.ted", "$id", "x y", "größe", "1st", 'quo"te', "back\\slash", "tab\t",
         "/", "_extra", "_x", "", "event_id", "event_id_of_shop", "created_at_by_the_shop", "created_at_by_the_user",
         "ID"]
TIME_PATTERNS = {
    "date": ["yyyy-MM-dd", "dd.MM.yyyy", "d/M/yyyy", "yyyyMMdd", "MMM d, yyyy", "YYYY-MM-DD", "%d-%m-%Y", "MM/dd/yy"],
    "time": ["HH:mm", "hh:mm a", "HHmmss", "HH:mm:ss,SSS", "HH'h'mm"],
    "timestamp": ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "dd.MM.yyyy HH:mm[:ss]",
                  "yyyy-MM-ddTHH:mm:ssZ", "MM/dd/yyyy hh:mm a", "yyyyMMddHHmmss",
                  "EEE, dd MMM yyyy HH:mm:ss Z", "%Y-%m-%d %H:%M:%S.%f",
                  "yyyy-MM-dd", "%d/%b/%Y:%H:%M:%S %z", "dd.MM.yyyy[ HH:mm[X]]"]}
COERCIONS = ["numbersInStrings", "numbersAsBooleans", "emptyAsNull"]


def seeds(count):
    """As many as a test runs, unless ORACLE_SEEDS and ORACLE_FIRST_SEED say otherwise."""
    first = int(os.environ.get("ORACLE_FIRST_SEED", "1"))
    return range(first, first + int(os.environ.get("ORACLE_SEEDS", count)))


# --- Contracts ----------------------------------------------------------------------------------------------------

def random_bounds(draw, low, high):
    """One or two rules, with room between them. Numbers are texts, so that all their digits are kept."""
    options = {draw.choice(["minimum", "exclusiveMinimum"]): low, draw.choice(["maximum", "exclusiveMaximum"]): high}
    return dict(draw.sample(list(options.items()), draw.choice([1, 2])))


def rules_of_string(draw):
    low, values = draw.choice([0, 1, 2, 10]), draw.sample(["new", "é", "a b", "X", "a" * 20, '"', "\\n"], 4)
    high = low + draw.choice([0, 6, 30])
    options = [{"minLength": low}, {"maxLength": high}, {"minLength": low, "maxLength": high},
               *[{"pattern": draw.choice([*PATTERNS])}] * 3]
    options += [{"format": draw.choice([*FORMATS])}] * 2
    return draw.choice([{}, {}, {"enum": [{"value": value} for value in values]},
                        *[{"logicalTypeOptions": draw.choice(options)}] * 2])


def rules_of_integer(draw):
    low = draw.choice([0, 1, -5, -2147483648, 2147483600])
    bounds = random_bounds(draw, str(low), str(low + draw.choice([3, 40])))
    return draw.choice([{"physicalType": "INTEGER"}, {"physicalType": "bigint"}, {}, {"logicalTypeOptions": bounds},
                        {"enum": [{"value": str(at)} for at in (low, low + 2, 7)]},
                        {"logicalTypeOptions": {"multipleOf": draw.choice(["1", "5", "1000"])}},
                        {"logicalTypeOptions": {"format": "i32"}}])


def rules_of_number(draw):
    if draw.random() < 0.4:
        return draw.choice([{}, {"logicalTypeOptions": random_bounds(draw, draw.choice(["-2.5", "0.1"]), "1000.5")},
                            {"logicalTypeOptions": {"multipleOf": draw.choice(["0.01", "0.25", "3"])}},
                            {"enum": [{"value": value} for value in ("0.1", "5", "-2.5")]}])
    precision = draw.choice([1, 5, 9, 12, 18, 19, 38, draw.randint(1, 38)])
    scale = draw.choice([0, min(2, precision), precision, draw.randint(0, precision)])
    low, step = draw.choice([0, -1, 1, -5]), Decimal(1).scaleb(-scale)
    bounds = random_bounds(draw, f"{low * step:f}", f"{(low + 3) * step:f}")
    return {"physicalType": draw.choice(["DECIMAL", "numeric"]) + f"({precision},{scale})",
            "logicalTypeOptions": draw.choice([{}, bounds])}


def rules_of_timestamp(draw):
    low = draw.choice(["2016-12-31T23:59:59Z", "2016-12-31", "2017-01-01 10:00:00+1000"])
    bounds = random_bounds(draw, low, draw.choice(["2025-10-30T18:04:11Z", "2025-10-30 20:04"]))
    options = draw.choice([{}, {}, {}, bounds])
    if draw.random() < 0.5:
        return {"logicalTypeOptions": options | draw.choice([{}, {}, *(
            {"format": unit} for unit in ("rfc3339", *EPOCH_DIGITS))])}
    pattern = draw.choice([None, *TIME_PATTERNS["timestamp"]])
    options = options | ({"format": pattern} if pattern else {})
    if draw.random() < 0.3 and pattern and Pattern(pattern).has_offset:
        return {"logicalTypeOptions": options}
    if "+1000" in str(options) or draw.random() < 0.5:
        return {"logicalTypeOptions": options | {"defaultTimezone": draw.choice(ZONES)}}
    if draw.random() < 0.5:
        return {"logicalTypeOptions": options, "physicalType": draw.choice(LOCAL_TYPES)}
    return {"logicalTypeOptions": options | {"timezone": False}}


def random_field(draw, name, kinds=None, depth=0):
    kind = draw.choice(kinds or ["string"] * 4 + ["integer", "number"] * 3 + ["boolean", "date"] + ["timestamp"] * 2
                       + ["time", "json"] + ["object", "array", "map"] * (depth < 3))
    field = {"name": name, "logicalType": kind, "required": draw.random() < 0.3}
    if draw.random() < 0.05:
        field["physicalName"] = f"column of {name}"
    custom = {"aliases": [f"old {name}", f"alias-{name}"]} if name and draw.random() < 0.1 else {}
    if draw.random() < 0.06:
        custom["onWrongValue"] = draw.choice(["reject", "setNull"]) if not field["required"] else "reject"
    if draw.random() < 0.06:
        custom["coerce"] = draw.sample(COERCIONS, draw.randint(1, 3))
    if custom and name not in ("element", "value"):
        field["customProperties"] = [{"property": name, "value": value} for name, value in custom.items()]
    if kind == "json":
        return field | {"logicalType": "object"} | draw.choice([{}, {"properties": []}])
    if kind == "map":
        key = {"logicalType": "string"} | draw.choice([{}, {"required": True}, rules_of_string(draw)])
        return field | {"map": {"key": key, "value": random_field(draw, "value", None, depth + 1)}}
    if kind == "object":
        members = [random_field(draw, member, None, depth + 1) for member in draw.sample(NAMES, draw.randint(1, 5))]
        return field | {"properties": members}
    if kind == "array":
        items = random_field(draw, "element", None, depth + 1)
        options = draw.choice([{}, {}, {"minItems": 1}, {"maxItems": 2}, {"minItems": 1, "maxItems": 3}] + [
            {"uniqueItems": True}] * (items["logicalType"] in ("string", "integer", "date")))
        return field | {"items": items} | ({"logicalTypeOptions": options} if options else {})
    if kind in ("date", "time"):
        low, high = {"date": ("2000-02-29", "2025-10-30"), "time": ("08:30", "17:00:00.5")}[kind]
        options = draw.choice([{}, {}, random_bounds(draw, low, high)])
        if draw.random() < 0.3:
            options = options | {"format": draw.choice(TIME_PATTERNS[kind])}
        return field | ({"logicalTypeOptions": options} if options else {})
    of_kind = {"string": rules_of_string, "integer": rules_of_integer, "number": rules_of_number,
               "timestamp": rules_of_timestamp}.get(kind)
    return field | (of_kind(draw) if of_kind else {})


def random_zone(draw, time):
    """The rest of a function's arguments."""
    if time["logicalType"] == "date" or rules.times_of(time).is_local or draw.random() < 0.5:
        return ""
    return f", '{draw.choice(ZONES)}'"


def from_elsewhere(draw, name):
    """A field from a record's key, a header, or a coordinate."""
    source = draw.choice(["key", "key", "key.id", "key.of.x y", "key/of/n", "header:trace", "header:x", "partition",
                          "offset", "timestamp"])
    kinds = {"partition": ["integer"], "offset": ["integer"], "timestamp": ["integer", "timestamp"]}.get(source)
    field = random_field(draw, name, kinds or ["string", "string", "integer", "number", "boolean", "date", "timestamp",
                                               "json", "object"], 2)
    if kinds:  # of any value that there is
        field = {"name": name, "logicalType": field["logicalType"]}
    return field | {"required": draw.random() < 0.1 and source in ("partition", "offset"),
                    "customProperties": [{"property": "kafka.source", "value": source}]}


def inside(draw, field, name):
    """(a field of the record, how it is named in settings): the field itself, or an object around it. It stays in
    earlier contracts."""
    field["criticalDataElement"] = True  # says nothing to the core; see random_predecessor
    if "customProperties" in field:  # it may have become required
        field["customProperties"] = [one for one in field["customProperties"] if one["property"] != "onWrongValue"]
    if draw.random() < 0.75:
        return field, field["name"]
    members = [random_field(draw, member, None, 2) for member in draw.sample(NAMES, 2) if member != field["name"]]
    outer = {"name": name, "logicalType": "object", "required": draw.random() < 0.5, "criticalDataElement": True,
             "properties": draw.sample([field, *members], len(members) + 1)}
    steps = (step.replace("~", "~0").replace("/", "~1") for step in (name, field["name"]))
    return outer, "/" + "/".join(steps)


def random_table(draw):
    """With up to two partition dimensions, and with an event time or without."""
    names = sorted(draw.sample(NAMES, draw.randint(6, 20)), key="".__eq__)  # settings name no field ""
    time = random_field(draw, names[0], ["timestamp", "timestamp", "date"]) | {"required": draw.random() < 0.8}
    place = random_field(draw, names[1], ["string", "string", "integer", "boolean", "date"]) | {
        "required": draw.random() < 0.8, "primaryKey": True, "primaryKeyPosition": 1}
    (outer_time, to_time), (outer_place, to_place) = inside(draw, time, names[2]), inside(draw, place, names[3])
    fields = [outer_time, outer_place, *(random_field(draw, name) for name in names[4:])]
    if draw.random() < 0.5:
        fields += [from_elsewhere(draw, f"kafka {at}") for at in range(draw.randint(1, 4))]
    functions = ["year", "month", "date", "hour"] if time["logicalType"] == "timestamp" else ["year", "month", "date"]
    for position, dimension in enumerate(draw.sample(["place", *functions], draw.choice([0, 1, 1, 1, 2, 2])), 1):
        source = "_kafka_timestamp" if draw.random() < 0.1 else to_time
        zone = "" if source != to_time else random_zone(draw, time)
        source = draw.choice([source, f"`{source}`"]) if re.fullmatch(r"\w+", source) else f"`{source}`"
        derived = {"name": f"by_{dimension}", "logicalType": "date" if dimension == "date" else "string",
                   "transformLogic": f"{dimension}({source}{zone})"}
        level = place if dimension == "place" else derived
        level |= {"partitioned": True, "partitionKeyPosition": position}
        fields += [derived] if level is derived else []
    settings = {"kafka.topic": "topic", "kafka.key": to_place} | draw.choice([{}, {}, {"kafka.tombstones": "rows"}])
    if draw.random() < 0.15:
        settings["onWrongValue"] = "setNull"
    if draw.random() < 0.15:
        settings["coerce"] = draw.sample(COERCIONS, draw.randint(1, 3))
    if draw.random() < 0.6 and not rules.times_of(time).is_local:
        settings |= {"eventTime": "_kafka_timestamp" if draw.random() < 0.1 else to_time} | draw.choice([
            {}, {"eventTime.maxAhead": "36500d"}, {"eventTime.maxBehind": "25000d"},
            {"eventTime.maxAhead": "36h", "eventTime.maxBehind": "1d"}])
    draw.shuffle(fields)
    settings["kafka.topic"] = draw.choice([*["topic"] * 3, ["topic", "other"], "^(topic|other)$", ["^t.*", "other"]])
    return {"name": "things", "properties": fields,
            "customProperties": [{"property": name, "value": value} for name, value in settings.items()]}


def without_rules(settings):
    """A field, or its logicalTypeOptions, without what says which values of its type are right."""
    rules_of_values = {"enum", "minLength", "maxLength", "pattern", "multipleOf", "minItems", "maxItems", "uniqueItems",
                       *rules.BOUNDS}
    return {name: value for name, value in settings.items() if name not in rules_of_values}


def random_predecessor(draw, fields):
    """Fields that contracts may have had before these, in one lake: some optional ones not yet, some without a rule."""
    before = []
    for field in fields:
        if not field.get("required", True) and "criticalDataElement" not in field and draw.random() < 0.3:
            continue
        if draw.random() < 0.3:
            field = without_rules(field)
            if "logicalTypeOptions" in field:
                field["logicalTypeOptions"] = without_rules(field["logicalTypeOptions"])
        if "properties" in field:
            field = field | {"properties": random_predecessor(draw, field["properties"]) or field["properties"]}
        if "map" in field and (values := random_predecessor(draw, [field["map"]["value"]])):
            field = field | {"map": field["map"] | {"value": values[0]}}
        if "items" in field and (items := random_predecessor(draw, [field["items"]])):
            field = field | {"items": items[0]}
        before.append(field)
    return before


def yaml_of(table, version="v7"):
    """A contract's text. JSON is YAML; texts that are numbers become numbers."""
    contract = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "x", "version": version, "schema": [table]}
    return re.sub(r'"(-?[0-9]+(?:\.[0-9]+)?)"', r"\1", json.dumps(contract))


def contract_of(table):
    return forebay.Contract.parse(yaml_of(table))
