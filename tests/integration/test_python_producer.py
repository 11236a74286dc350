"""python -m forebay.producer beside forebay produce: the same records, byte by byte, and the same receipt."""
import json
import re

import pytest

from forebay import Contract, _core
from forebay.producer import options as command_line
from support.contracts import ContractCopy
from support.forebay import Forebay, ForebayWithPythonProducer
from support.landing import Landing
from support.topics import read_topic

FAULTS = "late=0.02,out_of_order=0.02,duplicate=0.01,extra=0.01,malformed=0.05,too_large=0.0002"


@pytest.fixture
def landings(broker, tmp_path):
    made = []
    for program in (Forebay, ForebayWithPythonProducer):
        directory = tmp_path / program.__name__
        directory.mkdir()
        made.append(Landing(program(), broker, ContractCopy("shop.odcs.yaml", directory), directory))
    return made


def sent(broker, landing, table):
    """Sequence -> partition, key and value."""
    return {record[4]["seq"]: (record[0], record[2], record[3])
            for record in read_topic(broker, landing.contract.topic(table))}


def expectations(landing):
    [path] = landing.receipts.iterdir()
    receipt = json.loads(path.read_text())
    members = ("table", "landed", "quarantined", "tombstones", "uncertain", "failed")
    return receipt, [{name: table[name] for name in members}
                     | {"partitions": [(part["partition"], part["records"]) for part in table["partitions"]]}
                     for table in receipt["tables"]]


@pytest.mark.parametrize("arguments", [("--records", 30_000, "--seed", 7, "--faults", FAULTS, "--event-span", "3d"),
                                       ("--records", 5000, "--first", 70_000, "--seed", 2, "--table", "orders")])
def test_same_seed_same_bytes_same_receipt(landings, broker, arguments):
    native, python = landings
    for landing in landings:
        landing.produce(*arguments)
    for table in ("clicks", "orders"):
        assert sent(broker, native, table) == sent(broker, python, table)
    (receipt, ours), (native_receipt, theirs) = expectations(python), expectations(native)
    assert ours == theirs
    assert receipt.keys() == native_receipt.keys()
    assert receipt["producer"].startswith("forebay.producer ")
    assert (receipt["seed"], receipt["source"], receipt["state"]) == (native_receipt["seed"], "scenario", "complete")


def test_what_it_produced_is_landed_and_verified(landings):
    _, python = landings
    python.produce("--records", 20_000, "--seed", 3, "--faults", FAULTS)
    python.land()
    assert python.verify().json["clean"]
    python.assert_readers_agree()


def test_the_outcome_is_reported_alike(landings):
    reports = [landing.produce("--records", 500, "--json").json for landing in landings]
    assert reports[0].keys() == reports[1].keys()
    texts = [landing.produce("--records", 500, "--seed", 9).stdout.splitlines() for landing in landings]
    counts = [[line.partition(" in ")[0] for line in lines[1:3]] for lines in texts]
    assert counts[0] == counts[1]


def test_usage_is_explained(landings):
    _, python = landings
    shown = python.forebay("produce", "--help").stdout
    native = landings[0].forebay("produce", "--help").stdout
    flags = set(re.findall(r"--[a-z][a-z-]*", native))
    assert {flag for flag in flags if flag not in shown} <= {"--help-all"}
    assert "required: --contract, --brokers, --receipt" in python.forebay("produce", status=2).stderr
    for wrong in (("--rate", "-1"), ("--records", "-5"), ("--nonsense",), ("--brokers", "a:b")):
        python.forebay("produce", *python.common, "--receipt", "x.json", *wrong, status=2)


class Retried:
    """The message of a delivery report whose record the broker had from an earlier attempt."""

    def partition(self):
        return 0

    def offset(self):
        return None


def test_an_acknowledged_record_without_an_offset_is_uncertain(landings):
    native, _ = landings
    native.forebay("topics", "apply", "--contract", native.contract, *native.brokers)
    options = command_line.parse([str(word) for word in native.produce_arguments("--records", 1000)[1:]])
    contract = Contract.read(options.contract)
    run = _core.ProducerRun(contract._core, _core.StopFlag(), options.plan, options.brokers, options.kafka_config,
                            options.receipt)
    *_, reports = next(block for block in iter(lambda: run.next_block(1000), "never") if block)
    run.note_sent(2)
    reports[0](None, Retried())
    assert run.handle_reports() == 1
    assert (run.acknowledged, run.uncertain) == (0, 1)
    run.stop_making()
