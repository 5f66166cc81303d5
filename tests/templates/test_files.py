"""TOML files and the starters: what ships works, what is broken is named with its line."""

from pathlib import Path

import pytest

from templates.files import MAX_BYTES, load, open_file
from templates.findings import TemplateProblem

GOOD = (
    'code = "t"\nname = "시험"\ncontent = """\n#{고객명} 님\n"""\n[sample]\n"고객명" = "김나루"\n'
)


def broken(path: Path, raw: bytes) -> list[tuple[str, str, int | None]]:
    path.write_bytes(raw)
    with pytest.raises(TemplateProblem) as caught:
        load(path)
    return [(found.field, found.rule, found.line) for found in caught.value.findings]


LENGTHS = '[lengths]\n"고객명" = 20\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.toml"


@pytest.mark.parametrize(
    "raw", [GOOD.encode(), GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode()]
)
def test_load(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    template, sample = load(path)
    assert template.content == "#{고객명} 님"
    assert sample == {"고객명": "김나루"}


@pytest.mark.parametrize(
    ("raw", "rule", "line"),
    [
        (b'code = "t"\nname = ', "bad_toml", 2),
        (b'code = "t"\n\n[sample]\n\xea\xb0\x80 = "x"\n', "bad_toml", 4),
        (b'code = "t"\ncode = "u"\n', "bad_toml", 2),
        (b'content = """\nabc\n', "bad_toml", 3),
        (b'code = "t"\nname = "\xff"\n', "bad_toml", 2),
        (b"a = " + b"9" * 5_000, "bad_toml", 1),
        (b"a = " + b"[" * 50_000, "bad_toml", None),
        (b"#" * (MAX_BYTES + 1), "too_large", None),
    ],
)
def test_unreadable_files(path: Path, raw: bytes, rule: str, line: int | None) -> None:
    assert broken(path, raw) == [("", rule, line)]


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ('"고객명" =', '"이름" =', "sample.고객명", "sample_missing"),
        ('"고객명" =', '"이름" =', "sample.이름", "sample_unknown"),
        ('"김나루"', "7", "sample.고객명", "wrong_type"),
        ('"김나루"', '"😀"', "sample.sms_text", "sample_unsendable"),
        ('"김나루"', '"' + "가" * 1_301 + '"', "sample.고객명", "sample_unsendable"),
        ('"김나루"', '"' + "가" * 1_000 + '"', "sample.text", "sample_unsendable"),
        ("[sample]", "[samples]", "samples", "unknown_field"),
        ('code = "t"', "", "code", "required"),
    ],
)
def test_findings_of_good_toml(path: Path, old: str, new: str, field: str, rule: str) -> None:
    assert (field, rule, None) in broken(path, GOOD.replace(old, new).encode())


def test_a_sample_is_a_table_of_texts(path: Path) -> None:
    raw = "sample = 5\n" + GOOD.partition("[sample]")[0]
    assert ("sample", "wrong_type", None) in broken(path, raw.encode())


def test_a_missing_file_stays_an_os_error(path: Path) -> None:
    for reads in (load, open_file):
        with pytest.raises(FileNotFoundError):
            reads(path)


def test_lengths_stand_beside_the_sample(path: Path) -> None:
    path.write_text(GOOD + LENGTHS, encoding="utf-8")
    assert load(path)[1] == {"고객명": "김나루"}
    opened = open_file(path)
    assert opened.template == load(path)[0]
    assert (opened.sample, opened.lengths) == ({"고객명": "김나루"}, {"고객명": 20})


@pytest.mark.parametrize(
    ("old", "new", "rule", "is_refused"),
    [
        ("20", '"20"', "wrong_type", True),
        ("20", "1301", "out_of_range", True),
        ('"고객명" = 20', '"이름" = 20', "length_unknown", False),
        ('"고객명" = 20', '"고객명" = 2', "sample_over_length", False),
    ],
)
def test_lengths_that_are_wrong(
    path: Path, old: str, new: str, rule: str, is_refused: bool
) -> None:
    path.write_text(GOOD + LENGTHS.replace(old, new), encoding="utf-8")
    assert rule in {found.rule for found in open_file(path).findings}
    if is_refused:
        with pytest.raises(TemplateProblem):
            load(path)
    else:
        assert load(path)[0].code == "t"


def test_all_blocks_lose_their_last_line_end(path: Path) -> None:
    block = '"""\n[나루] 안내\n"""\n'
    path.write_text(f"lms = {block}sms = {block}" + GOOD, encoding="utf-8")
    template, _ = load(path)
    assert template.sms == template.lms == "[나루] 안내"


@pytest.mark.parametrize(
    ("old", "new", "field", "rule", "line"),
    [
        ('"시험"', '""', "name", "required", 2),
        ("#{고객명} 님", "첫 줄\n#{고객명 님", "content", "bad_variable", 5),
        ("#{고객명} 님", "첫 줄\n\n#{고객명}#{성}", "content", "adjacent_variables", 6),
        ('"고객명" =', '"이름" =', "sample.이름", "sample_unknown", 7),
        ('"고객명" =', '"이름" =', "sample.고객명", "sample_missing", 6),
        ("[sample]", "[samples]", "samples", "unknown_field", 6),
        ('name = "시험"', "", "name", "required", None),
        ("[sample]", '[[buttons]]\nname = "x"\n[sample]', "buttons[0].kind", "required", 6),
        ("[sample]", '[[buttons]]\nkind = "XX"\n[sample]', "buttons[0].kind", "bad_choice", 7),
        ('code = "t"', "code = ", "", "bad_toml", 1),
    ],
)
def test_findings_name_their_line(
    path: Path, old: str, new: str, field: str, rule: str, line: int | None
) -> None:
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    told = {(found.field, found.rule): found.line for found in open_file(path).findings}
    assert told[field, rule] == line


@pytest.mark.parametrize("old", ['code = "t"\n', '"고객명"'])
def test_a_file_that_cannot_be_stored_has_no_template(path: Path, old: str) -> None:
    path.write_text(GOOD.replace(old, ""), encoding="utf-8")
    opened = open_file(path)
    assert opened.template is None
    assert opened.findings
