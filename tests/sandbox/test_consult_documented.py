"""The hub's documented calls: the recorded request has no unknown field, and none is missing."""

from sandbox.consult_documented import FORMS
from sandbox.documented import match, unknown_in
from tests.channels.wire import recorded


def test_the_recorded_request() -> None:
    form = match(FORMS, "POST", "/v1/chat/write")
    assert form
    assert unknown_in(form, recorded("consult/write_request"), []) == []
    (odd,) = unknown_in(form, {"userKey": "u"}, [])
    assert odd.meant == "user_key"


def test_nothing_is_asked_in_the_address() -> None:
    form = match(FORMS, "POST", "/v1/chat/end")
    assert form
    (odd,) = unknown_in(form, {"user_key": "u", "sender_key": "s"}, [("debug", "1")])
    assert (odd.where, odd.name) == ("query", "debug")
