"""Counts of passed and failed tests, from reports in GoogleTest's and JUnit's XML."""
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

REASON_SHOWN = 200


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    # One line for each failure that has a name; the run prints them again at its end.
    failures: tuple = field(default=(), compare=False)

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped,
                     self.failures + other.failures)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def failure(line):
    return Count(failed=1, failures=(line,))


def read_counts(report):
    """The counts of an XML report; one failure when there is no readable report."""
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        return failure(f"{report.stem}: it ended without a report")
    count = Count()
    for case in cases:
        failures = [*case.iter("failure"), *case.iter("error")]
        if failures:
            reason = (failures[0].get("message") or "").strip().splitlines() or [""]
            count += failure(f"{case.get('classname')}.{case.get('name')}: {reason[0][:REASON_SHOWN]}")
        elif case.find("skipped") is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
            count.skipped += 1
        else:
            count.passed += 1
    return count


def checked(count, status):
    """Adds a failure when a program reports none and still does not exit with 0."""
    return count + Count(failed=1) if status != 0 and count.failed == 0 else count


def slowest_tests(reports, number):
    """The slowest test cases of these XML reports: (seconds, group and name), the slowest first."""
    cases = []
    for report in reports:
        try:
            found = ET.parse(report).getroot().iter("testcase")
            cases += [(float(case.get("time", 0)), f"{report.stem}: {case.get('classname')}.{case.get('name')}")
                      for case in found]
        except (OSError, ET.ParseError):
            continue
    return sorted(cases, reverse=True)[:number]
