"""The relay's words for the parts of a bubble."""

from typing import Any

import pytest

from sandbox.relay_parts import misshapen, parts_of


def test_every_part_is_kept() -> None:
    given = {
        "title": "제목", "subtitle": "부제", "header": "머리", "extra": "덧", "message_type": "MI",
        "emphasis": "ITEM_LIST", "category": "006001", "security": True,
        "highlight": {"title": "강조", "description": "설명", "image": "https://i"},
        "items": [{"title": "상품", "description": "멸치"}],
        "summary": {"title": "합계", "description": "1원"},
        "link": {"url_mobile": "https://m", "url_pc": "https://p"},
        "image": {"name": "a.png", "url": "https://a"},
        "buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://m", "token": ""}],
        "quick_replies": [{"kind": "BT", "name": "봇", "event": "e", "token": "t"}],
    }  # fmt: skip
    assert misshapen(given) == ""
    assert parts_of(given) == {
        "templateTitle": "제목", "templateSubtitle": "부제", "templateHeader": "머리",
        "templateExtra": "덧", "templateMessageType": "MI", "templateEmphasizeType": "ITEM_LIST",
        "categoryCode": "006001", "securityFlag": True,
        "templateItemHighlight": {"title": "강조", "description": "설명", "imageUrl": "https://i"},
        "templateItem": {
            "list": [{"title": "상품", "description": "멸치"}],
            "summary": {"title": "합계", "description": "1원"},
        },
        "templateRepresentLink": {"linkMo": "https://m", "linkPc": "https://p"},
        "templateImageName": "a.png", "templateImageUrl": "https://a",
        "buttons": [{"ordering": 1, "type": "WL", "name": "보기", "linkMo": "https://m"}],
        "quickReplies": [
            {"ordering": 1, "type": "BT", "name": "봇", "chatEvent": "e", "chatExtra": "t"}
        ],
    }  # fmt: skip


def test_nothing_given_is_nothing_kept() -> None:
    empty: dict[str, Any] = {
        "title": "",
        "buttons": [],
        "highlight": None,
        "link": {},
        "security": False,
    }
    assert misshapen(empty) == ""
    assert parts_of(empty) == {}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("buttons", "글"),
        ("buttons", ["글"]),
        ("buttons", [{"kind": 1}]),
        ("quick_replies", {}.keys),
        ("items", [[]]),
        ("highlight", "글"),
        ("summary", {"title": []}),
        ("link", [1]),
        ("title", 1),
        ("emphasis", {"a": 1}),
    ],
)
def test_what_is_misshapen(part: str, value: object) -> None:
    assert misshapen({part: value}) == part
