"""``naru templates push``: all checked before anything leaves, then only what is new."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Naru, told
from tests.app.cli.test_cli_commands import add_account


@pytest.fixture
def folder(served: Naru, tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    made.mkdir()
    for name in ("order_received", "points_used"):
        (made / f"{name}.toml").write_text(served("templates", "starter", name).stdout, "utf-8")
    return made


def push(naru: Naru, *words: str, code: int = 0) -> list[tuple[Any, ...]]:
    rows = told(naru("templates", "push", *words, "--json", code=code))
    return [(row["code"], row["result"], row["version"], row["changed"]) for row in rows]


def test_push(served: Naru, folder: Path) -> None:
    dry = push(served, str(folder), "--dry-run")
    assert dry == push(served, str(folder), "--dry-run")  # nothing was stored
    assert push(served, str(folder)) == dry == [
        ("order_received", "created", 1, []),
        ("points_used", "created", 1, []),
    ]  # fmt: skip
    path = folder / "points_used.toml"
    path.write_text(path.read_text("utf-8").replace("바로 알려", "곧바로 알려"), "utf-8")
    dry = push(served, str(folder), "--dry-run")
    assert push(served, str(folder)) == dry == [
        ("order_received", "unchanged", 1, []),
        ("points_used", "version", 2, ["content"]),
    ]  # fmt: skip
    assert [row[1] for row in push(served, str(folder))] == ["unchanged", "unchanged"]


def test_a_draft_is_changed_in_place(served: Naru, folder: Path) -> None:
    path = folder / "points_used.toml"
    assert push(served, str(path), "--draft") == [("points_used", "created", 1, [])]
    path.write_text(path.read_text("utf-8").replace("바로 알려", "곧바로 알려"), "utf-8")
    dry = push(served, str(path), "--draft", "--dry-run")
    assert push(served, str(path), "--draft") == dry == [("points_used", "changed", 1, ["content"])]


def test_one_faulty_file_stops_all(served: Naru, folder: Path) -> None:
    bad = folder / "bad.toml"
    bad.write_text('code = "bad"\nname = "n"\ncontent = "#{이름} 님"\n', "utf-8")
    refused = served("templates", "push", str(folder), code=1)
    assert refused.stdout == ""
    assert f"{bad}: error sample_missing sample.이름" in refused.stderr
    assert told(served("templates", "list", "--json")) == []
    bad.unlink()
    words = ("templates", "push", str(folder), "--url", "http://127.0.0.1:1")
    assert served(*words, code=2).stdout == ""


def test_what_was_done_before_a_refusal_is_told(served: Naru, folder: Path) -> None:
    """A picture nobody uploaded: the gateway refuses what the linter cannot know."""
    add_account(served)
    served("senders", "add", "k" * 40, "--kind", "alimtalk", "--account", "NHN")
    bad = folder / "picture.toml"
    text = 'code = "p"\nname = "n"\nemphasis = "IMAGE"\nimage = "none.png"\ncontent = "[가게] x"\n'
    bad.write_text(text, "utf-8")
    refused = served("templates", "push", str(folder), "--json", code=1)
    assert [row["code"] for row in told(refused)] == ["order_received"]
    assert "unknown_picture" in refused.stderr
