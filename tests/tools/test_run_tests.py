"""tools/run_tests.py counts what passed and failed; no crash, no hang and no process left over gets past it."""
import subprocess
import sys
import time

import pytest

import run_tests
from run_tests import Count
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
    assert run_tests.read_counts(tmp_path / "report.xml") == count


def test_a_report_that_was_never_written_is_a_failure(tmp_path):
    assert run_tests.read_counts(tmp_path / "none.xml") == Count(failed=1)


def test_a_program_that_fails_without_saying_so_is_a_failure():
    assert run_tests.checked(Count(passed=3), 0) == Count(3, 0)
    assert run_tests.checked(Count(passed=3), 1) == Count(3, 1)
    assert run_tests.checked(Count(passed=3), -11) == Count(3, 1)
    assert run_tests.checked(Count(passed=3), None) == Count(3, 1)
    assert run_tests.checked(Count(3, 2), 1) == Count(3, 2)


def test_a_hang_is_ended():
    began = time.monotonic()
    assert run_tests.run(["sleep", "60"], timeout_s=0.2) is None
    assert time.monotonic() - began < 10


@pytest.fixture
def groups(monkeypatch, tmp_path):
    """Puts other groups in place of the real ones, and gives a run of its own to mark processes with."""
    monkeypatch.setenv(run_tests.RUN_MARK, "")
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(run_tests, "GROUPS", {})
    return run_tests.GROUPS


def test_every_group_runs_and_one_line_counts_them_all(groups, capsys):
    groups |= {"bad": lambda: Count(1, 2), "good": lambda: Count(4, 0, 1)}
    assert run_tests.main(["all"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "6 passed, 2 failed"  # one of them: nothing was left over
    assert run_tests.main(["good"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed"


def test_what_failed_is_named_again_at_the_end(groups, tmp_path, capsys):
    report = tmp_path / "unit.xml"
    report.write_text(GTEST.replace('name="b"', 'name="b" classname="A"').replace('"x"', '"x&#10;y"'))
    groups |= {"bad": lambda: run_tests.read_counts(report),
               "gone": lambda: run_tests.read_counts(tmp_path / "none.xml")}
    assert run_tests.main(["all"]) == 1
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "  failed: A.b: x", "  failed: none: it ended without a report", "2 passed, 2 failed"]


@pytest.mark.parametrize("failing", ["test_busy.py", "test_waiting.py"])
def test_files_that_run_beside_others_count_like_them(monkeypatch, tmp_path, capfd, failing):
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path)
    folder = tmp_path / "tests"
    folder.mkdir()
    for file in ("test_busy.py", "test_waiting.py"):
        (folder / file).write_text(f"def test():\n    assert '{file}' != '{failing}', 'this one'\n")
    count = run_tests.pytest_beside("group", str(folder), ["test_waiting.py"])
    assert count == Count(1, 1) and "this one" in count.failures[0]
    output = capfd.readouterr().out
    assert output.count("1 passed") == 1 and output.count("1 failed") == 1


def test_a_group_that_does_not_exist_is_said(groups, capsys):
    groups |= {"good": lambda: Count(1)}
    assert run_tests.main(["goof"]) == 2
    assert "choose from: all good" in capsys.readouterr().err


def test_a_process_that_is_left_behind_is_a_failure_and_is_ended(groups, capsys):
    left = []

    def leaves_a_child():
        left.append(subprocess.Popen(["sleep", "300"], start_new_session=True))
        return Count(passed=1)

    groups |= {"careless": leaves_a_child}
    assert run_tests.main(["careless"]) == 1
    output = capsys.readouterr().out
    assert f"process {left[0].pid} was left behind: sleep 300" in output
    assert output.splitlines()[-1] == "1 passed, 1 failed"
    assert left[0].wait(10) == -9


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
    slowest = run_tests.slowest_tests(sorted(tmp_path.glob("*.xml")), 1)
    assert slowest == [(2.5, "unit: A.y")]
