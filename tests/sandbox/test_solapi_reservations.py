"""Reservations: sent when they fall due, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.solapi.ledger import send_due
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.solapi_shop import Caller, arrived, judge, notice, text


async def test_a_reservation_is_sent_when_it_is_due(
    solapi: Caller, store: Store, clock: Clock
) -> None:
    from_now = datetime.fromtimestamp(clock.ms / 1000, UTC) + timedelta(hours=1)
    said: dict[str, Any] = {}
    for date in (from_now.isoformat(), from_now.strftime("%Y-%m-%dT%H:%M:%S.000Z")):
        said = await solapi.send(text(), scheduledDate=date)
        assert (said["groupInfo"]["status"], said["groupInfo"]["dateSent"]) == ("SCHEDULED", None)
    clock.pass_s(3_599)
    assert send_due(store) is not None
    assert store.number("SELECT count(*) FROM message") == 0
    clock.pass_s(1)
    assert send_due(store) is None
    solapi.deliver()
    assert len(arrived(store)) == 2
    assert (await solapi.group(said["groupInfo"]["groupId"]))["status"] == "COMPLETE"


async def test_a_reservation_that_cannot_be_paid_when_due_fails(
    solapi: Caller, store: Store, clock: Clock
) -> None:
    said = await solapi.send(text(), scheduledDate="2026-11-20T00:00:00+09:00")
    store.run("UPDATE solapi_account SET balance = 0")
    clock.pass_s(10 * 24 * 3600)
    send_due(store)
    assert (await solapi.group(said["groupInfo"]["groupId"]))["status"] == "FAILED"
    message = await solapi.stored(said["messageList"][0]["messageId"])
    assert (message["statusCode"], message["status"]) == ("2230", "FAILED")


@pytest.mark.parametrize(("move", "code"), [("stop", "3105"), ("edit", "3103"), ("let go", "3106")])
async def test_a_template_that_changed_before_its_time(
    solapi: Caller, store: Store, clock: Clock, move: str, code: str
) -> None:
    said = await solapi.send(notice(disableSms=True), scheduledDate="2026-11-20T00:00:00+09:00")
    if move == "stop":
        judge(store, "stop")
    elif move == "let go":
        store.run("UPDATE sender SET solapi_id = NULL")
    else:
        store.run("UPDATE template SET body = json_set(body, '$.templateContent', '다른 글')")
    clock.pass_s(10 * 24 * 3600)
    send_due(store)
    solapi.deliver()
    message = await solapi.stored(said["messageList"][0]["messageId"])
    assert (message["statusCode"], message["status"]) == (code, "FAILED")
    assert arrived(store) == []
