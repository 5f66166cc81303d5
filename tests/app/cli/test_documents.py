"""Template files on the command line: found in folders, all faults told at once."""

from pathlib import Path

import pytest

from app.cli import documents
from app.cli.failures import BadUsage, Failed

GOOD = 'code = "{code}"\nname = "n"\ncontent = "[가게] 안내드립니다."\n'


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_folders_are_searched_and_a_file_counts_once(tmp_path: Path) -> None:
    a = put(tmp_path / "a.toml", GOOD.format(code="a"))
    b = put(tmp_path / "안" / "b.toml", GOOD.format(code="b"))
    put(tmp_path / "읽어보기.md", "#")
    found = documents.read([b, tmp_path], "en")
    assert [(one.path, one.template.code) for one in found] == [(b, "b"), (a, "a")]


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    put(tmp_path / "a.toml", GOOD.format(code="가"))
    put(tmp_path / "b.toml", 'code = "b"\nname = "n"\ncontent = "#{이름} 님"\ntitle = "x"\n')
    put(tmp_path / "c.toml", "code = \n")
    put(tmp_path / "d.toml", GOOD.format(code="d"))
    with pytest.raises(Failed) as failed:
        documents.read([tmp_path], "en")
    assert failed.value.exit_code == 1
    first, *lines = failed.value.message.splitlines()
    assert "4 errors" in first
    assert [line.split(": ")[:2] for line in lines] == [
        [f"{tmp_path / 'a.toml'}:1", "error bad_format code"],
        [f"{tmp_path / 'b.toml'}:4", "error not_allowed title"],
        [f"{tmp_path / 'b.toml'}", "error sample_missing sample.이름"],
        [f"{tmp_path / 'b.toml'}:3", "warning mostly_variables content"],
        [f"{tmp_path / 'b.toml'}:3", "warning no_sender content"],
        [f"{tmp_path / 'b.toml'}:3", "warning starts_with_variable content"],
        [f"{tmp_path / 'c.toml'}:1", "error bad_toml"],
    ]


def test_warnings_are_told_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path / "a.toml", GOOD.format(code="a").replace("[가게] ", ""))
    assert [one.template.code for one in documents.read([path], "en")] == ["a"]
    told = capsys.readouterr()
    assert (told.out, "warning no_sender" in told.err) == ("", True)


def test_what_cannot_be_used_is_code_2(tmp_path: Path) -> None:
    put(tmp_path / "a.toml", GOOD.format(code="a"))
    put(tmp_path / "b.toml", GOOD.format(code="a"))
    with pytest.raises(BadUsage, match=r"a\.toml, .*b\.toml"):
        documents.read([tmp_path], "en")
    (tmp_path / "빈").mkdir()
    with pytest.raises(BadUsage, match=r"no \.toml file"):
        documents.read([tmp_path / "빈"], "en")
    (tmp_path / "빈" / "x.toml").mkdir()  # a folder, whatever its name says
    with pytest.raises(BadUsage, match="directory"):
        documents.read([tmp_path / "빈"], "en")
