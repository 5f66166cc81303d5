"""Webhooks: retry, order, restart, giving up."""

from pathlib import Path

import pytest

from sandbox.outbound import LAST_TRY
from sandbox.outbox import CONSULT_PAUSES_S, RESULT_PAUSES_S, due_mail, settle
from sandbox.store import Store
from sandbox.talks import say
from tests.sandbox.conftest import Clock
from tests.sandbox.server import receive, serve
from tests.sandbox.shop import HANA, KEY, SLOW, notice, send, settle_in


async def test_a_result_is_tried_again_until_it_is_taken(tmp_path: Path) -> None:
    async with receive() as shop, serve(tmp_path / "s.db") as sandbox:
        shop.statuses = [503]
        settle_in(sandbox.store, webhook_url=f"{shop.url}/hook")
        await send(sandbox.client, notice(HANA))
        await shop.until(2)
        (_, headers, first), (_, _, second) = shop.got
        assert headers["x-toast-webhook-signature"] == "sign-me"
        assert first == second
        assert first["hooks"][0]["resultCode"] == "1000"
        await sandbox.until(lambda: sandbox.store.counters().get("webhooks sent") == 1)
        assert sandbox.store.counters()["webhooks failed"] == 1


async def test_a_restart_keeps_what_was_not_delivered(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with serve(path) as sandbox:
        settle_in(sandbox.store, receive_domain="http://127.0.0.1:9")
        say(sandbox.store, HANA, KEY, "들리나요?")
        await sandbox.until(lambda: sandbox.store.counters().get("webhooks failed"))
    async with receive() as shop, serve(path) as again:
        settle_in(again.store, receive_domain=shop.url)
        await shop.until(1)
        assert shop.got[0][2]["content"] == "들리나요?"


def test_one_customers_calls_go_one_after_another(store: Store) -> None:
    for number, text in ((HANA, "하나"), (HANA, "둘"), (SLOW, "셋")):
        say(store, number, KEY, text)
    first, other = due_mail(store, set(), 10)
    assert due_mail(store, {first["id"], other["id"]}, 10) == []
    settle(store, first, delivered=True)
    (second,) = due_mail(store, {other["id"]}, 10)
    assert second["lane"] == first["lane"]


@pytest.mark.parametrize(
    ("kind", "tries"), [("consult", len(CONSULT_PAUSES_S)), ("sms", len(RESULT_PAUSES_S))]
)
def test_a_call_is_given_up_after_its_pauses(
    store: Store, clock: Clock, kind: str, tries: int
) -> None:
    store.run(
        "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
        " VALUES (?, 'x', '', '', x'7b7d', ?, ?)",
        (kind, clock.ms, clock.ms),
    )
    started = clock.ms
    for _ in range(tries):
        (row,) = due_mail(store, set(), 1)
        settle(store, row, delivered=False)
        clock.ms = store.number("SELECT due_at FROM outbox")
    assert clock.ms - started == sum(CONSULT_PAUSES_S if kind == "consult" else RESULT_PAUSES_S) * (
        1000
    )
    settle(store, due_mail(store, set(), 1)[0], delivered=False)
    assert store.number("SELECT count(*) FROM outbox") == 0
    assert store.counters()["webhooks given up"] == 1


def test_consultation_waits_while_webhooks_are_off(store: Store) -> None:
    say(store, HANA, KEY, "하나")
    store.change_settings({"webhooks": False})
    assert due_mail(store, set(), 10) == []
    store.change_settings({"webhooks": True})
    assert len(due_mail(store, set(), 10)) == 1


def test_a_longest_pause_means_more_tries_and_no_earlier_end(store: Store, clock: Clock) -> None:
    store.change_settings({"webhook_pause_s": 0.25})
    say(store, HANA, KEY, "들리나요?")
    for tries in range(100):  # many more than there are pauses
        (row,) = due_mail(store, set(), 1)
        assert row["tries"] == tries
        settle(store, row, delivered=False)
        assert store.number("SELECT due_at FROM outbox") == clock.ms + 250
        assert due_mail(store, set(), 1) == []
        clock.ms += 250
    assert store.counters().get("webhooks given up", 0) == 0
    store.run("UPDATE outbox SET tries = ?", (LAST_TRY,))
    settle(store, due_mail(store, set(), 1)[0], delivered=False)
    assert store.counters()["webhooks given up"] == 1
