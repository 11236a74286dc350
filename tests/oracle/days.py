"""Days, and local times, of the Gregorian calendar from year 0 to 9999, in numbers since 1970-01-01."""
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from oracle.strict_json import Refused

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
DAYS_OF_400_YEARS = 146_097


def days_since_epoch(year, month, day):
    """Of the Gregorian calendar, which repeats itself every 400 years, from year 0 on."""
    try:
        ordinal = date(400 + year % 400, month, day).toordinal()
    except ValueError:
        raise Refused("bad_timestamp") from None
    return ordinal + (year // 400 - 1) * DAYS_OF_400_YEARS - date(1970, 1, 1).toordinal()


def date_text(days):
    cycles, rest = divmod(days - FIRST_DAY, DAYS_OF_400_YEARS)
    at = date.fromordinal(date(400, 1, 1).toordinal() + rest)
    return f"{at.year - 400 + 400 * cycles:04}-{at:%m-%d}"


FIRST_DAY, LAST_DAY = days_since_epoch(0, 1, 1), days_since_epoch(9999, 12, 31)


def datetime_of(microseconds):
    """One with the same rules of time zones. zoneinfo knows the years 1 to 9999. The last rules repeat themselves with
    the calendar, every 400 years, and before the first ones there is local mean time."""
    seconds = microseconds // 1_000_000
    first, last = (days_since_epoch(year, 1, 1) * 86_400 for year in (2, 2400))
    if seconds >= last:
        seconds = last + (seconds - last) % (DAYS_OF_400_YEARS * 86_400)
    return datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=max(seconds, first))


def local_time(microseconds, zone):
    return microseconds + datetime_of(microseconds).astimezone(ZoneInfo(zone)).utcoffset() // timedelta(microseconds=1)


def instant_of(local, zone):
    """The first instant at which clocks of the zone show a local time; of one that they skip, as much later as they
    are set forward."""
    return local - datetime_of(local).replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset() // timedelta(microseconds=1)
