"""Translates librdkafka's settings for Kafka's Java client, so that one settings file serves both engines.

Spark's Kafka source is a Java client, with other names for the same settings. A setting without a counterpart is
refused by name instead of being ignored. Pure, except for reading files.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from forebay.spark.failures import JobError, usage_error

_SAME = {
    "security.protocol",
    "client.id",
    "client.rack",
    "client.dns.lookup",
    "ssl.endpoint.identification.algorithm",
    "sasl.oauthbearer.token.endpoint.url",
    "connections.max.idle.ms",
    "metadata.max.age.ms",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "request.timeout.ms",
}
_RENAMED = {
    "sasl.mechanism": "sasl.mechanism",
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.kerberos.service.name": "sasl.kerberos.service.name",
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    "fetch.wait.max.ms": "fetch.max.wait.ms",
    "fetch.min.bytes": "fetch.min.bytes",
    "fetch.max.bytes": "fetch.max.bytes",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "max.partition.fetch.bytes": "max.partition.fetch.bytes",
    "session.timeout.ms": "session.timeout.ms",
}
_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}
# Settings of librdkafka's queues and threads, or of producers: ignoring them is safe.
_IGNORED = re.compile(
    r"^(queue[d.].*|fetch\.queue\.backoff\.ms|fetch\.error\.backoff\.ms|log[._].*|debug|"
    r"socket\..*|statistics\..*|broker\.address\..*|compression\..*|batch\..*|linger\.ms|"
    r"topic\.metadata\..*|message\..*|receive\.message\.max\.bytes)$"
)


def read(path: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The Kafka source's options (`kafka.` and Java's name) for the settings of the file."""
    if path is None:
        return {}
    try:
        text = path.read_text()
    except OSError as failure:
        raise usage_error(
            f"cannot read the Kafka settings file {path}: {failure.strerror}; check --kafka-config"
        ) from failure
    return {f"kafka.{name}": value for name, value in translate(parse(text, str(path), environment), str(path)).items()}


def parse(text: str, where: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Parses `name=value` lines; `${NAME}` is an environment variable. The core refuses malformed lines."""
    settings = {}
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        if not name or name.startswith("#"):
            continue
        variable = re.fullmatch(r"\$\{(\w+)\}", value)
        if variable and variable[1] not in environment:
            raise usage_error(f"{where}: environment variable {variable[1]} is not set; export it")
        settings[name] = environment[variable[1]] if variable else value
    return settings


def translate(settings: Mapping[str, str], where: str) -> dict[str, str]:
    """Translates librdkafka's settings to Java's; messages begin with `where`."""
    left = dict(settings)
    java = _identity(left, where) | _certificates(left, where)
    for name, value in left.items():
        if name in _SAME:
            java[name] = value
        elif name in _RENAMED:
            java[_RENAMED[name]] = value
        elif name == "enable.ssl.certificate.verification":
            raise _no_counterpart(where, name, "set ssl.ca.location to the brokers' certificate authority")
        elif not _IGNORED.match(name):
            raise _no_counterpart(where, name, "remove it for the Spark engine")
    return java


def _identity(left: dict[str, str], where: str) -> dict[str, str]:
    user, password = left.pop("sasl.username", None), left.pop("sasl.password", None)
    mechanism = left.get("sasl.mechanism") or left.get("sasl.mechanisms") or ""
    if mechanism and mechanism not in _MODULES:
        raise _no_counterpart(where, f"sasl.mechanism={mechanism}", f"use {', '.join(_MODULES)}")
    if user is None or password is None:
        return {}
    return {
        "sasl.jaas.config": f'{_MODULES[mechanism or "PLAIN"]} required username="{_quoted(user)}" '
        f'password="{_quoted(password)}";'
    }


def _certificates(left: dict[str, str], where: str) -> dict[str, str]:
    java: dict[str, str] = {}
    if authority := left.pop("ssl.ca.location", None):
        java |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": authority}
    certificate, key = left.pop("ssl.certificate.location", None), left.pop("ssl.key.location", None)
    if certificate and key:
        chain = _content("ssl.certificate.location", certificate, where)
        private = _content("ssl.key.location", key, where)
        java |= {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": chain, "ssl.keystore.key": private}
    if password := left.pop("ssl.key.password", None):
        java["ssl.key.password"] = password
    return java


def _content(name: str, path: str, where: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as failure:
        raise usage_error(f"{where}: {name}: cannot read '{path}': {failure.strerror}; correct the path") from failure


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _no_counterpart(where: str, name: str, instead: str) -> JobError:
    return usage_error(
        f"{where}: '{name}' has no counterpart in Spark's Kafka client, which is written in Java; {instead}"
    )
