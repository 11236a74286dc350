"""Calls of the package that wait: other threads run, the log says for what, and Ctrl-C ends them."""
import signal
import subprocess
import sys
import time

import pytest

from support.forebay import clean_environment
from support.landing import Landing
from support.paths import PACKAGE

OPEN = """
import logging, sys
sys.path.insert(0, sys.argv[1])
import forebay
logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
contract, brokers, lake, wait = sys.argv[2:]
try:
    with forebay.Landing.open(forebay.Contract.read(contract), brokers, lake, engine="test", wait=bool(wait),
                              follow=True) as landing:
        print("open", flush=True)
        print(len(landing.plan()), flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


class Opened:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.executable, "-c", OPEN, str(PACKAGE), *map(str, arguments)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def wait_for(self, text, timeout_s=30):
        deadline = time.monotonic() + timeout_s
        said = ""
        while time.monotonic() < deadline:
            line = self.process.stderr.readline()
            said += line
            if text in line:
                return
        pytest.fail(f"'{text}' was not said: {said}")

    def interrupt(self):
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        stdout, _ = self.process.communicate(timeout=30)
        return stdout, time.monotonic() - began


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    return Landing(forebay, broker, shop, tmp_path)


def test_waiting_for_the_lock_ends_with_ctrl_c(landing, broker):
    with landing.follow():
        while not (landing.lake / "_forebay/lake.json").exists():
            time.sleep(0.05)
        with Opened(landing.contract, broker.address, landing.lake, "wait") as opened:
            opened.wait_for("forebay INFO lake locked by another process")
            stdout, seconds = opened.interrupt()
    assert stdout == "interrupted\n" and seconds < 3


def test_the_lock_is_taken_as_soon_as_it_is_free(landing, broker):
    with landing.follow() as native:
        while not (landing.lake / "_forebay/lake.json").exists():
            time.sleep(0.05)
        with Opened(landing.contract, broker.address, landing.lake, "wait") as opened:
            opened.wait_for("lake locked by another process")
            native.terminate()
            stdout, stderr = opened.process.communicate(timeout=30)
    assert stdout == "open\n12\n", stderr


def test_waiting_for_a_broker_says_so_and_ends_with_ctrl_c(landing):
    with Opened(landing.contract, "127.0.0.1:1", landing.lake, "") as opened:
        opened.wait_for("WARNING broker 127.0.0.1:1 does not answer")
        stdout, seconds = opened.interrupt()
    assert stdout == "open\ninterrupted\n" and seconds < 3
