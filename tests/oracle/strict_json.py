"""The oracle's JSON: one complete text of RFC 8259 in UTF-8 without doubled members, or the reason of quarantine."""
import re
from collections import namedtuple

MAX_BYTES, MAX_DEPTH = 1 << 20, 64

JSON_SPACE = re.compile(r"[ \t\n\r]*")
JSON_PLAIN = re.compile(r'[^"\\\x00-\x1f]*["\\]')
JSON_HEX = re.compile(r"[0-9a-fA-F]{4}")
JSON_ESCAPED = re.compile(r'["\\/bfnrtu]')
JSON_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
JSON_LITERAL = {"t": ("boolean", "true", True), "f": ("boolean", "false", False), "n": ("null", "null", None)}
JSON_ESCAPE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Refused(Exception):
    def __init__(self, reason, path=()):
        self.reason, self.path = reason, path


def require(is_fine, reason, path=()):
    if not is_fine:
        raise Refused(reason, path)


# `kind` is object, array, string, number, boolean or null; `text` is the record's, unchanged; `content` is
# [(name, Value)], [Value], the text without escapes, True or False.
Value = namedtuple("Value", "kind text content")


class Json:
    """One complete JSON text, or why it is none."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def whole(self):
        value = self.value(1)
        self.take(JSON_SPACE)
        require(self.at == len(self.text), "not_json")
        return value

    def value(self, depth):
        self.take(JSON_SPACE)
        begin, first = self.at, self.text[self.at:self.at + 1]
        if first in ("{", "["):
            require(depth <= MAX_DEPTH, "too_deep")
            names = set()
            kind, content = ("object", self.several("}", lambda: self.member(depth, names))) if first == "{" else (
                "array", self.several("]", lambda: self.value(depth + 1)))
        elif first == '"':
            kind, content = "string", self.string()
        elif first in JSON_LITERAL:
            kind, word, content = JSON_LITERAL[first]
            self.expect(word)
        else:
            kind, content = "number", None
            self.take(JSON_NUMBER)
        return Value(kind, self.text[begin:self.at], content)

    def several(self, close, one):
        """The comma-separated elements between brackets."""
        self.at += 1
        found = []
        while not self.is_next(close):
            if found:
                self.expect(",")
            found.append(one())
        return found

    def member(self, depth, names):
        name = self.string()
        self.expect(":")
        require(name not in names, "duplicate_member")
        names.add(name)
        return name, self.value(depth + 1)

    def string(self):
        self.expect('"')
        parts = []
        while True:
            *plain, end = self.take(JSON_PLAIN)
            parts += plain
            if end == '"':
                return "".join(parts)
            parts.append(self.escape())

    def escape(self):
        letter = self.take(JSON_ESCAPED)
        if letter != "u":
            return JSON_ESCAPE[letter]
        unit = int(self.take(JSON_HEX), 16)
        if not 0xD800 <= unit <= 0xDFFF:
            return chr(unit)
        # Taken so: an escape behind a first half is read before it is asked whether it is the second one.
        require(unit < 0xDC00 and self.text.startswith("\\u", self.at), "not_utf8")
        self.at += 2
        second = int(self.take(JSON_HEX), 16)
        require(0xDC00 <= second <= 0xDFFF, "not_utf8")
        return chr(0x10000 + (unit - 0xD800) * 0x400 + second - 0xDC00)

    def take(self, pattern):
        found = pattern.match(self.text, self.at)
        require(found, "not_json")
        self.at = found.end()
        return found[0]

    def is_next(self, character):
        self.take(JSON_SPACE)
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def expect(self, word):
        self.take(JSON_SPACE)
        require(self.text.startswith(word, self.at), "not_json")
        self.at += len(word)


def read_json(value):
    require(len(value) <= MAX_BYTES, "too_large")
    try:
        record = Json(value.decode()).whole()
    except UnicodeDecodeError as error:
        # Instead of `not_json` wherever such bytes stand; before other reasons only where they are met first.
        try:
            Json(value[:error.start].decode()).whole()
        except Refused as refused:
            raise Refused(refused.reason.replace("not_json", "not_utf8")) from None
        raise Refused("not_utf8") from None
    require(record.kind == "object", "not_an_object")
    return record


def number_parts(text):
    """(sign, digits, exponent): the number is sign * digits * 10^exponent; digits neither begin nor end with 0."""
    sign, whole, fraction, exponent = JSON_NUMBER.fullmatch(text).groups(default="")
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    return (-1 if sign else 1), kept, int(exponent or 0) - len(fraction) + len(digits) - len(kept)
