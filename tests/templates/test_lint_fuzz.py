"""The linter over generated templates and texts: it never raises, and takes linear time.

``NARU_TEST_FUZZ=100000`` for the long form: so many texts, a hundredth as many templates at least.
"""

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from templates.findings import RULES, Finding, Severity, TemplateProblem
from templates.lint.linter import lint
from templates.reading import read_template
from templates.template import Template
from tests.templates.rule_rows import ERRORS, HINTS, WARNINGS
from tests.templates.rule_table import BASE, BOUNDS

TEXTS = int(os.environ.get("NARU_TEST_FUZZ", "1000"))
TEMPLATES = max(1_000, TEXTS // 100)
SIGNS = [
    "#{", "}", "#{이름}", "#{a}", "#{ }", "#{a@b}", "[", "]", "[나루]", "(광고)", " ", "  ", "\n",
    "\n\n", "\r\n", "\t", "\x00", "\ud800", "–", "₩", "뷁", "🎉", "\u200b", "\u00a0", "e\u0301",
    "할인", "무료수신거부", "배송비", "인증번호는 ", "우체국택배", "CJ대한통운", "6012345678901",
    "가", "나다라", "https://", "http://a.b/", "?", "0", "1+1", "\\s", "{limit}", "{}", "%s",
]  # fmt: skip
STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    [],
    {},
    [[]],
    {"kind": "WL"},
    "\ud800",
    b"x",
    {1: 2},
]


def changes() -> list[dict[str, Any]]:
    """All that the table of rules changes, good and bad."""
    rows = [*ERRORS, *WARNINGS, *HINTS]
    made = [dict(side) for row in rows for side in (row.good, row.bad)]
    return made + [dict(bound.build(n)) for bound in BOUNDS for n in (1, 2, 15, 60)]


def template(dice: random.Random, pool: list[dict[str, Any]]) -> dict[str, Any]:
    """A few changes of the table at once, then some values of the wrong kind."""
    data: dict[str, Any] = dict(BASE)
    for change in dice.sample(pool, dice.randint(1, 6)):
        data |= change
    for _ in range(dice.choice((0, 0, 1, 3))):
        data[dice.choice([*Template.__slots__, "sample", "lengths", "x"])] = dice.choice(STRANGE)
    return data


def text(dice: random.Random) -> str:
    return "".join(dice.choices(SIGNS, k=dice.randint(0, 40)))


def split(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    form = {name: value for name, value in data.items() if name not in ("sample", "lengths")}
    return form, {name: data[name] for name in ("sample", "lengths") if name in data}


def check(form: dict[str, Any], told: list[Finding]) -> None:
    """What holds for the findings of anything."""
    json.dumps([asdict(one) for one in told], ensure_ascii=False).encode()
    for one in told:
        assert one.rule in RULES
        if one.start is not None and one.end is not None:
            given = form.get(one.field)
            most = 2 * len(given) if isinstance(given, str) else 10_000  # NFC may lengthen
            assert 0 <= one.start <= one.end <= most, one
    own = [one for one in told if not one.field.startswith(("sample", "lengths"))]
    is_refused = any(one.severity is Severity.ERROR for one in own)
    try:
        read_template(form)
    except TemplateProblem:
        assert is_refused
    else:
        assert not is_refused


@pytest.mark.timeout(120 + TEMPLATES // 50)
def test_generated_templates() -> None:
    dice, pool = random.Random(4), changes()
    seen: set[str] = set()
    for number in range(TEMPLATES):
        form, beside = split(template(dice, pool))
        told = lint(form, **beside)
        assert number % 20 or told == lint(form, **beside)
        check(form, told)
        seen |= {one.rule for one in told}
    assert len(seen) > len(RULES) * 3 // 4  # what is generated is worth generating


@pytest.mark.timeout(120 + TEXTS // 100)
def test_fuzzed_texts() -> None:
    dice = random.Random(5)
    fields = ("content", "sms", "lms", "title", "subtitle", "extra", "sms_subject", "header")
    for _ in range(TEXTS):
        form = {**BASE, dice.choice(fields): text(dice), "content": text(dice)}
        form["purpose"] = dice.choice(("info", "info", "ad"))
        form["buttons"] = [
            {"kind": dice.choice(("WL", "DS")), "name": "x", "url_mobile": text(dice)}
        ]
        beside = {
            "sample": {text(dice): text(dice), "이름": text(dice)},
            "lengths": {text(dice): 5},
        }
        check(form, lint(form, **beside))


NASTY: dict[str, Callable[[int], str]] = {
    "opened": lambda n: "#{" * n,
    "closed": lambda n: "}" * n,
    "variables": lambda n: "#{a}" * n,
    "names": lambda n: "".join(f"#{{v{i}}}" for i in range(n)),
    "blanks": lambda n: " " * n + "x",
    "lines": lambda n: "\n" * n + "x",
    "blanks and variables": lambda n: (" " * 200 + "#{a}") * (n // 50),
    "nested": lambda n: "[" * n + "]" * n,
    "braces": lambda n: "#{" * n + "}" * n,
    "dropped": lambda n: "\u200b" * n,
    "emoji": lambda n: "🎉" * n,
    "many kinds": lambda n: "".join(chr(0x20000 + i % 40_000) for i in range(n)),
    "rare": lambda n: "".join(chr(0xAC00 + i % 11_172) for i in range(n)),
    "advertising": lambda n: "할인 무료 적립" * n,
    "half a phrase": lambda n: "배송비 무" * n,
    "digits": lambda n: "1234-" * n,
    "refusals": lambda n: "무료거부 080 " * n,
    "couriers": lambda n: "CU 편의점 CJ 대한통운" * n,
    "secrets": lambda n: "인증번호는 #{a}" * n,
}


def nasty(made: str) -> dict[str, Any]:
    """The text as body, which is that of a text message too, and in a link."""
    tracking = {"kind": "DS", "name": "배송 조회"}
    web = {"kind": "WL", "name": "x", "url_mobile": "https://" + made}
    purpose = {"purpose": "ad"} if "거부" in made else {}
    return {**BASE, "content": made, "buttons": [tracking, web]} | purpose


@pytest.mark.parametrize("kind", NASTY)
def test_nasty_texts_end(kind: str) -> None:
    told = lint(nasty(NASTY[kind](10_000)), sample={"a": "b"}, lengths={"a": 5})
    assert any(one.severity is Severity.ERROR for one in told)


def seconds(data: dict[str, Any]) -> float:
    begun = time.thread_time()  # of this thread: others on the machine do not count
    lint(data, sample={"a": "b"}, lengths={"a": 5})
    return time.thread_time() - begun


@pytest.mark.long
@pytest.mark.parametrize("kind", NASTY)
def test_time_is_linear(kind: str) -> None:
    """Four times as long takes about four times as long; quadratic would be sixteen."""
    short, long = nasty(NASTY[kind](1_000)), nasty(NASTY[kind](4_000))
    once = min(seconds(short) for _ in range(5))
    assert min(seconds(long) for _ in range(3)) <= 8 * once
