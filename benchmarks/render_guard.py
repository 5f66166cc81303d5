"""How long filling a notice and comparing it with the approved template takes, beside Jinja2."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from benchmarks.harness import Benchmark
from templates.compiled import CompiledTemplate, compile_template
from templates.guard import differs
from templates.reading import read_template
from templates.render import render

CHARACTERS = 1_000  # filled
BATCH, BATCHES = 1_000, 9
VALUES = {
    "이름": "김나루",
    "상품명": "무배당 나루 건강보험",
    "증권번호": "2026-1234567",
    "기간": "2026.11.01 ~ 2027.10.31",
    "금액": "123,450원",
    "날짜": "2026년 12월 5일",
    "전화": "1588-0000",
    "센터": "서울중앙센터",
}
OPENING = (
    "[나루보험] 안녕하세요, #{이름} 님. 가입하신 #{상품명}(증권번호 #{증권번호})의 안내입니다.\n"
)
DETAILS = "기간 #{기간}, 금액 #{금액}, 날짜 #{날짜}, 문의 #{전화}(#{센터})\n"
FILLER = "보험료는 정해진 날에 이체되며, 잔액이 부족하면 다음 영업일에 다시 청구합니다. "


def content() -> str:
    """A text of 1,000 characters once it is filled, with 8 variables."""
    text = OPENING + FILLER * 8 + DETAILS
    missing = CHARACTERS - len(filled(text))
    return text + (FILLER * (missing // len(FILLER) + 1))[:missing]


def filled(text: str) -> str:
    """The slow and obvious way."""
    for name, value in VALUES.items():
        text = text.replace(f"#{{{name}}}", value)
    return text


def notice() -> CompiledTemplate:
    """With one button, whose link holds a variable."""
    button = {"kind": "WL", "name": "보기", "url_mobile": "https://naru.example/#{증권번호}"}
    form = {"code": "policy", "name": "안내", "content": content(), "buttons": [button]}
    return compile_template(read_template(form))


def per_notice(work: Callable[[], object]) -> float:
    """Microseconds of the processor a time: the quickest of some batches, what disturbs only adds.

    It is all in one thread and waits for nothing; who else uses the machine shall not count.
    """
    times = []
    for _ in range(BATCHES):
        began = time.process_time()
        for _ in range(BATCH):
            work()
        times.append(time.process_time() - began)
    return min(times) / BATCH * 1e6


def both(folder: Path, *, sms: bool = False) -> float:
    """Fill, then compare: what a notice costs before it leaves."""
    source = notice()

    def work() -> None:
        if differs(source, render(source, VALUES, sms=sms)) is not None:
            raise AssertionError("what was rendered differs")

    return per_notice(work)


def with_lms(folder: Path) -> float:
    """The same with the text of the LMS that follows where the messenger does not deliver."""
    return both(folder, sms=True)


def filling(folder: Path) -> float:
    """Its first step alone."""
    source = notice()
    return per_notice(lambda: render(source, VALUES, sms=False))


def comparing(folder: Path) -> float:
    """Its second step alone."""
    source = notice()
    made = render(source, VALUES, sms=False)
    return per_notice(lambda: differs(source, made))


def jinja2(folder: Path) -> float:
    """The text alone, compiled once, with the same delimiters."""
    environment = Environment(
        variable_start_string="#{",
        variable_end_string="}",
        block_start_string="\x01",
        block_end_string="\x02",
        comment_start_string="\x03",
        comment_end_string="\x04",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    template = environment.from_string(content())
    if template.render(VALUES) != filled(content()):
        raise AssertionError("Jinja2 says something else")
    return per_notice(lambda: template.render(VALUES))


SIDES = {
    "render and guard": both,
    "render": filling,
    "guard": comparing,
    "render with LMS text, and guard": with_lms,
    "Jinja2, the text alone": jinja2,
}
WHAT = f"{CHARACTERS:,} characters, {len(VALUES)} variables, a button"
BENCHMARKS = [
    Benchmark(
        key="render_guard_us",
        says=f"rendering and the exact match of one notice ({WHAT})",
        unit="us",
        sides=SIDES,
        value=lambda measures: measures["render and guard"],
        target=12,
    ),
    Benchmark(
        key="render_guard_over_jinja2",
        says=f"the same over Jinja2 rendering its text alone ({WHAT})",
        unit="us",
        sides={name: SIDES[name] for name in ("render and guard", "Jinja2, the text alone")},
        value=lambda measures: measures["render and guard"] / measures["Jinja2, the text alone"],
    ),
]
