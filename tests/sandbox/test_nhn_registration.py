"""Sender profiles: asked for, confirmed with the token on the phone, listed, deleted."""

import re
from typing import Any

from sandbox.inbox import list_received
from sandbox.nhn.registration import TOKEN_MS
from sandbox.reviews import get_template
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, HANA, KEY, SECRET, TEMPLATE, notice, send

NEW = {"plusFriendId": "@new", "phoneNo": "010-0000-1001", "categoryCode": "00100010001"}


async def call(quiet: Running, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = await quiet.client.request(method, ALIMTALK + path, json=body, headers=SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def code(quiet: Running, method: str, path: str, body: Any = None) -> int:
    return int((await call(quiet, method, path, body))["header"]["resultCode"])


async def listed(quiet: Running, query: str = "") -> list[tuple[str, str]]:
    found = await call(quiet, "GET", f"/senders{query}")
    assert found["totalCount"] == len(found["senders"])
    return [(one["plusFriendId"], one["status"]) for one in found["senders"]]


def token(quiet: Running) -> int:
    """What the administrator reads on the phone."""
    found = re.search(r"토큰: (\d+)", list_received(quiet.store)[-1].text)
    assert found
    return int(found[1])


async def test_a_profile_from_its_registration_to_a_message(quiet: Running) -> None:
    assert await code(quiet, "POST", "/senders", NEW) == 0
    assert await listed(quiet, "?status=YSC02") == [("@new", "YSC02")]
    assert list_received(quiet.store)[-1].number == HANA
    (waiting,) = (await call(quiet, "GET", "/senders?plusFriendId=@new"))["senders"]
    assert (waiting["senderKey"], waiting["kakaoStatus"]) == (None, None)
    wrong = {"plusFriendId": "@new", "token": token(quiet) + 1}
    assert await code(quiet, "POST", "/sender/token", wrong) == -4000
    given = {"plusFriendId": "@new", "token": token(quiet)}
    made = (await call(quiet, "POST", "/sender/token", given))["sender"]
    assert (made["status"], made["categoryCode"], len(made["senderKey"])) == (
        "YSC03", "00100010001", 40,
    )  # fmt: skip
    assert await code(quiet, "POST", "/sender/token", given) == -2017  # used up
    assert sorted(await listed(quiet)) == [("@new", "YSC03"), ("@shop", "YSC03")]
    assert await listed(quiet, "?status=YSC02") == []
    key = made["senderKey"]
    assert await code(quiet, "POST", f"/senders/{key}/templates", TEMPLATE) == 0
    assert await code(quiet, "POST", "/senders", NEW) == -4000  # it is registered
    page = await quiet.client.get(f"/phones/{HANA}")
    assert page.status_code == 200


async def test_a_token_lasts_a_week_and_another_replaces_it(quiet: Running, clock: Clock) -> None:
    quiet.store.now = clock
    await call(quiet, "POST", "/senders", NEW)
    first = token(quiet)
    await call(quiet, "POST", "/senders", NEW)
    second = token(quiet)
    given = {"plusFriendId": "@new", "token": first}
    assert first == second or await code(quiet, "POST", "/sender/token", given) == -4000
    clock.pass_s(TOKEN_MS / 1000 + 1)
    assert await code(quiet, "POST", "/sender/token", {**given, "token": second}) == -4000
    assert await listed(quiet, "?status=YSC02") == [("@new", "YSC02")]


REFUSALS: list[Any] = [
    ("/senders", {"plusFriendId": "@" * 31}, -2000),
    ("/senders", {"plusFriendId": None}, -2002),
    ("/senders", {"plusFriendId": "@shop"}, -4000),
    ("/senders", {"phoneNo": "12"}, -5000),
    ("/senders", {"phoneNo": "0" * 16}, -2000),
    ("/senders", {"categoryCode": "99999999999"}, -4000),
    ("/senders", {"categoryCode": 1}, 4),
    ("/sender/token", {}, -2002),
    ("/sender/token", {"token": "123456"}, 4),
    ("/sender/token", {"token": True}, 4),
    ("/sender/token", {"token": 123456}, -2017),
]


async def test_refusals(quiet: Running) -> None:
    found = [
        (path, change, await code(quiet, "POST", path, {**NEW, **change}))
        for path, change, _ in REFUSALS
    ]
    assert found == REFUSALS


async def test_a_deleted_profile_takes_its_templates_along(quiet: Running) -> None:
    assert await code(quiet, "DELETE", f"/senders/{KEY}") == 0
    assert await code(quiet, "DELETE", f"/senders/{KEY}") == -2017
    assert await listed(quiet) == []
    assert get_template(quiet.store, KEY, "ORDER_SHIPPED") is None
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == -2017


async def test_what_was_sent_today_is_counted(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    found = (await call(quiet, "GET", f"/senders/{KEY}"))["sender"]["alimtalk"]
    assert (found["sentCount"], found["dailyMaxCount"]) == (1, 0)
