"""Every part of a notice is compared with the registered one, and counted once it is filled."""

from typing import Any

import orjson
import pytest

from sandbox.nhn.checks import check_filled, check_full
from sandbox.nhn.intake import Draft
from tests.sandbox.shop import HANA

TEMPLATE: dict[str, Any] = {
    "templateContent": "#{이름}님, 안내합니다.",
    "templateEmphasizeType": "ITEM_LIST",
    "templateHeader": "#{상점} 안내",
    "templateItemHighlight": {"title": "#{상품}", "description": "내일", "imageUrl": "https://i"},
    "templateItem": {
        "list": [
            {"title": "주문", "description": "#{주문}"},
            {"title": "택배", "description": "#{a}"},
        ],
        "summary": {"title": "합계", "description": "#{금액}"},
    },
    "templateRepresentLink": {"linkMo": "https://s/#{주문}"},
    "templateImageUrl": "https://a",
    "buttons": [{"ordering": 1, "type": "TN", "name": "전화 연결", "telNumber": "02-2041-0100"}],
    "quickReplies": [{"ordering": 1, "type": "BT", "name": "봇"}],
}
VALUES = {"이름": "하나", "상점": "한빛", "상품": "멸치", "주문": "1", "a": "한진", "금액": "100원"}
FULL: dict[str, Any] = {
    "recipientNo": HANA,
    "content": "하나님, 안내합니다.",
    "templateHeader": "한빛 안내",
    "templateItemHighlight": {"title": "멸치", "description": "내일", "imageUrl": "https://i"},
    "templateItem": {
        "list": [{"title": "주문", "description": "1"}, {"title": "택배", "description": "한진"}],
        "summary": {"title": "합계", "description": "100원"},
    },
    "templateRepresentLink": {"linkMo": "https://s/1"},
    "buttons": [{"ordering": 1, "type": "TN", "name": "전화 연결"}],
    "quickReplies": [{"ordering": 1, "type": "BT", "name": "봇", "chatEvent": "go"}],
}
HIGHLIGHT, ITEM = FULL["templateItemHighlight"], FULL["templateItem"]


def rows(first: str) -> dict[str, Any]:
    return {**ITEM, "list": [{**ITEM["list"][0], "description": first}, ITEM["list"][1]]}


def judged(change: dict[str, Any]) -> int | str:
    """The code of a refusal, else the certain delivery code, else ""."""
    found = check_full(TEMPLATE, 1, {**FULL, **change})
    return found.fails_with if isinstance(found, Draft) else found


def test_what_was_approved_is_taken_and_shown_whole() -> None:
    found = check_full(TEMPLATE, 1, FULL)
    assert isinstance(found, Draft)
    assert found.fails_with == ""
    shown = orjson.loads(found.payload)
    assert shown["templateImageUrl"] == "https://a"  # kept with the template, never sent
    assert shown["templateItem"] == ITEM
    filled = check_filled(TEMPLATE, 1, {"recipientNo": HANA, "templateParameter": VALUES})
    assert isinstance(filled, Draft)
    assert orjson.loads(filled.payload)["templateRepresentLink"] == {"linkMo": "https://s/1"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"content": "하나씨, 안내합니다."}, -3010),
        ({"buttons": []}, -3011),
        ({"buttons": [{**FULL["buttons"][0], "telNumber": "02-2041-0199"}]}, -3011),
        ({"buttons": [{**FULL["buttons"][0], "telNumber": "02-2041-0100"}]}, ""),
        ({"quickReplies": [{**FULL["quickReplies"][0], "name": "상담"}]}, -3011),
        ({"templateHeader": "한빛"}, -3042),
        ({"templateItem": None}, -3043),
        ({"templateItem": {"list": ITEM["list"]}}, -3043),
        ({"templateItem": {**ITEM, "list": ITEM["list"][:1]}}, -3043),
        ({"templateItem": {**ITEM, "list": [*reversed(ITEM["list"])]}}, -3043),
        ({"templateItemHighlight": None}, -3043),
        ({"templateItemHighlight": {**HIGHLIGHT, "description": "모레"}}, -3043),
        ({"templateItemHighlight": {**HIGHLIGHT, "imageUrl": "https://j"}}, -3043),
        ({"templateItemHighlight": {**HIGHLIGHT, "imageUrl": ""}}, ""),
        ({"templateItemHighlight": {**HIGHLIGHT, "title": "멸치\\s"}}, ""),
        ({"templateRepresentLink": {"linkMo": "http://s/1"}}, -3046),
        ({"templateRepresentLink": {"linkMo": "https://s/1", "linkPc": "https://s"}}, -3046),
        ({"templateRepresentLink": None}, -3046),
        ({"templateTitle": "제목"}, "3028"),
        ({"templateItemHighlight": {**HIGHLIGHT, "title": "제" * 22}}, "3034"),
        ({"templateItem": rows("설" * 23)}, ""),
        ({"templateItem": rows("설" * 24)}, "3037"),
        ({"templateItem": {**ITEM, "summary": {"title": "합계", "description": "1" * 15}}}, "3039"),
        ({"templateItem": {**ITEM, "summary": {"title": "합계", "description": "무료"}}}, "3040"),
        ({"quickReplies": [{**FULL["quickReplies"][0], "chatEvent": "가"}]}, "3026"),
        ({"templateItem": "글"}, 4),
        ({"quickReplies": ["글"]}, -2018),
    ],
)
def test_each_part(change: dict[str, Any], code: int | str) -> None:
    assert judged(change) == code


def test_a_long_description_beside_no_thumbnail() -> None:
    shown = {"title": "#{a}", "description": "#{b}"}
    template = {"templateContent": "글", "templateItemHighlight": shown}
    for title, text, code in ((30, 19, ""), (31, 19, "3034"), (30, 20, "3035")):
        given = {"title": "제" * title, "description": "설" * text}
        body = {"recipientNo": HANA, "content": "글", "templateItemHighlight": given}
        found = check_full(template, 1, body)
        assert isinstance(found, Draft)
        assert found.fails_with == code


def test_extras_name_buttons_of_the_template() -> None:
    body = {"recipientNo": HANA, "templateParameter": VALUES}
    for part in ("buttons", "quickReplies"):
        assert isinstance(check_filled(TEMPLATE, 1, {**body, part: [{"ordering": 1}]}), Draft)
        assert check_filled(TEMPLATE, 1, {**body, part: [{"ordering": 2}]}) == -3033
        assert check_filled(TEMPLATE, 1, {**body, part: ["글"]}) == -2018
