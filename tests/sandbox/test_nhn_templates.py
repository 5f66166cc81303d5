"""Registration, reading, edits, talk, deletion, profiles."""

import asyncio
from typing import Any

from sandbox.moves import act
from sandbox.nhn.templates import SENT_LATELY_MS
from sandbox.reviews import get_template
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    HANA,
    KEY,
    SECRET,
    TEMPLATE,
    need,
    notice,
    send,
)

NEW: dict[str, Any] = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}
TEMPLATES = f"{ALIMTALK}/senders/{KEY}/templates"
ONE = f"{TEMPLATES}/ORDER_SHIPPED"


async def call(running: Running, method: str, path: str, body: Any = None) -> int:
    answer = await running.client.request(method, path, json=body, headers=SECRET)
    return int(answer.json()["header"]["resultCode"])


async def register(running: Running, body: dict[str, Any]) -> int:
    return await call(running, "POST", TEMPLATES, body)


async def read(running: Running, path: str) -> dict[str, Any]:
    answer = await running.client.get(ALIMTALK + path, headers=SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def read_one(running: Running, code: str = "ORDER_SHIPPED") -> dict[str, Any]:
    found: dict[str, Any] = (await read(running, f"/senders/{KEY}/templates/{code}"))["templates"]
    return found


async def test_a_registered_template_is_in_review_until_the_desk_decides(
    running: Running,
) -> None:
    running.store.change_settings({"registered_s": 0.05})
    assert await register(running, NEW) == 0
    assert (await read_one(running, "NEW"))["status"] == "TSC01"
    async with asyncio.timeout(60):
        while (one := await read_one(running, "NEW"))["status"] == "TSC01":
            await running.store.changes.wait(0.02)
    assert (one["status"], one["statusName"], one["block"]) == ("TSC02", "검수 중", False)
    desk = f"/desk/api/templates/{KEY}/NEW"
    await running.client.post(f"{desk}/reject", json={"comment": "광고성 문구 제거 요청"})
    one = await read_one(running, "NEW")
    assert one["status"] == "TSC04"
    assert one["comments"][0] | {"createdAt": ""} == {
        "id": 1,
        "content": "광고성 문구 제거 요청",
        "userName": "검수자",
        "createdAt": "",
        "attachment": [],
        "status": "REJ",
    }
    assert await call(running, "POST", f"{TEMPLATES}/NEW/comments", {"comment": "고쳤습니다"}) == 0
    assert (await read_one(running, "NEW"))["status"] == "TSC02"
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
    assert not {"block", "dormant"} & named["templates"][0].keys()


async def test_an_edit_of_an_approved_template(quiet: Running, clock: Clock) -> None:
    quiet.store.now = clock  # dates are written to the second: none may pass
    quiet.store.run("UPDATE template SET updated_at = ?", (clock(),))
    before = await read_one(quiet)
    body = {"templateName": "새 이름", "templateContent": "#{이름}님, 새 글입니다."}
    assert await call(quiet, "PUT", ONE, body) == 0
    assert await call(quiet, "PUT", ONE, body) == -3013
    assert await read_one(quiet) == before  # nothing has changed for those who send
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == 0
    pending, used = await modifications(quiet)
    assert (pending["status"], pending["activated"]) == ("TSC02", False)
    assert (used["status"], used["activated"]) == ("TSC03", True)
    assert pending["templateContent"] == body["templateContent"]
    assert not {"kakaoTemplateCode", "block", "dormant"} & used.keys()
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "approve")
    after = await read_one(quiet)
    assert after["templateContent"] == body["templateContent"]
    assert after["kakaoTemplateCode"] != before["kakaoTemplateCode"]
    assert [one["activated"] for one in await modifications(quiet)] == [True, False]
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == -1031


async def modifications(running: Running) -> list[dict[str, Any]]:
    found = await read(running, f"/senders/{KEY}/templates/ORDER_SHIPPED/modifications")
    body = found["templateModificationsResponse"]
    assert body["totalCount"] == len(body["templates"])
    texts: list[dict[str, Any]] = body["templates"]
    return texts


async def test_the_talk_belongs_to_the_text_it_was_about(quiet: Running) -> None:
    assert await call(quiet, "PUT", ONE, {**NEW, "templateName": "출고 안내"}) == 0
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "reject", "아니요")
    edited, used = await modifications(quiet)
    assert [one["content"] for one in edited["comments"]] == ["아니요"]
    assert used["comments"] == []
    assert (await read_one(quiet))["comments"] == edited["comments"]
    assert await call(quiet, "POST", f"{ONE}/comments", {"comment": "왜요"}) == 0
    assert (await modifications(quiet))[0]["status"] == "TSC02"


async def test_what_may_not_be_edited_or_asked(quiet: Running) -> None:
    assert await register(quiet, NEW) == 0
    new = f"{TEMPLATES}/NEW"
    assert await call(quiet, "PUT", new, NEW) == -3012
    assert await call(quiet, "POST", f"{new}/comments", {"comment": "언제"}) == -3100
    act(quiet.store, need(quiet.store, "NEW"), "inspect")
    assert await call(quiet, "PUT", new, NEW) == -3012
    for body, expected in (({}, -2002), ({"comment": " "}, -2001), ({"comment": 1}, 4)):
        assert await call(quiet, "POST", f"{new}/comments", body) == expected
    assert await call(quiet, "POST", f"{new}/comments", {"comment": "언제"}) == 0
    assert await call(quiet, "POST", f"{ONE}/comments", {"comment": "언제"}) == -3100
    act(quiet.store, need(quiet.store, "NEW"), "reject", "아니요")
    assert await call(quiet, "PUT", new, {**NEW, "templateName": "출고 안내"}) == -3001
    assert await call(quiet, "PUT", new, {**NEW, "templateContent": ""}) == -2001
    assert await call(quiet, "PUT", new, {**NEW, "templateCode": "ELSE"}) == 0
    assert (await read_one(quiet, "NEW"))["status"] == "TSC02"
    for method, path in (("PUT", ""), ("POST", "/comments"), ("DELETE", ""), ("GET", "")):
        assert (
            await call(quiet, method, f"{TEMPLATES}/NONE{path}", {**NEW, "comment": "?"}) == -3003
        )
    none = f"{ALIMTALK}/senders/{'f' * 40}/templates/NEW"
    assert await call(quiet, "PUT", none, NEW) == -2017


async def test_deletion_waits_three_days_after_a_send(quiet: Running) -> None:
    sent = await send(quiet.client, notice(HANA))
    answer = await quiet.client.delete(ONE, headers=SECRET)
    header = answer.json()["header"]
    assert header["resultCode"] == -3034
    assert header["resultMessage"].endswith(sent["message"]["requestId"])
    quiet.store.run("UPDATE message SET created_at = created_at - ?", (SENT_LATELY_MS,))
    assert await call(quiet, "DELETE", ONE) == 0
    assert await call(quiet, "DELETE", ONE) == -3003
    assert await register(quiet, TEMPLATE) == 0


async def test_a_stopped_blocked_or_dormant_template_is_not_sent(quiet: Running) -> None:
    for there, back in (("stop", "resume"), ("block", "unblock"), ("dormant", "release")):
        act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), there)
        assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == -3005
        one = await read_one(quiet)
        assert (one["block"], one["dormant"]) == (there == "block", there == "dormant")
        act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), back)
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == 0


async def test_automatic_review(running: Running) -> None:
    running.store.change_settings({"review": "auto", "auto_review_s": 0, "registered_s": 0})
    assert await register(running, NEW) == 0
    async with asyncio.timeout(60):
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
