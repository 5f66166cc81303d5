"""What is queued for the shop: bodies of the three webhooks."""

from typing import Any

import orjson

from sandbox.outbound import customer_key, end_session, open_session, send_reference
from sandbox.store import Store
from tests.sandbox.shop import HANA, KEY, TOKEN


def bodies(store: Store) -> list[dict[str, Any]]:
    return [orjson.loads(row["body"]) for row in store.all("SELECT body FROM outbox ORDER BY id")]


def test_a_user_key_is_made_once(store: Store) -> None:
    first = customer_key(store, HANA, KEY)
    assert customer_key(store, HANA, KEY) == first
    assert customer_key(store, HANA, "f" * 40) != first
    assert len(first) == 12


def test_the_newest_token_is_told_again_when_there_is_none_now(store: Store) -> None:
    with store.tx():
        session = open_session(store, HANA, KEY)
        send_reference(store, session, TOKEN, None)
        send_reference(store, session, "", "welcome")
    first, second = bodies(store)
    assert first["reference"] == {"extra": TOKEN, "text": TOKEN}
    assert first["last_reference"] == {"bot": "false"}
    assert second["reference"] == {}
    assert second["last_reference"]["extra"] == TOKEN
    assert second["last_reference"]["bot"] == "true"
    assert second["last_reference"]["bot_event"] == "welcome"
    assert len(second["last_reference"]["created_at"]) == 19


def test_a_new_session_after_the_end_has_a_new_id(store: Store) -> None:
    with store.tx():
        first = open_session(store, HANA, KEY)
        assert open_session(store, HANA, KEY).id == first.id
        assert end_session(store, HANA, KEY, tell=True) == first.id
        assert end_session(store, HANA, KEY, tell=True) is None
        assert open_session(store, HANA, KEY).id > first.id
    (told,) = bodies(store)
    assert (told["session_id"], told["user_key"]) == (str(first.id), first.user_key)
    assert isinstance(told["time"], int)
