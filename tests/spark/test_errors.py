"""Failures before and around landing: one sentence on stderr, the right exit status, no stack trace.

Most of them must end before a JVM starts, which is tested by their duration.
"""
import os
import time

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from dev.broker.home import free_port
from support import topics

WITHOUT_JVM_S = 5


def one_sentence(result, status, *words):
    lines = result.stderr.strip().splitlines()
    assert result.status == status, result
    assert len(lines) == 1 and lines[0].startswith("forebay: "), result
    assert all(word in lines[0] for word in words), result
    assert result.stdout == ""


def refused(landing, status, *words, arguments=(), env=None):
    began = time.monotonic()
    result = landing.spark("--once", *arguments, status=None, env=env)
    one_sentence(result, status, *words)
    assert time.monotonic() - began < WITHOUT_JVM_S


@pytest.mark.parametrize("arguments, words", [
    (["--contract", "nowhere.yaml"], ["nowhere.yaml"]),
    (["--flush-interval", "soon"], ["--flush-interval", "250ms, 90s"]),
    (["--max-reject-rate", "2"], ["not between 0 and 1"]),
    (["--max-offsets-per-trigger", "-1"], ["number of offsets"]),
    (["--start", "yesterday"], ["yesterday"]),
    (["--follow"], ["--follow"]),
    (["--spark-conf", "x"], ["KEY=VALUE"]),
    (["--kafka-config", "nowhere.properties"], ["nowhere.properties"]),
    (["--brokers", "127.0.0.1:99999"], ["'127.0.0.1:99999' is not HOST:PORT"]),
    (["--connector", "nowhere"], ["connector is not in nowhere", "tools/spark install"]),
])
def test_wrong_usage(landing, arguments, words):
    refused(landing, 3 if "--connector" in arguments else 2, *words, arguments=arguments)


def test_a_bad_contract(landing):
    bad = landing.directory / "bad.yaml"
    bad.write_text(landing.contract.path.read_text().replace("logicalType: timestamp", "logicalType: moment", 1))
    refused(landing, 2, "moment", arguments=["--contract", bad])


def test_no_java_or_an_old_one(landing):
    landing.produce("--records", 100, "--seed", 1)
    refused(landing, 3, "no Java found", "openjdk-17", env={"PATH": "/nowhere", "JAVA_HOME": ""})
    refused(landing, 3, "no Java found (JAVA_HOME is /nowhere)", env={"JAVA_HOME": "/nowhere"})
    java = landing.directory / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    refused(landing, 3, "is Java 11", "needs Java 17", env={"JAVA_HOME": str(java.parents[1])})


def test_a_stop_file_that_already_exists(landing):
    (landing.directory / "stop").touch()
    refused(landing, 2, "already exists", arguments=["--stop-file", landing.directory / "stop"])


def test_brokers_that_do_not_answer(landing):
    address = f"127.0.0.1:{free_port()}"
    result = landing.spark("--once", "--brokers", address, status=3)
    assert address in result.stderr.splitlines()[-1]
    assert result.stderr.count("forebay: ") == 1 and "Traceback" not in result.stderr


def test_a_locked_lake(landing):
    landing.produce("--records", 100, "--seed", 1)
    with landing.follow("--flush-interval", "100ms"):
        deadline = time.monotonic() + 30
        while not (landing.lake / "_forebay" / "lake.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        refused(landing, 4, "another", str(landing.lake))


def test_expired_offsets_and_recreated_topics(here):
    """Reported as by the native engine, and resolved by the same flags."""
    landing = here
    landing.produce("--records", 500, "--seed", 1)
    landing.land()
    landing.produce("--records", 500, "--seed", 2)
    topic = landing.contract.topic("clicks")
    admin = AdminClient({"bootstrap.servers": landing.broker.address})
    ends = admin.delete_records([TopicPartition(topic, partition, -1) for partition in range(2)])
    for end in ends.values():
        end.result(30)
    refused(landing, 3, "expired before they were landed", "--accept-loss")
    assert landing.spark_here(accept_loss=True).rows > 0

    topics.recreate(landing.broker, topic, 2)
    refused(landing, 3, topic, "--adopt-topic")
    landing.produce("--records", 500, "--seed", 3)
    assert landing.spark_here(adopt_topics=[topic]).rows > 0
    assert landing.spark_here().batches == 0


def test_settings_come_from_the_environment(landing):
    """FOREBAY_ variables set flags; flags override them."""
    env = {"FOREBAY_CONTRACT": str(landing.contract), "FOREBAY_BROKERS": landing.broker.address,
           "FOREBAY_LAKE": str(landing.lake), "FOREBAY_FLUSH_INTERVAL": "soon"}
    result = landing.start_spark_bare("--once", env=env).wait(30)
    one_sentence(result, 2, "soon")
    result = landing.start_spark_bare("--once", "--flush-interval", "1s", env=env).wait(30)
    assert result.status == 0 and "nothing new to land" in result.stdout, result


def test_nothing_to_land_needs_no_jvm(landing):
    began = time.monotonic()
    result = landing.spark("--once", "--json")
    assert result.json["batches"] == 0
    assert time.monotonic() - began < WITHOUT_JVM_S
    assert os.listdir(landing.directory / "tmp") == [] if (landing.directory / "tmp").exists() else True
