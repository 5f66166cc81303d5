"""Every Korean text of the console has its English, and the compiled catalogues are these."""

import re

import pytest

from app.console.words import LANGUAGES, say
from tests.words import catalogues as words

PARTS = words.catalogues()
FORM = re.compile(r"%\((\w+)\)[sd]")


def test_every_text_has_its_english() -> None:
    known = words.known(PARTS)
    assert [text for text in words.texts() if text not in known] == [], "make words"


def test_no_catalogue_has_a_text_that_is_not_used() -> None:
    assert set(words.known(PARTS)) - set(words.texts()) == set()


@pytest.mark.parametrize("part", PARTS)
def test_a_catalogue_is_whole_and_compiled(part: str) -> None:
    for message in PARTS[part]:
        if not message.id:
            continue
        forms, first = words.forms(message.string), words.forms(message.id)[0]
        assert all(forms), first
        assert all(set(FORM.findall(one)) == set(FORM.findall(first)) for one in forms), first
        assert not re.search("[가-힣]", "".join(forms)), first
    assert (words.FOLDER / f"{part}.mo").read_bytes() == words.compiled(PARTS[part])


def test_one_text_has_one_english() -> None:
    seen: dict[object, str] = {}
    for part, catalogue in PARTS.items():
        for message in catalogue:
            if message.id:
                assert message.id not in seen, (message.id, part, seen[message.id])
                seen[message.id] = part


def test_a_text_is_filled_in() -> None:
    assert [say(one, "%(n)s분 전", n=3) for one in LANGUAGES] == ["3분 전", "3 min ago"]
