"""Reasons in plain words, in both languages."""

import re

import pytest

from app.services.explanations import EXPLANATIONS, explain

HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("reason", EXPLANATIONS)
def test_every_reason_is_a_sentence_in_each_language(reason: str) -> None:
    korean, english = explain(reason), explain(reason, "en")
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert korean.endswith(".")
    assert english.endswith(".")
    assert explain(reason, "ko") == korean


def test_reasons_are_told_apart() -> None:
    for lang in ("ko", "en"):
        assert len({explain(reason, lang) for reason in EXPLANATIONS}) == len(EXPLANATIONS)


@pytest.mark.parametrize("reason", [None, "", "of_tomorrow"])
def test_without_a_known_reason_there_are_no_words(reason: str | None) -> None:
    assert explain(reason) == explain(reason, "en") == ""
