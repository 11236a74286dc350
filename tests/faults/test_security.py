"""Kafka over TLS with a password; secrets that are never shown; nothing that listens; files as the umask says."""
import os
import stat
import subprocess
from pathlib import Path

import pytest

from support.forebay import Forebay, clean_environment
from support.tls import SecureBroker, make_authority

CANARY = "canary-5f1c9e7b-secret"  # the password: it must be nowhere
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with SecureBroker(tmp_path_factory.mktemp("secure") / "broker", CANARY) as broker:
        yield broker


class Secure(Forebay):
    """Everything it says is kept, at the loudest level."""

    def __init__(self, broker, config):
        super().__init__()
        self.broker = broker
        self.config = config
        self.said = []

    def __call__(self, *arguments, env=None, **options):
        loud = {"FOREBAY_LOG": "trace", "KAFKA_PASSWORD": CANARY} | (env or {})
        result = super().__call__(*arguments, "--brokers", self.broker.secure_address, "--kafka-config", self.config,
                                  env=loud, **options)
        self.said.append(result.stdout + result.stderr)
        return result


def files_below(directory):
    return [path for path in Path(directory).rglob("*") if path.is_file()]


def test_landing_over_tls_with_a_password_that_is_nowhere(secure, shop, tmp_path):
    forebay = Secure(secure, secure.client_settings(tmp_path / "kafka.properties"))
    receipts = tmp_path / "receipts"
    receipts.mkdir()
    contract = ("--contract", shop)
    forebay("topics", "apply", *contract)
    forebay("produce", *contract, "--records", 500, "--seed", 1, "--receipt", receipts / "1.json")
    forebay("land", *contract, "--lake", tmp_path / "lake", "--once")
    forebay("verify", "--lake", tmp_path / "lake", "--receipt", receipts)
    forebay("status", "--lake", tmp_path / "lake", "--json")
    next((tmp_path / "lake" / "clicks").rglob("*.parquet")).unlink()
    forebay("lake", "rebuild", "--lake", tmp_path / "lake")
    forebay("verify", "--lake", tmp_path / "lake", "--receipt", receipts)
    assert len(forebay.said) == 7 and all(CANARY not in text for text in forebay.said)
    for path in [*files_below(tmp_path / "lake"), *files_below(receipts)]:
        assert CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("wrong", ["certificate", "host", "password"])
def test_what_is_wrong_is_refused(secure, shop, tmp_path, wrong):
    config = tmp_path / "kafka.properties"
    address = secure.secure_address
    password = CANARY + "-wrong" if wrong == "password" else CANARY
    secure.client_settings(config, make_authority(tmp_path, "stranger") if wrong == "certificate" else None)
    if wrong == "host":
        address = address.replace("127.0.0.1", "localhost")
    result = Forebay()("land", "--contract", shop, "--lake", tmp_path / "lake", "--once", "--brokers", address,
                       "--kafka-config", config, status=3, env={"KAFKA_PASSWORD": password, "FOREBAY_LOG": "trace"})
    assert CANARY not in result.stdout + result.stderr
    says = {"certificate": "certificate", "host": "certificate", "password": "uthentication"}[wrong]
    assert says in result.stderr, result
    assert not list((tmp_path / "lake").glob("clicks"))


@pytest.mark.parametrize("line", [f"sasl.password{CANARY}", f"sasl.pasword={CANARY}", f"ssl.key.password={CANARY}\x00",
                                  f"{CANARY}"])
def test_a_settings_file_with_a_mistake_does_not_show_it(forebay, shop, tmp_path, line):
    config = tmp_path / "kafka.properties"
    config.write_text(f"security.protocol=SASL_SSL\n{line}\nno.such.setting=1\n")
    result = forebay("land", "--contract", shop, "--lake", tmp_path / "lake", "--once", "--brokers", "127.0.0.1:1",
                     "--kafka-config", config, status=2)
    assert CANARY not in result.stdout + result.stderr, result


def test_kerberos_is_refused_with_what_to_use_instead(forebay, shop, tmp_path):
    config = tmp_path / "kafka.properties"
    config.write_text("security.protocol=sasl_ssl\nsasl.mechanism=GSSAPI\n")
    result = forebay("land", "--contract", shop, "--lake", tmp_path / "lake", "--once", "--brokers", "127.0.0.1:1",
                     "--kafka-config", config, status=2)
    assert "has no Kerberos (SASL mechanism GSSAPI); use a listener of the brokers with SCRAM" in result.stderr


def listening(pid):
    """Local addresses, in the kernel's hexadecimal, of the sockets that a process listens on."""
    inodes = {os.readlink(fd)[8:-1] for fd in Path(f"/proc/{pid}/fd").iterdir() if "socket:" in os.readlink(fd)}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                found.add(words[1].partition(":")[0])
    return found


def test_nothing_listens_beyond_loopback(landing):
    with landing.follow("--flush-interval", "300ms") as lander:
        lander.wait_until_idle(idle_s=1)
        assert listening(lander.process.pid) <= LOOPBACK
        assert lander.terminate().status == 0


@pytest.mark.parametrize("mask, denied", [(0o077, 0o077), (0o027, 0o027), (0o002, 0o002)])
def test_files_are_made_with_the_users_umask(landing, mask, denied):
    words = [str(word) for word in landing.land_arguments("--once")]
    subprocess.run(landing.forebay.command(words), umask=mask, check=True, capture_output=True, env=clean_environment())
    for path in [landing.lake, *landing.lake.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & denied == 0, f"{path}: {mode:o}"
        if path.suffix == ".parquet":
            assert mode == 0o666 & ~mask, f"{path}: {mode:o}"
        if path.is_dir():
            assert mode == 0o777 & ~mask, f"{path}: {mode:o}"


def test_a_lake_whose_path_leads_through_a_link(landing, exact, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    landing.lake.symlink_to(real)
    exact()
    assert (real / "_forebay" / "ledger.db").exists()
