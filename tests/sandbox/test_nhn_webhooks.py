"""Result webhooks: shape, batches, switch."""

from typing import Any

import orjson

from sandbox.delivery import deliver_due
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, NO_KAKAO, OFF, accept, settle_in


def queued(store: Store) -> list[dict[str, Any]]:
    rows = store.all("SELECT body FROM outbox WHERE kind <> 'consult' ORDER BY id")
    return [orjson.loads(row["body"]) for row in rows]


def test_results_of_both_products_are_told(store: Store, clock: Clock) -> None:
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    accept(store, HANA, NO_KAKAO)
    accept(store, HANA, kind="sms", request_id="R2")
    clock.pass_s(1)
    deliver_due(store)
    notices, texts = queued(store)
    assert [one["resultCode"] for one in notices["hooks"]] == ["1000", "3019"]
    assert (notices["appKey"], texts["appKey"]) == ("AK1", "SMSAK")


def test_a_phone_that_was_off_is_told_twice(store: Store, clock: Clock) -> None:
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    accept(store, OFF)
    clock.pass_s(1)
    deliver_due(store)
    store.run("UPDATE phone SET is_on = 1")
    store.run("UPDATE message SET state = 'waiting', due_at = ?", (clock.ms,))
    deliver_due(store)
    assert [body["hooks"][0]["resultCode"] for body in queued(store)] == ["3005", "1000"]


def test_many_results_leave_in_batches_of_500(store: Store, clock: Clock) -> None:
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    accept(store, *(f"0105500{n:04d}" for n in range(501)))
    clock.pass_s(10)
    deliver_due(store)
    assert [len(body["hooks"]) for body in queued(store)] == [500, 1]


def test_nothing_is_queued_without_an_address_or_while_off(store: Store, clock: Clock) -> None:
    accept(store, HANA)
    clock.pass_s(1)
    deliver_due(store)
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    store.change_settings({"webhooks": False})
    accept(store, HANA, request_id="R2")
    clock.pass_s(1)
    deliver_due(store)
    assert queued(store) == []
