"""NHN's documented calls: every field its guides print is known."""

from collections.abc import Iterator
from typing import Any

import orjson

from sandbox.documented import match, unknown_in
from sandbox.nhn.documented import FORMS
from tests.channels.wire import WIRE

BIZ, SMS = "/alimtalk/v2.3/appkeys/A", "/sms/v3.0/appKeys/A"
LISTED = {
    "POST /raw-messages": f"POST {BIZ}/raw-messages",
    "POST templates": f"POST {BIZ}/senders/K/templates",
    "PUT template": f"PUT {BIZ}/senders/K/templates/C",
    "POST comments": f"POST {BIZ}/senders/K/templates/C/comments",
    "POST /sender/sms": f"POST {SMS}/sender/sms",
    "POST /sender/mms": f"POST {SMS}/sender/mms",
    "POST /attachfile/binaryUpload": f"POST {SMS}/attachfile/binaryUpload",
}


def printed() -> Iterator[tuple[str, Any, list[str]]]:
    """Call, body and names of the query, of whole printed examples or of lists of their fields."""
    for path in sorted((WIRE / "nhn" / "examples").glob("*.json")):
        one = orjson.loads(path.read_bytes())
        if one["path"].startswith("/"):  # webhooks have none
            yield f"{one['method']} {one['path']}", one.get("request"), list(one.get("query", ()))
    lists = WIRE / "nhn" / "fields.json"
    for name, fields in (orjson.loads(lists.read_bytes()) if lists.exists() else {}).items():
        for field in fields if name in LISTED else ():
            yield LISTED[name], nested(field), []


def nested(field: str) -> Any:
    """`a.b` as {"a": {"b": …}}."""
    body: Any = "x"
    for part in reversed(field.split(".")):
        body = {part: body}
    return body


def test_every_field_the_guides_print_is_known() -> None:
    seen = set()
    for call, body, query in printed():
        form = match(FORMS, *call.split(" "))
        assert form, call
        assert unknown_in(form, body, [(name, "") for name in query]) == [], call
        seen.add(call)
    assert len(seen) >= len(LISTED)


def test_an_edit_may_name_its_code_and_a_filled_send_takes_no_text() -> None:
    edit = match(FORMS, "PUT", f"{BIZ}/senders/K/templates/C")
    filled = match(FORMS, "POST", f"{BIZ}/messages")
    assert edit
    assert filled
    assert unknown_in(edit, {"templateCode": "C"}, []) == []
    (odd,) = unknown_in(filled, {"recipientList": [{"content": "x"}]}, [])
    assert odd.path == "recipientList[0].content"
