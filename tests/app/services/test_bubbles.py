"""A bubble as data: every part that the customer sees, and nothing that is made later."""

from typing import Any

from app.services.bubbles import AD_LINE, of_frozen, show, text_of_frozen
from app.services.content import freeze
from templates.compiled import compile_template
from templates.reading import read_template
from templates.render import render

FORM: dict[str, Any] = {
    "code": "t",
    "name": "시험",
    "content": "#{이름} 님",
    "buttons": [{"kind": "WL", "name": "보기", "url_mobile": "https://x/#{이름}"}],
    "quick_replies": [{"kind": "BC", "name": "상담"}],
}


def bubble(**changes: Any) -> dict[str, Any]:
    source = compile_template(read_template(FORM | changes))
    tokens = dict.fromkeys(source.token_buttons, "0" * 32)
    return show(source.template, render(source, {"이름": "kim"}, tokens, sms=False), "en")


def test_a_text_bubble() -> None:
    shown = bubble(emphasis="TEXT", title="#{이름}", subtitle="s", security=True)
    assert (shown["title"], shown["subtitle"], shown["text"]) == ("kim", "s", "kim 님")
    assert (shown["emphasis"], shown["security"], shown["ad_line"]) == ("TEXT", True, "")
    assert shown["buttons"] == [
        {
            "kind": "WL",
            "name": "보기",
            "url_mobile": "https://x/kim",
            "does": "Opens https://x/kim inside KakaoTalk.",
        }
    ]
    # the token is made when a message is accepted
    assert shown["quick_replies"] == [
        {"kind": "BC", "name": "상담", "does": "Opens a chat with a person."}
    ]


def test_a_list_bubble() -> None:
    rows = [{"title": "가", "description": "#{이름}"}, {"title": "나", "description": "2"}]
    shown = bubble(
        emphasis="ITEM_LIST",
        header="h",
        image="box.png",
        highlight={"title": "t", "description": "d", "image": "a.png"},
        items=rows,
        summary={"title": "합", "description": "1원"},
        link={"url_mobile": "https://x/"},
    )
    assert (shown["header"], shown["image"]) == ("h", "box.png")
    assert shown["highlight"] == {"title": "t", "description": "d", "image": "a.png"}
    assert shown["items"][0] == {"title": "가", "description": "kim"}
    assert shown["summary"] == {"title": "합", "description": "1원"}
    assert shown["link"]["does"] == "Opens https://x/ inside KakaoTalk."


def test_the_line_of_kakao_stands_below_ad_and_mi_alone() -> None:
    add = {"kind": "AC", "name": "채널 추가"}
    assert bubble(message_type="AD", buttons=[add])["ad_line"] == AD_LINE
    assert bubble(message_type="MI", buttons=[add], extra="e")["ad_line"] == AD_LINE
    shown = bubble(message_type="EX", extra="덧붙임")
    assert (shown["extra"], shown["ad_line"]) == ("덧붙임", "")


def test_the_bubble_of_a_message_is_made_of_what_it_froze() -> None:
    parts = {
        "message_type": "EX",
        "extra": "덧붙임",
        "emphasis": "ITEM_LIST",
        "header": "h #{이름}",
        "highlight": {"title": "t", "description": "#{이름}"},
        "items": [{"title": "가", "description": "#{이름}"}, {"title": "나", "description": "2"}],
        "buttons": [{"kind": "BC", "name": "상담"}],
    }
    source = compile_template(read_template(FORM | parts))
    tokens = dict.fromkeys(source.token_buttons, "0" * 32)
    made = render(source, {"이름": "kim"}, tokens, sms=False)
    frozen = freeze("01012345678", {"이름": "kim"}, made)
    assert of_frozen(source.template, frozen, "en") == show(source.template, made, "en")
    assert text_of_frozen({}) is None
    text = {"route": "sms", "text": "가a", "title": "t"}
    shown = text_of_frozen({"sms": text})
    assert shown == {"route": "sms", "title": "", "text": "가a", "picture": "", "bytes": 3}
