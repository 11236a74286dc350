"""Random records of a random table: mostly such as producers write, and some of every kind of wrong one."""
import json
import re
from datetime import datetime, timedelta
from decimal import Context, Decimal

from oracle import rules
from oracle.days import date_text
from oracle.random_tables import DAY_MS, FORMATS, NOW_MS, PATTERNS
from oracle.strict_json import Json
from oracle.times import EPOCH_DIGITS, PARTS, formatter_of

EXACT = Context(prec=100)
# Of records, and of headers.
KEYS = [None, b"", b"key", b"5", b"5.5", b"true", b'"q"', b"null", b"\xff", b"2025-10-30", b"2025-10-30T18:04:11Z",
        b"1761825600000", b'{"id": 7, "of": {"x y": "t", "n": null}}', b'{"id": "7", "of": 5}', b'{"id":', b"[1]"]
HEADERS = ["trace", "trace-id", "x"]
ODD_NUMBERS = """0 -0 -0.0 0e5 1e3 1.0 1.50 5.5 1E+2 25e-1 1e-2 1e400 -1e400 1e-400 -1e-400 -1.5 00
0e999999999999999999999 1e999999999999999999999 1e-999999999999999999999 9007199254740991 9007199254740992
9007199254740993 9007199254740992.5 -9007199254740993 2147483647 2147483648 -2147483648 -2147483649
9223372036854775807 9223372036854775808 8.5e22 1e22 -9223372036854775808 -9223372036854775809 18446744073709551615
18446744073709551616 9223372036854775807.0 5e-1 1e38 1e37 92233720368547758070e-1 922337203685477580.7e1 1e23
999999999999999999 1000000000000000000 123456789012345678.9 0.1 0.10 1234567890123456789012345
99999999999999999999999999999999999999 100000000000000000000000000000000000000 12.345
-99999999999999999999999999999999999999 9.9999999999999999999999999999999999999e37 0.3000000000000000001 4.9e-324
12.340000000000000000000000 0.00000000000000000000000000000000000001 0.000000000000000000000000000000000000001
2.4703282292062327e-324 2.4703282292062328e-324 2.2250738585072011e-308 1.7976931348623157e308 1.7976931348623159e308
253402300799 253402300800 253402300799999 253402300800000 253402300799999999 253402300800000000 -62167219200
-62167219201 1761825600.1234567 -0.0000001 01 -01 +1 1. .5 1e 1e+ - -a 1_000 0x10 NaN Infinity""".split()
ODD_TIMESTAMPS = """2025-10-30T18:04:11Z 2025-10-30t18:04:11z 2025-10-30T18:04:11 2025-10-30T18:04Z
2024-02-29T00:00:00Z 2023-02-29T00:00:00Z 1900-02-29T00:00:00Z 2000-02-29T00:00:00Z 2025-04-31T00:00:00Z
2025-13-01T00:00:00Z 2025-00-01T00:00:00Z 2025-01-00T00:00:00Z 2025-10-30T24:00:00Z 2025-10-30T23:60:00Z
2025-10-30T23:59:60Z 2016-12-31T23:59:60Z 2016-12-31T23:59:60.999Z 2017-01-01T05:29:60+05:30 2015-06-30T15:59:60-08:00
2016-12-31T23:58:60Z 2016-12-31T23:59:61Z 2025-10-30T18:04:11+24:00 2025-10-30T18:04:11+23:59
2025-10-30T18:04:11-23:59 2025-10-30T18:04:11-00:00 2025-10-30T18:04:11+05:60 2025-10-30T18:04:11+0530
2025-10-30T18:04:11+5:30 2025-10-30T18:04:11. 2025-10-30T18:04:11.Z 2025-10-30T18:04:11,5Z
2025-10-30T18:04:11.1234567890123456789Z 1969-12-31T23:59:59.9999999Z 0000-01-01T00:00:00Z 0000-01-01T00:00:00+00:01
9999-12-31T23:59:59.999999999Z 9999-12-31T23:59:59-00:01 2025-10-31T12:00:00Z 2025-10-31T12:00:00.001Z
2025-10-31T12:00:00.0009Z 2025-10-29T12:00:00Z 2025-10-29T11:59:59.9999Z""".split() + ["2025-10-30 18:04:11Z", ""]
ODD_TIMESTAMPS += """2025-10-30T18:04:11+0530 2025-10-30T18:04:11-08 2025-10-30T18:04+01:00
2025-10-30T18:04:11+01:00[Europe/Berlin] 2025-10-30T18:04:11[Europe/Berlin]
2025-10-30T18:04:11+05: 2025-10-30T18:04:11+5 2025-10-30T18:04:11UTC
1761825600 1761825600000 1761825600000000 1761825600000000000 946684799 4102444800
01761825600 17618256001 0""".split() + [
    "2025-10-30 18:04:11 +0000 UTC", "2025-10-30 18:04:11.5 +0100 CET", "2025-10-30 18:04:11+00",
    "2025-10-30  18:04:11Z",
    "2025-10-30 18:04", "2025-10-30 18:04:11 CET", "2025-10-30 18:04:11Z ", "2025-10-30 24:04Z", "2025-02-30 18:04Z",
    "2025-10-30 18:04:11,5Z", "2025-10-30 18:04:11 +0000 ", "2025-10-30 18:04:11 +0000 1",
    "2025-10-30T18:04:11+01:00[]"]
ODD_DATES = """30.10.2025 31.02.2025 1/1/2025 01/13/2025 20251030 20250230 0 5.5 1e3
2025-10-30 2025-10-31 2024-02-29 2023-02-29 1900-02-29 2000-02-29 0000-02-29 0000-01-01 9999-12-31
10000-01-01 2025-1-1 2025-10-3 25-10-30 +2025-01-01 -2025-01-01 2025/10/30 20251030 2025-10-30Z 2025-10-32 2025-04-31
2025-13-01 2025-00-10 2025-10-00 2025-10-30T00:00:00Z""".split() + ["", "2025-10-30 ", "２０２５-10-30"]
ODD_TIMES = """00:00 00:00:00 23:59:59 23:59:59.9999999 08:30:00.5 24:00:00 23:60:00 23:59:60 08:30: 08:30:00.
8:30 08:30:00Z 08:30:00+01:00 T08:30:00 0830 083000 08:30:0 08:30.5""".split() + ["", " 08:30"]
ODD_TEXTS = [*"😀é\x7f\u2028\ufeff\uffff\"\\/5 ", "", "a/b=c%", "..", "__HIVE_DEFAULT_PARTITION__", "\0", "a\0b",
             "\n\t\r\b\f\x01\x1f", "A" * 16, "A" * 17, "x" * 200, "x" * 201, "ä" * 101, "/" * 66, "/" * 67, "x" * 700]
ANY_JSON = ["null", "null", "true", "false", "5", "5.5", '"5"', "{}", "[]", '[1, [2, {"a" : [ ]}]]', '{"a":1, "b":{}}']
NOT_QUITE_JSON = ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a":{},"a"', "nul", "True", "", "'x'", "[1,]", "[,1]",
                  "{,}", '{"a"}', '{"a":}', "{a:1}", '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ud83dx"', "1 2",
                  '"\\ud83d\\n"', '"\\ud83d\\u0041"', '"\\ud83d\\u12"', '"\\ud83d\\ud83d\\ude00"', '"\\u00zz"', '"\\x"',
                  '"\\', '"a', '"a\nb"', '"\t"', *("[" * depth + "]" * depth for depth in range(60, 65)), '{"a":' * 70]
UNKNOWN = [*'zA~é 😀\x7f\x01"\\', "", *"/y a/b _extra by_date event_id_ event_id_of_shoq created_at_by_the_shoq".split()]


def random_headers(draw):
    """None, or a list of objects of name and value; a name may come twice."""
    some = [{"key": draw.choice(HEADERS), "value": draw.choice(KEYS)} for _ in range(draw.choice([0, 0, 1, 2, 3]))]
    return some or None


class Writer:
    """Writes as producers do: runs of records that are alike, texts that come again, now and then something else."""

    def __init__(self, draw, table):
        self.draw = draw
        self.fields = [field for field in table["properties"] if "transformLogic" not in field]
        self.recent, self.rules, self.left = {}, {}, 0
        self.oddity = draw.choice([0, 0.01, 0.03, 0.06])

    def record(self):
        if self.left == 0:  # another run
            self.left, self.shapes = self.draw.choice([1, 3, 20, 130, 300]), {}
            self.comma, self.colon, self.pad = self.draw.choice([(",", ":", "")] * 3 + [(", ", ": ", "")] * 2 + [
                (",\n  ", ": ", "\n"), (" ,", "\t:", " "), (",", " : ", ""), (",\r\n", ":", "")])
        self.left -= 1
        return self.spoiled(self.members(self.fields, ()).encode())

    def shape(self, fields, path):
        """The names of an object's members: those of this run, and now and then others."""
        draw = self.draw
        if path not in self.shapes:
            names = [field["name"] for field in fields if field["required"] or draw.random() < 0.7]
            names = draw.choice([names, draw.sample(names, len(names))])
            for name in draw.sample(UNKNOWN, draw.choice([0, 0, 0, 1, 2])):
                names.insert(draw.randint(0, len(names)), name)
            self.shapes[path] = names
        names = list(self.shapes[path])
        if names and draw.random() < 0.03:
            name = names.pop(draw.randrange(len(names)))
            for _ in range(draw.choice([0, 0, 1, 1, 1, 2])):
                names.insert(draw.randint(0, len(names)), name)
        return names

    def members(self, fields, path):
        known = {field["name"]: field for field in fields}
        names = self.shape(fields, path)
        texts = [self.text(self.spelling(known.get(name), name, names), 0.01) + self.colon
                 + self.value(known.get(name), (*path, name)) for name in names]
        return "{" + self.pad + self.comma.join(texts) + self.pad + "}"

    def spelling(self, field, name, names):
        """The member's name, or an alias of it if it comes once."""
        aliases = rules.Field(field).aliases if field and names.count(name) == 1 else []
        return self.draw.choice(aliases) if aliases and self.draw.random() < 0.3 else name

    def text(self, value, escapes=0.05):
        """A JSON string, in which some characters may be escaped that need not be."""
        if self.draw.random() > escapes:
            return json.dumps(value, ensure_ascii=False)
        return '"' + "".join(self.draw.choice([json.dumps(at)[1:-1], escaped(at)]) for at in value) + '"'

    def value(self, field, path):
        """Mostly one that the contract takes, and often one that stood here lately."""
        draw = self.draw
        if field is None or not field["required"] and draw.random() < 0.05:
            return draw.choice(ANY_JSON) if field is None else "null"
        if draw.random() < self.oddity:
            return draw.choice(draw.choice([ANY_JSON, NOT_QUITE_JSON] * 4 + [*self.recent.values()]))
        kind = rules.kind_of(field)
        if kind == "json":
            return draw.choice(ANY_JSON[2:])
        if kind == "map":
            key, value = field["map"]["key"], field["map"]["value"]
            names = [self.text(self.likely_text(key)) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
            names = names if draw.random() < self.oddity else dict.fromkeys(names)
            entries = [name + self.colon + self.value(value, (*path, 0)) for name in names]
            return "{" + self.comma.join(entries) + "}"
        if kind == "object":
            return self.members(field["properties"], path)
        if kind == "array":
            elements = (self.value(field["items"], (*path, 0)) for _ in range(draw.choice([0, 1, 2, 2, 3, 7])))
            return "[" + self.comma.join(elements) + "]"
        recent = self.recent.setdefault(path, [])
        if not recent or draw.random() < 0.5:
            recent.append(self.scalar(field, path))
            del recent[:-6]
            return recent[-1]
        return draw.choice(recent)

    def scalar(self, field, path):
        if self.draw.random() < self.oddity:
            return self.odd_scalar(field)
        rule = self.rules.setdefault(path, rules.Field(field))
        for _ in range(20):
            text, to = self.likely_scalar(field), rules.Reading()
            rule.read(Json(text).whole(), (), to)
            if not to.wrong:
                break
        return text

    def odd_scalar(self, field):
        odd = {"string": ODD_TEXTS, "date": ODD_DATES, "time": ODD_TIMES,
               "timestamp": ODD_TIMESTAMPS}.get(field["logicalType"])
        if odd and field.get("logicalTypeOptions", {}).get("format") not in EPOCH_DIGITS:
            return self.text(self.draw.choice(odd), 0.01)
        near = [f"{EXACT.add(at, Decimal(more)):f}" for at in number_bounds(field) for more in ("0", "1", "-1", ".01")]
        return self.draw.choice(self.draw.choice([near or ODD_NUMBERS, ODD_NUMBERS]))

    def likely_scalar(self, field):
        """One that the contract takes more often than not."""
        draw, kind = self.draw, field["logicalType"]
        if kind == "boolean":
            return draw.choice(["true", "false"])
        if kind == "string":
            return self.text(self.likely_text(field))
        if kind != "timestamp" and "enum" in field:
            return draw.choice(field["enum"])["value"]
        if "multipleOf" in field.get("logicalTypeOptions", {}):
            return f"{EXACT.multiply(Decimal(field['logicalTypeOptions']['multipleOf']), draw.randint(-50, 5000)):f}"
        unit = EPOCH_DIGITS.get(field.get("logicalTypeOptions", {}).get("format"))
        if unit is not None:
            return f"{Decimal(NOW_MS * 1000 + draw.randint(-10**11, 10**11)).scaleb(-unit):f}"
        pattern = field.get("logicalTypeOptions", {}).get("format")
        if kind in ("date", "time", "timestamp") and pattern not in (None, "rfc3339") and draw.random() < 0.9:
            text = self.in_pattern(pattern)
            return text if text.isdigit() and text[0] != "0" and draw.random() < 0.2 else self.text(text, 0.01)
        if kind == "time":
            return self.text(self.likely_time("clock")[11:19], 0.01)
        if kind in ("date", "timestamp"):
            return self.text(self.likely_time(kind), 0.01)
        if kind == "number" and "physicalType" not in field:
            number = draw.choice([draw.random(), draw.uniform(-1e6, 1e6), float(draw.randint(-999, 9999)),
                                  draw.gauss(0, 1) * 10.0 ** draw.randint(-300, 300)])
            return draw.choice([repr(number), repr(number), f"{number:.3f}", f"{number:.25e}", repr(number).upper()])
        precision, scale = map(int, re.findall(r"[0-9]+", field.get("physicalType", "")) or (18, 0))
        digits, bounds = draw.choice([precision, *range(1, min(precision, 9) + 1)]), number_bounds(field)
        unscaled = draw.randint(-3, 3) if bounds else draw.randint(-10 ** digits + 1, 10 ** digits - 1)
        text = f"{EXACT.add(draw.choice(bounds or [Decimal(0)]), Decimal(unscaled).scaleb(-scale, EXACT)):f}"
        return text + ("0" * draw.choice([0, 0, 0, 1, 3]) if "." in text else ".0" if draw.random() < 0.02 else "")

    def likely_text(self, field):
        draw, options = self.draw, field.get("logicalTypeOptions", {})
        if "enum" in field:
            return draw.choice(field["enum"])["value"]
        if options.get("format") in FORMATS:
            return draw.choice(FORMATS[options["format"]] * 3 + ["", "a", "a b@c", "YQ=", "123e4567"])
        if "pattern" in options:
            return "".join(draw.choice(PATTERNS[options["pattern"]]) for _ in range(draw.randint(1, 4)))
        low = options.get("minLength", 0) or int(field.get("partitioned", False))
        length = draw.randint(low, max(low, min(options.get("maxLength", low + 12), low + 25)))
        text = "".join(draw.choice(draw.choice(["abcxyz019-", "abcxyz019-", "éß😀 /%"])) for _ in range(length))
        return text if options or draw.random() < 0.7 else "texts-that-begin-all-alike-" + text

    def likely_time(self, kind):
        draw = self.draw
        text = date_text(NOW_MS // DAY_MS + draw.choice([0, 0, -1, 1, -draw.randint(0, 20_000)]))
        if kind == "date":
            return text
        if kind == "timestamp" and draw.random() < 0.1:
            epoch = NOW_MS // 1000 * 1000 ** draw.choice([0, 1, 2, 3])
            return str(epoch if draw.random() < 0.9 else draw.randint(0, 10**20))
        fraction = "".join(draw.choices("0123456789", k=draw.choice([0, 3, 3, 3, 6, 9, draw.randint(1, 9)])))
        zone = draw.choice(["Z", "Z", "Z", "+02:00", "-11:30", "+14:00", "+00:00", "+0530", " UTC", "-08",
                            " +0100 CET"])
        clock = f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}"
        return f"{text}{draw.choice('TTT ')}{clock}{'.' * bool(fraction)}{fraction}{zone}"

    def in_pattern(self, pattern):
        draw = self.draw
        before_ms = draw.choice([0, 1, 20_000]) * draw.randint(0, DAY_MS)
        at = datetime(1970, 1, 1) + timedelta(milliseconds=NOW_MS - before_ms)
        text, left_out = "", 0
        for found in PARTS.finditer(formatter_of(pattern)):
            part = found[0]
            left_out += (part == "[") * (left_out > 0 or draw.random() < 0.4) - (part == "]") * (left_out > 0)
            text += "" if left_out or part in "[]" else written(part, at, draw) if found[1] is None else found[1]
        return text

    def spoiled(self, value):
        """The record, now and then broken."""
        draw = self.draw
        if draw.random() >= self.oddity * 3:
            return value
        at, to = draw.choices(range(len(value)), k=2)
        digit = draw.choice([*re.finditer(rb"[0-9]|$", value)]).start()
        no_utf8 = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80"]
        inserted = draw.choice([*no_utf8, *[draw.choice('"{},:0 \\\0[').encode()] * 5])
        names = [field["name"] for field in self.fields if "customProperties" not in field]  # none that may be there
        again = self.text(draw.choice(names or [UNKNOWN[0]])) + ":" + draw.choice(ANY_JSON + NOT_QUITE_JSON)
        return draw.choice([
            None, b"", b" ", b"null", b"5", b'"x"', value[:at], value[:at] + value[to:], value[:at] + value[at + 1:],
            value[:at] + inserted + value[at:], value[:at] + bytes([draw.randrange(256)]) + value[at + 1:],
            value[:at] + bytes([value[at] ^ 1 << draw.randrange(8)]) + value[at + 1:],
            *[value[:digit] + draw.choice("0123456789").encode() + value[digit + 1:]] * 4,
            value[:-1] + f",{again}}}".encode(), value + draw.choice([b" ", b"\n", b"\0", b"x", b"{}", b","]),
            b" \t\r\n" + value, b"\xef\xbb\xbf" + value, b"[" + value + b"]"])


def escaped(character):
    units = character.encode("utf-16-be").hex("-", 2).split("-")
    return "\\/" if character == "/" else "".join(f"\\u{unit.upper()}" for unit in units)


def number_bounds(field):
    options = field.get("logicalTypeOptions", {}) if field["logicalType"] in ("integer", "number") else {}
    return [Decimal(options[name]) for name in rules.BOUNDS if name in options]


def written(part, at, draw):
    """A part of a pattern."""
    words = [f"{at:%b}", f"{at:%b}".upper()]
    zones = ["Z", "+0200", "-08:30", "UTC", "+01"]
    texts = {"yyyy": [f"{at:%Y}"], "YYYY": [f"{at:%Y}"], "yy": [f"{at:%y}"], "MM": [f"{at:%m}"], "M": [f"{at.month}"],
             "MMM": words, "dd": [f"{at:%d}"], "DD": [f"{at:%d}"], "d": [f"{at.day}"], "HH": [f"{at:%H}"],
             "hh": [f"{at:%I}"], "mm": [f"{at:%M}"], "ss": [f"{at:%S}"], "SSS": ["5", "250", "123456", "999999999"],
             "a": [f"{at:%p}", f"{at:%p}".lower()], "EEE": [f"{at:%a}"], "X": zones, 3 * "X": zones, "Z": zones}
    return draw.choice(texts.get(part, [part]))
