"""Each DAG file contains only wiring, and is parsed in under a second without a warning."""
import ast
import json
import os
import subprocess
import sys

import pytest

from support.paths import ROOT

DAGS = sorted((ROOT / "dags").glob("*.py"))
READ = """
import json, sys, time, warnings
import airflow.sdk, airflow.triggers.base
from airflow.dag_processing.dagbag import DagBag
found = {}
for file in sys.argv[1:]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        began = time.monotonic()
        bag = DagBag(file, bundle_path=file.rpartition("/")[0])
        seconds = time.monotonic() - began
    found[file.rpartition("/")[2]] = {
        "seconds": seconds, "warnings": [str(each.message) for each in caught],
        "errors": list(bag.import_errors.values()),
        "dags": {dag.dag_id: {"schedule": str(dag.schedule), "catchup": dag.catchup, "runs": dag.max_active_runs,
                              "tasks": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks}}
                 for dag in bag.dags.values()}}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    environment = {"AIRFLOW_HOME": str(home), "PYTHONPATH": str(ROOT / "python"), "PATH": os.environ["PATH"],
                   "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    result = subprocess.run([sys.executable, "-c", READ, *map(str, DAGS)], capture_output=True, text=True,
                            env=environment, timeout=120)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_the_documented_dags_exist(read):
    assert set(read) == {f"forebay_{name}.py" for name in ("daily", "microbatch", "produce", "sales_report", "stream")}


@pytest.mark.parametrize("name", [dag.name for dag in DAGS])
def test_it_is_parsed_without_a_warning_in_under_a_second(read, name):
    found = read[name]
    assert found["errors"] == [] and found["warnings"] == []
    assert found["seconds"] < 1
    assert set(found["dags"]) == {name.removesuffix(".py")}


def test_micro_batches_run_every_minute_one_at_a_time_with_tasks_in_sequence(read):
    dag = read["forebay_microbatch.py"]["dags"]["forebay_microbatch"]
    assert (dag["schedule"], dag["catchup"], dag["runs"]) == ("* * * * *", False, 1)
    assert dag["tasks"] == {"check": [], "land": ["check"], "verify": ["land"], "publish": ["verify"]}


def test_one_stream_runs_continuously(read):
    dag = read["forebay_stream.py"]["dags"]["forebay_stream"]
    assert (dag["schedule"], dag["runs"], dag["tasks"]) == ("@continuous", 1, {"stream": []})


def test_dates_are_recorded_after_they_were_emitted(read):
    dag = read["forebay_daily.py"]["dags"]["forebay_daily"]
    assert dag["tasks"] == {"find": [], "emit": ["find"], "record": ["emit"]}


@pytest.mark.parametrize("dag", DAGS, ids=lambda path: path.name)
def test_it_contains_only_wiring(dag):
    """No branches, loops, handlers or comparisons: logic is in forebay.airflow, where it is tested."""
    logic = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.IfExp, ast.ListComp, ast.DictComp, ast.Lambda,
             ast.Compare)
    nodes = list(ast.walk(ast.parse(dag.read_text())))
    assert [type(node).__name__ for node in nodes if isinstance(node, logic)] == []
    imports = {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imports <= {"airflow", "datetime", "forebay"} and not any(isinstance(node, ast.Import) for node in nodes)
