"""Cuts logs of a broker back: copies of partition 0's directory, taken and put back while the broker is stopped."""
import shutil

# What a broker notes beside the logs is of the newer ones.
NOTES = ("recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint",
         ".kafka_cleanshutdown")


class LogCopies:
    """Each method stops the broker, and starts it again."""

    def __init__(self, broker, directory):
        self.broker = broker
        self.directory = directory

    def take(self, topics):
        with _Stopped(self.broker):
            for topic in topics:
                shutil.copytree(self._log(topic), self.directory / topic)

    def put_back(self, topics, emptied=()):
        """The logs of `emptied` have no record any more."""
        with _Stopped(self.broker):
            for topic in topics:
                shutil.rmtree(self._log(topic))
                shutil.copytree(self.directory / topic, self._log(topic))
            for topic in emptied:
                for file in self._log(topic).iterdir():
                    if file.name != "partition.metadata":
                        file.unlink()
            for note in NOTES:
                for path in self.broker.directory.glob(f"**/{note}"):
                    path.unlink()

    def _log(self, topic):
        return self.broker.directory / "data" / f"{topic}-0"


class _Stopped:
    def __init__(self, broker):
        self.broker = broker

    def __enter__(self):
        self.broker.stop()

    def __exit__(self, *_):
        self.broker.start()
