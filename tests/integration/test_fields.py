"""What landed rows tell about the contract: unknown members, fields without a value, and a misspelling of one."""
import json

import pytest
from confluent_kafka import Producer

from support.landing import Landing

HINT = "`page` is always missing; `Page` is unknown in 344 of 344 rows"


def click(number, **members):
    return json.dumps({"event_id": f"{number:016x}", "event_time": "2025-10-30T12:00:00.000Z", "event_type": "view",
                       "user_id": "u1", "session_id": "s", "country": "DE", "device": "mobile"} | members)


@pytest.fixture
def landing(forebay, broker, shop, tmp_path):
    """The page of a click is optional, and producers misspell it."""
    text = shop.path.read_text()
    begin = text.index("name: page\n")
    end = text.index("required: true\n", begin)
    shop.path.write_text(text[:end] + "required: false\n" + text[end + len("required: true\n"):])
    return Landing(forebay, broker, shop, tmp_path)


def send(landing, broker, values):
    producer = Producer({"bootstrap.servers": broker.address})
    for number, value in enumerate(values):
        producer.produce(landing.contract.topic("clicks"), value=value, partition=number % 6)
    assert producer.flush(30) == 0


def test_a_misspelled_field_is_told(landing, broker):
    send(landing, broker, [click(number, Page="/", **({"deck": 7} if number < 12 else {})) for number in range(344)])
    told = landing.land("--batch-rows", 100).json["fields"]["clicks"]
    assert told["rows"] == 344 and told["unknown_members"] == {"Page": 344, "deck": 12}
    assert "page" in told["always_missing"] and told["hints"] == [HINT]

    status = landing.forebay("status", "--lake", landing.lake, "--json").json
    (clicks,) = (table for table in status["tables"] if table["table"] == "clicks")
    assert {name: clicks[name] for name in ("unknown_members", "always_missing", "hints")} == {
        name: told[name] for name in ("unknown_members", "always_missing", "hints")}
    text = landing.forebay("status", "--lake", landing.lake).stdout
    assert f"  {HINT}: is one of them misspelled?\n" in text

    send(landing, broker, [click(1000, page="/")])
    again = landing.forebay(*landing.land_arguments("--once")).stdout
    assert "misspelled" not in again  # in these rows it is there
    status = landing.forebay("status", "--lake", landing.lake, "--json").json
    assert all("page" not in table["always_missing"] for table in status["tables"])
