"""Cuts logs of a broker back: copies of their directories, taken and put back while the broker is stopped."""
import shutil

# What a broker notes beside the logs is of the newer ones.
NOTES = ("recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint",
         "cleaner-offset-checkpoint", ".kafka_cleanshutdown")


class LogCopies:
    """Of logs such as "shop.clicks-0". Each method stops the broker, and starts it again."""

    def __init__(self, broker, directory):
        self.broker = broker
        self.directory = directory

    def take(self, logs):
        with _Stopped(self.broker):
            for log in logs:
                shutil.copytree(self._directory(log), self.directory / log)

    def put_back(self, logs, emptied=()):
        """The logs of `emptied` have no record any more."""
        with _Stopped(self.broker):
            for log in logs:
                shutil.rmtree(self._directory(log))
                shutil.copytree(self.directory / log, self._directory(log))
            for log in emptied:
                for file in self._directory(log).iterdir():
                    if file.name != "partition.metadata":
                        file.unlink()
            for note in NOTES:
                for path in self.broker.directory.glob(f"**/{note}"):
                    path.unlink()

    def take_broker(self):
        """All that the broker has, its leader epochs included."""
        with _Stopped(self.broker):
            shutil.copytree(self.broker.directory / "data", self.directory / "broker")

    def put_broker_back(self):
        with _Stopped(self.broker):
            shutil.rmtree(self.broker.directory / "data")
            shutil.copytree(self.directory / "broker", self.broker.directory / "data")

    def _directory(self, log):
        return self.broker.directory / "data" / log


class _Stopped:
    def __init__(self, broker):
        self.broker = broker

    def __enter__(self):
        self.broker.stop()

    def __exit__(self, *_):
        self.broker.start()
