"""The hub's calls in words, junk too."""

from typing import Any

import pytest

from sandbox.consult_documented import FORMS
from sandbox.consult_meaning import read
from sandbox.documented import Form
from sandbox.exchanges import Exchange
from sandbox.meaning import Reading
from sandbox.store import Store

WRITE = FORMS["POST /v1/chat/write"]


def call(store: Store, body: Any, answer: Any, form: Form | None = WRITE) -> Reading:
    one = Exchange(1, 0, "POST", "/consult/v1/chat/write", "", (), b"", 200, b"", 1)
    return Reading(store, one, form, body, answer)


@pytest.mark.parametrize(
    ("kind", "asks"),
    [("TX", "상담 말 보내기: 글"), ("IM", "상담 말 보내기: 사진"), ("ZZ", "상담 말 보내기: ZZ")],
)
def test_kinds_of_words(store: Store, kind: str, asks: str) -> None:
    assert read(call(store, {"message_type": kind}, {"code": 0})).asks.ko == asks


def test_junk(store: Store) -> None:
    found = read(call(store, [1], "?", None))
    assert (found.asks.en, found.says.en, found.count) == (
        "A call in no document", "An unreadable answer was given", 0,
    )  # fmt: skip
    assert read(call(store, {}, {"code": -7, "message": "Odd"})).says.ko == "거절 -7: Odd"


def test_an_upload_that_was_taken_and_one_that_was_not(store: Store) -> None:
    form = FORMS["POST /v1/image/upload"]
    one = Exchange(1, 0, "POST", "/consult/v1/image/upload", "", (), b"", 200, b"", 1)
    taken = read(Reading(store, one, form, {}, {"code": "0000", "image": "http://h/1.jpg"}))
    assert (taken.asks.en, taken.says.en) == ("upload a picture", "Success")
    refused = read(Reading(store, one, form, {}, {"code": "-505", "message": "x"}))
    assert "does not take" in refused.says.en
