"""Registration, reading, categories, sender profiles."""

import asyncio
from typing import Any

import pytest

from sandbox.reviews import get_template
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, KEY, SECRET, TEMPLATE

NEW: dict[str, Any] = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}
LINK = {"ordering": 1, "type": "WL", "name": "보기", "linkMo": "https://shop.example"}
ADD = {"ordering": 1, "type": "AC", "name": "채널 추가"}


async def register(running: Running, body: dict[str, Any]) -> int:
    answer = await running.client.post(
        f"{ALIMTALK}/senders/{KEY}/templates", json=body, headers=SECRET
    )
    return int(answer.json()["header"]["resultCode"])


async def read(running: Running, path: str) -> dict[str, Any]:
    answer = await running.client.get(ALIMTALK + path, headers=SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def test_a_registered_template_is_in_review_until_the_desk_decides(
    running: Running,
) -> None:
    assert await register(running, NEW) == 0
    one = (await read(running, f"/senders/{KEY}/templates/NEW"))["templates"]
    assert (one["status"], one["statusName"], one["block"]) == ("TSC02", "검수 중", False)
    desk = f"/desk/api/templates/{KEY}/NEW"
    await running.client.post(f"{desk}/reject", json={"comment": "광고성 문구 제거 요청"})
    one = (await read(running, f"/senders/{KEY}/templates/NEW"))["templates"]
    assert one["status"] == "TSC04"
    assert one["comments"][0]["content"] == "광고성 문구 제거 요청"
    await running.client.post(f"{desk}/approve")
    listed = (await read(running, f"/senders/{KEY}/templates?templateStatus=TSC03"))[
        "templateListResponse"
    ]
    assert sorted(one["templateCode"] for one in listed["templates"]) == ["NEW", "ORDER_SHIPPED"]
    assert listed["totalCount"] == 2
    named = (await read(running, f"/senders/{KEY}/templates?templateCode=NEW"))[
        "templateListResponse"
    ]
    assert named["totalCount"] == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"templateCode": "ORDER_SHIPPED"}, -3001),
        ({"templateName": "출고 안내"}, -3001),
        ({"templateCode": "가" * 21}, -2000),
        ({"templateContent": ""}, -2001),
        ({"templateContent": None}, -2002),
        ({"buttons": [LINK] * 6}, -2018),
        ({"buttons": [{**LINK, "linkMo": ""}]}, -3000),
        ({"buttons": [{**LINK, "linkMo": "shop.example"}]}, -3006),
        ({"buttons": [{**LINK, "name": "#{이름}"}]}, -3008),
        ({"buttons": [{**LINK, "name": ""}]}, -3009),
        ({"buttons": [{**LINK, "type": "AL"}]}, -3007),
        ({"buttons": [ADD]}, -3024),
        ({"templateMessageType": "AD", "buttons": []}, -3050),
        ({"templateMessageType": "AD", "buttons": [LINK, ADD]}, -3025),
        ({"templateEmphasizeType": "TEXT"}, -3016),
        ({"templateMessageType": "EX"}, -3018),
        ({"templateExtra": "덧붙임"}, -3028),
        ({"quickReplies": [LINK], "buttons": [LINK] * 3}, -2505),
    ],
)
async def test_rules_of_registration(quiet: Running, change: dict[str, Any], expected: int) -> None:
    assert await register(quiet, {**NEW, **change}) == expected


async def test_automatic_review(running: Running) -> None:
    running.store.change_settings({"review": "auto", "auto_review_s": 0})
    assert await register(running, NEW) == 0
    async with asyncio.timeout(10):
        while (found := get_template(running.store, KEY, "NEW")) and found.status != "TSC03":
            await running.store.changes.wait(0.02)
    one = (await read(running, f"/senders/{KEY}/templates/NEW"))["templates"]
    assert one["status"] == "TSC03"


async def test_profiles_and_categories(running: Running) -> None:
    senders = await read(running, "/senders")
    assert [one["senderKey"] for one in senders["senders"]] == [KEY]
    one = await read(running, f"/senders/{KEY}")
    assert (one["sender"]["plusFriendId"], one["sender"]["status"]) == ("@shop", "YSC03")
    none = await read(running, f"/senders/{'f' * 40}")
    assert none["header"]["resultCode"] == -2017
    categories = (await read(running, "/template/categories"))["categories"]
    assert categories[-1]["subCategories"][0]["code"] == "999999"
