"""tools/setup: it costs nothing when nothing is missing, and says in one sentence what it can't do.

Each test runs a copy of it on a small system of its own: a PATH with only the programs that the test puts there.
"""
import re
import resource
import shutil
import subprocess

import pytest

from support.paths import ROOT

TOOLS = ["bash", "cat", "dirname", "env", "head", "mkdir", "rm", "sed", "sha256sum", "stat"]
ENVIRONMENTS = {"venv": ["requirements/base.txt"], "venv-datacontract": ["requirements/datacontract.txt"],
                "venv-readers": ["requirements/readers.txt"],
                "venv-spark": ["requirements/spark.txt", "requirements/spark-build.txt"],
                "venv-airflow": ["requirements/airflow.txt"]}
DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n'


class System:
    def __init__(self, directory):
        self.root = directory / "repository"
        self.bin = directory / "bin"
        self.bin.mkdir()
        (self.root / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "tools/setup", self.root / "tools")
        shutil.copytree(ROOT / "deploy", self.root / "deploy")
        shutil.copytree(ROOT / "requirements", self.root / "requirements")
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        self.release = directory / "os-release"
        self.release.write_text(DEBIAN_12)
        self.program("id", "echo 1000")

    def program(self, name, script):
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def packages(self, *missing):
        wanted = [line for line in (self.root / "deploy/debian-packages.txt").read_text().splitlines()
                  if line and not line.startswith("#") and line not in missing]
        self.program("dpkg-query", "echo '" + " ".join(f"installed {name}" for name in wanted) + " '")

    def environments(self):
        """As if they had been installed from the lock files of now, by a Python that does nothing."""
        for name, locks in ENVIRONMENTS.items():
            python = self.root / ".forebay" / name / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text('#!/bin/sh\necho "$@" >> "$0.log"\n')
            python.chmod(0o755)
            stamps = self.root / ".forebay" / "stamps"
            stamps.mkdir(exist_ok=True)
            text = b"".join((self.root / lock).read_bytes() for lock in locks)
            (stamps / name).write_bytes(subprocess.run(["sha256sum"], input=text, capture_output=True).stdout)

    def calls(self, name="venv"):
        log = self.root / ".forebay" / name / "bin" / "python.log"
        return log.read_text().splitlines() if log.is_file() else []

    def setup(self, *parts, **environment):
        return subprocess.run([self.root / "tools/setup", *parts], capture_output=True, text=True, timeout=60,
                              env={"PATH": str(self.bin), "OS_RELEASE": str(self.release), **environment})


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def one_sentence(result):
    lines = result.stderr.splitlines()
    assert result.returncode == 3 and len(lines) == 1 and lines[0].startswith("make setup: ")
    return lines[0]


def test_a_second_run_here_takes_less_than_a_second():
    """Of CPU time: other tests run beside this one."""
    began = cpu_seconds()
    result = subprocess.run(["make", "setup"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0 and result.stderr == ""
    assert cpu_seconds() - began < 1


def test_nothing_missing_means_nothing_to_do(system):
    system.packages()
    system.environments()
    result = system.setup()
    assert result.returncode == 0 and result.stderr == ""
    assert system.calls() == ["tools/broker install"]
    assert system.calls("venv-spark") == ["tools/spark install"]
    assert system.calls("venv-datacontract") == system.calls("venv-airflow") == []


def test_a_changed_lock_file_is_installed_with_hashes(system):
    system.packages()
    system.environments()
    with open(system.root / "requirements/base.txt", "a") as lock:
        lock.write("# changed\n")
    assert system.setup().returncode == 0
    installs = [call for call in system.calls() if " install " in call]
    assert len(installs) == 1 and "--require-hashes" in installs[0] and "requirements/base.txt" in installs[0]
    assert system.calls("venv-datacontract") == []
    assert system.setup().returncode == 0
    assert len([call for call in system.calls() if " install " in call]) == 1


def test_only_pyspark_may_come_as_source_and_what_builds_it_is_locked(system):
    system.packages()
    system.environments()
    with open(system.root / "requirements/spark-build.txt", "a") as lock:
        lock.write("# changed\n")
    assert system.setup().returncode == 0
    build, install = [call for call in system.calls("venv-spark") if "pip " in call]
    assert "--require-hashes --only-binary :all: -r requirements/spark-build.txt" in build
    assert "--require-hashes --only-binary :all: --no-binary pyspark --no-build-isolation" in install


def test_without_root_and_sudo_it_names_what_is_missing(system):
    system.packages("cmake", "libyaml-cpp-dev")
    assert "need" in one_sentence(system.setup()) and "cmake libyaml-cpp-dev" in system.setup().stderr


def test_a_sudo_that_refuses_is_said(system):
    system.packages("cmake")
    system.program("sudo", "exit 1")
    assert "sudo refused to install them: cmake." in one_sentence(system.setup())


def test_another_system_gets_a_list_of_what_to_install(system):
    system.release.write_text("ID=ubuntu\nVERSION_ID=24.04\n")
    system.packages("cmake")
    sentence = one_sentence(system.setup())
    assert "this is ubuntu 24.04" in sentence and "cmake" in sentence and "PACKAGES=skip" in sentence


def test_a_system_without_dpkg_gets_a_list_of_what_to_install(system):
    assert "this is not Debian" in one_sentence(system.setup())
    system.environments()
    assert system.setup(PACKAGES="skip").returncode == 0


def test_no_fit_python_is_said(system):
    system.packages()
    system.program("old-python", "exit 1")
    assert "no Python from 3.11 on" in one_sentence(system.setup(PYTHON="old-python"))


def test_root_installs_only_what_is_missing(system):
    system.packages("cmake", "strace")
    system.environments()
    system.program("id", "echo 0")
    system.program("apt-get", f'echo "$@" >> {system.bin}/apt.log')
    assert system.setup().returncode == 0
    update, install = (system.bin / "apt.log").read_text().splitlines()
    assert update == "update -q"
    assert re.search(r"install .*--no-install-recommends cmake strace$", install)


def test_a_part_is_installed_alone(system):
    system.packages("cmake", "strace", "chromium")
    system.environments()
    system.program("id", "echo 0")
    system.program("apt-get", f'echo "$@" >> {system.bin}/apt.log')
    assert system.setup("build-packages").returncode == 0
    assert (system.bin / "apt.log").read_text().splitlines()[1].endswith("--no-install-recommends cmake")
    assert system.calls() == [] and system.calls("venv-spark") == []
    assert "'brokre' is not a part; choose from: packages" in one_sentence(system.setup("brokre"))


def test_docker_is_installed_on_request_and_where_no_engine_answers(system):
    system.packages("docker.io", "cmake")
    system.environments()
    system.program("id", "echo 0")
    system.program("apt-get", f'echo "$@" >> {system.bin}/apt.log')
    assert system.setup("docker").returncode == 0
    assert (system.bin / "apt.log").read_text().splitlines()[1].endswith("--no-install-recommends docker.io")
    (system.bin / "apt.log").unlink()
    system.program("docker", "exit 0")
    assert system.setup("docker").returncode == 0 and not (system.bin / "apt.log").exists()
    assert system.setup().returncode == 0
    assert (system.bin / "apt.log").read_text().splitlines()[1].endswith("--no-install-recommends cmake")


def test_java_and_maven_from_elsewhere_will_do(system):
    system.packages("openjdk-17-jre-headless", "maven", "python3", "python3-venv")
    system.environments()
    system.program("mvn", "exit 0")
    system.program("java", "echo 'openjdk version \"21.0.1\"' >&2")
    assert system.setup().returncode == 0
    system.program("java", "echo 'openjdk version \"11.0.1\"' >&2")
    assert "openjdk-17-jre-headless." in one_sentence(system.setup())
