"""``naru reconcile``: what it prints, and that it never calls equal what it could not compare."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cli.reconcile import STEP, JsonLines, Lines, Progress
from app.ids import new_id
from app.services.differences import Difference, Kind, Todo
from app.services.reconcile import SEOUL
from channels.contract import Receipt
from channels.vocabulary import Result
from tests.app.cli.conftest import Naru
from tests.app.cli.test_cli_commands import add_account

YESTERDAY = (datetime.now(SEOUL) - timedelta(days=1)).date().isoformat()
AT = datetime(2026, 11, 24, 15, tzinfo=UTC)
MESSAGE = new_id()
WORD = Receipt(Result.DELIVERED, ref="AGJQ", provider_id="R:1")
FOUND = (
    Difference(
        Kind.STATE, Todo.APPLY, "AGJQ", ("R:1",), "sms", "accepted", "delivered", "1000",
        MESSAGE, WORD,
    ),
    Difference(Kind.ONLY_THEIRS, Todo.FIND_SENDER, "", ("R:2",), "lms", "", "accepted"),
)  # fmt: skip
SUMMARY: dict[str, Any] = {"account": "NHN", "since": AT, "until": AT, "ours": 1, "state": 1}


@pytest.fixture
def shop(naru: Naru) -> Naru:
    naru("workspaces", "add", "가게")
    return naru


def ask(naru: Naru, name: str, day: str, code: int) -> str:
    result = naru("reconcile", "--account", name, "--day", day, code=code)
    assert result.stdout == ""
    assert result.stderr.startswith("naru: ")
    return result.stderr


def test_what_cannot_be_compared_ends_with_2(shop: Naru, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARU_SANDBOX_PORT", "1")  # nobody listens there
    add_account(shop)
    assert "There are: NHN" in ask(shop, "KT", YESTERDAY, 2)
    assert "2026-11-25" in ask(shop, "NHN", "어제", 2)
    assert "day_ahead" in ask(shop, "NHN", "2999-01-01", 2)
    assert "ConnectError" in ask(shop, "NHN", YESTERDAY, 2)
    given = ("--credential", "key=k", "--credential", "signing_secret=s")
    shop("accounts", "add", "relay", "--name", "blind", *given)
    assert "cannot_list" in ask(shop, "blind", YESTERDAY, 2)


def test_lines_say_what_differs_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    for one in FOUND:
        lines.add(one)
    lines.end(SUMMARY)
    told = capsys.readouterr().out
    assert "AGJQ sms accepted / delivered [1000] R:1" in told
    assert f"naru show {MESSAGE}" in told
    assert "--apply" in told
    assert "- lms - / accepted R:2" in told
    assert "ours     1" in told


@pytest.mark.parametrize("found", [FOUND, FOUND[:1], ()])
def test_json_is_one_object_however_long(
    capsys: pytest.CaptureFixture[str], found: tuple[Difference, ...]
) -> None:
    lines = JsonLines()
    for one in found:
        lines.add(one)
    lines.end(SUMMARY)
    told = json.loads(capsys.readouterr().out)
    assert [one["ref"] for one in told["differences"]] == [one.ref for one in found]
    assert (told["ours"], told["since"]) == (1, "2026-11-24T15:00:00+00:00")
    if found:
        first = told["differences"][0]
        assert (first["kind"], first["can_apply"], first["provider_ids"]) == (
            "state", True, ["R:1"],
        )  # fmt: skip


def test_only_long_lists_tell_how_far_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    tell = Progress()
    for count in (1, STEP - 1, STEP + 7, STEP + 8, 2 * STEP):
        tell("theirs", count)
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split()[-1] for line in told.err.splitlines()] == ["10,007", "20,000"]
