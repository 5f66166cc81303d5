"""What arrived, narrowed and waited for; what was accepted and did not."""

import asyncio
from typing import Any

import pytest

from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY, NO_KAKAO, OFF, notice, send, send_text

API = "/desk/api"


async def get(running: Running, path: str) -> Any:
    answer = await running.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_each_filter_narrows_what_arrived(running: Running) -> None:
    await send(running.client, notice(HANA))
    await send_text(running.client, "안녕하세요", HANA, "01000001002")
    await running.until(lambda: running.store.counters().get("arrived sms") == 2)
    for asked, kinds in {
        "": ["alimtalk", "sms", "sms"],
        "?to=%2B82-10-0000-1001": ["alimtalk", "sms"],
        "?template=ORDER_SHIPPED": ["alimtalk"],
        "?template=ORDER": [],
        "?app=sms": ["sms", "sms"],
        "?app=sms&to=01000001002": ["sms"],
        "?app=chat&to=01000001002": [],
        "?limit=2": ["alimtalk", "sms"],
    }.items():
        assert [one["kind"] for one in await get(running, f"{API}/received{asked}")] == kinds, asked
    newest = await get(running, f"/latest?to={HANA}&app=chat")
    assert (newest["template"], newest["sender"]) == ("ORDER_SHIPPED", KEY)
    shown = await get(running, f"{API}/phones/{HANA}")
    assert newest["id"] == shown["messages"][0]["id"]  # what a button is pressed on
    gone = await running.client.get(f"/latest?after={newest['seq']}&app=chat")
    assert (gone.status_code, gone.json()["code"]) == (404, "nothing_arrived")


@pytest.mark.parametrize(
    ("query", "field"),
    [("to=nobody", "to"), ("app=mail", "app"), ("wait_s=31", "wait_s"), ("after=-1", "after")],
)
async def test_a_wrong_filter_is_named(quiet: Running, query: str, field: str) -> None:
    for path in ("/latest", f"{API}/received"):
        answer = await quiet.client.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("path", ["/latest", f"{API}/received"])
async def test_one_request_waits_until_it_arrives(running: Running, path: str) -> None:
    waiting = asyncio.create_task(running.client.get(f"{path}?to={HANA}&app=chat&wait_s=20"))
    await send_text(running.client, "다른 글", HANA)  # wakes it, and is not what it waits for
    await running.until(lambda: running.store.counters().get("arrived sms"))
    assert not waiting.done()
    await send(running.client, notice(HANA))
    answer = await asyncio.wait_for(waiting, 60)
    found = answer.json()
    assert (found if path == "/latest" else found[0])["template"] == "ORDER_SHIPPED"


async def test_waiting_has_an_end(running: Running) -> None:
    answer = await running.client.get(f"/latest?to={HANA}&wait_s=0.2")
    assert answer.status_code == 404
    assert await get(running, f"{API}/received?to={HANA}&wait_s=0.2") == []


async def test_what_was_accepted_and_did_not_arrive_says_why(running: Running) -> None:
    await send(running.client, notice(HANA, NO_KAKAO, OFF))
    await running.until(lambda: running.store.counters().get("arrived chat"))
    rows = {one["number"]: one for one in await get(running, f"{API}/accepted")}
    told = {number: (row["state"], row["outcome"]) for number, row in rows.items()}
    assert told == {
        HANA: ("done", "성공"),
        NO_KAKAO: ("done", "카카오톡 사용자가 아님"),
        OFF: ("held", "전화기가 꺼져 있어 기다리는 중"),
    }
    assert (rows[HANA]["seq"], rows[OFF]["seq"]) == (1, None)
    (one,) = await get(running, f"{API}/accepted?to={OFF}&template=ORDER_SHIPPED&app=chat")
    assert one == rows[OFF]
    assert await get(running, f"{API}/accepted?after={one['id']}") == []
