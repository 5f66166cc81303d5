"""What becomes of sent messages: codes, replacements, money given back, reports that leave."""

from typing import Any

import orjson
import pytest

from sandbox.chaos.rules import Rule
from sandbox.phone import Traits, block, set_traits
from sandbox.solapi.reports import report_body
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.server import receive, serve
from tests.sandbox.solapi_shop import (
    BLOCKS,
    CHANNEL,
    HANA,
    NO_KAKAO,
    OFF,
    TEXT,
    Caller,
    notice,
    settle_in,
    text,
)

HOOK = "http://127.0.0.1:9/hook"


async def sent(solapi: Caller, message: dict[str, Any]) -> str:
    said = await solapi.send(message)
    solapi.deliver()
    return str(said["messageList"][0]["messageId"])


def reports(store: Store) -> list[list[dict[str, Any]]]:
    rows = store.all("SELECT * FROM outbox WHERE kind = 'solapi' ORDER BY id")
    return [orjson.loads(report_body(row)) for row in rows]


def on_phone(store: Store, number: str) -> list[tuple[str, str]]:
    sql = "SELECT * FROM message WHERE number = ? AND arrival IS NOT NULL ORDER BY arrival"
    return [(row["kind"], row["text"]) for row in store.all(sql, (number,))]


async def balance(solapi: Caller) -> float:
    return float((await solapi.ask("GET", "/cash/v1/balance"))[1]["balance"])


@pytest.mark.parametrize(("number", "code"), [(HANA, "4000"), (NO_KAKAO, "3104"), (BLOCKS, "3107")])
async def test_a_notice_and_its_code(solapi: Caller, number: str, code: str) -> None:
    message = await solapi.stored(await sent(solapi, notice(number, disableSms=True)))
    assert (message["statusCode"], message["replacement"]) == (code, False)


async def test_a_blocked_channel_is_3107(solapi: Caller, store: Store) -> None:
    block(store, HANA, CHANNEL)
    message = await solapi.stored(await sent(solapi, notice(disableSms=True)))
    assert message["statusCode"] == "3107"


@pytest.mark.parametrize(("hours", "code"), [(0, "3000"), (71, "3000"), (72, "3040")])
async def test_a_phone_that_is_off(
    solapi: Caller, store: Store, clock: Clock, hours: int, code: str
) -> None:
    settle_in(store, webhook_url=HOOK)
    message_id = await sent(solapi, notice(OFF, disableSms=True))
    clock.pass_s(hours * 3600)
    solapi.deliver()
    assert (await solapi.stored(message_id))["statusCode"] == code
    assert len(reports(store)) == (code != "3000")


async def test_a_text_waits_25_hours_for_a_phone_that_is_off(
    solapi: Caller, store: Store, clock: Clock
) -> None:
    message_id = await sent(solapi, text(OFF))
    assert (await solapi.stored(message_id))["status"] == "SENDING"
    clock.pass_s(25 * 3600)
    solapi.deliver()
    assert (await solapi.stored(message_id))["statusCode"] == "3043"
    assert await balance(solapi) == 1_000_000


async def test_switched_on_it_arrives(solapi: Caller, store: Store) -> None:
    message_id = await sent(solapi, notice(OFF))
    set_traits(store, OFF, Traits(on=True))
    solapi.deliver()
    assert (await solapi.stored(message_id))["statusCode"] == "4000"
    assert on_phone(store, OFF) == [("alimtalk", TEXT)]


async def test_a_failed_notice_is_replaced(solapi: Caller, store: Store) -> None:
    settle_in(store, webhook_url=HOOK)
    said = await solapi.send(notice(NO_KAKAO))
    solapi.deliver()
    message = await solapi.stored(said["messageList"][0]["messageId"])
    assert (message["statusCode"], message["replacement"]) == ("4000", True)
    assert message["type"] == "ATA"
    assert on_phone(store, NO_KAKAO) == [("sms", TEXT)]
    group = await solapi.group(said["groupInfo"]["groupId"])
    assert (group["status"], group["count"]["sentReplacement"]) == ("COMPLETE", 1)
    assert group["balance"] == {"requested": 13, "replacement": 20, "refund": 13, "sum": 20}
    assert await balance(solapi) == 1_000_000 - 20
    ((report,),) = reports(store)  # one, after the replacement
    assert (report["data"]["statusCode"], report["data"]["replacement"]) == ("4000", True)


async def test_a_long_notice_is_replaced_by_an_lms(solapi: Caller, store: Store) -> None:
    long = "가" * 60
    values = {"#{이름}": long, "#{금액}": "1", "#{주문}": "2"}
    message_id = await sent(solapi, notice(NO_KAKAO, values))
    assert [kind for kind, _ in on_phone(store, NO_KAKAO)] == ["lms"]
    assert (await solapi.stored(message_id))["statusCode"] == "4000"


async def test_a_replacement_may_fail_too(solapi: Caller, store: Store, clock: Clock) -> None:
    message_id = await sent(solapi, notice(OFF))
    clock.pass_s(72 * 3600)
    solapi.deliver()
    clock.pass_s(25 * 3600)
    solapi.deliver()
    message = await solapi.stored(message_id)
    assert (message["statusCode"], message["replacement"]) == ("3043", True)
    assert await balance(solapi) == 1_000_000
    assert on_phone(store, OFF) == []


async def test_without_an_address_nothing_is_reported(solapi: Caller, store: Store) -> None:
    await sent(solapi, text())
    assert reports(store) == []


async def test_a_wrapped_report(solapi: Caller, store: Store) -> None:
    settle_in(store, webhook_url=HOOK)
    message_id = await sent(solapi, notice(customFields={"ref": "o-1"}))
    ((report,),) = reports(store)
    assert set(report) == {"eventDataId", "data", "retryCount"}
    data = report["data"]
    assert (data["messageId"], data["statusCode"]) == (message_id, "4000")
    assert (data["type"], data["to"], data["customFields"]) == ("ATA", HANA, {"ref": "o-1"})
    for name in ("groupId", "from", "statusMessage", "dateProcessed", "dateReported"):
        assert data[name]


async def test_a_flat_report(solapi: Caller, store: Store) -> None:
    settle_in(store, webhook_url=HOOK, report_shape="flat")
    message_id = await sent(solapi, text())
    ((report,),) = reports(store)
    assert report["messageId"] == message_id
    assert "data" not in report


@pytest.mark.parametrize("shape", ["wrapped", "flat"])
async def test_a_report_about_a_group(solapi: Caller, store: Store, shape: str) -> None:
    settle_in(store, group_webhook_url=HOOK, report_shape=shape)
    said = await solapi.send(text(), text("01000001002"))
    assert reports(store) == []
    solapi.deliver()
    ((report,),) = reports(store)
    group = report["data"] if shape == "wrapped" else report
    assert (group["groupId"], group["status"]) == (said["groupInfo"]["groupId"], "COMPLETE")
    assert group["count"]["sentSuccess"] == 2


async def test_what_falls_due_together_is_one_request(solapi: Caller, store: Store) -> None:
    settle_in(store, webhook_url=HOOK)
    await solapi.send(text([f"0100000{n:04}" for n in range(1_000, 1_501)]))
    solapi.deliver()
    assert sorted(len(one) for one in reports(store)) == [1, 500]


async def test_reports_are_switched_off(solapi: Caller, store: Store) -> None:
    settle_in(store, webhook_url=HOOK)
    store.change_settings({"webhooks": False})
    await sent(solapi, text())
    assert reports(store) == []


@pytest.mark.parametrize(
    ("effect", "expected"), [("receipt_drop", 0), ("receipt_duplicate", 2), ("receipt_delay", 1)]
)
async def test_chaos_on_reports_leaves_lists_alone(
    solapi: Caller, store: Store, effect: str, expected: int
) -> None:
    settle_in(store, webhook_url=HOOK)
    store.chaos.arm([Rule.model_validate({"effect": effect, "provider": "solapi"})], 1)
    message_id = await sent(solapi, text())
    found = [one for batch in reports(store) for one in batch]
    assert len(found) == expected
    assert (await solapi.stored(message_id))["statusCode"] == "4000"


async def test_five_calls_in_all_and_only_200_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.outbox.RESULT_PAUSES_S", (0.02, 0.02, 0.02, 0.02))
    async with receive() as receiver, serve() as running:
        running.store.change_settings({"result_delay_s": 0})
        settle_in(running.store, webhook_url=f"{receiver.url}/hook")
        caller = Caller(running.client, running.store)
        receiver.statuses = [500, 201, 302]
        await caller.send(text())
        await receiver.until(4)
        assert [got[2][0]["retryCount"] for got in receiver.got] == [0, 1, 2, 3]
        assert len({got[2][0]["eventDataId"] for got in receiver.got}) == 1
        assert receiver.got[0][0] == "/hook"

        receiver.got.clear()
        receiver.statuses = [500] * 9
        await caller.send(text())
        await receiver.until(5)
        await running.until(lambda: not running.store.all("SELECT 1 FROM outbox"))
        assert len(receiver.got) == 5
        assert running.store.counters()["webhooks given up"] == 1


async def test_a_call_is_recorded_with_its_route() -> None:
    async with serve() as running:
        settle_in(running.store)
        caller = Caller(running.client, running.store)
        said = await caller.send(text())
        await caller.group(said["groupInfo"]["groupId"])
        one = running.store.exchanges[-1]
        assert one.path.startswith("/solapi/messages/v4/groups/G4V")
        assert (one.provider, one.account, one.route) == ("solapi", "NCSKEY", "")
        counters = (await running.client.get("/desk/api/counters")).json()
        assert counters["requests"]["GET /solapi/messages/v4/groups/{group_id}"] == 1

        await caller.ask("GET", "/messages/v4/groups/x")
        assert "400 · ValidationError" in (await running.client.get("/desk")).text
