"""tools/run_tests.py counts what passed and failed, and reports every crash, hang and process left over."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run_tests
from dev.testrun import counts, jobs, programs
from dev.testrun.counts import Count
from dev.testrun.jobs import Job
from support.paths import ROOT

GTEST = """<testsuites><testsuite name="A">
<testcase name="a" status="run" result="completed"/>
<testcase name="b" status="run" result="completed"><failure message="x"/></testcase>
<testcase name="c" status="notrun" result="suppressed"/>
<testcase name="d" status="run" result="skipped"><skipped message="y"/></testcase>
</testsuite></testsuites>"""
JUNIT = """<testsuites><testsuite name="pytest">
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><error message="x"/></testcase>
<testcase name="d"><skipped message="y"/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("text, count", [(GTEST, Count(1, 1, 2)), (JUNIT, Count(2, 1, 1)), ("<half", Count(0, 1, 0))])
def test_reports_are_counted(tmp_path, text, count):
    (tmp_path / "report.xml").write_text(text)
    assert counts.read_counts(tmp_path / "report.xml") == count


def test_a_report_that_was_never_written_is_a_failure(tmp_path):
    assert counts.read_counts(tmp_path / "none.xml") == Count(failed=1)


def test_a_program_that_fails_without_saying_so_is_a_failure():
    assert counts.checked(Count(passed=3), 0) == Count(3, 0)
    assert counts.checked(Count(passed=3), 1) == Count(3, 1)
    assert counts.checked(Count(passed=3), -11) == Count(3, 1)
    assert counts.checked(Count(passed=3), None) == Count(3, 1)
    assert counts.checked(Count(3, 2), 1) == Count(3, 2)


def test_a_hang_is_ended():
    began = time.monotonic()
    assert programs.run(["sleep", "60"], timeout_s=0.2) is None
    assert time.monotonic() - began < 10


@pytest.fixture
def run(monkeypatch, tmp_path, capfd):
    """run(jobs, *groups): the exit status and the lines of a run of these jobs instead of the real ones."""
    monkeypatch.setenv(programs.RUN_MARK, "")
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(run_tests, "CORES", 2)

    def run_jobs(replaced, *groups):
        monkeypatch.setattr(run_tests, "JOBS", replaced)
        return run_tests.main(list(groups)), capfd.readouterr().out.splitlines()
    return run_jobs


def test_every_group_runs_and_one_line_counts_them_all(run):
    replaced = [Job("bad", lambda: Count(1, 2)), Job("good", lambda: Count(4, 0, 1))]
    status, lines = run(replaced, "all")
    assert (status, lines[-1]) == (1, "6 passed, 2 failed")  # one of them: nothing was left over
    status, lines = run(replaced, "good")
    assert (status, lines[-1]) == (0, "5 passed, 0 failed")


def test_failures_are_named_again_at_the_end(run, tmp_path):
    report = tmp_path / "unit.xml"
    report.write_text(GTEST.replace('name="b"', 'name="b" classname="A"').replace('"x"', '"x&#10;y"'))
    status, lines = run([Job("bad", lambda: counts.read_counts(report)),
                         Job("gone", lambda: counts.read_counts(tmp_path / "none.xml"))], "bad", "gone")
    assert status == 1
    assert sorted(lines[-3:-1]) == ["  failed: A.b: x", "  failed: none: it ended without a report"]
    assert lines[-1] == "2 passed, 2 failed"


def test_a_group_is_its_parts_and_the_builds_that_they_need(monkeypatch):
    names = ["build-a", "build-b", "one", "one-part", "two"]
    needs = {"build-b": ("build-a",), "one-part": ("build-b",)}
    monkeypatch.setattr(run_tests, "JOBS", [Job(name, Count, needs=needs.get(name, ())) for name in names])
    assert run_tests.groups() == ["one", "two"]
    assert [job.name for job in run_tests.chosen(["one"])] == ["build-a", "build-b", "one", "one-part"]
    assert [job.name for job in run_tests.chosen(["two"])] == ["two"]


def test_every_test_file_belongs_to_one_job():
    """The files that are jobs of their own exist, and the rest of their folder leaves them out."""
    for job in run_tests.JOBS:
        if getattr(job.run, "func", None) is run_tests.pytest:
            _, paths, left_out, *_ = (*job.run.args, (), ())
            assert paths and all((ROOT / path).exists() for path in [*paths, *left_out]), job.name
    folders = {path for job in run_tests.JOBS if getattr(job.run, "func", None) is run_tests.pytest
               for path in job.run.args[1] if not path.endswith(".py")}
    assert folders | {"tests/docker"} == {f"tests/{file.parent.name}" for file in (ROOT / "tests").glob("*/test_*.py")}


# --- Jobs side by side --------------------------------------------------------------------------------------------

def printing(directory, name, seconds=0.0):
    def job():
        (directory / f"{name}.began").write_text(str(time.monotonic()))
        for line in range(3):
            print(f"{name} {line}", flush=True)
            time.sleep(seconds / 3)
        (directory / f"{name}.ended").write_text(str(time.monotonic()))
        return Count(passed=1)
    return job


def lifetimes(directory):
    return {file.stem: (float(file.read_text()), float(file.with_suffix(".ended").read_text()))
            for file in directory.glob("*.began")}


def test_jobs_run_side_by_side_as_far_as_there_are_cores_and_each_output_is_whole(run, tmp_path):
    shares = {"a": 1.2, "b": 0.8, "c": 2.0}
    status, lines = run([Job(name, printing(tmp_path, name, 1), cores) for name, cores in shares.items()], "all")
    assert (status, lines[-1]) == (0, "4 passed, 0 failed")
    times = lifetimes(tmp_path)
    assert times["a"][0] < times["b"][1] and times["b"][0] < times["a"][1]
    assert times["c"][0] >= max(times["a"][1], times["b"][1])
    for name in shares:
        at = lines.index(f"{name} 0")
        assert lines[at:at + 3] == [f"{name} {line}" for line in range(3)]
        assert f"{name} ends: 1 passed, 0 failed" in lines[at - 1]
        assert any(line.endswith(f"{name} starts") for line in lines)


def test_jobs_that_fill_go_beside_others_one_at_a_time_and_yield_to_them(run, tmp_path):
    def priority(name):
        def job():
            (tmp_path / f"{name}.nice").write_text(str(os.nice(0)))
            return printing(tmp_path, name, 0.3)()
        return job

    def test():
        result = priority("test")()
        while not (tmp_path / "x.began").exists():
            time.sleep(0.01)
        (tmp_path / "test.ended").write_text(str(time.monotonic()))
        return result

    fillers = [Job(name, priority(name), fills=True) for name in ("x", "y")]
    first = Job("build-a", lambda: printing(tmp_path, "first", 0.5)() and Count())
    assert run([*fillers, first, Job("test", test, 2.0, needs=("build-a",))], "all")[0] == 0
    times = lifetimes(tmp_path)
    assert times["first"][1] <= times["x"][0] < times["test"][1] and times["y"][0] >= times["x"][1]
    del times["first"]
    here = os.nice(0)
    found = {name: int((tmp_path / f"{name}.nice").read_text()) for name in times}
    lowest = min(19, here + 19)
    assert found == {"test": here, "x": lowest, "y": lowest}


def test_a_job_waits_for_its_build_and_fails_with_it(run, tmp_path):
    broken = [Job("one", printing(tmp_path, "one"), needs=("build-a",)), Job("build-a", lambda: counts.failure("no"))]
    status, lines = run(broken, "all")
    assert status == 1 and lifetimes(tmp_path) == {}
    assert "  failed: one: not run, because build-a failed" in lines and lines[-1] == "1 passed, 2 failed"
    sound = [Job("one", printing(tmp_path, "one"), needs=("build-a",)),
             Job("build-a", lambda: printing(tmp_path, "build", 1)() and Count())]
    assert run(sound, "all")[0] == 0
    times = lifetimes(tmp_path)
    assert times["one"][0] >= times["build"][1]


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0), lambda: 1 / 0])
def test_a_job_that_ends_without_a_result_is_a_failure(run, end):
    status, lines = run([Job("gone", end), Job("good", lambda: Count(passed=1))], "all")
    assert status == 1
    assert "  failed: gone: it ended without a result" in lines and lines[-1] == "2 passed, 1 failed"


def test_the_cpu_time_of_daemons_counts(tmp_path, monkeypatch):
    """A broker, for example: started by a program that ends, and ended later."""
    monkeypatch.setenv(programs.RUN_MARK, "x")
    note = tmp_path / "pid"
    busy = ("import os, pathlib, time\nwhile time.process_time() < 0.5: pass\n"
            f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))")

    def daemon():
        programs.run(["setsid", "--fork", sys.executable, "-c", busy], 10)
        while not (note.exists() and note.read_text()) or Path(f"/proc/{note.read_text()}").exists():
            time.sleep(0.05)
        return Count(passed=1)

    [result] = jobs.Schedule([Job("daemon", daemon)], 1, tmp_path).run()
    assert result.count == Count(passed=1) and result.cpu_s >= 0.5


def test_a_run_that_is_stopped_leaves_nothing(tmp_path):
    script = f"""
import sys, time
sys.path.insert(0, {str(ROOT / "tools")!r})
import run_tests
from dev.testrun import programs
from dev.testrun.jobs import Job
from pathlib import Path
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as the shell starts it in the background
run_tests.RESULTS = Path({str(tmp_path)!r}) / "results"
run_tests.JOBS = [Job(name, lambda: programs.run(["sleep", "300"], 300), 0.5) for name in ("a", "b")]
run_tests.main(["all"])
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert "starts" in process.stdout.readline().decode() + process.stdout.readline().decode()
        time.sleep(0.5)
        found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
        children = [int(pid) for pid in found.split()]
        assert len(children) == 2
        process.terminate()
        assert process.wait(30) != 0
    assert [pid for pid in children if os.path.exists(f"/proc/{pid}")] == []


def test_an_unknown_group_is_refused(run, capfd):
    run_tests.main(["goof"])
    assert "choose from: all tools" in capfd.readouterr().err.replace(" ".join(run_tests.groups()), "tools")
    assert run_tests.main(["goof"]) == 2


def test_a_process_that_is_left_behind_is_a_failure_and_is_ended(run, tmp_path):
    def leaves_a_child():
        child = subprocess.Popen(["sleep", "300"], start_new_session=True)
        (tmp_path / "pid").write_text(str(child.pid))
        return Count(passed=1)

    status, lines = run([Job("careless", leaves_a_child)], "careless")
    left = int((tmp_path / "pid").read_text())
    assert status == 1 and lines[-1] == "1 passed, 1 failed"
    assert f"  process {left} was left behind by careless: sleep 300 " in lines
    deadline = time.monotonic() + 10
    while programs.read_or_empty(f"/proc/{left}/cmdline") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert programs.read_or_empty(f"/proc/{left}/cmdline") == b""


def test_make_lists_the_commands_with_demo_and_test_first():
    lines = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["demo", "test"]
    assert {"setup", "build", "bench", "broker-start", "clean"} <= {line.split()[1] for line in lines}


def test_the_runner_needs_nothing_but_the_standard_library():
    modules = subprocess.run([sys.executable, "-I", "-c", "import sys; sys.path.insert(0, 'tools'); import run_tests; "
                              "print(*(m for m in sys.modules if m.split('.')[0] in ('pytest', 'yaml', 'duckdb')))"],
                             cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert modules == []


def test_the_slowest_tests_are_named(tmp_path):
    (tmp_path / "unit.xml").write_text('<testsuite><testcase classname="A" name="x" time="0.5"/>'
                                       '<testcase classname="A" name="y" time="2.5"/></testsuite>')
    (tmp_path / "cut.xml").write_text("<testsuite><testcase")
    slowest = counts.slowest_tests(sorted(tmp_path.glob("*.xml")), 1)
    assert slowest == [(2.5, "unit: A.y")]


def test_cases_are_drawn_by_the_seed(tmp_path):
    """Of a test that is marked; all of them without a seed, at night, and of what was asked for by name."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_it.py").write_text("import pytest\n@pytest.mark.sampled(3)\n"
                                         "@pytest.mark.parametrize('number', range(50))\n"
                                         "def test_number(number): pass\ndef test_other(): pass\n")

    def collected(case="", **settings):
        environment = {name: value for name, value in os.environ.items() if name not in ("SEED", "NIGHT")}
        result = subprocess.run([sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider",
                                 f"test_it.py{case}"], cwd=tmp_path, capture_output=True, text=True,
                                env=environment | {"PYTHONPATH": str(ROOT / "tests")} | settings)
        return {line for line in result.stdout.splitlines() if "::" in line}
    everything = collected()
    assert len(everything) == 51 == len(collected(SEED="1", NIGHT="1"))
    drawn = [collected(SEED=seed) for seed in ("1", "1", "2")]
    assert drawn[0] == drawn[1] != drawn[2] and [len(cases) for cases in drawn] == [4, 4, 4]
    assert all("test_it.py::test_other" in cases and cases < everything for cases in drawn)
    assert collected("::test_number[7]", SEED="1") == {"test_it.py::test_number[7]"}
