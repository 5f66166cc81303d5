"""``naru templates lint`` and ``rules``: exit codes, lines, JSON, and the page of all rules."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from templates import files
from templates.findings import RULES, Severity
from tests.app.cli.conftest import told

ROOT = Path(__file__).parents[3]
CLEAN = 'code = "t"\nname = "시험"\ncontent = "[나루] 주문이 접수되었습니다."\n'
WARNED = CLEAN.replace("[나루] ", "")
HINTED = CLEAN.replace("접수", "\\u2013 접수")
WRONG = CLEAN.replace('"시험"', '""')
LINE = re.compile(r"(.+?):(\d+): (error|warning|hint) (\w+) (\S+): (.+) — (.+)")


def naru(*words: str, code: int = 0) -> Result:
    """No store, no server, no settings: files alone."""
    result = CliRunner().invoke(main, ["templates", *words])
    assert result.exit_code == code, result.output
    return result


def write(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.toml") for name in texts]


@pytest.mark.parametrize(
    ("text", "plain", "strict"),
    [(CLEAN, 0, 0), (HINTED, 0, 0), (WARNED, 0, 1), (WRONG, 1, 1), ("code = ", 1, 1)],
)
def test_exit_codes(tmp_path: Path, text: str, plain: int, strict: int) -> None:
    (path,) = write(tmp_path, t=text)
    naru("lint", path, code=plain)
    naru("lint", path, "--strict", code=strict)
    naru("lint", path, "--strict", "--json", code=strict)


def test_what_cannot_be_read_is_bad_usage(tmp_path: Path) -> None:
    naru("lint", str(tmp_path / "none.toml"), code=2)
    naru("lint", str(tmp_path), code=2)
    naru("lint", code=2)


def test_a_file_that_disappears_is_bad_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write(tmp_path, t=CLEAN)

    def gone(_: Path) -> files.Opened:
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(files, "open_file", gone)
    assert naru("lint", path, code=2).stderr == f"naru: {path}: No such file\n"


def test_a_folder_means_its_files(tmp_path: Path) -> None:
    paths = write(tmp_path, good=CLEAN, wrong=WRONG)
    shown = naru("lint", str(tmp_path), code=1)
    assert shown.stdout == naru("lint", *paths, code=1).stdout
    assert "파일 2개" in shown.stderr


def test_a_line_per_finding(tmp_path: Path) -> None:
    paths = write(tmp_path, good=CLEAN, warned=WARNED, wrong=WRONG)
    shown = naru("lint", *paths, code=1)
    found = [LINE.fullmatch(line) for line in shown.stdout.splitlines()]
    assert [match and match.group(1, 2, 3, 4, 5) for match in found] == [
        (paths[1], "3", "warning", "no_sender", "content"),
        (paths[2], "2", "error", "required", "name"),
    ]
    assert RULES["required"].fix_ko in shown.stdout
    assert "오류 1개, 경고 1개, 참고 0개" in shown.stderr


def test_a_finding_of_a_whole_file_has_no_field(tmp_path: Path) -> None:
    (path,) = write(tmp_path, t="code = ")
    assert naru("lint", path, code=1).stdout.startswith(f"{path}:1: error bad_toml: ")


def test_it_speaks_english_too(tmp_path: Path) -> None:
    (path,) = write(tmp_path, t=WARNED)
    shown = naru("lint", path, "--lang", "en")
    assert f"{RULES['no_sender'].en} — {RULES['no_sender'].fix_en}" in shown.stdout
    assert shown.stderr == "1 files: 0 errors, 1 warnings, 0 hints.\n"


def test_json_for_programs(tmp_path: Path) -> None:
    paths = write(tmp_path, warned=WARNED, wrong=WRONG)
    shown = told(naru("lint", *paths, "--json", code=1))
    assert shown["counts"] == {"error": 1, "warning": 1, "hint": 0}
    first = shown["findings"][0]
    assert (first["file"], first["line"], first["rule"]) == (paths[0], 3, "no_sender")
    assert (first["severity"], first["start"]) == ("warning", 0)
    assert first["fix_ko"]
    assert first["fix_en"]


def test_the_page_is_what_the_tables_say() -> None:
    """`naru templates rules --markdown > docs/linter.md` mends it."""
    page = (ROOT / "docs" / "linter.md").read_text(encoding="utf-8")
    assert page == naru("rules", "--markdown").output


def test_rules_are_listed() -> None:
    rows = told(naru("rules", "--json"))
    assert [row["rule"] for row in rows] == list(RULES)
    assert {row["severity"] for row in rows} == set(Severity)
    assert RULES["no_courier"].fix_en.split("{")[0] in naru("rules", "--lang", "en").output
