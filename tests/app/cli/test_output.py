"""What people read: tables, one thing, a line of a timeline, both languages."""

import re
from datetime import UTC, datetime

import pytest

from app.cli import timelines
from app.cli.output import show_one, show_rows, width
from app.cli.words import WORDS, say
from app.services.states import MessageStatus


def test_columns_line_up_with_korean_letters(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, str | None]] = [
        {"name": "가게", "state": "active"},
        {"name": "shop", "state": None},
    ]
    show_rows(rows, as_json=False, empty="none")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name  state", "가게  active", "shop  -"]
    assert {width(line[: -len(line.split()[1])]) for line in lines} == {6}


def test_an_empty_list_says_so_and_is_still_json(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([], as_json=False, empty="none yet")
    show_rows([], as_json=True, empty="none yet")
    assert capsys.readouterr().out == "none yet\n[]\n"


def test_values_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 23, 5, 2, 31, tzinfo=UTC)
    show_one({"at": at, "ok": True, "none": [], "two": ["a", "b"]}, as_json=False)
    words = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert words["at"].strip() == at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    assert [words[name].strip() for name in ("ok", "none", "two")] == ["yes", "-", "a, b"]


def test_a_line_of_a_timeline() -> None:
    at = datetime(2026, 11, 23, 5, 2, 31, 120_000, tzinfo=UTC)
    entry = {"at": at.isoformat(), "title": "도착", "detail": "a\nb", "code": "1000"}
    clock = at.astimezone().strftime("%H:%M:%S")
    assert timelines.line(entry) == f"{clock}.120  도착  a b (1000)"
    assert timelines.line({**entry, "detail": "", "code": ""}) == f"{clock}.120  도착"
    told = timelines.line({**entry, "code_meaning": "도착함"})
    assert told == f"{clock}.120  도착  a b (1000: 도착함)"
    assert timelines.advice({**entry, "action": ""}) == timelines.advice(entry) == ""
    advice = timelines.advice({**entry, "action": "기다리세요."})
    assert advice.strip() == "→ 기다리세요."
    assert advice.index("→") == told.index("도착")


def test_only_these_states_end_a_timeline() -> None:
    ended = {status for status in MessageStatus if not timelines.is_open(status)}
    assert ended == {"delivered", "failed", "expired", "cancelled", "blocked", "no_report"}


@pytest.mark.parametrize("word", sorted(WORDS))
def test_both_languages_fill_in_the_same(word: str) -> None:
    korean, english = (set(re.findall(r"\{(\w+)\}", text)) for text in WORDS[word])
    assert korean == english
    assert say("ko", word, **dict.fromkeys(korean, "")) or korean
