"""The command line: completions offer every command and flag of --help; wrong usage and failed output are reported."""
import os
import re
import shutil
import subprocess

import pytest

from support.forebay import clean_environment
from support.paths import CONTRACTS, FOREBAY

FLAG = re.compile(r"^ +(?:-\w,)?(--[a-z][a-z-]*)", re.MULTILINE)
SUBCOMMAND = re.compile(r"^  ([a-z]+) ", re.MULTILINE)


def help_of(*path):
    return subprocess.run([FOREBAY, *path, "--help"], capture_output=True, text=True, check=True,
                          env=clean_environment()).stdout


def commands(path=()):
    """The path and the --help text of every command."""
    text = help_of(*path)
    yield path, text
    below = text.partition("Subcommands:\n")[2].partition("\n\n")[0]
    for name in SUBCOMMAND.findall(below):
        yield from commands((*path, name))


@pytest.fixture(scope="module")
def tree():
    found = dict(commands())
    assert {("land",), ("quarantine", "list"), ("ui",), ("completion",)} <= set(found)
    return {path: FLAG.findall(text) for path, text in found.items()}


def complete(*words, cwd=None, shell="bash"):
    """The completions that bash offers for the last word."""
    script = ('source <("$FOREBAY" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=();'
              ' $(complete -p forebay | sed "s/.*-F \\([^ ]*\\) .*/\\1/"); printf "%s\\n" "${COMPREPLY[@]}"')
    result = subprocess.run([shell, "--norc", "-c", script, shell, "forebay", *words], capture_output=True, text=True,
                            cwd=cwd, env=clean_environment({"FOREBAY": str(FOREBAY)}))
    assert result.returncode == 0 and result.stderr == "", result.stderr
    return set(result.stdout.split())


def test_bash_completes_every_command_and_flag(tree):
    for path, flags in tree.items():
        offered = complete(*path, "")
        below = {longer[-1] for longer in tree if len(longer) == len(path) + 1 and longer[:len(path)] == path}
        assert offered >= below | set(flags), path
    assert complete("st") == {"status"}
    assert complete("quarantine", "l") == {"list"}
    assert complete("land", "--http") == {"--http", "--http-allow-remote"}
    assert complete("land", "--once", "--fol") == {"--follow"}


def test_bash_completes_values(tmp_path):
    (tmp_path / "shop.odcs.yaml").touch()
    (tmp_path / "a lake").mkdir()
    assert complete("land", "--start", "") == {"earliest", "latest"}
    assert complete("land", "--start", "e") == {"earliest"}
    assert complete("completion", "") >= {"bash", "zsh", "fish"}
    assert complete("land", "--contract", "sh", cwd=tmp_path) == {"shop.odcs.yaml"}
    assert complete("contract", "check", "sh", cwd=tmp_path) == {"shop.odcs.yaml"}
    assert complete("land", "--lake", "sh", cwd=tmp_path) == set()
    assert complete("land", "--flush-interval", "") == set()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_accept_their_scripts(shell, tree):
    script = subprocess.run([FOREBAY, "completion", shell], capture_output=True, text=True, check=True,
                            env=clean_environment()).stdout
    for path, flags in tree.items():
        for flag in flags:
            assert (flag if shell == "zsh" else f" -l {flag[2:]} ") in script, (path, flag)
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True).returncode == 0
        if shell == "fish":
            offered = subprocess.run(["fish", "--no-config", "-c", script + '\ncomplete -C "forebay land --start "'],
                                     capture_output=True, text=True, env=dict(os.environ, TERM="dumb")).stdout
            assert {"earliest", "latest"} <= set(offered.split())


def test_another_shell_is_refused():
    refused = subprocess.run([FOREBAY, "completion", "tcsh"], capture_output=True, text=True)
    assert refused.returncode == 2 and "not bash, zsh or fish" in refused.stderr


@pytest.mark.parametrize("arguments", [
    ["--help"], ["--version"], ["completion", "bash"],
    ["contract", "check", str(CONTRACTS / "shop.odcs.yaml")],
    ["generate", "--contract", CONTRACTS / "shop.odcs.yaml", "--table", "clicks", "--records", "3"],
])
def test_failed_output_is_an_error(arguments):
    def run(command, stdout=None):
        return subprocess.run(["bash", "-c", f'"$@" {command}', "bash", FOREBAY, *arguments], stdout=stdout,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())

    for where in (">/dev/full", ">&-"):
        failed = run(where)
        assert failed.returncode == 3 and "cannot" in failed.stderr, (where, failed)
    assert run("| true; exit ${PIPESTATUS[0]}", subprocess.DEVNULL).returncode in (0, 141)  # the reader is gone
    assert run("2>&-", subprocess.DEVNULL).returncode == 0


def test_a_lake_gets_no_standard_descriptor(tmp_path):
    """Otherwise printed output would go into the file of the lake that has its number."""
    shell = ('exec "$@" <&- >&- 2>&- & for _ in {1..100}; do sleep 0.1; [ -e "$0/_forebay/lock" ] && break; done; '
             'readlink /proc/$!/fd/{0,1,2}; kill $!')
    shown = subprocess.run(
        ["bash", "-c", shell, tmp_path / "lake", FOREBAY, "land", "--once", "--lake", tmp_path / "lake", "--brokers",
         "127.0.0.1:1", "--contract", CONTRACTS / "shop.odcs.yaml"],
        stdout=subprocess.PIPE, text=True, env=clean_environment())
    assert shown.stdout == "/dev/null\n" * 3


LAND = ["land", "--once", "--lake", "x", "--contract", CONTRACTS / "shop.odcs.yaml"]


@pytest.mark.parametrize(("arguments", "message"), [
    (["nonsense"], "unknown argument 'nonsense' (see `forebay --help`)"),
    (["lnad"], "unknown argument 'lnad'; did you mean 'land'? (see `forebay --help`)"),
    (["verify", "-lake", "x"], "unknown argument '-lake'; did you mean '--lake'? (see `forebay verify --help`)"),
    (["quarantine", "list", "--lake", "x", "--resaon=not_json"],
     "unknown argument '--resaon'; did you mean '--reason'? (see `forebay quarantine list --help`)"),
    (["quarantine", "lsit"], "unknown argument 'lsit'; did you mean 'list'? (see `forebay quarantine --help`)"),
    (["verify", "--lake", ""], "--lake: must not be empty"),
    (["land", "--once", "--lake", "x", "--contract", "x", "--max-reject-rate", "nan"], "--max-reject-rate: nan"),
    (["quarantine", "list", "--lake", "x", "--limit", "-1"], "--limit"),
    (["produce"], "--contract is required"),
    ([*LAND, "--brokers", "127.0.0.1:99999"], "the broker address '127.0.0.1:99999' is not HOST:PORT"),
    ([*LAND, "--brokers", ","], "no Kafka brokers are given"),
    ([*LAND, "--brokers", "a:1", "--kafka-config", "/dev/zero"],
     "/dev/zero is not a file of Kafka settings: it has more than"),
    (["status", "--lake", "x", "--brokers", "a:b"], "the broker address 'a:b' is not HOST:PORT"),
    (["contract", "check", "/dev/zero"], "/dev/zero:1: the file has more than"),
])
def test_wrong_usage_is_named(arguments, message):
    refused = subprocess.run([FOREBAY, *arguments], capture_output=True, text=True, env=clean_environment(), timeout=60)
    assert refused.returncode == 2 and message in refused.stderr, refused.stderr
