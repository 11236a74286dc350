"""One broker's directory, and how to ask a broker whether it is up."""
import contextlib
import fcntl
import os
import re
import socket
import struct
from pathlib import Path

from dev.broker import DEPLOY, HOST, INSIDE_PORT


@contextlib.contextmanager
def locked(path):
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Home:
    """The files of one broker: server.properties, broker.log, stdout.log, broker.pid, lock, data/; and optionally
    extra.properties, whose settings override the others."""

    def __init__(self, directory):
        self.dir = Path(directory).resolve()
        self.config = self.dir / "server.properties"
        self.log = self.dir / "broker.log"
        self.stdout = self.dir / "stdout.log"
        self.pid_file = self.dir / "broker.pid"
        self.lock_file = self.dir / "lock"
        self.data = self.dir / "data"

    def lock(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        return locked(self.lock_file)

    def pid(self):
        """The running broker's process id, or None. A number that has since gone to another program does not count."""
        try:
            pid = int(self.pid_file.read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if os.fsencode(self.config) in words and is_alive(pid) else None

    def port(self):
        """The port it has, or had when it last ran."""
        found = _search(r"^advertised\.listeners=.*:(\d+)$", self.config)
        return int(found) if found else None

    def cluster_id(self):
        """None when there is no formatted data."""
        return _search(r"^cluster\.id=(.*)$", self.data / "meta.properties")

    def write_config(self, port, controller_port, host=None):
        """`host`: the name of this broker's container, by which other containers reach it."""
        text = (DEPLOY / "server.properties").read_text()
        if host is not None:
            text += (DEPLOY / "container.properties").read_text()
        extra = self.dir / "extra.properties"
        if extra.is_file():
            text += extra.read_text()
        for word, value in {"@PORT@": port, "@CONTROLLER_PORT@": controller_port, "@DATA_DIR@": self.data,
                            "@HOST@": host, "@INSIDE_PORT@": INSIDE_PORT}.items():
            text = text.replace(word, str(value))
        self.config.write_text(text)


def _search(pattern, path):
    try:
        found = re.search(pattern, path.read_text(), re.MULTILINE)
    except FileNotFoundError:
        return None
    return found[1] if found else None


def is_alive(pid):
    """False for a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- Ports and the Kafka protocol --------------------------------------------------------------------------------

def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def ask_cluster_id(port, timeout_s=2.0):
    """The cluster id in a Kafka Metadata reply that lists a live broker, or None: an answer, not just a connection."""
    # Metadata v4: header (key 3, version 4, correlation id 7, client id), no topics, no auto-creation.
    request = struct.pack(">hhih", 3, 4, 7, 7) + b"forebay" + struct.pack(">ib", 0, 0)
    try:
        with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            size, correlation = struct.unpack(">ii", _read_exactly(connection, 8))
            reply = _read_exactly(connection, min(size - 4, 65536))
        return parse_metadata(reply) if correlation == 7 else None
    except (OSError, EOFError, struct.error, UnicodeDecodeError):
        return None


def _read_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def parse_metadata(reply):
    """Throttle time; brokers, each an id, a host, a port and a rack; the cluster id; more that is of no interest."""
    _throttle, brokers = struct.unpack_from(">ii", reply)
    at = 8
    for _ in range(brokers):
        at += 4 + 2 + struct.unpack_from(">h", reply, at + 4)[0] + 4
        at += 2 + max(struct.unpack_from(">h", reply, at)[0], 0)
    size = struct.unpack_from(">h", reply, at)[0]
    return reply[at + 2:at + 2 + size].decode() if brokers > 0 and size > 0 else None
