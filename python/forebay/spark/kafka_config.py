"""Translates librdkafka's settings for Kafka's Java client, so that one settings file serves both engines.

Spark's Kafka source is a Java client, with other names for the same settings. A setting without a counterpart is
refused by name instead of being ignored. Pure, except for reading files.
"""

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

from forebay.spark import kafka_sasl
from forebay.spark.failures import usage_error
from forebay.spark.kafka_sasl import ALLOWED_ENDPOINTS, OIDC_ENDPOINT, no_counterpart

_HOST_NAME = "ssl.endpoint.identification.algorithm"
_ENCRYPTED_KEY = re.compile("-----BEGIN ENCRYPTED PRIVATE KEY-----([^-]*)-----END")
# The identifier of the encryption, as such a key has it.
_PBES2 = bytes.fromhex("06092a864886f70d01050d")

_SAME = {
    "client.id",
    "client.rack",
    "client.dns.lookup",
    "connections.max.idle.ms",
    "metadata.max.age.ms",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "request.timeout.ms",
}
_RENAMED = {
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    "fetch.wait.max.ms": "fetch.max.wait.ms",
    "fetch.min.bytes": "fetch.min.bytes",
    "fetch.max.bytes": "fetch.max.bytes",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "max.partition.fetch.bytes": "max.partition.fetch.bytes",
    "session.timeout.ms": "session.timeout.ms",
}
# Where librdkafka looks for the system's certificate authorities with ssl.ca.location=probe: files first.
_SYSTEM_AUTHORITIES = (
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/cacert.pem",
    "/etc/certs/ca-certificates.crt",
    "/etc/ssl/certs/ca-certificates.crt",
)
# Settings of librdkafka's queues and threads, or of producers: ignoring them is safe.
_TRUE = {"true", "t", "1"}  # what librdkafka takes as true
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


def jvm_properties(source: Mapping[str, str]) -> dict[str, str]:
    """Properties that the JVMs of driver and executors need for these options of the Kafka source."""
    endpoint = source.get(f"kafka.{OIDC_ENDPOINT}")
    return {} if endpoint is None else {ALLOWED_ENDPOINTS: endpoint}


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
    java = kafka_sasl.take(left, where) | _certificates(left, where)
    if protocol := left.pop("security.protocol", None):
        java["security.protocol"] = protocol.upper()
    for name, value in left.items():
        if name in _SAME:
            java[name] = value
        elif name in _RENAMED:
            java[_RENAMED[name]] = value
        elif not _IGNORED.match(name):
            raise no_counterpart(where, name, "remove it for the Spark engine")
    return java


def _certificates(left: dict[str, str], where: str) -> dict[str, str]:
    return _host_name(left, where) | _authorities(left, where) | _own_certificate(left, where)


def _host_name(left: dict[str, str], where: str) -> dict[str, str]:
    """Whether a broker's certificate must be valid at all, and name the host."""
    if left.pop("enable.ssl.certificate.verification", "true").lower() not in _TRUE:
        raise no_counterpart(
            where,
            "enable.ssl.certificate.verification=false",
            "set ssl.ca.location to the brokers' certificate authority",
        )
    algorithm = left.pop("ssl.endpoint.identification.algorithm", None)
    return {} if algorithm is None else {_HOST_NAME: "" if algorithm == "none" else algorithm}


def _authorities(left: dict[str, str], where: str) -> dict[str, str]:
    pem, place = left.pop("ssl.ca.pem", None), left.pop("ssl.ca.location", None)
    if pem and place:
        raise usage_error(f"{where}: ssl.ca.pem and ssl.ca.location are both given; remove one")
    if pem:
        return {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": pem}
    if place is None:
        return {}
    if place == "probe":
        place = next((path for path in _SYSTEM_AUTHORITIES if Path(path).is_file()), None)
        if place is None:
            raise usage_error(
                f"{where}: ssl.ca.location=probe: no file of certificate authorities on this system; install "
                "ca-certificates, or give a file"
            )
    elif Path(place).is_dir():
        raise usage_error(
            f"{where}: ssl.ca.location: {place} is a directory, of which Spark's Kafka client can read none; give one "
            "file with all certificates"
        )
    return {"ssl.truststore.type": "PEM", "ssl.truststore.location": place}


def _own_certificate(left: dict[str, str], where: str) -> dict[str, str]:
    """The client's certificate and key: a PKCS#12 file, or PEM."""
    password = left.pop("ssl.key.password", None)
    if store := left.pop("ssl.keystore.location", None):
        java = {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": store}
        java["ssl.keystore.password"] = left.pop("ssl.keystore.password", "")
        return java
    if "ssl.keystore.password" in left:
        raise usage_error(f"{where}: ssl.keystore.location is missing; ssl.keystore.password is for that file")
    certificate, key = (_pem(name, left, where) for name in ("certificate", "key"))
    if certificate is None and key is None:
        return {}
    if certificate is None or key is None:
        missing = "certificate" if certificate is None else "key"
        raise usage_error(f"{where}: ssl.{missing}.location is missing; a client needs a certificate and its key")
    java = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": certificate,
        "ssl.keystore.key": _readable_key(key, where),
    }
    if password is not None and _ENCRYPTED_KEY.search(key):  # Java refuses a password that is not needed
        java["ssl.key.password"] = password
    return java


def _readable_key(key: str, where: str) -> str:
    """The key, if it has a form that Java reads: PKCS#8, with an encryption that is older than today's PBES2."""
    encrypted = _ENCRYPTED_KEY.search(key)
    if encrypted is None and "-----BEGIN PRIVATE KEY-----" in key:
        return key
    if encrypted is not None and _PBES2 not in _decoded(encrypted[1], where):
        return key
    raise usage_error(
        f"{where}: the client's key is in a form of PEM that Spark's Kafka client cannot read; put it and its "
        "certificate into one file, with `openssl pkcs12 -export -in CERTIFICATE -inkey KEY -out FILE`, and set "
        "ssl.keystore.location and ssl.keystore.password"
    )


def _decoded(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError as damage:
        raise usage_error(f"{where}: the client's key is damaged: {damage}; restore its file") from damage


def _pem(name: str, left: dict[str, str], where: str) -> str | None:
    content, place = left.pop(f"ssl.{name}.pem", None), left.pop(f"ssl.{name}.location", None)
    if content is not None or place is None:
        return content
    try:
        return Path(place).read_text()
    except OSError as failure:
        raise usage_error(
            f"{where}: ssl.{name}.location: cannot read '{place}': {failure.strerror}; correct the path"
        ) from failure
    except UnicodeDecodeError as failure:
        raise usage_error(f"{where}: ssl.{name}.location: '{place}' is not PEM; convert it with `openssl`") from failure
