"""Every command of the README, run from its own text: `make test` alone is only looked at, since it is what runs this.

Ports are replaced by free ones, and commands with --follow are stopped after a moment, as the text says one does.
"""
import subprocess

from support import readme

NATIVE = "The native engine"
WATCH = "Watch it"
SPARK = "Spark"
AIRFLOW = "Airflow: micro-batches, or a stream"
TOPIC = "Land your own topic in five minutes"
SMALL_DEMO = {"RECORDS": "20000", "ENGINE": "native"}


def test_no_command_is_left_out():
    sections = {block.section for block in readme.blocks() if block.words == ("sh",)}
    assert sections == {"", NATIVE, WATCH, SPARK, AIRFLOW, TOPIC}


def test_the_two_commands(checkout):
    lines = readme.commands("").splitlines()
    assert [line.split("#")[0].strip() for line in lines] == ["make demo", "make test"]
    result = checkout.run(lines[0], **SMALL_DEMO)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Everything that was produced is in the lake exactly once" in result.stdout
    assert checkout.close() == []
    assert checkout.run(lines[1].replace("make test", "make -n test")).returncode == 0


def test_each_way_to_run_it(checkout):
    """One after the other in one shell, as a reader would: the later ways go on in the lake of the earlier ones."""
    script = "\n".join(map(readme.commands, (NATIVE, WATCH, SPARK, AIRFLOW)))
    result = checkout.run(script, timeout_s=600)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-6000:]
    assert result.stdout.count("no missing or duplicate records") == 2
    assert "Airflow is up after" in result.stderr
    assert checkout.close() == []


def test_your_own_topic_in_five_minutes(checkout):
    result = checkout.run(readme.commands(TOPIC))
    assert result.returncode == 0, result.stdout + result.stderr
    shown = [block.text for block in readme.blocks() if block.section == TOPIC and block.words == ("text",)]
    for line in "".join(shown).splitlines():
        assert line in result.stdout
    assert "wrong_type" in result.stdout and "no missing or duplicate records" in result.stdout
    assert checkout.close() == []


def test_what_needs_docker_is_sound_to_the_shell():
    tagged = [block for block in readme.blocks() if block.words == ("sh", "docker")]
    assert tagged
    for block in tagged:
        assert all(line.startswith("docker compose ") for line in block.text.splitlines())
        assert subprocess.run(["bash", "-n", "-c", block.text]).returncode == 0
