"""Refusals in Korean: filled in, and whole where something is missing."""

from app.console.problem_words import KOREAN, explained
from app.errors import Invalid, NotFound


def test_words_are_filled_in() -> None:
    short = Invalid("weak_password", "A password …", data={"limit": 10})
    assert "10자 이상" in explained(short, "ko")
    assert explained(short, "en") == "A password …"
    assert explained(NotFound("never_heard", "It is gone."), "ko") == "It is gone."
    assert "{limit}" in explained(Invalid("weak_password", "x"), "ko")  # better than a crash


def test_they_are_polite_and_say_no_please() -> None:
    assert all(words.rstrip(".").endswith(("요", "reset")) or "요" in words
               for words in KOREAN.values())  # fmt: skip
