"""Statuses: one word each, never one that promises more than is known."""

from app.console import statuses


def test_words_are_ours() -> None:
    words = {one.words for one in (*statuses.MESSAGES.values(), *statuses.ATTEMPTS.values())}
    assert not words & {"성공", "에러", "오류"}
    assert statuses.of_message("unknown").tone == statuses.of_attempt("unknown").tone == "doubt"
    assert statuses.route("fax") == "fax"
