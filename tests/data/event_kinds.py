"""Records as programs of the world write them, made for tests: for each kind a function (count, random) that yields
(key, record). Shapes and spellings are those of the programs' documentation; all values are invented."""
import base64
import csv
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import vega_datasets

BEGIN = datetime(2025, 10, 30, 6, tzinfo=UTC)
CITIES = ("Berlin", "Köln", "Paris", "São Paulo")


def _time(number):
    return BEGIN + timedelta(seconds=7 * number, milliseconds=number % 1000)


def _rfc3339(number):
    return _time(number).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _millis(number):
    return int(_time(number).timestamp() * 1000)


def _uuid(random):
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _hex(random, digits):
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def cloud_events(count, random):
    """CloudEvents 1.0, structured; `data` is another object for each type."""
    for number in range(count):
        kind = random.choice(("order.created", "order.cancelled", "customer.moved"))
        total = round(random.uniform(1, 500), 2)
        data = {"order.created": {"order": number, "total": total, "lines": [{"sku": "a-1"}]},
                "order.cancelled": {"order": number, "reason": random.choice((None, "late", "broken"))},
                "customer.moved": {"customer": {"id": f"c{number % 50}", "city": random.choice(CITIES)}}}[kind]
        record = {"specversion": "1.0", "id": _uuid(random), "source": "/shop/eu", "type": f"com.example.{kind}",
                  "subject": f"orders/{number}", "time": _rfc3339(number), "datacontenttype": "application/json",
                  "traceparent": f"00-{_hex(random, 32)}-{_hex(random, 16)}-01", "data": data}
        if number % 9 == 0:
            record["dataschema"] = "https://schemas.example.com/order/1"
        yield record["id"], record


def cloud_trail(count, random):
    """AWS CloudTrail, one event a record: request and response are another object for each call."""
    for number in range(count):
        name, source = random.choice((("PutObject", "s3"), ("RunInstances", "ec2"), ("AssumeRole", "sts"),
                                      ("DescribeInstances", "ec2"), ("ConsoleLogin", "signin")))
        request = {"PutObject": {"bucketName": "reports", "key": f"day/{number}.csv", "Host": "s3.example.com"},
                   "RunInstances": {"instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": 2}]},
                                    "monitoring": {"enabled": False}, "blockDeviceMapping": {}},
                   "AssumeRole": {"roleArn": "arn:aws:iam::123456789012:role/x", "durationSeconds": 3600},
                   "DescribeInstances": {"filterSet": {}}, "ConsoleLogin": None}[name]
        user = {"type": "IAMUser", "principalId": "AIDA" + _hex(random, 8).upper(), "accountId": "123456789012",
                "arn": "arn:aws:iam::123456789012:user/ada", "userName": "ada"}
        if number % 3 == 0:
            user = {"type": "AWSService", "invokedBy": "autoscaling.example.com"}
        record = {"eventVersion": "1.08", "userIdentity": user, "eventTime": _rfc3339(number)[:19] + "Z",
                  "eventSource": f"{source}.example.com", "eventName": name, "awsRegion": "eu-central-1",
                  "sourceIPAddress": f"192.0.2.{number % 256}", "userAgent": "aws-cli/2.15",
                  "requestParameters": request,
                  "responseElements": None if number % 2 else {"requestId": _hex(random, 16), "owner": {"id": "x"}},
                  "requestID": _uuid(random), "eventID": _uuid(random), "readOnly": name.startswith("Describe"),
                  "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": "123456789012"}
        if name == "AssumeRole":
            record["errorCode"] = "AccessDenied"
        yield None, record


def _debezium_row(number, random):
    return {"id": number % 500, "name": random.choice(CITIES), "price": f"{random.uniform(1, 99):.2f}",
            "stock": random.choice((None, 0, 7)), "created_at": _millis(number) * 1000, "active": number % 3 != 0}


def _debezium_payload(number, random):
    operation = "c" if number < 500 else random.choice("uud")
    after = None if operation == "d" else _debezium_row(number, random)
    before = None if operation == "c" else _debezium_row(number, random)
    return {"before": before, "after": after,
            "source": {"version": "2.7.0.Final", "connector": "postgresql", "name": "shop", "ts_ms": _millis(number),
                       "snapshot": "false", "db": "shop", "sequence": "[null,\"24023128\"]", "schema": "public",
                       "table": "products", "txId": 700 + number, "lsn": 24_023_128 + 56 * number, "xmin": None},
            "transaction": None, "op": operation, "ts_ms": _millis(number) + 140}



def debezium(count, random):
    """A change of a database's row, without schemas. The key is an object, and tombstones follow deletions."""
    for number in range(count):
        payload = _debezium_payload(number, random)
        yield json.dumps({"id": number % 500}), payload
        if payload["op"] == "d":
            yield json.dumps({"id": number % 500}), None


def debezium_with_schema(count, random):
    """The same as Kafka Connect's JsonConverter writes it by default: with the schema in each record."""
    columns = [{"type": "int32", "optional": False, "field": "id"},
               {"type": "string", "optional": True, "field": "name"},
               {"type": "int64", "optional": False, "name": "io.debezium.time.MicroTimestamp", "version": 1,
                "field": "created_at"}]
    row = {"type": "struct", "fields": columns, "optional": True, "name": "shop.public.products.Value"}
    schema = {"type": "struct", "optional": False, "name": "shop.public.products.Envelope", "version": 2, "fields": [
        row | {"field": "before"}, row | {"field": "after"},
        {"type": "string", "optional": False, "field": "op"}, {"type": "int64", "optional": True, "field": "ts_ms"}]}
    for number in range(count):
        key = {"schema": {"type": "struct", "fields": columns[:1], "optional": False}, "payload": {"id": number % 500}}
        yield json.dumps(key), {"schema": schema, "payload": _debezium_payload(number, random)}


def _github_repository(number):
    return {"id": 1000 + number % 7, "node_id": "R_kgDO", "name": "lake", "full_name": "ada/lake", "private": False,
            "owner": {"login": "ada", "id": 7, "type": "User", "site_admin": False},
            "html_url": "https://example.com/l", "description": None, "fork": False,
            "created_at": "2020-01-31T10:00:00Z", "updated_at": _rfc3339(number)[:19] + "Z",
            "pushed_at": _rfc3339(number)[:19] + "Z", "size": 4711, "stargazers_count": number % 90, "language": "C++",
            "license": {"key": "apache-2.0", "spdx_id": "Apache-2.0"}, "topics": ["kafka", "parquet"], "watchers": 3}


def github(count, random):
    """GitHub's webhooks, several kinds in one topic. In push events, times of the repository are numbers."""
    for number in range(count):
        kind = random.choice(("push", "issues", "star", "pull_request"))
        repository = _github_repository(number)
        record = {"repository": repository, "sender": {"login": "grace", "id": 8, "type": "User"}}
        if kind == "push":
            repository |= {"created_at": 1580464800, "pushed_at": _millis(number) // 1000, "master_branch": "main"}
            record |= {"ref": "refs/heads/main", "before": _hex(random, 40), "after": _hex(random, 40), "forced": False,
                       "commits": [{"id": _hex(random, 40), "message": "A change\n\nwith \"reasons\"", "distinct": True,
                                    "timestamp": "2025-10-30T08:04:11+02:00", "added": [], "modified": ["README.md"],
                                    "author": {"name": "Ada", "email": "ada@example.com"}}] * (number % 3)}
        elif kind == "star":
            record |= {"action": "created", "starred_at": _rfc3339(number)}
        else:
            body = random.choice((None, "It's broken 🛠"))
            record |= {"action": random.choice(("opened", "closed")), "number": number,
                       "issue" if kind == "issues" else "pull_request": {
                           "id": 10**9 + number, "title": "A title", "user": {"login": "ada", "id": 7}, "labels": [],
                           "state": "open", "assignee": None, "body": body, "created_at": _rfc3339(number),
                           "closed_at": None if number % 2 else _rfc3339(number + 1),
                           "reactions": {"+1": 2, "-1": 0, "laugh": 0, "total_count": 2}}}
        yield None, record


def otlp_logs(count, random):
    """OpenTelemetry's logs as OTLP/JSON: all of it in nested arrays, times as nanoseconds in text."""
    def attribute(key, **value):
        return {"key": key, "value": value}

    for number in range(count):
        nanos = _millis(number) * 1_000_000
        records = [{"timeUnixNano": str(nanos + i), "observedTimeUnixNano": str(nanos + i + 1), "severityNumber": 9,
                    "severityText": random.choice(("INFO", "WARN")), "traceId": _hex(random, 32), "flags": 1,
                    "body": {"stringValue": f"request {number} took {i} ms"},
                    "attributes": [attribute("http.status", intValue=str(200 + i)), attribute("cached", boolValue=True),
                                   attribute("ratio", doubleValue=0.25 * i)]} for i in range(1 + number % 3)]
        yield None, {"resourceLogs": [{
            "resource": {"attributes": [attribute("service.name", stringValue="checkout")],
                         "droppedAttributesCount": 0},
            "scopeLogs": [{"scope": {"name": "app", "version": "1.0"}, "logRecords": records}], "schemaUrl": ""}]}


def nginx(count, random):
    """An access log of nginx with log_format ... escape=json: everything is text, and much of it may be empty."""
    for number in range(count):
        when = _time(number)
        yield f"192.0.2.{number % 256}", {
            "time_local": when.strftime("%d/%b/%Y:%H:%M:%S +0000"), "time_iso8601": when.isoformat(timespec="seconds"),
            "msec": f"{_millis(number) / 1000:.3f}", "remote_addr": f"192.0.2.{number % 256}", "remote_user": "",
            "request": f"GET /p/{number}?q=\u00e4 HTTP/1.1", "status": random.choice(("200", "404", "499")),
            "body_bytes_sent": str(random.randrange(10**6)), "request_time": f"{random.uniform(0, 2):.3f}",
            "upstream_response_time": random.choice(("", "-", "0.004", "0.001, 0.250")),
            "http_referer": random.choice(("", "https://example.com/")), "http_user_agent": "Mozilla/5.0 (X11)",
            "http_x_forwarded_for": "", "ssl_protocol": random.choice(("TLSv1.3", ""))}


def geo_json(count, random):
    """GeoJSON features as the earthquake feeds have them: times in a nested object, coordinates of any depth."""
    for number in range(count):
        lon, lat = round(random.uniform(-180, 180), 4), round(random.uniform(-90, 90), 4)
        geometry = {"type": "Point", "coordinates": [lon, lat, round(random.uniform(0, 600), 2)]}
        if number % 10 == 3:
            geometry = {"type": "Polygon", "coordinates": [[[lon, lat], [lon + 1, lat], [lon, lat + 1], [lon, lat]]]}
        yield None, {"type": "Feature", "id": f"us{number:07x}", "geometry": geometry, "bbox": [lon, lat, lon, lat],
                     "properties": {"mag": random.choice((1, 4.7, 2.35, None)), "place": "12 km N of Köln",
                                    "time": _millis(number), "updated": _millis(number + 900), "tz": None, "felt": None,
                                    "tsunami": number % 2, "ids": f",us{number:07x},", "nst": 12, "gap": 61.2}}


def iot(count, random):
    """Readings of devices: seconds since 1970, sensors by their serial numbers, and names with every character."""
    for number in range(count):
        device = f"dev-{number % 200:04}"
        yield device, {"deviceId": device, "ts": _millis(number) // 1000, "@version": 1, "fw.version": "2.10.1",
                       "temp °C": round(random.uniform(-20, 40), 1), "battery-%": number % 101, "$meta": {"rssi": -71},
                       "sensors": {_hex(random, 12): {"value": random.random(), "unit": "kPa"}
                                   for _ in range(random.randrange(4))},
                       "grid": [[1, 2.5], [], [3]], "2nd": "x", "ID": number, "id": str(number), "": "empty",
                       "alarm": random.choice((False, None))}


def kubernetes(count, random):
    """Events of Kubernetes, with labels whose names are data."""
    for number in range(count):
        name = f"web-{_hex(random, 5)}"
        yield f"shop/{name}", {
            "apiVersion": "v1", "kind": "Event", "count": 1 + number % 40, "type": random.choice(("Normal", "Warning")),
            "metadata": {"name": name, "namespace": "shop", "uid": _uuid(random), "resourceVersion": str(9000 + number),
                         "creationTimestamp": _rfc3339(number)[:19] + "Z",
                         "labels": {f"example.com/{_hex(random, 3)}": "yes" for _ in range(2)},
                         "managedFields": []},
            "involvedObject": {"kind": "Pod", "name": name, "fieldPath": "spec.containers{web}"}, "eventTime": None,
            "reason": "BackOff", "message": "Back-off restarting failed container", "series": None,
            "firstTimestamp": _rfc3339(number)[:19] + "Z", "reportingComponent": ""}


def mongodb(count, random):
    """Change streams of MongoDB in its extended JSON: types as nested objects whose names begin with a dollar."""
    for number in range(count):
        identity = {"_id": {"$oid": _hex(random, 24)}}
        operation = random.choice(("insert", "update", "delete"))
        record = {"_id": {"_data": _hex(random, 60)}, "operationType": operation, "documentKey": identity,
                  "clusterTime": {"$timestamp": {"t": _millis(number) // 1000, "i": 1}},
                  "ns": {"db": "shop", "coll": "carts"}, "wallTime": {"$date": _millis(number)}}
        if operation == "insert":
            record["fullDocument"] = identity | {"qty": {"$numberLong": "7"}, "price": 1e3, "tags": ["a", 1, None]}
        elif operation == "update":
            record["updateDescription"] = {"updatedFields": {f"items.{number % 60}.qty": number}, "removedFields": []}
        yield json.dumps(identity), record


def payments(count, random):
    """Webhooks of a payment provider: amounts in cents, metadata, and an object that differs by type."""
    for number in range(count):
        kind = random.choice(("charge", "customer", "invoice"))
        thing = {"id": f"{kind[:2]}_{_hex(random, 14)}", "object": kind, "created": _millis(number) // 1000,
                 "livemode": False, "metadata": {} if number % 4 else {"order_id": str(number)}}
        if kind == "charge":
            thing |= {"amount": random.randrange(50, 10**6), "currency": "eur", "paid": True, "outcome": None}
        if kind == "invoice":
            thing |= {"total": random.randrange(10**7), "due_date": None,
                      "lines": {"data": [{"amount": 1}], "has_more": False}}
        event = f"evt_{_hex(random, 14)}"
        yield event, {"id": event, "object": "event", "api_version": "2024-06-20", "created": _millis(number) // 1000,
                      "type": f"{kind}.updated", "pending_webhooks": 1, "data": {"object": thing},
                      "request": {"id": None, "idempotency_key": _uuid(random)}}


def odd_values(count, random):
    """Numbers at the limits, texts with every character, and binary data as base64."""
    for number in range(count):
        yield f"{number}", {
            "number": number, "unsigned": 2**64 - 1 - number, "huge": 10**45 + number, "tiny": 1.5e-300,
            "exact": 0.1 + 0.2, "blob": base64.b64encode(random.randbytes(24)).decode(),
            "text": "\u2028\u0085\ufeff${HOME} # 'x': \"y\"\\\n\t\x7f", "yes": "no", "null": "~", "${USER}": "*anchor",
            "a.b": {"c/d": 1}, "at": f"{_rfc3339(number)[:-1]}+00:00[UTC]",
            "none": None, "nested": {"empty": {}, "list": [], "lists": [[[]]]}}


def seattle(count, _):
    """Real data: Seattle's daily weather. One row is one day, so that a date is the key."""
    path = Path(vega_datasets.__file__).parent / "_data" / "seattle-weather.csv"
    with open(path, newline="") as file:
        for day in list(csv.DictReader(file))[:count]:
            date = day["date"].replace("/", "-")
            yield date, {name: value if name == "weather" else date if name == "date" else float(value)
                         for name, value in day.items()}


def cars(count, _):
    """Real data: cars of the 1970s; members with capital letters and nulls, and no key."""
    path = Path(vega_datasets.__file__).parent / "_data" / "cars.json"
    for car in json.loads(path.read_text())[:count]:
        yield None, car


KINDS = {kind.__name__: kind for kind in (cloud_events, cloud_trail, debezium, debezium_with_schema, github, otlp_logs,
                                          nginx, geo_json, iot, kubernetes, mongodb, payments, odd_values, seattle,
                                          cars)}
