"""A row for every registration code: what is just allowed, and what is refused."""

from typing import Any

import pytest

from sandbox.nhn.shapes import fault_of, is_amount
from sandbox.nhn.templates import check_form
from sandbox.nhn.wire import Refused
from sandbox.nhn.words import ALIMTALK
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK as BASE
from tests.sandbox.shop import KEY, SECRET

PLAIN: dict[str, Any] = {
    "templateCode": "NEW",
    "templateName": "새 안내",
    "templateContent": "#{이름}님, 안내합니다.",
}
ADD = {"ordering": 1, "type": "AC", "name": "채널 추가"}
LINK = {"ordering": 1, "type": "WL", "name": "보기", "linkMo": "https://shop.example"}
FORM = {"ordering": 1, "type": "BF", "name": "톡에서 예약하기", "bizFormId": 7}
CALL = {"ordering": 1, "type": "TN", "name": "전화 연결", "telNumber": "02-2041-0100"}
ROW = {"title": "여섯글자까지", "description": "스물셋" * 7 + "자까"}
ROWS = {"templateEmphasizeType": "ITEM_LIST", "templateItem": {"list": [ROW, ROW]}}
SUMMARY = {"title": "합계", "description": "#{통화} 1,200원"}
SHOWN = {"title": "제" * 30, "description": "설" * 19}
HIGHLIGHT = {"templateEmphasizeType": "ITEM_LIST", "templateItemHighlight": SHOWN}
BESIDE = {"title": "제" * 21, "description": "설" * 13, "imageUrl": "https://i.example/1"}
TEXT = {"templateEmphasizeType": "TEXT", "templateTitle": "제" * 50, "templateSubtitle": "부" * 50}
IMAGE = {
    "templateEmphasizeType": "IMAGE",
    "templateImageName": "a.png",
    "templateImageUrl": "https://i.example/a",
}
INVITING = {"templateMessageType": "AD", "buttons": [ADD]}


def row(part: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {**part, **change}


def placed(*buttons: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**button, "ordering": n} for n, button in enumerate(buttons, 1)]


def items(rows: list[Any], summary: Any = None) -> dict[str, Any]:
    item = {"list": rows} | ({"summary": summary} if summary else {})
    return {"templateEmphasizeType": "ITEM_LIST", "templateItem": item}


FAULTS: list[tuple[dict[str, Any], int]] = [
    # texts
    ({"templateCode": "a" * 21}, -2000),
    ({"templateName": "이" * 151}, -2000),
    ({"templateContent": "본" * 1_301}, -2000),
    ({"templateContent": ""}, -2001),
    ({"templateContent": None}, -2002),
    ({"templateContent": 1}, 4),
    ({"templateMessageType": "XX"}, 4),
    ({"templateEmphasizeType": "BIG"}, 4),
    ({"securityFlag": "yes"}, 4),
    ({"categoryCode": 1}, 4),
    (row(TEXT, templateTitle="제" * 51), -2000),
    (row(TEXT, templateSubtitle="부" * 51), -2000),
    (row(HIGHLIGHT, templateHeader="머" * 17), -2000),
    ({"templateMessageType": "EX", "templateExtra": "덧" * 501}, -2000),
    # emphasis
    ({"templateEmphasizeType": "TEXT"}, -3016),
    (row(TEXT, templateSubtitle=""), -3016),
    (row(TEXT, templateSubtitle="#{이름}"), -3017),
    ({"templateTitle": "제목"}, -3027),
    (row(IMAGE, templateImageName=""), -3032),
    ({"templateEmphasizeType": "ITEM_LIST"}, -3035),
    (row(ROWS, securityFlag=True), -3036),
    (row(TEXT, templateTitle="제목\\s"), -3047),
    (row(HIGHLIGHT, templateItemHighlight=row(SHOWN, title="제목\\s")), -3047),
    (row(IMAGE, templateImageUrl="ftp://x"), -3041),
    (row(HIGHLIGHT, templateItemHighlight=row(BESIDE, imageUrl="x")), -3041),
    # message types
    ({"templateMessageType": "EX"}, -3018),
    ({"templateMessageType": "MI", "buttons": [ADD]}, -3020),
    ({"templateMessageType": "EX", "templateExtra": "#{이름}"}, -3021),
    ({"templateExtra": "덧붙임"}, -3028),
    (row(INVITING, templateExtra="덧붙임"), -3030),
    ({"templateMessageType": "AD"}, -3050),
    # items
    (items([ROW]), -2033),
    (items([ROW] * 11), -2033),
    (items([ROW, row(ROW, title="일곱글자제목임")]), -2033),
    (items([ROW, row(ROW, description="설" * 24)]), -2033),
    (items([ROW, row(ROW, description="")]), -2033),
    (items([ROW, "글"]), -2033),
    ({"templateItem": "글"}, -2033),
    (items([ROW, ROW], row(SUMMARY, title="일곱글자제목임")), -2033),
    (items([ROW, ROW], row(SUMMARY, description="1" * 15)), -2033),
    (items([ROW, ROW], row(SUMMARY, description="만원")), -2033),
    (items([ROW, row(ROW, title="#{이름}")]), -3037),
    (items([ROW, ROW], row(SUMMARY, title="#{a}")), -3038),
    (items([], SUMMARY) | {"templateHeader": "머리"}, -3039),
    (row(ROWS, templateContent="본" * 701), -2037),
    # highlight
    (row(HIGHLIGHT, templateItemHighlight=row(SHOWN, title="제" * 31)), -2034),
    (row(HIGHLIGHT, templateItemHighlight=row(SHOWN, description="")), -2034),
    (row(HIGHLIGHT, templateItemHighlight="글"), -2034),
    (row(HIGHLIGHT, templateItemHighlight=row(BESIDE, title="제" * 22)), -3040),
    (row(HIGHLIGHT, templateItemHighlight=row(BESIDE, description="설" * 14)), -3040),
    # representative link
    ({"templateRepresentLink": {}}, -2036),
    ({"templateRepresentLink": "https://x"}, -2036),
    ({"templateRepresentLink": {"linkMo": "x"}}, -2036),
    ({"templateRepresentLink": {"linkPc": "https://x/" + "a" * 491}}, -2036),
    # buttons
    ({"buttons": placed(*[LINK] * 6)}, -2018),
    ({"buttons": [LINK, LINK]}, -2018),
    ({"buttons": [row(LINK, ordering=6)]}, -2018),
    ({"buttons": [row(LINK, type="XX")]}, -2018),
    ({"buttons": [row(LINK, name="이" * 15)]}, -2018),
    ({"buttons": [row(LINK, linkMo="https://x/" + "a" * 491)]}, -2018),
    ({"buttons": [{"ordering": 1, "type": "P1", "name": "사진"}]}, -2018),
    ({"buttons": [{"ordering": 1, "type": "P3", "name": "결제", "pluginId": "p" * 25}]}, -2018),
    ({"buttons": [row(LINK, linkMo="")]}, -3000),
    ({"buttons": [row(LINK, linkMo="shop.example")]}, -3006),
    ({"buttons": [row(LINK, type="AL")]}, -3007),
    ({"buttons": [row(LINK, name="#{이름}")]}, -3008),
    ({"buttons": [row(LINK, name="")]}, -3009),
    ({"buttons": [ADD]}, -3024),
    (row(INVITING, buttons=placed(LINK, ADD)), -3025),
    (row(INVITING, buttons=placed(ADD, ADD)), -3025),
    (row(INVITING, buttons=[row(ADD, name="추가")]), -3026),
    ({"buttons": placed(LINK, FORM)}, -3044),
    ({"buttons": [row(FORM, name="예약하기")]}, -3045),
    ({"buttons": [row(FORM, bizFormId=None)]}, -3045),
    ({"buttons": [row(CALL, name="전화")]}, -3051),
    ({"buttons": [row(CALL, telNumber="")]}, -3052),
    ({"buttons": [row(CALL, telNumber="02 2041")]}, -3053),
    ({"buttons": [row(CALL, telNumber="1" * 15)]}, -3053),
    ({"buttons": "글"}, -3103),
    ({"quickReplies": ["글"]}, -3103),
    ({"buttons": [row(LINK, name=1)]}, -3103),
    # quick replies
    ({"quickReplies": placed(*[LINK] * 6)}, -2504),
    ({"quickReplies": [row(LINK, ordering=None)]}, -2504),
    ({"quickReplies": [row(LINK, type="MD")]}, -2504),
    ({"quickReplies": [row(LINK, name="이" * 15)]}, -2504),
    ({"quickReplies": [row(LINK, name="")]}, -3101),
    ({"quickReplies": [row(LINK, name="#{이름}")]}, -3102),
    ({"quickReplies": [row(LINK, linkMo="")]}, -3000),
    ({"quickReplies": [row(FORM, name="예약하기")]}, -3045),
    ({"quickReplies": [LINK], "buttons": placed(*[LINK] * 3)}, -2505),
]
ALLOWED: list[dict[str, Any]] = [
    {"templateCode": "a" * 20, "templateName": "이" * 150, "templateContent": "본" * 1_300},
    TEXT,
    row(TEXT, securityFlag=True, categoryCode="006001"),
    IMAGE,
    row(ROWS, templateContent="본" * 700),
    items([ROW] * 10, SUMMARY),
    row(HIGHLIGHT, templateHeader="머" * 16),
    row(HIGHLIGHT, templateItemHighlight=BESIDE),
    {"templateEmphasizeType": "ITEM_LIST", "templateHeader": "머리"},
    {"templateMessageType": "EX", "templateExtra": "덧" * 500},
    row(INVITING, buttons=placed(ADD, *[LINK] * 4)),
    row(INVITING, buttons=placed(ADD, FORM)),
    {"templateMessageType": "MI", "templateExtra": "덧", "buttons": [ADD]},
    {"templateRepresentLink": {"linkPc": "https://x/" + "a" * 490, "schemeIos": "app://x"}},
    {"buttons": placed(LINK, CALL, row(LINK, name="이" * 14))},
    {"buttons": placed(FORM, row(LINK, linkMo="https://x/#{주문}"))},
    {"buttons": [row(CALL, telNumber="1" * 14)]},
    {"buttons": placed(*({"type": kind, "name": kind} for kind in ("DS", "BK", "MD", "BC", "BT")))},
    {
        "buttons": placed(
            *({"type": k, "name": k, "pluginId": "p" * 24} for k in ("P1", "P2", "P3"))
        )
    },
    {"quickReplies": placed(*[LINK] * 5), "buttons": placed(LINK, LINK)},
]


def told(change: dict[str, Any]) -> int:
    """The code of a registration, 0 when it is taken."""
    try:
        check_form({**PLAIN, **change})
    except Refused as refused:
        return refused.code
    return 0


@pytest.mark.parametrize(("change", "code"), FAULTS)
def test_refused_at_registration(change: dict[str, Any], code: int) -> None:
    assert told(change) == code


@pytest.mark.parametrize("change", ALLOWED)
def test_taken_at_registration(change: dict[str, Any]) -> None:
    assert told(change) == 0


async def test_the_code_reaches_the_caller(quiet: Running) -> None:
    path = f"{BASE}/senders/{KEY}/templates"
    body = {**PLAIN, "templateExtra": "덧붙임"}
    answer = await quiet.client.post(path, json=body, headers=SECRET)
    assert answer.json()["header"] == {
        "resultCode": -3028,
        "resultMessage": ALIMTALK[-3028],
        "isSuccessful": False,
    }


def test_every_documented_code_of_registration_has_its_row() -> None:
    rows = {code for _, code in FAULTS}
    ranges = (range(-3053, -3015), range(-3103, -3100), range(-3009, -3005))
    documented = {code for span in ranges for code in span if code in ALIMTALK}
    # said when sending (§ their own tests), and of deletion
    elsewhere = {-3033, -3034, -3042, -3043, -3046, -3048, -3049}
    assert documented - elsewhere <= rows
    assert {-2018, -2033, -2034, -2036, -2037, -2504, -2505, -3000} <= rows


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("12,000원", True),
        ("$ 12.50", True),
        ("USD 1", True),
        ("₩1,000", True),
        ("12.345", False),
        ("12,000 won", False),
        ("#{금액}원", True),
        ("", True),
    ],
)
def test_amounts(text: str, is_one: bool) -> None:
    assert is_amount(text) is is_one


def test_a_hostile_amount_is_read_in_no_time() -> None:
    body = {**PLAIN, **items([ROW, ROW], {"title": "합", "description": "USD " * 20_000 + "만"})}
    assert fault_of(body) == -2033
