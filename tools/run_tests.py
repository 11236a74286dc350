"""Runs the project's tests in groups, the fast ones first, and ends with one line: `N passed, N failed`.

  .forebay/venv/bin/python tools/run_tests.py all | GROUP...

Every group is run even if an earlier one fails. A group that can't be built, or that crashes or hangs, counts as a
failure. Whatever was run, the last check is that it left no process behind. Results go to .forebay/test-results.
"""
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / ".forebay" / "test-results"
RELEASE = os.environ.get("BUILD", "build/release")
JOBS = os.environ.get("JOBS") or str(os.cpu_count())
RUN_MARK = "FOREBAY_TEST_RUN"  # every process that a test starts carries it in its environment
UNIT_TIMEOUT_S = 36_000 if os.environ.get("NIGHT") else 600
PYTEST_TIMEOUT_S = 36_000 if os.environ.get("NIGHT") else 5400
LOG_SHOWN = 20_000
SLOWEST_SHOWN = 10
WHY_SHOWN = 200
# The rooms whose tests start threads of their own.
THREADED = ("kafka", "decode", "produce", "store", "commit", "native", "read", "status", "verify", "serve")


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    # What failed, a line each, as far as it has a name; said again at the end.
    failures: tuple = field(default=(), compare=False)

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped,
                     self.failures + other.failures)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def say(text):
    print(text, flush=True)


def run(command, timeout_s, extra_environment=None, output=None):
    """The exit status, or None after a time-out; what the command started in its session is then killed with it."""
    environment = dict(os.environ, **(extra_environment or {}))
    process = subprocess.Popen([str(word) for word in command], cwd=ROOT, env=environment, start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT if output else None)
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        say(f"  {Path(command[0]).name}: still running after {timeout_s} s; killed.")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        raise


def read_counts(report):
    """What a GoogleTest or JUnit XML report counts; one failure when there is no readable report."""
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        return Count(failed=1, failures=(f"{report.stem}: it ended without a report",))
    count = Count()
    for case in cases:
        failures = [*case.iter("failure"), *case.iter("error")]
        if failures:
            why = (failures[0].get("message") or "").strip().splitlines() or [""]
            count += Count(failed=1, failures=(f"{case.get('classname')}.{case.get('name')}: {why[0][:WHY_SHOWN]}",))
        elif case.find("skipped") is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
            count.skipped += 1
        else:
            count.passed += 1
    return count


def checked(count, status):
    """A program that says nothing failed and yet does not exit with 0 has failed."""
    return count + Count(failed=1) if status != 0 and count.failed == 0 else count


# --- The kinds of groups -----------------------------------------------------------------------------------------

def build(preset, directory, targets=()):
    say(f"  building {directory} ...")
    status = run(["tools/build", preset, directory, JOBS, *targets], timeout_s=7200)
    if status != 0:
        say(f"  {directory} could not be built.")
    return status == 0


def rooms_with_tests():
    return sorted({test.parent.name for test in (ROOT / "src").glob("*/*_test.cc")})


def run_gtest(name, program, extra_environment=None, tests="*", part=""):
    """What it prints is shown only when something failed; what it counts (lines that begin with two spaces) always."""
    report = RESULTS / f"{name}-{program.name}{part and '-' + part}.xml"
    log = report.with_suffix(".log")
    began = time.monotonic()
    with open(log, "wb") as output:
        status = run([program, "--gtest_brief=1", f"--gtest_filter={tests}", f"--gtest_output=xml:{report}"],
                     UNIT_TIMEOUT_S, extra_environment, output)
    count = checked(read_counts(report), status)
    printed = log.read_text(errors="replace")
    if count.failed:
        say(printed[-LOG_SHOWN:])
    counted = "".join(f"  {line}\n" for line in printed.splitlines() if line.startswith("  "))
    say(f"  {program.name}{part and ' ' + part}: {count} ({time.monotonic() - began:.1f} s)\n{counted}".rstrip("\n"))
    return count


def gtest_programs(name, runs, extra_environment=None):
    """Two at a time, each (its program, its tests, a name for them): none of them needs more than a core."""
    with ThreadPoolExecutor(2) as workers:
        counts = list(workers.map(
            lambda one: run_gtest(name, one[0], extra_environment, tests=one[1], part=one[2]), runs))
    return sum(counts, Count())


def gtest_group(name, preset, directory, rooms, extra_environment=None, tests="*"):
    programs = [f"{room}_test" for room in rooms]
    if not programs:
        return Count()
    if not build(preset, directory, programs):
        return Count(failed=1)
    return gtest_programs(name, [(ROOT / directory / program, tests, "") for program in programs], extra_environment)


def pytest_group(name, *paths, python=sys.executable, flags=(), output=None):
    paths = [path for path in paths if (ROOT / path).exists()]
    if not paths:
        return Count()
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", f"--junitxml={report}", *flags, *paths]
    status = run(command, PYTEST_TIMEOUT_S, output=output)
    return checked(read_counts(report), status)


def pytest_beside(name, path, waiting):
    """The tests of a folder, and beside them its files that mostly wait; what those print is shown at their end."""
    waiting = [f"{path}/{file}" for file in waiting]
    log = RESULTS / f"{name}-waiting.log"
    with open(log, "wb") as output, ThreadPoolExecutor(1) as beside:
        waited = beside.submit(pytest_group, f"{name}-waiting", *waiting, output=output)
        count = pytest_group(name, path, flags=[f"--ignore={file}" for file in waiting])
        count += waited.result()
    say(log.read_text(errors="replace")[-LOG_SHOWN:].rstrip("\n"))
    return count


# --- The groups --------------------------------------------------------------------------------------------------

def tools():
    if not build("release", RELEASE, ["_core"]):
        return Count(failed=1)
    return pytest_group("tools", "tests/tools")


def unit():
    rooms = rooms_with_tests()
    asked = os.environ.get("ROOM")
    if asked and asked not in rooms:
        sys.exit(f"run_tests: ROOM is '{asked}', and can be one of {', '.join(rooms)}.")
    return gtest_group("unit", "release", RELEASE, [asked] if asked else rooms)


def python():
    if not build("release", RELEASE, ["forebay", "_core"]):
        return Count(failed=1)
    return pytest_group("python", "tests/contract", "tests/python")


def spark():
    if not build("release", RELEASE, ["forebay", "_core"]) or not build("hooks", "build/hooks", ["forebay", "_core"]):
        return Count(failed=1)
    return pytest_group("spark", "tests/spark", python=ROOT / ".forebay/venv-spark/bin/python")


def docs():
    """Every command of the README, as it is written there."""
    if not build("release", RELEASE, ["all", "_core"]):
        return Count(failed=1)
    return pytest_group("docs", "tests/docs")


def package():
    return pytest_group("package", "tests/package")


def airflow():
    """With Airflow's own Python; the Spark engine has its own, too."""
    if not build("release", RELEASE, ["forebay", "_core"]):
        return Count(failed=1)
    return pytest_group("airflow", "tests/airflow", python=ROOT / ".forebay" / "venv-airflow" / "bin" / "python")


def asan():
    settings = {"UBSAN_OPTIONS": "print_stacktrace=1"}
    return gtest_group("asan", "asan", "build/asan", rooms_with_tests(), settings)


def tsan():
    # Arrow and librdkafka come without ThreadSanitizer's instrumentation: what they do among themselves is not judged.
    settings = {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"}
    rooms = [room for room in rooms_with_tests() if room in THREADED]
    # Crashes at every operation are enumerated on one thread, with AddressSanitizer; here they would only take long.
    return gtest_group("tsan", "tsan", "build/tsan", rooms, settings, tests="*-*.*PowerCut*:*.FailureOfEveryOperation")


def verdict(log):
    """The line of a fuzzer's output that says what it found."""
    lines = log.read_text(errors="replace").splitlines()
    said = (line[:WHY_SHOWN] for line in lines if line.startswith(("forebay: ", "SUMMARY: ")))
    return next(said, "it ended without a verdict")


def fuzz():
    fuzzers = sorted(source.stem for source in (ROOT / "fuzz").glob("*_fuzz.cc"))
    if not fuzzers:
        return Count()
    if not build("asan", "build/asan", fuzzers):
        return Count(failed=1)
    count = Count()
    for fuzzer in fuzzers:
        seconds = int(os.environ.get("FUZZ_SECONDS", "10"))
        corpus = ROOT / ".forebay" / "fuzz" / fuzzer
        corpus.mkdir(parents=True, exist_ok=True)
        seeds = ROOT / "fuzz" / "corpus" / fuzzer
        log = RESULTS / f"{fuzzer}.log"
        with open(log, "wb") as output:
            status = run([ROOT / "build/asan" / fuzzer, f"-max_total_time={seconds}", "-timeout=10",
                          "-rss_limit_mb=2048", f"-artifact_prefix={corpus}-", corpus,
                          *([seeds] if seeds.is_dir() else [])], seconds + 120, output=output)
        if status != 0:
            say(log.read_text(errors="replace")[-LOG_SHOWN:])
        say(f"  {fuzzer}: {seconds} s, {'nothing found' if status == 0 else 'FOUND something'}")
        count += Count(passed=1) if status == 0 else Count(failed=1, failures=(f"{fuzzer}: {verdict(log)}",))
    return count


def integration():
    if not build("release", RELEASE, ["forebay", "_core"]):
        return Count(failed=1)
    return pytest_beside("integration", "tests/integration", ["test_produce.py"])


def faults():
    if not build("release", RELEASE, ["forebay", "_core"]):
        return Count(failed=1)
    return pytest_beside("faults", "tests/faults", ["test_kafka.py"])


# The long tests of a build with test hooks: (program, its tests, what they are).
LONG_TESTS = (("commit_test", "PowerCutTest.*", "power-cuts"),
              ("commit_test", "*/CrashProduct.*", "crash-points"),
              ("ledger_test", "Model.*:ModelLog.*", "model"),
              ("commit_test", "*/ManyLanders.*:LockFile.*", "many-landers"),
              ("commit_test", "CommitKill.*:SystemCallKill.*", "kills"))


def crash():
    # Some of it needs switches that a release does not have.
    hooked = ["forebay", "store_test", "ledger_test", "commit_test", "_core"]
    if not build("release", RELEASE, ["forebay", "_core"]) or not build("hooks", "build/hooks", hooked):
        return Count(failed=1)
    long_tests = [(ROOT / "build/hooks" / program, tests, part) for program, tests, part in LONG_TESTS]
    return gtest_programs("crash", long_tests) + pytest_group("crash", "tests/crash")


def leftovers():
    """No process that the run started is still there (and so no port either). What is found is ended."""
    mark = f"{RUN_MARK}={os.environ[RUN_MARK]}".encode()
    left = []
    clean_looks = 0  # a process that is just being started has an empty environment for a moment: one look may miss it
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = [pid for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
                if pid != os.getpid() and mark in read_or_empty(f"/proc/{pid}/environ").split(b"\0")]
        clean_looks = 0 if left else clean_looks + 1
        if clean_looks == 2:
            return Count(passed=1)
        time.sleep(0.1)
    for pid in left:
        command = read_or_empty(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode(errors="replace")
        say(f"  process {pid} was left behind: {command}")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return Count(failed=1)


def read_or_empty(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def cpu_seconds():
    """CPU time of the processes that ended so far, and of those that they waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def slowest_tests(reports, count):
    """The slowest test cases of these XML reports: (seconds, group and name), the slowest first."""
    cases = []
    for report in reports:
        try:
            found = ET.parse(report).getroot().iter("testcase")
            cases += [(float(case.get("time", 0)), f"{report.stem}: {case.get('classname')}.{case.get('name')}")
                      for case in found]
        except (OSError, ET.ParseError):
            continue
    return sorted(cases, reverse=True)[:count]


GROUPS = {group.__name__: group
          for group in (tools, unit, python, integration, spark, airflow, docs, package, fuzz, asan, tsan, crash,
                        faults)}


def main(names):
    if names == ["all"]:
        names = list(GROUPS)
    unknown = [name for name in names if name not in GROUPS]
    if unknown or not names:
        print(f"run_tests.py: choose from: all {' '.join(GROUPS)}", file=sys.stderr)
        return 2
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    os.environ[RUN_MARK] = uuid.uuid4().hex
    rows = []
    for number, name in enumerate([*names, "leftovers"], 1):
        say(f"== {name} ({number} of {len(names) + 1})")
        began, cpu_began = time.monotonic(), cpu_seconds()
        count = (GROUPS | {"leftovers": leftovers})[name]()
        rows.append((name, count, time.monotonic() - began, cpu_seconds() - cpu_began))
    say(f"\n  {'group':<12} {'wall':>9} {'CPU':>9}   tests")
    for name, count, seconds, cpu in rows:
        say(f"  {name:<12} {seconds:7.1f} s {cpu:7.1f} s   {count}")
    say("\n  The slowest tests:")
    for seconds, name in slowest_tests(RESULTS.glob("*.xml"), SLOWEST_SHOWN):
        say(f"  {seconds:7.1f} s   {name}")
    total = sum((count for _, count, _, _ in rows), Count())
    for failure in total.failures:
        say(f"  failed: {failure}")
    say(f"{total.passed} passed, {total.failed} failed")
    return 0 if total.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
