"""Fields that come from a record's key, headers and coordinates: the part of the rules that is about them."""
from oracle.strict_json import Json, Refused, Value, require


def read_elsewhere(field, record, to):
    source, path = field.source or "key", (field.name,)
    try:
        if source in ("partition", "offset", "timestamp"):
            number = record[source]
            if source == "timestamp" and number is not None and field.kind == "timestamp":
                return number * 1000
            return field.read(Value("null", "null", None) if number is None else Value("number", str(number), None),
                              path, to)
        if source.startswith("header:"):
            text = dict(record["headers"] or []).get(source.removeprefix("header:"))
            return read_text(field, text, path, to)
        members = source.removeprefix("key").lstrip("./")
        if not members:
            return read_text(field, record["key"], path, to)
        return field.read(member_of(record["key"], members.split("/" if "/" in source else ".")), path, to)
    except Refused as refused:
        to.wrong.append((refused.reason, path))


def read_text(field, text, path, to):
    """A text as it is for strings and times, and else JSON."""
    if text is None or text == b"" and "emptyAsNull" in field.coerce:
        return field.read(Value("null", "null", None), path, to)
    is_time = field.kind in ("date", "time", "timestamp") and field.json_kind == "string"
    is_number = field.kind == "timestamp" and not field.only_pattern and text.strip(b"0123456789") == b""
    if field.kind == "string" or is_time and not is_number and not text.startswith(b'"'):
        return field.read(Value("string", None, decoded(text)), path, to)
    return field.read(whole(text), path, to)


def decoded(text):
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None


def whole(text):
    return Json(decoded(text)).whole()


def member_of(key, names):
    value = Value("null", "null", None) if key is None else whole(key)
    for name in names:
        if value.kind == "null":
            break
        require(value.kind == "object", "wrong_type")
        value = dict(value.content).get(name) or Value("null", "null", None)
    return value
