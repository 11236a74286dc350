"""The logic of the DAGs, without Airflow and without a broker."""
import json
import os
import signal
import subprocess
import sys

import pytest

from forebay.airflow import commands, engines, microbatch, service_levels
from forebay.airflow.commands import CommandError, PermanentError
from forebay.airflow.dates import COMPLETE, REOPENED, DateEvent, Notified, NotifiedDates, changes
from forebay.airflow.examples import report
from forebay.airflow.memory import VerifiedBatches
from forebay.airflow.settings import Settings, SettingError, seconds
from forebay.airflow.stream import process
from forebay.airflow.stream.watch import Backoff, Sample, Watch
from support.airflow import wait_until
from support.paths import CONTRACTS, ROOT


def settings(directory):
    return Settings.from_environment({"FOREBAY_LAKE": str(directory / "lake")})


# --- Settings ------------------------------------------------------------------------------------------------------

def test_durations_have_units():
    assert [seconds(text) for text in ("250ms", "90s", "5m", "2h", "1d", "7")] == [0.25, 90, 300, 7200, 86400, 7]
    with pytest.raises(SettingError, match="'soon' is not a duration"):
        seconds("soon")


def test_reports_receipts_and_state_are_beside_the_lake(tmp_path):
    found = settings(tmp_path)
    assert {found.reports.parent, found.receipts.parent, found.state.parent, found.lake.parent} == {tmp_path}
    assert (found.engine, found.microbatch_schedule) == ("spark", "* * * * *")
    assert Settings.from_environment({"FOREBAY_MICROBATCH_SCHEDULE": "none"}).microbatch_schedule is None
    with pytest.raises(SettingError, match="steam"):
        Settings.from_environment({"FOREBAY_ENGINE": "steam"})


def test_a_lake_that_must_exist_is_a_setting(tmp_path):
    for value, expected in (("1", True), ("0", False), (None, False)):
        given = {"FOREBAY_LAKE": str(tmp_path / "lake")} | ({} if value is None else {"FOREBAY_EXISTING": value})
        command = engines.landing(Settings.from_environment(given), "native", "--once")
        assert ("--existing" in command.argv) is expected
    with pytest.raises(SettingError, match="neither 0 nor 1"):
        Settings.from_environment({"FOREBAY_EXISTING": "yes"})


def test_the_contracts_freshness_is_read(tmp_path):
    assert service_levels.freshness_s(CONTRACTS / "shop.odcs.yaml") == 300
    (tmp_path / "none.yaml").write_text("schema: []\n")
    assert service_levels.freshness_s(tmp_path / "none.yaml") is None


# --- Health --------------------------------------------------------------------------------------------------------

def test_a_stream_without_progress_becomes_late_and_then_stalled():
    watch = Watch(freshness_s=10, stall_s=30)
    assert not watch.update(0, Sample(100, 100)).late
    assert watch.update(100, Sample(100, 100)).pending_s == 0  # idle is not late
    assert watch.update(101, Sample(100, 150)).pending_s == 0
    late = watch.update(112, Sample(120, 300))
    assert late.late and not late.stalled and late.lag == 180 and late.pending_s == 11
    assert watch.update(113, Sample(150, 300)).pending_s == 1  # 150, seen at 101, is landed; 300 was seen at 112
    assert not watch.update(142, Sample(150, 300)).stalled
    assert watch.update(144, Sample(150, 300)).stalled
    watch.restart(144)
    assert not watch.update(150, Sample(150, 300)).stalled


def test_a_slow_stream_is_late_and_not_stalled():
    watch = Watch(freshness_s=10, stall_s=30)
    states = [watch.update(now, Sample(now, 1_000_000)) for now in range(100)]
    assert states[-1].late and not any(health.stalled for health in states)


def test_a_sample_sums_all_partitions_and_never_has_a_negative_lag():
    status = {"tables": [{"partitions": [{"next": 5, "stable": 9, "held_back": 4},
                                         {"next": 7, "stable": None, "held_back": None}]},
                         {"partitions": [{"next": 3, "stable": 2, "held_back": 0}]}]}
    assert Sample.at(status) == Sample(landed=15, stable=19, held_back=4)


def test_records_are_held_back_once_a_transaction_outlasts_a_sample():
    watch = Watch(freshness_s=10, stall_s=30)
    assert watch.update(0, Sample(100, 100, 7)).held_back == 0
    assert watch.update(1, Sample(107, 107, 9)).held_back == 0  # that one ended
    held = watch.update(2, Sample(107, 107, 1001))
    assert held.held_back == 1001 and not held.late and not held.stalled


def test_an_engine_is_stalled_while_its_status_cannot_be_read():
    watch = Watch(freshness_s=10, stall_s=30)
    assert not watch.fail(0, 20) and watch.fail(21, 31)
    watch.restart(31)
    assert not watch.fail(40, 60)
    watch.update(61, Sample(landed=0, stable=0))
    assert not watch.fail(71, 91) and watch.fail(95, 102)


def test_backoff_doubles_and_is_reset_by_a_long_lifetime():
    backoff = Backoff(1, 5, reset_after_s=60)
    assert [backoff.after(2) for _ in range(4)] == [1, 2, 4, 5]
    assert [backoff.after(61), backoff.after(2)] == [1, 2]


# --- Dates ---------------------------------------------------------------------------------------------------------

def lake(state="complete", checksum="a", date="2025-10-30", table="orders", last_batch=3):
    return {"lake_id": "L", "tables": [{"table": table, "time_zone": "Europe/Berlin", "dates": [
        {"date": date, "state": state, "rows": 7, "files": 1, "checksum": checksum, "key_sum": "k",
         "last_batch": last_batch}]}]}


@pytest.mark.parametrize("state, checksum, before, expected", [
    ("complete", "a", None, COMPLETE),
    ("complete", "a", Notified(COMPLETE, "a"), None),
    ("complete", "b", Notified(COMPLETE, "a"), COMPLETE),
    ("complete", "a", Notified(REOPENED, "a"), COMPLETE),
    ("open", "a", None, None),
    ("open", "b", Notified(COMPLETE, "a"), REOPENED),
    ("open", "a", Notified(COMPLETE, "a"), None),
    ("open", "c", Notified(REOPENED, "b"), None),
    ("unknown", "a", None, None),
])
def test_events_of_a_date(state, checksum, before, expected):
    notified = {} if before is None else {"orders/2025-10-30": before}
    events = changes(lake(state, checksum), notified)
    assert [event.state for event in events] == ([] if expected is None else [expected])
    if events:
        assert (events[0].reopened, events[0].checksum) == (before is not None, checksum)
        assert events[0].time_zone == "Europe/Berlin"


def test_emitted_dates_are_recorded_per_lake(tmp_path):
    notified = NotifiedDates(settings(tmp_path))
    (event,) = changes(lake(), notified.read("L"))
    notified.add([event])
    assert changes(lake(), notified.read("L")) == []
    assert notified.read("another") == {}


def test_runs_that_overlap_end_with_the_newest_event_of_a_date(tmp_path):
    """Both were made before either was recorded. The older one stays, whichever is recorded last."""
    older, newer = changes(lake(), {}) + changes(lake(checksum="b", last_batch=4), {})
    for number, order in enumerate(((older, newer), (newer, older))):
        notified = NotifiedDates(settings(tmp_path / str(number)))
        assert notified.still_due([order[0]]) == [order[0]]
        notified.add([order[0]])
        assert notified.still_due([order[1]]) == []
        notified.add([order[1]])
        assert notified.read("L") == {"orders/2025-10-30": Notified(COMPLETE, "a", 3)}
        (again,) = changes(lake(checksum="b", last_batch=4), notified.read("L"))
        notified.add([again])
        notified.add([again])  # as a task that is run again
        assert changes(lake(checksum="b", last_batch=4), notified.read("L")) == []


def test_dates_that_an_earlier_version_recorded_are_read(tmp_path):
    file = settings(tmp_path).state / "dates.json"
    file.parent.mkdir()
    file.write_text('{"lake_id": "L", "dates": {"orders/2025-10-30": {"state": "complete", "checksum": "a"}}}')
    assert changes(lake(), NotifiedDates(settings(tmp_path)).read("L")) == []


# --- Memory --------------------------------------------------------------------------------------------------------

def test_verified_batches_are_remembered_per_lake_and_never_go_back(tmp_path):
    verified = VerifiedBatches(settings(tmp_path))
    assert (verified.last("L"), verified.last(None)) == (0, 0)
    verified.record("L", 7)
    verified.record("L", 3)
    assert (verified.last("L"), verified.last("M")) == (7, 0)
    verified.record("M", 1)
    assert (verified.last("L"), verified.last("M")) == (0, 1)


def test_concurrent_records_are_all_kept(tmp_path):
    program = """
import sys
from forebay.airflow.dates import DateEvent, NotifiedDates
from forebay.airflow.settings import Settings
notified = NotifiedDates(Settings.from_environment({"FOREBAY_LAKE": sys.argv[1]}))
for day in range(10, 30):
    notified.add([DateEvent("L", sys.argv[2], f"2025-10-{day}", "complete", 1, 1, "a", "k", 1, False, None)])
"""
    environment = {"PYTHONPATH": str(ROOT / "python"), "PATH": os.environ["PATH"]}
    runs = [subprocess.Popen([sys.executable, "-c", program, str(settings(tmp_path).lake), table], env=environment)
            for table in ("clicks", "orders", "returns")]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert len(NotifiedDates(settings(tmp_path)).read("L")) == 60


def test_a_damaged_memory_is_named_and_not_taken_for_an_empty_one(tmp_path):
    verified = VerifiedBatches(settings(tmp_path))
    verified.record("L", 7)
    file = settings(tmp_path).state / "verified.json"
    file.write_text("{")
    with pytest.raises(PermanentError, match="verified.json is not JSON .*: restore it, or remove it"):
        verified.last("L")


def test_the_last_of_several_events_of_a_date_counts():
    (first,) = changes(lake(), {})
    (second,) = changes(lake(checksum="b"), {"orders/2025-10-30": Notified(COMPLETE, "a")})
    (clicks,) = changes(lake(table="clicks"), {})
    assert report.newest([vars(first), vars(second), vars(clicks)]) == [second]


def test_a_reopened_date_marks_its_report(tmp_path):
    event = DateEvent("L", "orders", "2025-10-30", REOPENED, 8, 1, "b", "k", 4, True, "a")
    assert "no report to mark" in report.make(settings(tmp_path), event)
    file = report.directory(settings(tmp_path), event.date) / "report.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"date": "2025-10-30", "revision": 1, "made_at": "x", "rows": 7, "checksum": "a",
                                "last_batch": 3, "sales": [], "outdated": False}))
    assert "out of date" in report.make(settings(tmp_path), event)
    assert "**Out of date.**" in file.with_suffix(".md").read_text() and '"outdated": true' in file.read_text()


# --- Micro-batches -------------------------------------------------------------------------------------------------

def test_verification_continues_after_the_last_published_batch_of_this_lake():
    events = [{"lake_id": name, "last_batch": batch} for name, batch in (("L", 3), ("L", 7), ("M", 9))] + [{}]
    assert [microbatch.last_published(events, lake_id) for lake_id in ("L", "M", None)] == [7, 9, 0]


def test_topics_are_described_with_what_differs_and_what_is_unknown():
    topic = {"topic": "t", "created": False, "differences": [], "settings_compared": True}
    lines = [microbatch.describe_topic(topic | each) for each in (
        {}, {"created": True}, {"differences": [{"setting": "partitions"}, {"setting": "retention.ms"}]},
        {"settings_compared": False})]
    assert lines[:3] == ["topic t exists", "topic t created",
                         "topic t exists, and differs from the contract: partitions, retention.ms"]
    assert "DescribeConfigs" in lines[3]


def test_findings_are_described_with_the_next_command():
    text = microbatch.describe({"since": 3, "problems_by_kind": {"missing_file": 1}, "problems": [
        {"kind": "missing_file", "table": "clicks", "file": "clicks/x.parquet", "next": "move it back"}]})
    assert "missing_file (1)" in text and "clicks/x.parquet" in text and "move it back" in text and "batch 3" in text


# --- Commands ------------------------------------------------------------------------------------------------------

def sh(script, **options):
    return commands.run(["sh", "-c", script], **options)


@pytest.mark.parametrize("status, kind", [
    (1, PermanentError), (2, PermanentError), (3, CommandError), (4, CommandError), (5, CommandError),
    (139, CommandError)])
def test_exit_statuses_are_permanent_or_may_be_retried(status, kind):
    with pytest.raises(CommandError, match="^no luck$") as raised:
        sh(f"echo 'forebay: no luck' >&2; exit {status}")
    assert raised.type is kind and raised.value.status == status


def test_output_is_json_and_a_missing_program_is_an_error():
    assert sh("echo '{\"rows\": 3}'").result == {"rows": 3}
    assert sh("exit 1", allowed=(0, 1)).status == 1
    with pytest.raises(PermanentError, match="cannot run no-such-program: .*make build"):
        commands.run(["no-such-program"])


def test_a_command_is_terminated_after_its_timeout():
    with pytest.raises(CommandError):
        sh("exec sleep 60", timeout_s=0.3)


def test_a_command_gets_sigterm_when_its_task_is_killed(tmp_path):
    drained = tmp_path / "drained"
    script = f"trap 'touch {drained}; exit 0' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.05; done"
    program = f"from forebay.airflow import commands; commands.run(['sh', '-c', {script!r}])"
    task = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT / "python")})
    wait_until((tmp_path / "pid").is_file, 20, "the command runs")
    task.kill()
    task.wait()
    wait_until(drained.is_file, 10, "the command gets SIGTERM")


# --- Processes -----------------------------------------------------------------------------------------------------

def test_processes_are_found_by_their_environment_and_zombies_are_not_alive():
    mark = f"m{os.getpid()}"
    child = subprocess.Popen(["sleep", "60"], env={"FOREBAY_TEST_MARK": mark, "PATH": os.environ["PATH"]})
    (found,) = process.find_by_environment("FOREBAY_TEST_MARK", mark)
    assert found.pid == child.pid and found.is_alive() and found.argv == ("sleep", "60")
    assert process.Process(found.pid, found.started + 1, found.argv).is_alive() is False
    found.send(signal.SIGKILL)
    wait_until(lambda: not found.is_alive(), 5, "a zombie is not alive")
    assert process.find_by_environment("FOREBAY_TEST_MARK", mark) == []
    child.wait()


def test_terminate_kills_a_process_that_ignores_sigterm():
    script = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    child = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"ready\n"
    found = process.find(child.pid)
    assert process.terminate([found], 0.3)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()


def test_only_five_modules_import_airflow_and_none_the_extension():
    airflow_itself = {"assets", "tasks", "examples.tasks", "stream.operator", "stream.trigger"}
    package = ROOT / "python/forebay/airflow"
    modules = {".".join(path.relative_to(package).with_suffix("").parts) for path in package.rglob("*.py")}
    assert airflow_itself < modules and len(modules) > 16
    program = f"""
import importlib, sys
for name in ("airflow", "pyarrow", "forebay._core", "pyspark"):
    sys.modules[name] = None
for name in {sorted(modules - airflow_itself)}:
    importlib.import_module(f"forebay.airflow.{{name}}".removesuffix(".__init__"))
"""
    environment = {"PYTHONPATH": str(ROOT / "python"), "PATH": os.environ["PATH"]}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
