"""Each component of a skill's answer as a chat without cards shows it."""

from typing import Any

import pytest

from app.services.skill_cards import Shown, show

WEB = "https://shop.example/x"


def shown(*outputs: Any, quick: Any = (), notes: list[str] | None = None) -> Shown:
    return show(list(outputs), list(quick), [] if notes is None else notes)


def button(action: str, label: str = "누르기", **more: Any) -> dict[str, Any]:
    return {"action": action, "label": label} | more


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ({"simpleText": {"text": " 안녕\r\n하세요 "}}, "안녕\n하세요"),
        ({"textCard": {"title": "제목", "description": "설명"}}, "제목\n설명"),
        ({"textCard": {"description": "설명뿐"}}, "설명뿐"),
        ({"basicCard": {"title": "제목", "thumbnail": {"imageUrl": WEB}}}, "제목"),
        (
            {"commerceCard": {"title": "들기름", "price": 12000, "discountedPrice": "9900"}},
            "들기름\n9,900원 (정가 12,000원)",
        ),
        ({"commerceCard": {"title": "들기름", "price": "12000"}}, "들기름\n12,000원"),
        (
            {"listCard": {"header": {"title": "목록"}, "items": [
                {"title": "가", "description": "나"}, {"title": "다"}]}},
            "목록\n• 가 — 나\n• 다",
        ),
        (
            {"itemCard": {"itemList": [{"title": "수량", "description": "3"}],
                          "itemListSummary": {"title": "합계", "description": "3만원"},
                          "title": "주문"}},
            "주문\n수량: 3\n합계: 3만원",
        ),
        (
            {"carousel": {"type": "textCard", "items": [{"title": "하나"}, {"title": "둘"}]}},
            "하나\n \n둘",
        ),
        ({"simpleText": {"text": "셋", "extra": {"any": 1}}}, "셋"),
        ({"simpleText": {"text": 3}}, "3"),
    ],
)  # fmt: skip
def test_components_become_texts(output: dict[str, Any], text: str) -> None:
    assert [say.text for say in shown(output).says] == [text]


def test_pictures_and_web_links_become_link_buttons() -> None:
    (say,) = shown({"simpleImage": {"imageUrl": WEB, "altText": "지도"}}).says
    assert (say.text, say.links[0].name, say.links[0].url) == ("지도", "사진 보기", WEB)
    (say,) = shown({"simpleImage": {"imageUrl": WEB}}).says
    assert say.text == "사진 보기"
    card = {"title": "가", "thumbnail": {"link": {"web": WEB}}}
    (say,) = shown(
        {"basicCard": card | {"buttons": [button("webLink", webLinkUrl=WEB + "2")]}}
    ).says
    assert [one.url for one in say.links] == [WEB, WEB + "2"]


def test_links_that_fit_no_more_are_lines_and_other_addresses_are_left_out() -> None:
    notes: list[str] = []
    items = [{"title": f"가{n}", "link": {"web": f"{WEB}{n}"}} for n in range(5)]
    buttons = [button("webLink", webLinkUrl=url) for url in (WEB, "javascript:x", "intent://x")]
    (say,) = shown({"listCard": {"items": items, "buttons": buttons}}, notes=notes).says
    assert len(say.links) == 5
    assert say.text.endswith(f"누르기: {WEB}")
    assert "javascript" not in say.text
    assert notes == ["link: no web address, left out"] * 2


def test_what_is_tapped_becomes_a_numbered_choice() -> None:
    found = shown(
        {"textCard": {"title": "가", "buttons": [
            button("message", "메시지", messageText="보낼 말"),
            button("phone", "전화", phoneNumber="02-123-4567"),
            button("operator", "상담원"),
        ]}},
        quick=[button("block", "블록", blockId="b1", extra={"k": 1}), button("share", "공유")],
    )  # fmt: skip
    assert found.says[0].text == "가\n전화: 02-123-4567\n\n1. 메시지\n2. 상담원\n3. 블록"
    message, person, block = found.choices
    assert (message.says, message.person) == ("보낼 말", False)
    assert person.person
    assert (block.block, block.extra, block.says) == ("b1", {"k": 1}, "블록")


def test_choices_go_under_the_last_text() -> None:
    found = shown(
        {"simpleText": {"text": "하나"}}, {"simpleText": {"text": "둘"}}, quick=[button("message")]
    )
    assert [say.text for say in found.says] == ["하나", "둘\n\n1. 누르기"]


@pytest.mark.parametrize(
    ("output", "note"),
    [
        ({"simpleText": {"text": "가" * 1_001}}, "outputs[0].simpleText.text: 1001 characters"),
        ({"textCard": {"title": "가" * 51}}, "outputs[0].textCard.title: 51 characters, cut at 50"),
        ({"basicCard": {"description": "가" * 231}}, "description: 231 characters, cut at 230"),
        ({"commerceCard": {"title": "가"}}, "outputs[0].commerceCard.price: missing"),
        ({"listCard": {"items": [{"title": "가"}] * 6}}, "outputs[0].listCard.items: 6, shown 5"),
        ({"textCard": {"title": "가", "buttons": [button("message")] * 4}}, "buttons: 4, shown 3"),
        ({"carousel": {"type": "x", "items": []}}, "outputs[0].carousel.type: not known"),
        ({"newCard": {"title": "가"}}, "outputs[0].newCard: not known, left out"),
        ({"textCard": "x"}, "outputs[0].textCard: not known, left out"),
    ],
)
def test_what_breaks_a_limit_is_cut_and_noted(output: dict[str, Any], note: str) -> None:
    notes: list[str] = []
    shown(output, notes=notes)
    assert any(note in one for one in notes), notes


def test_too_many_of_everything() -> None:
    notes: list[str] = []
    found = shown(
        *({"simpleText": {"text": f"{n}"}} for n in range(5)),
        quick=[button("message", f"가{n}") for n in range(12)],
        notes=notes,
    )
    assert (len(found.says), len(found.choices)) == (3, 10)
    assert notes == ["outputs: 5, shown 3", "quickReplies: 12, shown 10"]


def test_letters_no_chat_can_carry_are_dropped() -> None:
    assert shown({"simpleText": {"text": "가\x00나\x1b\ud800"}}).says[0].text == "가나"
