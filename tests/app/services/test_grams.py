"""Pairs of letters: two syllables are found inside longer words, and a hit is a hit."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.grams import MOST, normal, of_text, read


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("배송 언제 오나요?", ["배송", "언제", "오나", "나요"]),
        ("네", ["네"]),
        ("환불요청이요! 네.", ["환불", "불요", "요청", "청이", "이요", "네"]),
        ("Order-42 A", ["or", "rd", "de", "er", "42", "a"]),
        ("a_b", ["a", "b"]),
        ("배송배송", ["배송", "송배"]),
        ("👍 !!! ...", []),
        ("", []),
    ],
)
def test_pairs_of_each_word(text: str, pairs: list[str]) -> None:
    assert of_text(text) == pairs


def test_however_a_text_was_composed() -> None:
    apart = unicodedata.normalize("NFD", "배송")
    assert apart != "배송"
    assert of_text(apart) == of_text("배송")
    assert read(apart).fits("배송")
    assert read("배송").fits(apart)


def test_a_line_has_so_many_and_no_more() -> None:
    text = " ".join(chr(0xAC00 + n) + chr(0xAC00 + n + 1) for n in range(MOST + 100))
    assert len(of_text(text)) == MOST


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("배송", "택배송장이요", True),  # inside a word
        ("배송", "배 송", False),
        ("배송 환불", "환불해 주세요. 배송이 늦어요", True),  # words in any order
        ('"배송 환불"', "환불 배송", False),
        ('"배송   환불"', "첫 배송\n환불", True),
        ("ABC", "abc", True),
        ("가나다", "가나 나다", False),  # every pair is there, the word is not
        ('"a-b"', "x a-b y", True),
        ('"a-b"', "x a b y", False),
    ],
)
def test_the_text_decides(query: str, text: str, fits: bool) -> None:
    wanted = read(query)
    if fits:
        assert set(wanted.pairs) <= set(of_text(text))
    assert wanted.fits(text) is fits


@pytest.mark.parametrize("query", ["", " ", "?!", "👍", '""', '"?"'])
def test_nothing_to_look_for(query: str) -> None:
    assert not read(query).pairs


@given(st.text(max_size=80), st.data())
def test_every_piece_of_a_word_finds_its_line(text: str, data: st.DataObject) -> None:
    """No line that holds a piece of two letters or more is missed."""
    words = [word for word in normal(text).split() if word.isalnum() and len(word) > 1]
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    at = data.draw(st.integers(0, len(word) - 2))
    piece = word[at : data.draw(st.integers(at + 2, len(word)))]
    wanted = read(piece)
    assert set(wanted.pairs) <= set(of_text(text))
    assert wanted.fits(text)
