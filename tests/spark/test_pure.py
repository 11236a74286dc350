"""The parts of the job that need no Spark: settings, offsets, schemas, error sentences."""
import base64
import datetime
import json

import pyarrow as pa
import pytest

from forebay import Position
from forebay.spark import kafka_config, offsets, shape, transform
from forebay.spark.failures import JobError, named, sentence_of
from forebay.spark.options import parse_duration_ms
from forebay.spark.stream import MergeStats

# --- Settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, milliseconds", [("250ms", 250), ("90s", 90_000), ("5m", 300_000), ("2h", 7_200_000),
                                                ("1d", 86_400_000), ("7", 7000)])
def test_durations(text, milliseconds):
    assert parse_duration_ms(text) == milliseconds


@pytest.mark.parametrize("text", ["", "s", "1.5s", "-1s", "1 s", "1w"])
def test_malformed_durations(text):
    with pytest.raises(JobError, match="is not a duration"):
        parse_duration_ms(text)


def test_librdkafka_settings_are_translated_for_java(tmp_path):
    file = tmp_path / "kafka.properties"
    file.write_text("# ours\nsecurity.protocol = SASL_SSL\nsasl.mechanisms=SCRAM-SHA-512\nsasl.username=al\"ice\n"
                    "sasl.password=${SECRET}\nssl.ca.location=/etc/ca.pem\nqueued.max.messages.kbytes=1000\n"
                    "fetch.message.max.bytes=2000\n")
    assert kafka_config.read(file, {"SECRET": "a=b\\c"}) == {
        "kafka.security.protocol": "SASL_SSL", "kafka.sasl.mechanism": "SCRAM-SHA-512",
        "kafka.sasl.jaas.config": 'org.apache.kafka.common.security.scram.ScramLoginModule required '
                                  'username="al\\"ice" password="a=b\\\\c";',
        "kafka.ssl.truststore.type": "PEM", "kafka.ssl.truststore.location": "/etc/ca.pem",
        "kafka.max.partition.fetch.bytes": "2000"}
    assert kafka_config.read(None) == {}


MODULES = "org.apache.kafka.common.security."
OIDC = {"sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc", "sasl.oauthbearer.client.id": "me",
        "sasl.oauthbearer.client.secret": "x", "sasl.oauthbearer.token.endpoint.url": "https://issuer/token"}


def key_with(content):
    """An encrypted private key with these bytes, in one line."""
    text = base64.b64encode(bytes.fromhex(content)).decode()
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----{text}-----END ENCRYPTED PRIVATE KEY-----"


@pytest.mark.parametrize("settings, java", [
    ({"security.protocol": "sasl_ssl", "sasl.mechanisms": "GSSAPI", "sasl.kerberos.keytab": "/etc/me.keytab",
      "sasl.kerberos.principal": "me@HERE", "sasl.kerberos.kinit.cmd": "kinit"},
     {"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "kafka",
      "sasl.jaas.config": 'com.sun.security.auth.module.Krb5LoginModule required useKeyTab="true" storeKey="true" '
                          'keyTab="/etc/me.keytab" principal="me@HERE";'}),
    ({"sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "broker"},
     {"sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "broker",
      "sasl.jaas.config": 'com.sun.security.auth.module.Krb5LoginModule required useTicketCache="true" '
                          'renewTGT="true";'}),
    (OIDC | {"sasl.oauthbearer.scope": "read", "sasl.oauthbearer.extensions": "team=a,tier=1",
             "https.ca.location": "/etc/issuer.pem"},
     {"sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url": "https://issuer/token",
      "sasl.login.callback.handler.class": MODULES + "oauthbearer.OAuthBearerLoginCallbackHandler",
      "sasl.jaas.config": MODULES + 'oauthbearer.OAuthBearerLoginModule required clientId="me" clientSecret="x" '
                          'scope="read" extension_team="a" extension_tier="1" ssl.truststore.type="PEM" '
                          'ssl.truststore.location="/etc/issuer.pem";'}),
    ({"sasl.mechanism": "OAUTHBEARER", "enable.sasl.oauthbearer.unsecure.jwt": "true",
      "sasl.oauthbearer.config": "principal=bob extension_team=a"},
     {"sasl.mechanism": "OAUTHBEARER",
      "sasl.jaas.config": MODULES + 'oauthbearer.OAuthBearerLoginModule required unsecuredLoginExtension_team="a" '
                          'unsecuredLoginStringClaim_sub="bob" unsecuredLoginPrincipalClaimName="sub" '
                          'unsecuredLoginLifetimeSeconds="3600";'}),
    ({"ssl.keystore.location": "/me.p12", "ssl.keystore.password": "x"},
     {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": "/me.p12", "ssl.keystore.password": "x"}),
    ({"ssl.ca.pem": "C", "ssl.certificate.pem": "D", "ssl.key.pem": "-----BEGIN PRIVATE KEY-----"},
     {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": "C", "ssl.keystore.type": "PEM",
      "ssl.keystore.certificate.chain": "D", "ssl.keystore.key": "-----BEGIN PRIVATE KEY-----"}),
    ({"ssl.certificate.pem": "D", "ssl.key.pem": key_with("0001"), "ssl.key.password": "x"},
     {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": "D", "ssl.keystore.key": key_with("0001"),
      "ssl.key.password": "x"}),
    ({"ssl.endpoint.identification.algorithm": "none"}, {"ssl.endpoint.identification.algorithm": ""}),
    ({"ssl.endpoint.identification.algorithm": "https"}, {"ssl.endpoint.identification.algorithm": "https"}),
    ({"enable.ssl.certificate.verification": "1", "security.protocol": "ssl", "sasl.mechanism": "PLAIN"},
     {"security.protocol": "SSL"}),
    ({"ssl.ca.location": "probe"},
     {"ssl.truststore.type": "PEM", "ssl.truststore.location": "/etc/ssl/certs/ca-certificates.crt"}),
])
def test_settings_of_security_are_translated_for_java(settings, java):
    assert kafka_config.translate(settings, "f") == java


def test_the_address_of_the_issuer_of_tokens_is_allowed_in_the_jvms():
    options = {f"kafka.{name}": value for name, value in kafka_config.translate(OIDC, "f").items()}
    allowed = "org.apache.kafka.sasl.oauthbearer.allowed.urls"
    assert kafka_config.jvm_properties(options) == {allowed: "https://issuer/token"}
    assert kafka_config.jvm_properties({}) == {}


@pytest.mark.parametrize("line, words", [
    ("sasl.mechanism=OAUTHBEARER", "without a way to get a token; set sasl.oauthbearer.method=oidc"),
    ("sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.method=oidc", "sasl.oauthbearer.client.id is missing"),
    ("sasl.mechanism=DIGEST-MD5", "sasl.mechanism=DIGEST-MD5 has no counterpart .*; use one of PLAIN, "),
    ("sasl.mechanism=PLAIN\nsasl.username=me", "sasl.password is missing; PLAIN needs it"),
    ("sasl.username=me", "sasl.mechanism is missing"),
    ("security.protocol=sasl_ssl", "sasl.mechanism is missing"),
    ("sasl.mechanism=PLAIN\nsasl.username=a\nsasl.password=b\nsasl.kerberos.keytab=k",
     "'sasl.kerberos.keytab' has no counterpart .*; remove it: sasl.mechanism is PLAIN"),
    ("enable.ssl.certificate.verification=false", "enable.ssl.certificate.verification=false"),
    ("ssl.ca.location=/etc/ssl/certs", "/etc/ssl/certs is a directory, .*; give one file with all certificates"),
    ("ssl.certificate.pem=C", "ssl.key.location is missing"),
    ("ssl.certificate.pem=C\nssl.key.pem=-----BEGIN RSA PRIVATE KEY-----", "openssl pkcs12 -export"),
    (f"ssl.certificate.pem=C\nssl.key.pem={key_with('06092a864886f70d01050d')}", "openssl pkcs12 -export"),
    ("ssl.certificate.pem=C\nssl.key.pem=-----BEGIN ENCRYPTED PRIVATE KEY-----A-----END", "client.s key is damaged"),
    ("ssl.ca.pem=C\nssl.ca.location=/ca.pem", "ssl.ca.pem and ssl.ca.location are both given"),
    ("ssl.keystore.password=x", "ssl.keystore.location is missing"),
    ("ssl.cipher.suites=x", "'ssl.cipher.suites' has no counterpart"),
    ("plugin.library.paths=x", "plugin.library.paths"),
    ("sasl.password=${NOT_SET}", "NOT_SET is not set"),
])
def test_settings_without_a_counterpart_are_refused_by_name(line, words):
    with pytest.raises(JobError, match=words) as failure:
        kafka_config.translate(kafka_config.parse(line, "f", {}), "f")
    assert failure.value.exit_status == 2 and str(failure.value).startswith("f: ")


def test_a_certificate_in_another_form_than_pem_is_named(tmp_path):
    (tmp_path / "cert.der").write_bytes(b"\x30\x82\xff")
    settings = {"ssl.certificate.location": str(tmp_path / "cert.der"), "ssl.key.location": "/dev/null"}
    with pytest.raises(JobError, match="ssl.certificate.location: '.*cert.der' is not PEM"):
        kafka_config.translate(settings, "f")


@pytest.mark.parametrize("missing", ["ssl.certificate.location", "ssl.key.location"])
def test_a_certificate_that_cannot_be_read_is_named(missing):
    settings = {"ssl.certificate.location": "/dev/null", "ssl.key.location": "/dev/null", missing: "/no/such/file"}
    with pytest.raises(JobError) as failure:
        kafka_config.translate(settings, "f")
    assert str(failure.value) == (f"f: {missing}: cannot read '/no/such/file': "
                                  "No such file or directory; correct the path")
    assert failure.value.exit_status == 2


# --- Offsets -----------------------------------------------------------------------------------------------------

def test_every_partition_is_assigned_from_its_own_offset():
    plan = [Position("clicks", "c", "id", partition, partition * 10, 100) for partition in (1, 0, 10)]
    plan.append(Position("clicks", "d", "other", 0, 7, 7))
    options = offsets.assignment(offsets.beginnings(plan))
    assert json.loads(options["assign"]) == {"c": [0, 1, 10], "d": [0]}
    assert json.loads(options["startingOffsets"]) == {"c": {"0": 0, "1": 10, "10": 100}, "d": {"0": 7}}


def test_ranges_are_between_positions_that_changed(tmp_path):
    (tmp_path / "offsets").mkdir()
    (tmp_path / "offsets" / "3").write_text('v1\n{"batchWatermarkMs":0}\n{"c":{"0":7,"1":5,"10":9},"d":{"0":3}}')
    end = offsets.read_end(tmp_path, 3)
    assert end == {("c", 0): 7, ("c", 1): 5, ("c", 10): 9, ("d", 0): 3}
    ranges = offsets.ranges({("c", 0): 2, ("c", 1): 5, ("c", 10): 0, ("d", 0): 1}, end)
    assert ranges == [("c", 0, 2, 7), ("c", 10, 0, 9), ("d", 0, 1, 3)]
    assert offsets.partitions(ranges) == {("c", 0), ("c", 10), ("d", 0)}
    with pytest.raises(ValueError, match=r"Spark read partitions .*\('d', 0\)\] instead of \[\('c', 0\)\]"):
        offsets.ranges({("c", 0): 2}, end)


def test_tasks_follow_the_partitions_and_the_size_of_a_batch():
    ranges = [("c", partition, 0, 1_000_000) for partition in range(6)]
    assert offsets.tasks(ranges, parallelism=2) == 2
    assert offsets.tasks(ranges, parallelism=16) == 6
    assert offsets.tasks(ranges, parallelism=None) == 6  # executors are added for tasks that wait
    assert offsets.tasks([("c", 0, 0, 600_000), ("c", 1, 0, 1)], parallelism=None) == 2
    assert offsets.tasks([("c", partition, 0, 1000) for partition in range(6)], parallelism=None) == 1


def test_lag():
    latest = offsets.places({"c": {"0": 7, "1": 8, "2": 4}, "d": {"0": 6}})
    assert offsets.lag({("c", 0): 5, ("c", 1): 9, ("d", 0): 5}, latest) == 2 + 0 + 4 + 1


def test_statistics_that_are_reported_twice_count_once():
    merge = MergeStats()
    report = {(0, "c", 1, 5): ["a", "b"]}
    once = merge.addInPlace(merge.zero({}), report)
    assert merge.addInPlace(once, report | {(0, "d", 1, 5): ["c"]}) == {(0, "c", 1, 5): ["a", "b"],
                                                                     (0, "d", 1, 5): ["c"]}


# --- Schemas -----------------------------------------------------------------------------------------------------

COORDINATES = [pa.field("_kafka_partition", pa.int32(), nullable=False), pa.field("_kafka_offset", pa.int64()),
               pa.field("_kafka_timestamp", pa.timestamp("us", "UTC"))]
DECODED = pa.schema([pa.field("a", pa.string(), nullable=False), *COORDINATES, pa.field("_partition", pa.string())])
REJECTS = pa.schema([pa.field("_kafka_topic", pa.string()), *COORDINATES, pa.field("value", pa.binary()),
                     pa.field("reason", pa.string())])
TOMBSTONES = pa.schema([pa.field("_kafka_topic", pa.string()), *COORDINATES])
TIME = datetime.datetime(2025, 10, 30, tzinfo=datetime.timezone.utc)


def batch(schema, *rows):
    filled = [{"_kafka_partition": 0, "_kafka_timestamp": TIME, **row} for row in rows]
    return pa.RecordBatch.from_pylist(filled, schema=schema)


def test_split_reverses_merge():
    schema = shape.transport_schema(DECODED, REJECTS)
    rows = batch(DECODED, {"a": "x", "_kafka_offset": 1, "_partition": "d=1"}, {"a": "y", "_kafka_offset": 4})
    rejects = batch(REJECTS, {"_kafka_topic": "t", "_kafka_offset": 2, "value": b"\xff", "reason": "not_utf8"},
                    {"_kafka_topic": "t", "_kafka_offset": 5, "value": b"{", "reason": None})
    tombstones = batch(TOMBSTONES, {"_kafka_topic": "t", "_kafka_offset": 3})
    parts = [shape.merge_rows(rows, schema),
             shape.merge_side_channel(shape.REJECT, rejects, schema),
             shape.merge_side_channel(shape.TOMBSTONE, tombstones, schema)]
    assert all(part.schema == schema for part in parts)
    # Spark forms its own batches.
    together = pa.Table.from_batches(parts).combine_chunks().to_batches()[0]
    split_rows, split_rejects, split_tombstones = shape.split(together, REJECTS, TOMBSTONES)
    assert split_rows.to_pylist() == rows.to_pylist()
    assert split_rejects.to_pylist() == rejects.to_pylist() and split_rejects.schema == REJECTS
    assert split_tombstones.to_pylist() == tombstones.to_pylist()


def test_a_batch_of_valid_rows_is_unchanged():
    schema = shape.transport_schema(DECODED, REJECTS)
    rows = batch(DECODED, {"a": "x", "_kafka_offset": 1})
    split_rows, rejects, tombstones = shape.split(shape.merge_rows(rows, schema), REJECTS, TOMBSTONES)
    assert split_rows.to_pylist() == rows.to_pylist() and (rejects.num_rows, tombstones.num_rows) == (0, 0)


# --- Error sentences ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text, sentence", [
    ("[STREAM_FAILED] Query [id = 1] terminated\n  File \"x.py\", line 1\npyspark.errors.PythonException: An error\n"
     "Traceback (most recent call last):\n  File \"y.py\", line 2, in f\nOSError: [Errno 28] No space left on device\n"
     " SQLSTATE: 39000 SQLSTATE: XXKST\n=== Streaming Query ===\nIdentifier: x",
     "[Errno 28] No space left on device (OSError)"),
    ("Job aborted\n\tat org.apache.spark.X.y(X.scala:1)\n"
     "Caused by: org.apache.kafka.common.errors.TimeoutException: Timed out\n\tat z(Z.java:3)",
     "Timed out (TimeoutException)"),
    ("[UNRESOLVED_COLUMN.WITH_SUGGESTION] no column `x`. SQLSTATE: 42703", "no column `x`."),
    ("nothing to be seen", "nothing to be seen"),
])
def test_the_cause_is_found_in_stack_traces(text, sentence):
    assert sentence_of(text) == sentence


def test_a_plain_exception_is_reported_with_its_class():
    assert named(KeyError("x")) == "'x' (KeyError)"


def test_a_malformed_name_of_a_transform():
    with pytest.raises(JobError, match="MODULE:FUNCTION"):
        transform.load("json.loads")
