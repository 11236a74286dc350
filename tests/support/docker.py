"""A Docker engine for tests, and the stack of docker-compose.yml in it, under a name and on ports of its own."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from dev.broker.home import free_port, locked
from support.paths import ROOT

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 90
BUILD_TIMEOUT_S = 3600
HEALTH_TIMEOUT_S = 900
BASE_IMAGE = "debian:12-slim"
# Images and layers, kept from run to run; those that are in no image of today for a week.
KEPT = "168h"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "forebay" / "docker"
TRUSTED = Path("/usr/local/share/ca-certificates")
# What Debian's slim image leaves out, too.
UNWANTED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/cache/apt",
            "var/lib/apt/lists")


class CannotRun(Exception):
    """No Docker engine answers, and none can be started here. The message says why."""


def run(*command, timeout=600, environment=None, check=True):
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=timeout, cwd=ROOT,
                            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    assert not check or result.returncode == 0, f"{command}\n{result.stdout[-6000:]}\n{result.stderr[-6000:]}"
    return result


# --- The engine --------------------------------------------------------------------------------------------------

def engine_answers(environment=None):
    if shutil.which("docker") is None:
        return False
    return run("docker", "info", check=False, environment=environment).returncode == 0


@contextlib.contextmanager
def engine():
    """The environment by which `docker` finds an engine: the host's, or one that runs until the end of the block."""
    if engine_answers():
        yield {}
        return
    if os.geteuid() != 0:
        raise CannotRun("no Docker engine answers, and starting one needs root")
    missing = [program for program in ("dockerd", "iptables-save", "docker") if shutil.which(program) is None]
    if missing:
        raise CannotRun(f"no Docker engine answers, and there is no {missing[0]}; `tools/setup docker` installs it")
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE.with_suffix(".lock")), network_as_before():
        directory = Path(tempfile.mkdtemp(prefix="forebay-docker-"))
        try:
            with daemon(directory) as environment:
                yield environment
        finally:
            shutil.rmtree(directory)


@contextlib.contextmanager
def daemon(directory):
    environment = {"DOCKER_HOST": f"unix://{directory}/docker.sock", "DOCKER_CONFIG": str(directory)}
    log = directory / "dockerd.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(["dockerd", "--host", environment["DOCKER_HOST"], "--data-root", CACHE,
                                    "--exec-root", directory / "exec", "--pidfile", directory / "docker.pid"],
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not engine_answers(environment):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotRun(f"dockerd does not run here: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        remove_leftovers(environment)
        yield environment
        for kind in ("image", "builder"):
            run("docker", kind, "prune", "-f", "--filter", f"until={KEPT}", environment=environment)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()


def remove_leftovers(environment):
    """All but images, of an engine that is ours alone: containers that a killed run left start with the engine."""
    for listing, removal in ((["ps", "-a"], ["rm", "-f"]), (["volume", "ls"], ["volume", "rm"])):
        found = run("docker", *listing, "-q", environment=environment).stdout.split()
        if found:
            run("docker", *removal, *found, environment=environment)
    run("docker", "network", "prune", "-f", environment=environment)


@contextlib.contextmanager
def network_as_before():
    """A Docker engine leaves a bridge, rules and forwarding behind."""
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    forwarded = forward.read_text()
    links = bridges()
    rules = {tool: run(f"{tool}-save").stdout for tool in ("iptables", "ip6tables")}
    try:
        yield
    finally:
        for link in bridges() - links:
            run("ip", "link", "delete", link, check=False)
        for tool, text in rules.items():
            subprocess.run([f"{tool}-restore"], input=_with_empty_tables(tool, text), text=True, check=True)
        forward.write_text(forwarded)


def bridges():
    return {link for link in os.listdir("/sys/class/net") if link.startswith(("docker", "br-", "veth"))}


def _with_empty_tables(tool, text):
    """A table without rules is not in what was saved, and what is not there is not restored."""
    now = run(f"{tool}-save").stdout
    added = [line for line in now.splitlines() if line.startswith("*") and line not in text]
    return text + "".join(f"{table}\nCOMMIT\n" for table in added)


def make_base_image(environment, directory):
    """Debian's slim image: pulled or, where it can't be, made of Debian's packages."""
    if run("docker", "image", "inspect", BASE_IMAGE, environment=environment, check=False).returncode == 0:
        return
    if run("docker", "pull", "-q", BASE_IMAGE, environment=environment, check=False).returncode == 0:
        return
    if shutil.which("debootstrap") is None:
        raise CannotRun(f"{BASE_IMAGE} can't be pulled, and there is no debootstrap to make it with")
    root = directory / "debian"
    run("debootstrap", "--variant=minbase", "bookworm", root)
    for folder in UNWANTED:
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir(parents=True)
    archive = directory / "debian.tar"
    run("tar", "--numeric-owner", "-cf", archive, "-C", root, ".")
    shutil.rmtree(root)
    run("docker", "import", "--change", 'CMD ["bash"]', archive, BASE_IMAGE, environment=environment)
    archive.unlink()


def how_builds_reach_registries():
    """What this host's clients use, as the variables of docker-compose.yml."""
    found = {"CA_CERTIFICATES": sorted(TRUSTED.glob("*.crt")),
             "PIP_CONF": [Path(os.environ.get("PIP_CONFIG_FILE", "/etc/pip.conf"))],
             "MAVEN_SETTINGS": [Path.home() / ".m2" / "settings.xml"]}
    return {f"FOREBAY_BUILD_{name}": "\n".join(path.read_text() for path in paths if path.is_file())
            for name, paths in found.items()}


# --- The stack ---------------------------------------------------------------------------------------------------

class Stack:
    """docker-compose.yml, by `docker compose` or by docker-compose 1.29. As a context manager: removed at the end."""

    def __init__(self, name, engine_environment, **settings):
        self.project = f"forebay-{name}-{os.getpid()}"
        self.engine_environment = engine_environment
        self.ports = {name: free_port() for name in ("KAFKA", "AIRFLOW", "PAGE")}
        self.environment = {**engine_environment, **how_builds_reach_registries(), **settings,
                            **{f"FOREBAY_{name}_PORT": str(port) for name, port in self.ports.items()}}
        has_plugin = self.docker("compose", "version", check=False).returncode == 0
        self.command = ["docker", "compose"] if has_plugin else ["docker-compose"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.compose("--profile", "demo", "down", "-v", "-t", "5", "--remove-orphans", check=False)
        assert self.leftovers() == {}

    def docker(self, *arguments, **options):
        return run("docker", *arguments, environment=self.environment, **options)

    def compose(self, *arguments, **options):
        return run(*self.command, "-p", self.project, *arguments, environment=self.environment, **options)

    def build(self):
        """What this checkout's own build has compiled is not compiled again."""
        compiled = ROOT / "build" / "objects"
        shutil.rmtree(compiled, ignore_errors=True)
        again = {"CCACHE_REMOTE_STORAGE": f"file:{compiled}", "CCACHE_RESHARE": "1"}
        run("tools/build", "release", "build/again", os.cpu_count(), "forebay", "_core", environment=again,
            timeout=BUILD_TIMEOUT_S)
        shutil.rmtree(ROOT / "build" / "again")
        self.compose("--profile", "demo", "build", timeout=BUILD_TIMEOUT_S)

    def execute(self, service, *command, **options):
        return self.compose("exec", "-T", service, *command, **options)

    def container(self, service):
        """What `docker inspect` says of it."""
        [found] = json.loads(self.docker("inspect", self.container_id(service)).stdout)
        return found

    def container_id(self, service):
        return self.compose("ps", "-a", "-q", service).stdout.strip()

    def volume(self, name):
        return Path(self.docker("volume", "inspect", "-f", "{{.Mountpoint}}", f"{self.project}_{name}").stdout.strip())

    def kill(self, *services):
        self.docker("kill", *map(self.container_id, services))

    def wait_until_healthy(self, *services):
        deadline = time.monotonic() + HEALTH_TIMEOUT_S
        while True:
            health = {service: self.container(service)["State"]["Health"]["Status"] for service in services}
            if set(health.values()) == {"healthy"}:
                return
            assert time.monotonic() < deadline, (health, self.compose("logs", "--tail", "50").stdout)
            time.sleep(0.5)

    def leftovers(self):
        label = f"label=com.docker.compose.project={self.project}"
        kinds = {"container": ["ps", "-a"], "volume": ["volume", "ls"], "network": ["network", "ls"]}
        return {kind: found for kind, listing in kinds.items()
                if (found := self.docker(*listing, "-q", "--filter", label).stdout.split())}
