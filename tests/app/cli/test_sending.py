"""``naru send`` before anything is sent: what it refuses, and how it says so."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Naru

NOBODY = ("--url", "http://127.0.0.1:9", "--key", "naru_test_x")


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--to", "010", "--csv", "LIST"),
        ("--csv", "LIST", "--var", "이름=가"),
        ("--csv", "LIST", "--follow"),
        ("--to", "010-0000-1001", "--var", "이름"),
    ],
)
def test_what_does_not_go_together(naru: Naru, tmp_path: Path, words: tuple[str, ...]) -> None:
    path = write(tmp_path, "to\n01012340001\n")
    given = [path if word == "LIST" else word for word in words]
    assert naru("send", "--template", "hello", *given, code=2).stderr.startswith("naru: ")


def test_duplicates_are_refused_unless_allowed(naru: Naru, tmp_path: Path) -> None:
    path = write(tmp_path, "to\n010-1234-0001\n01012340001\n")
    words = ("send", "--template", "hello", "--csv", path, *NOBODY)
    result = naru(*words, code=2)
    assert "rows 2 and 3" in result.stderr
    assert "--allow-duplicates" in result.stderr
    assert "No answer" in naru(*words, "--allow-duplicates", code=1).stderr


def test_the_encoding_is_told(naru: Naru, tmp_path: Path) -> None:
    path = write(tmp_path, "전화번호,이름\n01012340001,김나루\n", "cp949")
    assert "cp949" in naru("send", "--template", "hello", "--csv", path, *NOBODY, code=1).stderr


def test_an_empty_list_is_refused(naru: Naru, tmp_path: Path) -> None:
    path = write(tmp_path, "to,이름\n")
    assert "no rows" in naru("send", "--template", "hello", "--csv", path, *NOBODY, code=2).stderr


def test_a_key_is_needed(naru: Naru) -> None:
    result = naru("send", "--template", "hello", "--to", "010-0000-1001", code=1)
    assert "NARU_KEY" in result.stderr


@pytest.mark.parametrize(
    "command", [("show", "0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42"), ("messages",)]
)
def test_nobody_there_is_said_in_a_line(naru: Naru, command: tuple[str, ...]) -> None:
    result = naru(*command, *NOBODY, code=1)
    assert "http://127.0.0.1:9" in result.stderr
    assert result.stderr.count("\n") == 1
