"""Buttons: what each kind needs, what it may not have, and where it may stand."""

import pytest

from channels.bubble import Button
from templates.buttons import ADD_CHANNEL, link_is_sound, place, read
from templates.limits import STRICT
from templates.reader import Reader

URL = "https://naru.example/"


def found(data: object) -> list[tuple[str, str]]:
    reader = Reader(data)
    read(reader, STRICT)
    return [(f.field, f.rule) for f in reader.findings]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "WL", "name": "보기", "url_mobile": URL},
        {"kind": "WL", "name": "가" * 14, "url_mobile": "http://#{도메인}/a", "url_pc": URL},
        {"kind": "WL", "name": "보기", "url_mobile": URL + "a" * (500 - len(URL))},
        {
            "kind": "AL",
            "name": "앱",
            "scheme_android": "naru://x/#{번호}",
            "scheme_ios": "naru://x",
        },
        {"kind": "AL", "name": "앱", "scheme_ios": "tel:15880000", "url_mobile": URL},
        {"kind": "DS", "name": "배송 조회"},
        {"kind": "BK", "name": "문의"},
        {"kind": "MD", "name": "전달"},
        {"kind": "BC", "name": "상담원과 이야기"},
        {"kind": "BT", "name": "챗봇", "event": "order_1"},
        {"kind": "AC", "name": "채널 추가"},
    ],
)
def test_sound_buttons(data: dict[str, str]) -> None:
    reader = Reader(data)
    button = read(reader, STRICT)
    assert reader.findings == []
    assert {name: getattr(button, name) for name in data} == data


@pytest.mark.parametrize(
    ("data", "field", "rule"),
    [
        ({"name": "x"}, "kind", "required"),
        ({"kind": "XX", "name": "전화 연결"}, "kind", "bad_choice"),
        ({"kind": "TN", "name": "전화 연결"}, "phone", "needed_by"),
        ({"kind": "TN", "name": "전화", "phone": "02-1"}, "name", "fixed_name"),
        ({"kind": "AC", "name": "친구 추가"}, "name", "add_channel_name"),
        ({"kind": "DS"}, "name", "required"),
        ({"kind": "DS", "name": "가" * 15}, "name", "too_long"),
        ({"kind": "DS", "name": "#{이름}"}, "name", "variable_not_allowed"),
        ({"kind": "DS", "name": "x", "url_mobile": URL}, "url_mobile", "not_allowed"),
        ({"kind": "BC", "name": "x", "event": "e"}, "event", "not_allowed"),
        ({"kind": "BC", "name": "x", "token": "a"}, "token", "unknown_field"),
        ({"kind": "WL", "name": "x"}, "url_mobile", "needed_by"),
        ({"kind": "WL", "name": "x", "url_pc": URL}, "url_mobile", "needed_by"),
        ({"kind": "WL", "name": "x", "url_mobile": "naru.example"}, "url_mobile", "bad_link"),
        ({"kind": "WL", "name": "x", "url_mobile": "#{링크}"}, "url_mobile", "bad_link"),
        ({"kind": "WL", "name": "x", "url_mobile": "https://"}, "url_mobile", "bad_link"),
        ({"kind": "WL", "name": "x", "url_mobile": URL + "a b"}, "url_mobile", "bad_link"),
        ({"kind": "WL", "name": "x", "url_mobile": URL + "#{a"}, "url_mobile", "bad_variable"),
        ({"kind": "WL", "name": "x", "url_mobile": URL + "a" * 500}, "url_mobile", "too_long"),
        ({"kind": "AL", "name": "x", "url_mobile": URL}, "kind", "app_links"),
        ({"kind": "AL", "name": "x", "url_mobile": URL, "url_pc": URL}, "kind", "app_links"),
        ({"kind": "AL", "name": "x", "scheme_ios": "javascript:a"}, "scheme_ios", "bad_link"),
        ({"kind": "AL", "name": "x", "scheme_ios": "#{a}://b"}, "scheme_ios", "bad_link"),
        ({"kind": "BT", "name": "x", "event": "이벤트"}, "event", "bad_format"),
        ("WL", "", "wrong_type"),
    ],
)
def test_findings(data: object, field: str, rule: str) -> None:
    assert (field, rule) in found(data)


@pytest.mark.parametrize(
    ("field", "url", "sound"),
    [
        ("url_pc", "HTTPS://x".lower(), True),
        ("url_mobile", "ftp://x", False),
        ("scheme_ios", "JavaScript:alert(1)", False),
        ("scheme_ios", "naru://a\nb", False),
        ("scheme_android", "intent://x#Intent;end", True),
    ],
)
def test_links(field: str, url: str, sound: bool) -> None:
    assert link_is_sound(field, url) is sound


AC, DS = Button("AC", ADD_CHANNEL), Button("DS", "배송 조회")
FORM = Button("BF", "톡에서 예약하기", form_id="1")


@pytest.mark.parametrize(
    ("message_type", "buttons", "expected"),
    [
        ("BA", [DS], []),
        ("AD", [AC, DS], []),
        ("AD", [], [("buttons", "add_channel_first")]),
        ("MI", [DS, AC], [("buttons", "add_channel_first")]),
        ("AD", [AC, AC], [("buttons", "add_channel_first")]),
        ("EX", [AC], [("buttons[0].kind", "not_allowed")]),
        ("BA", [DS, FORM], [("buttons[1].kind", "form_first")]),
        ("MI", [AC, FORM, DS], []),
    ],
)
def test_places(message_type: str, buttons: list[Button], expected: list[tuple[str, str]]) -> None:
    reader = Reader({})
    place(reader, buttons, message_type)
    assert [(f.field, f.rule) for f in reader.findings] == expected
