"""Groups: filled step by step, sent or reserved, and what each state refuses."""

from typing import Any

import pytest

from sandbox.solapi import groups as module
from sandbox.solapi.ledger import trim
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.solapi_shop import Caller, notice, text

GROUPS = "/messages/v4/groups"
LATER = {"scheduledDate": "2026-12-01T09:00:00+09:00"}


async def make(solapi: Caller, *messages: dict[str, Any], **body: Any) -> str:
    status, said = await solapi.ask("POST", GROUPS, body)
    assert (status, said["status"]) == (200, "PENDING")
    group_id = str(said["groupId"])
    if messages:
        await add(solapi, group_id, *messages)
    return group_id


async def add(solapi: Caller, group_id: str, *messages: dict[str, Any]) -> dict[str, Any]:
    body = {"messages": list(messages)}
    status, said = await solapi.ask("PUT", f"{GROUPS}/{group_id}/messages", body)
    assert status == 200, said
    return said


async def call(solapi: Caller, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Status, and the group's state or the code of the refusal."""
    status, said = await solapi.ask(method, GROUPS + path, body)
    return status, said.get("errorCode") or said.get("status") or ""


async def test_what_made_a_group_is_remembered(solapi: Caller) -> None:
    body = {
        "sdkVersion": "nodejs/6.0.1", "osPlatform": "linux", "allowDuplicates": True,
        "customFields": {"a": "b"},
    }  # fmt: skip
    group = await solapi.group(await make(solapi, **body))
    assert {name: group[name] for name in body} == body
    (line,) = group["log"]
    assert line["createAt"].endswith("Z")
    assert group["count"]["total"] == 0
    agent = {"sdkVersion": "python/5.0.3", "osPlatform": "x", "appId": "APP"}
    group = await solapi.group(await make(solapi, agent=agent))
    assert (group["sdkVersion"], group["app"]["appId"]) == ("python/5.0.3", "APP")


async def test_it_is_filled_and_sent(solapi: Caller, store: Store) -> None:
    group_id = await make(solapi, text())
    said = await add(solapi, group_id, text(), text("01000001002"), text("0100"))
    assert [one["statusCode"] for one in said["resultList"]] == ["1026", "2000", "1011"]
    assert said["errorCount"] == 2
    assert store.number("SELECT count(*) FROM message") == 0
    assert await call(solapi, "POST", f"/{group_id}/send") == (200, "SENDING")
    group = await solapi.group(group_id)
    assert group["count"] | {"refund": 0} == {
        "total": 4, "sentTotal": 2, "sentFailed": 0, "sentSuccess": 0, "sentPending": 2,
        "sentReplacement": 0, "refund": 0, "registeredFailed": 2, "registeredSuccess": 2,
    }  # fmt: skip
    solapi.deliver()
    group = await solapi.group(group_id)
    assert (group["status"], group["count"]["sentSuccess"]) == ("COMPLETE", 2)
    assert group["dateCompleted"]
    assert group["balance"] == {"requested": 40.0, "replacement": 0.0, "refund": 0.0, "sum": 40.0}


async def test_numbers_may_come_twice_where_the_group_says_so(solapi: Caller) -> None:
    group_id = await make(solapi, text(), allowDuplicates=True)
    assert (await add(solapi, group_id, text()))["errorCount"] == 0


async def test_messages_are_taken_out_again(solapi: Caller) -> None:
    group_id = await make(solapi)
    said = await add(solapi, group_id, text(), text("01000001002"))
    wanted = [said["resultList"][0]["messageId"], "M4V0"]
    path = f"{GROUPS}/{group_id}/messages"
    status, gone = await solapi.ask("DELETE", path, {"messageIds": wanted})
    assert (status, gone["groupId"], gone["errorCount"]) == (200, group_id, 1)
    assert [one["resultCode"] for one in gone["resultList"]] == ["Success", "1021"]
    assert (await solapi.group(group_id))["count"]["total"] == 1
    # the number is free again
    assert (await add(solapi, group_id, text()))["errorCount"] == 0
    for wrong in ({}, {"messageIds": "x"}, {"messageIds": [1]}):
        status, said = await solapi.ask("DELETE", path, wrong)
        assert (status, said["errorCode"]) == (400, "ValidationError")


async def closed(solapi: Caller, state: str) -> str:
    """A group in a state that takes nothing any more."""
    group_id = await make(solapi, text())
    if state in ("SCHEDULED", "FAILED"):
        assert await call(solapi, "POST", f"/{group_id}/schedule", LATER) == (200, "SCHEDULED")
    if state == "FAILED":
        assert await call(solapi, "DELETE", f"/{group_id}/schedule") == (200, "FAILED")
    if state in ("SENDING", "COMPLETE"):
        await call(solapi, "POST", f"/{group_id}/send")
    if state == "COMPLETE":
        solapi.deliver()
    if state == "DELETED":
        assert await call(solapi, "DELETE", f"/{group_id}") == (200, "DELETED")
    assert (await solapi.group(group_id))["status"] == state
    return group_id


@pytest.mark.parametrize(
    ("state", "refusal", "cancelling", "deleting"),
    [
        ("PENDING", None, (400, "InvalidStatus"), (200, "DELETED")),
        ("SCHEDULED", (409, "ScheduledGroup"), (200, "FAILED"), (400, "NotOperationalStatus")),
        ("SENDING", (409, "AlreadySent"), (409, "AlreadySent"), (400, "NotOperationalStatus")),
        ("COMPLETE", (409, "AlreadySent"), (409, "AlreadySent"), (200, "DELETED")),
        ("FAILED", (400, "FailedGroup"), (400, "FailedGroup"), (200, "DELETED")),
        ("DELETED", (400, "DeletedGroup"), (400, "DeletedGroup"), (200, "DELETED")),
    ],
)
async def test_what_a_state_allows(
    solapi: Caller,
    state: str,
    refusal: tuple[int, str] | None,
    cancelling: tuple[int, str],
    deleting: tuple[int, str],
) -> None:
    group_id = await closed(solapi, state)
    for method, path, body in (
        ("PUT", "messages", {"messages": [text("01000001002")]}),
        ("DELETE", "messages", {"messageIds": []}),
        ("POST", "send", None),
        ("POST", "schedule", LATER),
    ):
        if refusal:
            assert await call(solapi, method, f"/{group_id}/{path}", body) == refusal
    assert await call(solapi, "DELETE", f"/{group_id}/schedule") == cancelling
    if cancelling[0] != 200:
        assert await call(solapi, "DELETE", f"/{group_id}") == deleting
    else:
        other = await closed(solapi, state)
        assert await call(solapi, "DELETE", f"/{other}") == deleting


async def test_a_cancelled_reservation_fails_its_messages(
    solapi: Caller, store: Store, clock: Clock
) -> None:
    group_id = await closed(solapi, "FAILED")
    _, said = await solapi.ask("GET", f"{GROUPS}/{group_id}/messages")
    (message,) = said["messageList"].values()
    assert (message["statusCode"], message["status"]) == ("2024", "FAILED")
    clock.pass_s(30 * 24 * 3600)
    solapi.deliver()
    assert store.number("SELECT count(*) FROM message") == 0
    assert (await solapi.ask("GET", "/cash/v1/balance"))[1]["balance"] == 1_000_000


@pytest.mark.parametrize(
    ("group_id", "expected"),
    [
        ("x", (400, "ValidationError")),
        ("G4V20261118", (400, "ValidationError")),
        ("G4V20261118110640" + "A" * 15, (404, "ResourceNotFound")),
    ],
)
async def test_a_group_that_is_none(
    solapi: Caller, group_id: str, expected: tuple[int, str]
) -> None:
    for method, path in (
        ("GET", ""), ("GET", "/messages"), ("DELETE", ""), ("DELETE", "/schedule"),
        ("POST", "/send"),
    ):  # fmt: skip
        assert await call(solapi, method, f"/{group_id}{path}") == expected


async def test_a_group_holds_so_many(solapi: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_GROUP", 1)
    group_id = await make(solapi, text())
    body = {"messages": [text("01000001002")]}
    refused = await call(solapi, "PUT", f"/{group_id}/messages", body)
    assert refused == (413, "RecipientsTooMany")


async def test_a_group_that_cannot_be_paid_waits(solapi: Caller, store: Store) -> None:
    group_id = await make(solapi, notice())
    store.run("UPDATE solapi_account SET balance = 12")
    assert await call(solapi, "POST", f"/{group_id}/send") == (402, "NotEnoughBalance")
    store.run("UPDATE solapi_account SET balance = 13")
    assert await call(solapi, "POST", f"/{group_id}/send") == (200, "SENDING")


async def test_groups_are_listed(solapi: Caller, clock: Clock) -> None:
    first = await make(solapi)
    clock.pass_s(60)
    second, third = await make(solapi), await closed(solapi, "COMPLETE")
    _, said = await solapi.ask("GET", GROUPS)
    assert list(said["groupList"]) == [third, second, first]
    assert (said["limit"], said["nextKey"]) == (20, None)
    for query, found in (
        ({"criteria": "groupId", "cond": "eq", "value": second}, [second]),
        ({"criteria": "status", "cond": "ne", "value": "PENDING"}, [third]),
        ({"startDate": "2026-11-18T11:07:00Z"}, [third, second]),
        ({"endDate": "2026-11-18T11:07:00Z"}, [first]),
        ({"limit": "1"}, [third]),
    ):
        _, said = await solapi.ask("GET", GROUPS, **query)
        assert list(said["groupList"]) == found, query


async def test_messages_of_a_group_page_by_page(solapi: Caller) -> None:
    numbers = [f"0100000100{n}" for n in range(5)]
    group_id = await make(solapi, text(numbers))
    await make(solapi, text())
    seen: list[str] = []
    start: dict[str, str] = {}
    while True:
        path = f"{GROUPS}/{group_id}/messages"
        _, said = await solapi.ask("GET", path, limit="2", **start)
        seen += [one["to"] for one in said["messageList"].values()]
        if not said["nextKey"]:
            break
        start = {"startKey": said["nextKey"]}
    assert seen == numbers[::-1]


async def test_old_groups_go_first(solapi: Caller, store: Store) -> None:
    waits = await make(solapi, text())
    old, new = await closed(solapi, "COMPLETE"), await closed(solapi, "COMPLETE")
    with store.tx():
        assert trim(store, (1, 1_000), 100) == 1
    kept = [row["id"] for row in store.all("SELECT id FROM solapi_group")]
    assert old not in kept
    assert {new, waits} == set(kept)
    assert (await solapi.group(waits))["count"]["total"] == 1
    with store.tx():
        trim(store, (1, 1), 100)
    assert [row["id"] for row in store.all("SELECT id FROM solapi_group")] == [new]
