"""The relay's documented calls: recorded requests have no unknown field."""

import pytest

from sandbox.documented import match, unknown_in
from sandbox.relay_documented import FORMS
from tests.channels.wire import recorded


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/messages", "send_request"),
        ("/messages", "full_request"),
        ("/templates", "template_request"),
    ],
)
def test_recorded_requests(path: str, name: str) -> None:
    form = match(FORMS, "POST", path)
    assert form
    assert unknown_in(form, recorded(f"relay/{name}"), []) == []
    (odd,) = unknown_in(form, {**recorded(f"relay/{name}"), "kee": 1}, [])
    assert odd.path == "kee"


def test_names_of_another_interface() -> None:
    form = match(FORMS, "POST", "/messages")
    assert form
    body = {"messages": [{"recipientNo": "1", "quickReplies": [], "buttons": [{"linkMo": "x"}]}]}
    told = {one.name: one.meant for one in unknown_in(form, body, [])}
    assert told == {"recipientNo": "to", "quickReplies": "quick_replies", "linkMo": ""}
