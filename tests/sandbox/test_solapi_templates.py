"""kakao v2: channels, and templates from their making to their approval at the desk."""

from typing import Any

import pytest

from sandbox.moves import act, review_due
from sandbox.pictures import keep_picture
from sandbox.reviews import Template, get_template
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.images import png
from tests.sandbox.solapi_shop import (
    CHANNEL,
    TEMPLATE,
    Caller,
    notice,
    settle_in,
    spoiled,
)

TEMPLATES = "/kakao/v2/templates"
# every field of npm solapi 6.0.1's request
FULL: dict[str, Any] = {
    "channelId": CHANNEL,
    "name": "예약 안내",
    "content": "#{이름}님의 예약입니다.",
    "categoryCode": "003001",
    "messageType": "EX",
    "emphasizeType": "ITEM_LIST",
    "header": "예약 #{번호}",
    "highlight": {"title": "예약 완료", "description": "안내", "imageId": None},
    "item": {
        "list": [{"title": "날짜", "description": "#{날짜}"}],
        "summary": {"title": "합계", "description": "1원"},
    },
    "extra": "문의 02-0000-2041",
    "buttons": [
        {"buttonName": "보기", "buttonType": "WL", "linkMo": "https://a.b/#{번호}", "linkPc": "https://a.b"},
        {"buttonName": "앱", "buttonType": "AL", "linkAnd": "a://x", "linkIos": "b://x"},
    ],
    "quickReplies": [{"name": "변경", "linkType": "BK"}],
    "securityFlag": False,
}  # fmt: skip
# npm solapi 6.0.1 refuses a template without any of these
REQUIRED = (
    "name messageType emphasizeType securityFlag templateId status assignType commentable"
    " dateCreated dateUpdated"
)


async def make(solapi: Caller, **changed: Any) -> dict[str, Any]:
    status, said = await solapi.ask("POST", TEMPLATES, {**FULL, **changed})
    assert status == 200, said
    return said


def find(store: Store, template_id: str) -> Template:
    template = get_template(store, CHANNEL, template_id)
    assert template
    return template


def approve(store: Store, template_id: str, move: str = "approve") -> None:
    act(store, find(store, template_id), move, "이유")


async def state(solapi: Caller, template_id: str) -> str:
    _, said = await solapi.ask("GET", f"{TEMPLATES}/{template_id}")
    return str(said["status"])


async def test_what_is_made_is_what_is_shown(solapi: Caller) -> None:
    made = await make(solapi)
    _, said = await solapi.ask("GET", f"{TEMPLATES}/{made['templateId']}")
    assert said == made
    assert {name: said[name] for name in FULL} == FULL
    assert set(REQUIRED.split()) <= said.keys()
    assert said["templateId"].startswith("KA01TP")
    assert len(said["templateId"]) == 32
    assert (said["status"], said["assignType"]) == ("PENDING", "CHANNEL")
    assert said["variables"] == [{"name": name} for name in ("날짜", "번호", "이름")]


async def test_an_emphasised_title_is_spelt_in_two_ways(solapi: Caller) -> None:
    texts = {"emphasizeTitle": "#{금액}원", "emphasizeSubTitle": "결제"}
    said = await make(solapi, emphasizeType="TEXT", **texts)
    assert (said["emphasizeTitle"], said["emphasizeSubtitle"]) == ("#{금액}원", "결제")


async def test_from_pending_to_approved(solapi: Caller, store: Store) -> None:
    template_id = (await make(solapi))["templateId"]
    path = f"{TEMPLATES}/{template_id}"
    _, said = await solapi.ask("PUT", f"{path}/inspection")
    assert (said["status"], said["commentable"]) == ("INSPECTING", True)
    _, said = await solapi.ask("PUT", f"{path}/inspection/cancel")
    assert said["status"] == "PENDING"
    await solapi.ask("PUT", f"{path}/inspection")
    approve(store, template_id, "reject")
    _, said = await solapi.ask("GET", path)
    assert said["status"] == "REJECTED"
    (comment,) = said["comments"]
    assert (comment["isAdmin"], comment["content"]) == (True, "이유")
    _, said = await solapi.ask("PUT", f"{path}/inspection")
    assert said["status"] == "INSPECTING"
    approve(store, template_id)
    assert await state(solapi, template_id) == "APPROVED"


async def test_pending_is_not_taken_into_review_by_itself(
    solapi: Caller, store: Store, clock: Clock
) -> None:
    template_id = (await make(solapi))["templateId"]
    clock.pass_s(3_600)
    store.change_settings({"review": "auto"})
    assert review_due(store) is None
    assert await state(solapi, template_id) == "PENDING"
    await solapi.ask("PUT", f"{TEMPLATES}/{template_id}/inspection")
    clock.pass_s(3)
    review_due(store)
    assert await state(solapi, template_id) == "APPROVED"


async def test_what_was_made_here_can_be_sent(solapi: Caller, store: Store) -> None:
    template_id = (await make(solapi))["templateId"]
    values = {"#{이름}": "하나", "#{번호}": "7", "#{날짜}": "내일"}
    said = await solapi.send(notice(variables=values, templateId=template_id))
    assert said["failedMessageList"][0]["statusCode"] == "1042"
    approve(store, template_id)
    assert (await solapi.send(notice(variables=values, templateId=template_id)))[
        "failedMessageList"
    ] == []


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("PENDING", {"submit", "edit", "delete"}),
        ("INSPECTING", {"withdraw"}),
        ("APPROVED", set()),
        ("REJECTED", {"submit", "edit", "delete"}),
    ],
)
async def test_what_a_state_allows(
    solapi: Caller, store: Store, status: str, allowed: set[str]
) -> None:
    calls = {
        "submit": ("PUT", "/inspection", None),
        "withdraw": ("PUT", "/inspection/cancel", None),
        "edit": ("PUT", "", {"content": "다른 글"}),
        "delete": ("DELETE", "", None),
        "rename": ("PUT", "/name", {"name": "새 이름"}),
    }
    for name, (method, more, body) in calls.items():
        template_id = (await make(solapi, name=f"{name} 전"))["templateId"]
        if status != "PENDING":
            await solapi.ask("PUT", f"{TEMPLATES}/{template_id}/inspection")
        if status in ("APPROVED", "REJECTED"):
            approve(store, template_id, "approve" if status == "APPROVED" else "reject")
        assert await state(solapi, template_id) == status
        code, said = await solapi.ask(method, f"{TEMPLATES}/{template_id}{more}", body)
        if name in allowed | {"rename"}:
            assert code == 200, (name, said)
        else:
            assert (code, said["errorCode"]) == (400, "InvalidStatus"), name


@pytest.mark.parametrize("verdict", ["", "reject"])
async def test_an_edit_leaves_what_it_does_not_name(
    solapi: Caller, store: Store, verdict: str
) -> None:
    template_id = (await make(solapi))["templateId"]
    if verdict:
        approve(store, template_id, verdict)
    _, said = await solapi.ask("PUT", f"{TEMPLATES}/{template_id}", {"content": "다른 글"})
    changed = {"content": "다른 글", "status": "PENDING"}
    assert {name: said[name] for name in (*FULL, "status")} == {**FULL, **changed}
    assert (await solapi.ask("DELETE", f"{TEMPLATES}/{template_id}"))[1]["name"] == "예약 안내"
    assert (await solapi.ask("GET", f"{TEMPLATES}/{template_id}"))[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"channelId": "KA01PF0"},
        {"channelId": None, "channelGroupId": "g"},
        {"name": ""},
        {"name": "출고 안내"},  # taken
        {"content": 1},
        {"content": "가" * 1_001},
        {"messageType": "XX"},
        {"emphasizeType": "LOUD"},
        {"buttons": [FULL["buttons"][0]] * 6},
        {"buttons": ["x"]},
        {"quickReplies": "x"},
        {"item": "x"},
        {"item": {"list": "x"}},
        {"highlight": ["x"]},
        {"header": 1},
        {"imageId": "ST01FP1"},
        {"highlight": {"title": "제목", "imageId": "ST01FP1"}},
    ],
)
async def test_what_is_not_taken(solapi: Caller, wrong: dict[str, Any]) -> None:
    status, said = await solapi.ask("POST", TEMPLATES, {**FULL, **wrong})
    assert (status, said["errorCode"]) == (400, "ValidationError")


async def test_junk_is_refused_or_shown(solapi: Caller, store: Store) -> None:
    for n, junk in enumerate(one for one in spoiled(FULL) if isinstance(one, dict)):
        body = {**junk, "name": f"이름 {n}"} if junk.get("name") == FULL["name"] else junk
        status, said = await solapi.ask("POST", TEMPLATES, body)
        assert status in (200, 400), (junk, said)
        if status == 200:
            approve(store, said["templateId"])
            await solapi.send(notice(templateId=said["templateId"]))
    solapi.deliver()
    assert (await solapi.ask("GET", TEMPLATES, limit=1_000))[0] == 200


async def test_its_pictures_stay_when_the_files_are_gone(solapi: Caller, store: Store) -> None:
    keep_picture(store, (settle_in(store), "solapi"), "ST01FP1", "image/png", png(9, 9))
    highlight = {"title": "예약", "description": "안내", "imageId": "ST01FP1"}
    made = await make(solapi, imageId="ST01FP1", highlight=highlight)
    body = find(store, made["templateId"]).body
    address = body["templateImageUrl"]
    assert (await solapi.client.get(address)).status_code == 200
    assert body["templateItemHighlight"]["imageUrl"] == address
    store.run("DELETE FROM picture")
    path = f"{TEMPLATES}/{made['templateId']}"
    _, said = await solapi.ask("PUT", path, {"content": "다른 글"})
    assert (said["imageId"], said["highlight"]) == ("ST01FP1", highlight)
    assert find(store, made["templateId"]).body["templateImageUrl"] == address


async def test_a_name_that_is_taken(solapi: Caller) -> None:
    made = await make(solapi)
    status, said = await solapi.ask(
        "PUT", f"{TEMPLATES}/{made['templateId']}/name", {"name": "출고 안내"}
    )
    assert (status, said["errorCode"]) == (400, "ValidationError")


async def test_lists(solapi: Caller, store: Store, clock: Clock) -> None:
    clock.pass_s(60)
    made = (await make(solapi))["templateId"]
    for query, found in (
        ({}, [made, TEMPLATE]),
        ({"status": "APPROVED"}, [TEMPLATE]),
        ({"status": "PENDING"}, [made]),
        ({"channelId": CHANNEL}, [made, TEMPLATE]),
        ({"channelId": "x"}, []),
        ({"templateId": made}, [made]),
        ({"isHidden": "true"}, []),
        ({"name[like]": "예약"}, [made]),
        ({"name[eq]": "예약"}, []),
        ({"name[ne]": "예약 안내"}, [TEMPLATE]),
        ({"dateCreated[gte]": "2026-11-18T11:07:00Z"}, [made]),
        ({"dateCreated[lte]": "2026-11-18T11:07:00Z"}, [TEMPLATE]),
    ):
        _, said = await solapi.ask("GET", TEMPLATES, **query)
        assert [one["templateId"] for one in said["templateList"]] == found, query
    _, said = await solapi.ask("GET", TEMPLATES, limit=1)
    assert (len(said["templateList"]), said["nextKey"]) == (1, TEMPLATE)
    _, said = await solapi.ask("GET", TEMPLATES, limit=1, startKey=TEMPLATE)
    assert [one["templateId"] for one in said["templateList"]] == [TEMPLATE]
    assert (await solapi.ask("GET", TEMPLATES, limit="x"))[0] == 400


async def test_channels_and_categories(solapi: Caller, store: Store) -> None:
    _, said = await solapi.ask("GET", "/kakao/v2/channels")
    assert set(said) == {"limit", "startKey", "nextKey", "channelList"}
    (channel,) = said["channelList"]
    assert (channel["channelId"], channel["searchId"]) == (CHANNEL, "@shop")
    assert channel["accountId"] == settle_in(store)
    assert channel["sharedAccountIds"] == []
    _, said = await solapi.ask("GET", "/kakao/v2/channels", searchId="@other")
    assert said["channelList"] == []
    assert (await solapi.ask("GET", f"/kakao/v2/channels/{CHANNEL}"))[1] == channel
    assert (await solapi.ask("GET", "/kakao/v2/channels/x"))[0] == 404
    for what in ("channels", "templates"):
        _, rows = await solapi.ask("GET", f"/kakao/v2/{what}/categories")
        assert all(set(row) == {"code", "name"} for row in rows)
