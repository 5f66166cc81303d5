"""What a voice menu's call becomes."""

from uuid import uuid4

from app.services.callers import SCOPES, Caller
from app.services.voice_menus import ENDPOINT, Chosen, asked


def test_the_call_s_id_is_the_key_and_the_label() -> None:
    chosen = Chosen("010-0000-1001", "t", {"가": "나"}, "배송", "call-1")
    caller = Caller(uuid4(), uuid4(), "live", frozenset(SCOPES))
    new = chosen.message()
    assert (new.reference, new.priority, new.menu) == ("call-1", "high", "배송")
    key = asked(caller, chosen)
    assert (key.endpoint, key.key, key.digest) == (ENDPOINT, "call-1", new.digest())
    other = Chosen("010-0000-1001", "t", {"가": "나"}, "환불", "call-1")
    assert asked(caller, other).digest != key.digest
    assert "0000" not in repr(chosen)
