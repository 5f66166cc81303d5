"""``naru templates submit``, ``status``, ``stop`` …: what a person asks of a template's review."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Naru, told
from tests.app.cli.test_cli_commands import add_account


@pytest.fixture
def draft(served: Naru, tmp_path: Path) -> Naru:
    """A draft at a gateway with one Alimtalk sender."""
    add_account(served)
    served("senders", "add", "k" * 40, "--kind", "alimtalk", "--account", "NHN")
    path = tmp_path / "points.toml"
    path.write_text(served("templates", "starter", "points_used").stdout, "utf-8")
    served("templates", "push", str(path), "--draft")
    return served


def ask(naru: Naru, *words: str) -> dict[str, Any]:
    (found,) = told(naru("templates", *words, "--json"))
    assert isinstance(found, dict)
    return found


def test_a_draft_is_submitted_stopped_and_resumed(draft: Naru, tmp_path: Path) -> None:
    assert ask(draft, "status", "points_used")["submitted"] is False
    assert "draft" in draft("templates", "status").stdout
    sent = ask(draft, "submit", "points_used")
    assert sent["submitted"] is True
    assert [one["waiting"] for one in sent["registrations"]] == ["submit"]
    shown = draft("templates", "status", "points_used").stdout
    assert "v1 NHN (sandbox): 곧 검수를 요청합니다." in shown
    assert ask(draft, "stop", "points_used")["stopped_at"] is not None
    assert "stopped_here" in draft("templates", "status").stdout
    assert ask(draft, "resume", "points_used")["stopped_at"] is None
    path = tmp_path / "points.toml"
    path.write_text(path.read_text("utf-8").replace("바로 알려", "곧바로 알려"), "utf-8")
    draft("templates", "push", str(path), "--draft")
    lines = [line.split() for line in draft("templates", "status").stdout.splitlines()[1:]]
    assert [line[:4] for line in lines] == [["points_used", "2", "-", "draft"]]
    table = draft("templates", "status", "points_used").stdout.splitlines()
    assert [line.split()[1:4] for line in table[1:3]] == [
        ["2", "-", "draft"],
        ["1", "NHN", "draft"],
    ]


def test_refusals_end_with_code_1_and_are_one_line(draft: Naru) -> None:
    for verb in ("withdraw", "release"):
        refused = draft("templates", verb, "points_used", "--account", "NHN", code=1)
        assert (refused.stdout, refused.stderr.count("\n")) == ("", 1)
        assert "(409 not_" in refused.stderr
    assert "not_in_review" in draft("templates", "comment", "points_used", "네", code=1).stderr
    assert "[text]" in draft("templates", "comment", "points_used", "가" * 501, code=1).stderr
    assert "unknown_account" in draft(
        "templates", "stop", "points_used", "--account", "KT", code=1
    ).stderr  # fmt: skip
    assert "no code" in draft("templates", "delete", "../accounts", code=2).stderr
    assert "no code" in draft("templates", "status", "points_used/versions", code=2).stderr


def test_what_was_done_before_a_refusal_is_shown_and_a_draft_can_go(draft: Naru) -> None:
    refused = draft("templates", "stop", "points_used", "nobody", "--json", code=1)
    assert [one["code"] for one in told(refused)] == ["points_used"]
    assert "unknown_template" in refused.stderr
    gone = [{"code": "points_used", "result": "deleted"}]
    assert told(draft("templates", "delete", "points_used", "--json")) == gone
    assert "unknown_template" in draft("templates", "delete", "points_used", code=1).stderr
    assert told(draft("templates", "status", "--json")) == []
    assert "No templates yet" in draft("templates", "status").stdout
