"""Texts and numbers that are dates, times and timestamps: the part of the rules that is about them."""
import re

from oracle.days import DAY_US, FIRST_DAY, LAST_DAY, date_text, days_since_epoch, instant_of
from oracle.strict_json import Refused, number_parts, require

FIRST_US, END_US = 946_684_800_000_000, 4_102_444_800_000_000  # the years 2000 to 2099
EPOCH_DIGITS = {"epoch-seconds": 6, "epoch-millis": 3, "epoch-micros": 0, "epoch-nanos": -3}
LOCAL_TYPES = ("TIMESTAMP_NTZ", "DATETIME")

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# RFC 3339, 5.6: its T and Z may be small letters; a space instead of the T is not of its grammar.
TIMESTAMP = re.compile(DATE.pattern + r"[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
                       r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?")
# What else means one instant: without a T, without seconds, with other offsets, with the name of the zone.
LENIENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)? *"
                     r"(?:(UTC|GMT|Z|z)|([+-])([0-9]{2})(?::?([0-9]{2}))?)(?: [A-Za-z]+|\[[^\]]+\])?")
# What is written without an offset.
LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# A pattern in parts: quoted text, runs of a letter, and other characters.
PARTS = re.compile(r"'([^']*)'|([A-Za-z])\2*|.")
# What stands for a part. A fraction has any number of digits up to nine.
WRITTEN = {"yyyy": "(?P<year>[0-9]{4})", "yy": "(?P<short_year>[0-9]{2})", "MM": "(?P<month>[0-9]{2})",
           "M": "(?P<month>[0-9]{1,2})", "MMM": f"(?P<name>(?i:{'|'.join(MONTHS)}))", "dd": "(?P<day>[0-9]{2})",
           "d": "(?P<day>[0-9]{1,2})", "HH": "(?P<hour>[0-9]{2})", "hh": "(?P<half_hour>[0-9]{2})",
           "mm": "(?P<minute>[0-9]{2})", "ss": "(?P<second>[0-9]{2})", "SSS": "(?P<fraction>[0-9]{1,9})",
           "a": "(?P<half>(?i:am|pm))", "EEE": f"(?P<weekday>(?i:{'|'.join(WEEKDAYS)}))", "T": "T",
           "X": "(?P<offset>UTC|GMT|Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)", "[": "(?:", "]": ")?"}
WRITTEN |= {3 * "X": WRITTEN["X"], "Z": WRITTEN["X"], "YYYY": WRITTEN["yyyy"], "DD": WRITTEN["dd"]}
STRFTIME = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss", "%f": "SSS", "%b": "MMM",
            "%z": "X"}


def within_years(microseconds):
    """Times are those of the years 0000 to 9999, in UTC."""
    require(FIRST_DAY <= microseconds // DAY_US <= LAST_DAY, "bad_timestamp")
    return microseconds


def day(text):
    found = DATE.fullmatch(text)
    require(found, "bad_timestamp")
    return days_since_epoch(*map(int, found.groups()))


def time_of_day(text):
    found = TIME.fullmatch(text)
    require(found, "bad_timestamp")
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    require(hour < 24 and minute < 60 and second < 60, "bad_timestamp")
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(f"{found[4] or '':0<6.6}")


def timestamp(text):
    found = TIMESTAMP.fullmatch(text)
    require(found, "bad_timestamp")
    year, month, day_of_month, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, *offset = found.groups()[6:]
    offset_hour, offset_minute = (int(part or 0) for part in offset)
    require(hour < 24 and minute < 60 and second < 61 and offset_hour < 24 and offset_minute < 60, "bad_timestamp")
    minutes = days_since_epoch(year, month, day_of_month) * 1440 + hour * 60 + minute
    minutes -= (offset_hour * 60 + offset_minute) * (-1 if sign == "-" else 1)
    if second < 60:
        return within_years((minutes * 60 + second) * 1_000_000 + int(f"{fraction or '':0<6.6}"))
    # A leap second is the last one of a month, in UTC (RFC 3339, 5.7); of any month of any year.
    days, minute_of_day = divmod(minutes + 1, 1440)
    require(minute_of_day == 0 and date_text(days).endswith("-01"), "bad_timestamp")
    return within_years(days * DAY_US - 1)


def any_epoch(text):
    """In the unit in which it is of this century."""
    for digits in EPOCH_DIGITS.values():
        try:
            at = epoch_number(text, digits)
        except Refused:
            continue
        if FIRST_US <= at < END_US:
            return at
    raise Refused("bad_timestamp")


def epoch_number(text, digits_of_unit):
    """Finer digits are cut off towards the past, as those of a text are, before 1970 too."""
    sign, digits, exponent = number_parts(text)
    exponent += digits_of_unit
    require(not digits or len(digits) + exponent < 20, "bad_timestamp")
    if not digits or len(digits) + exponent < 0:
        return min(sign, 0) if digits else 0
    number = sign * int(digits)
    return within_years(number * 10 ** exponent if exponent >= 0 else number // 10 ** -exponent)


def formatter_of(pattern):
    """A pattern of strftime as one of DateTimeFormatter."""
    return re.sub("%.", lambda found: STRFTIME[found[0]], pattern)


class Pattern:
    def __init__(self, pattern):
        parts = [(found[1], found[0]) for found in PARTS.finditer(formatter_of(pattern))]
        self.texts = re.compile("".join(re.escape(quoted) if quoted is not None else WRITTEN.get(part, re.escape(part))
                                        for quoted, part in parts))
        self.has_offset = "offset" in self.texts.groupindex
        begin = formatter_of(pattern).replace("YYYY-MM-DD", "yyyy-MM-dd")
        half_days = "half" in self.texts.groupindex
        self.is_iso = begin.startswith("yyyy-MM-dd") and not half_days or begin.startswith("HH:mm")

    def read(self, text):
        """(days, microseconds since midnight, minutes of the offset or None)"""
        found = self.texts.fullmatch(text)
        require(found, "bad_timestamp")
        part = {name: value for name, value in found.groupdict().items() if value is not None}
        hour, minute, second = (int(part.get(name, 0)) for name in ("hour", "minute", "second"))
        if "half_hour" in part:
            require(1 <= int(part["half_hour"]) <= 12, "bad_timestamp")
            hour = int(part["half_hour"]) % 12 + 12 * (part["half"].lower() == "pm")
        require(hour < 24 and minute < 60 and second < 60, "bad_timestamp")
        days = None
        if "day" in part:
            month = MONTHS.index(part["name"].lower()) + 1 if "name" in part else int(part["month"])
            days = days_since_epoch(int(part.get("year") or "20" + part["short_year"]), month, int(part["day"]))
            require("weekday" not in part or WEEKDAYS[(days + 3) % 7] == part["weekday"].lower(), "bad_timestamp")
        clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(f"{part.get('fraction', ''):0<6.6}")
        return days, clock, offset_of(part["offset"]) if "offset" in part else None


def offset_of(text):
    if text[0] not in "+-":
        return 0
    hours, minutes = int(text[1:3]), int(text[3:].strip(":") or 0)
    require(hours < 24 and minutes < 60, "bad_timestamp")
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


class Times:
    """How the texts of a field are read, which is a date, a time or a timestamp."""

    def __init__(self, kind, options, physical):
        self.kind, form, self.zone = kind, options.get("format"), options.get("defaultTimezone")
        known = (*EPOCH_DIGITS, "rfc3339")
        self.pattern = Pattern(form) if form and form not in known else None
        self.only_pattern = self.pattern is not None and not self.pattern.is_iso
        self.only_rfc3339 = form == "rfc3339"
        says_so = not options.get("timezone", physical not in LOCAL_TYPES)
        has_offset = form in known or self.pattern and self.pattern.has_offset
        self.is_local = kind == "timestamp" and says_so and not has_offset and not self.zone
        if self.pattern and not self.pattern.has_offset and not self.is_local:
            self.zone = self.zone or "UTC"

    def read(self, text):
        if self.pattern:
            try:
                return self.of(*self.pattern.read(text))
            except Refused:
                if self.only_pattern:
                    raise
        if self.kind != "timestamp":
            return {"date": day, "time": time_of_day}[self.kind](text)
        if self.only_rfc3339:
            return timestamp(text)
        if re.fullmatch("[1-9][0-9]*", text):
            return any_epoch(text)
        if found := LOCAL.fullmatch(text):
            days, minutes, seconds = found.groups()
            at = timestamp(f"{days}T{minutes}{seconds or ':00'}Z")
            return self.of(at // DAY_US, at % DAY_US, None)
        found = LENIENT.fullmatch(text)
        require(found, "bad_timestamp")
        days, minutes, seconds, utc, sign, hours, rest = found.groups()
        require(not self.is_local or utc or int(hours + (rest or "00")) == 0, "bad_timestamp")
        return timestamp(f"{days}T{minutes}{seconds or ':00'}" + ("Z" if utc else f"{sign}{hours}:{rest or '00'}"))

    def of(self, days, clock, offset):
        if self.kind != "timestamp":
            return days if self.kind == "date" else clock
        at = days * DAY_US + clock
        if offset is not None:
            return within_years(at - offset * 60_000_000)
        require(self.is_local or self.zone, "bad_timestamp")
        return at if self.is_local else within_years(instant_of(at, self.zone))

    def bound(self, text):
        """Without an offset, it is in the default zone, or in UTC."""
        reader = Times(self.kind, {}, None)
        reader.pattern, reader.is_local, reader.zone = self.pattern, self.is_local, self.zone or "UTC"
        return reader.read(text + " 00:00" if self.kind == "timestamp" and DATE.fullmatch(text) else text)
