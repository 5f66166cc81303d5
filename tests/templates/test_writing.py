"""Templates written as TOML read back equal, whatever their texts hold, and look tidy."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from templates.files import load, open_file, starters
from templates.findings import TemplateProblem
from templates.reading import read_template
from templates.template import Template
from templates.writing import PLAIN, TABLES, fields, write
from tests.templates.rule_table import BASE
from tests.templates.test_lint_fuzz import changes

FIELDS = Template.__slots__
AWKWARD = "\"\\' \t가나a#=[]}x,\u3000"  # no opening brace: it would begin a variable
line = st.text(AWKWARD.replace("\t", "") + "😀", max_size=12).map("줄".__add__)
lines = st.text(AWKWARD + '\n\n"', max_size=40).map("글".__add__)
value = st.text(AWKWARD + "\n\x1b😀", max_size=12)

FULL: dict[str, Any] = {
    "code": "full-1", "name": "모두", "content": '첫 줄\n\n"""둘째""" \\n 줄\n',
    "message_type": "MI", "emphasis": "ITEM_LIST", "extra": "부가", "category": "004001",
    "sms": 'C:\\ "a"\n',
    "lms": "길게\n#{값}", "sms_subject": "제목", "when_unknown": "resend", "sms_picture": "p.jpg",
    "retention_class": "contract", "header": "#{값}", "image": "top.png", "limits": "kakao",
    "highlight": {"title": "#{값}", "description": "가", "image": "a.png"},
    "items": [{"title": "가", "description": "#{값}"}, {"title": "나", "description": "다"}],
    "summary": {"title": "합계", "description": "#{값}원"},
    "buttons": [
        {"kind": "AC", "name": "채널 추가"},
        {"kind": "WL", "name": "보기", "url_mobile": "https://a.example/#{값}", "target": "out"},
    ],
    "quick_replies": [{"kind": "BT", "name": "봇", "event": "go"}],
    "link": {"url_mobile": "https://a.example/"},
    "send_window": {"from": "09:00", "to": "18:00", "days": ["mon", "fri"]},
    "plan": [
        {"channel": "alimtalk", "within_s": 60, "unknown_after_s": 30},
        {"channels": ["sms", "push"], "to": "상사", "if_reason": ["bad_address"]},
    ],
}  # fmt: skip


def reread(folder: Path, text: str) -> tuple[Template, dict[str, str]]:
    path = folder / "written.toml"
    path.write_bytes(text.encode())
    return load(path)


@given(texts=st.lists(lines, min_size=4, max_size=4), words=st.lists(line, min_size=2, max_size=2))
@example(texts=['글"', '글""', '글"""', '글""""""\n\n'], words=['줄"', "줄\\"])
@settings(max_examples=150, deadline=None)
def test_any_text_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], words: list[str]
) -> None:
    content, extra, sms, long = texts
    template = read_template({
        "code": "t", "name": words[0], "content": content, "message_type": "EX", "extra": extra,
        "sms": sms, "lms": long, "emphasis": "TEXT", "title": words[1], "subtitle": "s",
    })  # fmt: skip
    assert reread(tmp_path_factory.getbasetemp(), write(template, {})) == (template, {})


@given(name=st.text("가a 0:.\"\\'=[", min_size=1).filter(str.strip), value=value)
@settings(max_examples=100, deadline=None)
def test_any_sample_reads_back_equal(name: str, value: str) -> None:
    template = read_template({"code": "t", "name": "n", "content": f"#{{{name}}}"})
    read = tomllib.loads(write(template, {name: value}, {name: 7}))
    assert (read["sample"], read["lengths"]) == ({name: value}, {name: 7})


def test_every_field_there_is_reads_back_equal(tmp_path: Path) -> None:
    template = read_template(FULL)
    written = write(template, {"값": "1"})
    assert reread(tmp_path, written) == (template, {"값": "1"})
    assert list(fields(template)) == [n for n in (*PLAIN, *TABLES) if n in FULL]


def test_whatever_the_rules_let_through_reads_back_equal(tmp_path: Path) -> None:
    """All that the table of rules changes, where it can be stored."""
    path, count = tmp_path / "t.toml", 0
    for change in changes():
        form = {name: value for name, value in (BASE | change).items() if name in FIELDS}
        try:
            template = read_template(form)
        except TemplateProblem:
            continue
        count += 1
        path.write_bytes(write(template, {}).encode())
        assert open_file(path).template == template, change
    assert count > 100


def test_every_field_has_its_place() -> None:
    assert {*PLAIN, *TABLES} == set(Template.__slots__)


@pytest.mark.parametrize("name", starters())
def test_a_starter_reads_back_equal(name: str, tmp_path: Path) -> None:
    template, sample = load(starters()[name])
    assert reread(tmp_path, write(template, sample)) == (template, sample)


def test_it_looks_as_a_person_would_write_it() -> None:
    template = read_template({
        "code": "t", "name": "시험", "content": '[가게] #{고객명} 님\n\n"곧" 도착',
        "security": True,
        "buttons": [{"kind": "DS", "name": "배송 조회"}, {"kind": "BC", "name": "문의"}],
        "plan": [{"channel": "sms", "until": "delivered", "within_s": 60}],
    })  # fmt: skip
    head = "# 시험\n"
    assert write(template, {"고객명": "김나루"}, {"고객명": 20}, head) == (
        '# 시험\ncode = "t"\nname = "시험"\nsecurity = true\n'
        'content = """\n[가게] #{고객명} 님\n\n"곧" 도착\n"""\n\n'
        '[[buttons]]\nkind = "DS"\nname = "배송 조회"\n\n'
        '[[buttons]]\nkind = "BC"\nname = "문의"\n\n'
        '[[plan]]\nchannel = "sms"\nuntil = "delivered"\nwithin_s = 60\n\n'
        '[sample]\n"고객명" = "김나루"\n\n[lengths]\n"고객명" = 20\n'
    )
