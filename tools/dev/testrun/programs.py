"""Running the programs of a job, and ending every process that a run of the tests started."""
import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from dev import ROOT
from dev.testrun.counts import Count, failure

RUN_MARK = "FOREBAY_TEST_RUN"  # in the environment of every process that a test starts: run/job
PR_SET_CHILD_SUBREAPER = 36
REAP_EVERY_S = 0.2

_own = set()  # the processes that this one waits for itself
_lock = threading.Lock()


def say(text):
    print(text, flush=True)


def run(command, timeout_s, extra_environment=None, output=None):
    """The exit status, or None after a time-out; the command's session is then killed."""
    environment = dict(os.environ, **(extra_environment or {}))
    with _lock:
        process = subprocess.Popen([str(word) for word in command], cwd=ROOT, env=environment, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT if output else None)
        _own.add(process.pid)
    _share_priority(process.pid)
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
    finally:
        _own.discard(process.pid)


def _share_priority(pid):
    """Linux may group the processes of a session; the group has a priority of its own."""
    if os.nice(0) > 0:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(os.nice(0)))


def adopt_orphans():
    """Makes this process the parent of its children's orphans, so that their CPU time counts as its own."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    threading.Thread(target=_reap_forever, daemon=True).start()


def _reap_forever():
    while True:
        reap_orphans()
        time.sleep(REAP_EVERY_S)


def reap_orphans():
    with _lock:
        try:
            while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if ended.si_pid in _own:
                    return  # run() is about to wait for it
                os.waitpid(ended.si_pid, 0)
        except ChildProcessError:
            pass


def marked(run_id):
    """Process id -> job, of the processes that this run started."""
    found = {}
    prefix = f"{RUN_MARK}={run_id}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            for setting in read_or_empty(entry / "environ").split(b"\0"):
                if setting.startswith(prefix):
                    found[int(entry.name)] = setting[len(prefix):].decode(errors="replace").lstrip("/")
    return found


def leftovers(run_id):
    """Passes when no process of the run is alive (so its ports are free as well). Kills those that are."""
    left = {}
    clean_checks = 0  # a process that is just being started has an empty environment for a moment: check again
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = marked(run_id)
        clean_checks = 0 if left else clean_checks + 1
        if clean_checks == 2:
            return Count(passed=1)
        time.sleep(0.1)
    for pid, job in left.items():
        command = read_or_empty(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode(errors="replace")
        say(f"  process {pid} was left behind{f' by {job}' if job else ''}: {command}")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return failure(f"leftovers: {len(left)} processes of {', '.join(sorted(set(left.values())))}")


def read_or_empty(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
