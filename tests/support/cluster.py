"""Three Kafka nodes on loopback: the first is controller and broker, the others are brokers."""
import os
import signal
import subprocess
import time

from confluent_kafka.admin import AdminClient, NewTopic

from dev.broker import DEPLOY
from dev.broker.home import free_port
from dev.broker.java import JARS, class_archive_flags, find_java

JVM = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
CLUSTER_ID = "FAAAAAAAAAAAAAAAAAAAAA"
NODES = (1, 2, 3)
WAIT_S = 180


class Cluster:
    """A context manager: all nodes are killed at the end."""

    def __init__(self, directory):
        self.directory = directory
        self.ports = {node: free_port() for node in NODES}
        self.controller_port = free_port()
        self.processes = {}

    def __enter__(self):
        formatting = [self._format(node) for node in NODES]
        assert [process.wait(WAIT_S) for process in formatting] == [0, 0, 0]
        try:
            for node in NODES:
                self.start(node)
            self._wait(lambda: set(self._metadata().brokers) == set(NODES), "all nodes")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in list(self.processes):
            self.kill(node)

    @property
    def address(self):
        """Of the first node, which is never killed."""
        return f"127.0.0.1:{self.ports[1]}"

    def _config(self, node):
        text = (DEPLOY / "server.properties").read_text()
        listeners = f"PLAINTEXT://127.0.0.1:{self.ports[node]}"
        own = {"process.roles": "broker,controller" if node == 1 else "broker", "node.id": node,
               "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
               "listeners": f"{listeners},CONTROLLER://127.0.0.1:{self.controller_port}" if node == 1 else listeners,
               "advertised.listeners": listeners, "log.dirs": self.directory / f"node{node}"}
        lines = [line for line in text.splitlines() if line.partition("=")[0] not in own]
        path = self.directory / f"node{node}.properties"
        path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in own.items())]) + "\n")
        return path

    def _java(self, main, *arguments, log):
        with open(log, "ab") as output:
            return subprocess.Popen([find_java(), *JVM, *class_archive_flags(),
                                     f"-Dlog4j.configuration=file:{DEPLOY / 'log4j.properties'}",
                                     "-Dforebay.broker.appender=console", "-cp", f"{JARS.install()}/*", main,
                                     *map(str, arguments)],
                                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def _format(self, node):
        return self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self._config(node),
                          log=self.directory / f"node{node}.log")

    def start(self, node):
        self.processes[node] = self._java("kafka.Kafka", self.directory / f"node{node}.properties",
                                          log=self.directory / f"node{node}.log")

    def kill(self, node):
        process = self.processes.pop(node)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def _metadata(self, topic=None):
        return AdminClient({"bootstrap.servers": self.address}).list_topics(topic, timeout=10)

    def _wait(self, condition, what):
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                if condition():
                    return
            except Exception as error:  # noqa: BLE001: a cluster that starts or elects answers with many errors
                what = f"{what}: {error}"
            assert time.monotonic() < deadline, what
            time.sleep(0.2)

    def create_topic(self, topic, replicas):
        """One partition, on these nodes. A replica that lags may become leader."""
        made = NewTopic(topic, 1, replica_assignment=[list(replicas)],
                        config={"unclean.leader.election.enable": "true", "min.insync.replicas": "1"})
        admin = AdminClient({"bootstrap.servers": self.address})  # kept: the answers come from its thread
        for answer in admin.create_topics([made]).values():
            answer.result(60)
        self.wait_for_leader(topic, replicas)

    def wait_for_leader(self, topic, nodes):
        self._wait(lambda: self._metadata(topic).topics[topic].partitions[0].leader in nodes, f"a leader of {topic}")

    def wait_for_isr(self, topic, nodes):
        self._wait(lambda: set(self._metadata(topic).topics[topic].partitions[0].isrs) == set(nodes),
                   f"the replicas of {topic}")
