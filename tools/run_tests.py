"""Runs the project's tests in groups, side by side as far as the processor has room, and ends with one line:
`N passed, N failed`.

  .forebay/venv/bin/python tools/run_tests.py all | GROUP...
  .forebay/venv/bin/python tools/run_tests.py --list

Every group is run even if another one fails. A group that can't be built, or that crashes, hangs or is killed, counts
as a failure. Whatever was run, the last check is that it left no process behind. Results go to .forebay/test-results.
"""
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from dev import ROOT
from dev.testrun.counts import Count, checked, failure, read_counts, slowest_tests
from dev.testrun.jobs import Job, Result, Schedule
from dev.testrun.programs import RUN_MARK, leftovers, run, say

RESULTS = ROOT / ".forebay" / "test-results"
RELEASE = os.environ.get("BUILD", "build/release")
CORES = int(os.environ.get("JOBS") or os.cpu_count())
IS_NIGHT = bool(os.environ.get("NIGHT"))
UNIT_TIMEOUT_S = 36_000 if IS_NIGHT else 1800
PYTEST_TIMEOUT_S = 36_000 if IS_NIGHT else 5400
BUILD_TIMEOUT_S = 7200
LOG_SHOWN = 20_000
SLOWEST_SHOWN = 10
REASON_SHOWN = 200
PYTHONS = {"spark": ROOT / ".forebay/venv-spark/bin/python", "airflow": ROOT / ".forebay/venv-airflow/bin/python"}
# The builds that tests with a broker need, and those that also kill the programs with test hooks.
WITH_BROKER = ("build-release", "build-classes")
WITH_HOOKS = (*WITH_BROKER, "build-hooks")
# The rooms whose tests start threads of their own.
THREADED = ("kafka", "decode", "produce", "store", "commit", "native", "read", "status", "verify", "serve")
# The long tests of crashes, a job each: part -> (its program, its tests).
CRASH_PROGRAMS = ("store_test", "ledger_test", "compare_test", "commit_test")
CRASHES = {"power-cuts": ("commit_test", "PowerCutTest.*"),
           "points": ("commit_test", "*/CrashProduct.*"),
           "model": ("ledger_test", "Model.*:ModelLog.*"),
           "landers": ("commit_test", "*/ManyLanders.*:LockFile.*"),
           "kills": ("commit_test", "CommitKill.*:SystemCallKill.*")}
# Enumerations that take minutes under AddressSanitizer; other tests make the same calls.
NOT_ASAN = ":".join((
    "CommitRace.ASecondLanderAtEveryOperationOfTheFirst",
    "CommitTest.AnotherProcessMayRenameAtAnyOperationOfPublishing", "LogLedgerTest.EverySequenceOfFaults",
    "ScenarioTest.EventsFillTheirSpanInOrder", "ScenarioTest.NoEventIsLaterThanTheBound"))
NOT_UNIT = ":".join([*(tests for part, (_, tests) in CRASHES.items() if part != "model"), "CommitKillChild.*"])


# --- The work of a job -------------------------------------------------------------------------------------------

def build(preset, directory, *targets):
    status = run(["tools/build", preset, directory, CORES, *targets], BUILD_TIMEOUT_S)
    return Count() if status == 0 else failure(f"{directory} could not be built")


def rooms_with_tests():
    """All, or the one of ROOM=."""
    rooms = sorted({test.parent.name for test in (ROOT / "src").glob("*/*_test.cc")})
    asked = os.environ.get("ROOM")
    if asked and asked not in rooms:
        sys.exit(f"run_tests: ROOM is '{asked}', and can be one of {', '.join(rooms)}.")
    return [asked] if asked else rooms


def unit_programs():
    return [f"{room}_test" for room in rooms_with_tests()]


def threaded_programs():
    return [f"{room}_test" for room in rooms_with_tests() if room in THREADED]


def fuzzers():
    return sorted(source.stem for source in (ROOT / "fuzz").glob("*_fuzz.cc"))


def run_gtest(name, directory, program, tests, settings):
    """Prints the output only when something failed, but always its counts (lines that begin with two spaces)."""
    report = RESULTS / f"{name}-{program}.xml"
    log = report.with_suffix(".log")
    began = time.monotonic()
    with open(log, "wb") as output:
        status = run([ROOT / directory / program, "--gtest_brief=1", f"--gtest_filter={tests}",
                      f"--gtest_output=xml:{report}"], UNIT_TIMEOUT_S, settings, output)
    count = checked(read_counts(report), status)
    printed = log.read_text(errors="replace")
    if count.failed:
        say(printed[-LOG_SHOWN:])
    counted = "".join(f"  {line}\n" for line in printed.splitlines() if line.startswith("  "))
    say(f"  {program}: {count} ({time.monotonic() - began:.1f} s)\n{counted}".rstrip("\n"))
    return count


def gtest(name, directory, programs, tests="*", settings=None):
    """Two programs at a time: none of them needs more than a core."""
    with ThreadPoolExecutor(2) as workers:
        return sum(workers.map(lambda program: run_gtest(name, directory, program, tests, settings), programs), Count())


def pytest(name, paths, left_out=(), python=sys.executable):
    paths = [path for path in paths if (ROOT / path).exists()]
    if not paths:
        return Count()
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", f"--junitxml={report}", *(f"--ignore={path}" for path in left_out), *paths]
    status = run(command, PYTEST_TIMEOUT_S)
    return checked(read_counts(report), status)


def docker():
    """Where no engine can be had, the tests say so and are counted as skipped."""
    run(["tools/setup", "docker"], BUILD_TIMEOUT_S)
    return pytest("docker", ["tests/docker"])


def verdict(log):
    """The line of a fuzzer's output that names what it found."""
    lines = log.read_text(errors="replace").splitlines()
    found = (line[:REASON_SHOWN] for line in lines if line.startswith(("forebay: ", "SUMMARY: ")))
    return next(found, "it ended without a verdict")


def fuzz():
    return sum((run_fuzzer(fuzzer, int(os.environ.get("FUZZ_SECONDS", "10"))) for fuzzer in fuzzers()), Count())


def run_fuzzer(fuzzer, seconds):
    corpus = ROOT / ".forebay" / "fuzz" / fuzzer
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "fuzz" / "corpus" / fuzzer
    log = RESULTS / f"{fuzzer}.log"
    with open(log, "wb") as output:
        status = run([ROOT / "build/asan" / fuzzer, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                      f"-artifact_prefix={corpus}-", corpus, *([seeds] if seeds.is_dir() else [])], seconds + 120,
                     output=output)
    if status != 0:
        say(log.read_text(errors="replace")[-LOG_SHOWN:])
    say(f"  {fuzzer}: {seconds} s, {'nothing found' if status == 0 else 'FOUND something'}")
    return Count(passed=1) if status == 0 else failure(f"{fuzzer}: {verdict(log)}")


# --- The jobs ----------------------------------------------------------------------------------------------------

def builds():
    yield Job("build-release", partial(build, "release", RELEASE, "forebay", "_core"), CORES)
    yield Job("build-classes", archive_classes, 0.0)  # beside it
    # Links, and the tests of three rooms.
    yield Job("build-hooks", partial(build, "release", RELEASE, "forebay_hooks", "_core_hooks", *CRASH_PROGRAMS), 0.5,
              ("build-release",))


def archive_classes():
    """Brokers start with half the work from then on. Without it, tests only take longer."""
    run([sys.executable, "tools/broker", "archive-classes"], BUILD_TIMEOUT_S)
    return Count()


def later_builds():
    """In the time that tests which wait leave."""
    yield Job("build-unit", lambda: build("release", RELEASE, *unit_programs()), fills=True)
    yield Job("build-asan", lambda: build("asan", "build/asan", *unit_programs(), *fuzzers()), fills=True)
    yield Job("build-tsan", lambda: build("tsan", "build/tsan", *threaded_programs()), fills=True)


def pytest_jobs(group, folder, cores, parts=None, needs=WITH_BROKER):
    """The tests of a folder; `parts` are files of it that run as jobs of their own: part -> (cores, files)."""
    python = PYTHONS.get(group, sys.executable)
    left_out = []
    for part, (part_cores, files) in (parts or {}).items():
        paths = [f"{folder}/{file}" for file in files]
        left_out += paths
        yield Job(f"{group}-{part}", partial(pytest, f"{group}-{part}", paths, python=python), part_cores, needs)
    yield Job(group, partial(pytest, group, [folder], left_out, python), cores, needs)


def crash_jobs():
    yield from pytest_jobs("crash", "tests/crash", 0.5, {
        "random": (0.5, ["test_kill.py", "test_many_landers.py"]), "safeguards": (1.0, ["test_safeguards.py"])},
        needs=WITH_HOOKS)
    settings = {"HISTORIES": os.environ.get("HISTORIES", "1000000"),
                "LOG_HISTORIES": os.environ.get("LOG_HISTORIES", "300")}
    for part, (program, tests) in CRASHES.items():
        sample = {"EVERY": "3"} if part == "points" and not IS_NIGHT else {}
        yield Job(f"crash-{part}", partial(gtest, f"crash-{part}", RELEASE, [program], tests, settings | sample),
                  needs=("build-hooks",))


def sanitizer_jobs():
    # They look for defects of the code, not of the protocol: a release's tests try the enumerations whole.
    settings = {"UBSAN_OPTIONS": "print_stacktrace=1", "LOG_HISTORIES": "5", "EVERY": "1" if IS_NIGHT else "31"}
    yield Job("asan", lambda: gtest("asan", "build/asan", unit_programs(), "*" if IS_NIGHT else f"-{NOT_ASAN}",
                                    settings), 1.6, ("build-asan",))
    yield Job("fuzz", fuzz, 1.0, ("build-asan",))
    # Arrow and librdkafka come without ThreadSanitizer's instrumentation: races inside them are not reported.
    # Crashes at every operation are enumerated on one thread, with AddressSanitizer; here they would only take long.
    yield Job("tsan", lambda: gtest("tsan", "build/tsan", threaded_programs(),
                                    "*-*.*PowerCut*:*.FailureOfEveryOperation",
                                    {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"}), 1.6, ("build-tsan",))


def jobs():
    """In the order in which they start, as far as there is room. A job that keeps a core busy (1.0 and more) goes with
    those that mostly wait; the rest goes two by two at the end."""
    yield from builds()
    yield from pytest_jobs("airflow", "tests/airflow", 1.0)
    yield from pytest_jobs("integration", "tests/integration", 0.6, {
        "outages": (0.4, ["test_outage.py", "test_produce.py"])})
    yield from pytest_jobs("spark", "tests/spark", 1.0, needs=WITH_HOOKS)
    yield from pytest_jobs("faults", "tests/faults", 0.6, {"kafka": (0.4, ["test_kafka.py"])})
    yield Job("docker", docker, 1.0, needs=("build-release",))
    yield from later_builds()
    yield from crash_jobs()
    yield from pytest_jobs("docs", "tests/docs", 0.6, needs=(*WITH_BROKER, "build-unit"))
    yield from pytest_jobs("readers", "tests/readers", 0.6)
    yield from pytest_jobs("package", "tests/package", 1.0)
    yield from pytest_jobs("tools", "tests/tools", 0.5)
    yield from pytest_jobs("python", "tests/python", 1.0)
    yield Job("unit", lambda: gtest("unit", RELEASE, unit_programs(), f"-{NOT_UNIT}"), 1.6, ("build-unit",))
    yield from sanitizer_jobs()


JOBS = list(jobs())


def seed_of_commit():
    """A number that changes with the commit, so that every commit tries another sample of the long enumerations."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return int(head[:6] or "1", 16)


def groups():
    return list(dict.fromkeys(job.group for job in JOBS if job.group != "build"))


def chosen(names):
    """The jobs of these groups, and the builds that they need."""
    picked = [job for job in JOBS if job.group in names]
    needed = {need for job in picked for need in job.needs}
    needed |= {need for job in JOBS if job.name in needed for need in job.needs}
    return [job for job in JOBS if job in picked or job.name in needed]


def report(results, seconds):
    say(f"\n  {'job':<18} {'wall':>9} {'CPU':>9}   tests")
    for result in results:
        say(f"  {result.job.name:<18} {result.wall_s:7.1f} s {result.cpu_s:7.1f} s   {result.count}")
    say(f"  {'all':<18} {seconds:7.1f} s {sum(result.cpu_s for result in results):7.1f} s")
    say("\n  The slowest tests:")
    for test_seconds, name in slowest_tests(RESULTS.glob("*.xml"), SLOWEST_SHOWN):
        say(f"  {test_seconds:7.1f} s   {name}")
    total = sum((result.count for result in results), Count())
    for line in total.failures:
        say(f"  failed: {line}")
    say(f"{total.passed} passed, {total.failed} failed")
    return total


def main(names):
    # A shell's background jobs ignore SIGINT, and their children would.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.default_int_handler)
    if names == ["--list"]:
        print("\n".join(groups()))
        return 0
    names = groups() if names == ["all"] else names
    if not names or not set(names) <= set(groups()):
        print(f"run_tests.py: choose from: all {' '.join(groups())}", file=sys.stderr)
        return 2
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    run_id = os.environ[RUN_MARK] = uuid.uuid4().hex
    picked = chosen(names)
    if "SEED" not in os.environ:
        os.environ["SEED"] = str(seed_of_commit())
    say(f"Samples and random tests by the seed of this commit; SEED={os.environ['SEED']} repeats them.")
    began = time.monotonic()
    try:
        alone = sum(job.group != "build" for job in picked) == 1
        results = Schedule(picked, CORES, RESULTS, show_at_once=alone).run()
    except KeyboardInterrupt:
        leftovers(run_id)
        raise
    seconds = time.monotonic() - began
    results.append(Result(Job("leftovers", Count), leftovers(run_id)))
    return 0 if report(results, seconds).failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
