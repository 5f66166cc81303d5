"""What a press does is said for every kind there is, in both languages."""

import re

import pytest

from app.services.presses import WORDS, does, leads_to
from channels.bubble import Button, Links
from templates.buttons import Kind

HANGUL = re.compile("[가-힣]")
URL = "https://naru.example/o/1"


def button(kind: str, name: str = "go", **more: str) -> Button:
    return Button(kind, name, **({"url_mobile": URL} if kind in ("WL", "AL") else {}) | more)


def test_every_kind_has_words() -> None:
    assert WORDS.keys() == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_they_are_sentences_in_each_language(kind: str) -> None:
    one = button(kind)
    assert HANGUL.search(does(one, "ko"))
    assert not HANGUL.search(does(one, "en"))
    assert "{" not in does(one, "ko") + does(one, "en")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (button("WL"), f"Opens {URL} inside KakaoTalk."),
        (button("WL", target="out"), f"Opens {URL} outside KakaoTalk."),
        (button("AL", scheme_ios="naru://o"), f"Opens an app: {URL}, naru://o"),
        (button("BK", "again"), "Says the button's name, 'again', in the chat."),
        (button("BF", "form", form_id="77"), "Opens the business form 77."),
        (button("TN", "call", phone="02-123-4567"), "Calls 02-123-4567."),
        (button("P3", "pay", product_id="p-1"), "Opens the one-click payment: p-1"),
    ],
)
def test_they_name_where_it_leads(one: Button, words: str) -> None:
    assert does(one, "en") == words


def test_a_press_on_the_bubble_leads_somewhere_too() -> None:
    assert leads_to(Links(URL, "https://pc.example/"), "en") == (
        f"Opens {URL}, https://pc.example/ inside KakaoTalk."
    )
