"""The rule bot: from words to pages, look-ups, hours, and always a way to a person."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.services import rule_files
from app.services.bot_replies import NOTHING, BotFailed, Memory, Reply
from app.services.rule_bots import (
    Heard,
    LookUp,
    Rules,
    found,
    hear,
    is_open,
    not_looked_up,
    values_of,
)
from templates.windows import KST

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=KST)
FILE = """
[texts]
welcome = "어서 오세요"
person = "연결할게요"
closed = "내일 답할게요"
[hours]
mon = ["09:00-12:00", "13:00-18:00"]
[menus.start]
text = "무엇을?"
choices = [{label = "배송", go = "delivery"}, {label = "내 주문", go = "order"}]
[menus.delivery]
ask = "번호는요?"
lookup = "d"
text = "#{input}: #{상태}"
none = "없어요"
[menus.order]
text = "#{고객명}님"
without = "모르겠어요"
choices = [{label = "사람", go = "person"}]
[menus.now]
lookup = "d"
text = "지금 #{상태}"
[[keywords]]
words = ["배송"]
go = "delivery"
[[keywords]]
words = ["배송지 변경"]
go = "order"
[[keywords]]
words = ["지금"]
go = "now"
[lookups.d]
url = "https://shop.example/d"
[voice]
"주문 문의" = "order"
"""


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rule_files.load(FILE)


def heard(text: str, **more: Any) -> Heard:
    return Heard(text, more.pop("at", MONDAY), **more)


def says(reply: Reply | LookUp) -> list[str]:
    assert isinstance(reply, Reply)
    return [say.text.partition("\n")[0] for say in reply.says]


def walk(rules: Rules, *texts: str) -> Reply:
    """The last answer to some utterances."""
    memory = NOTHING
    reply: Reply | LookUp | None = None
    for text in texts:
        reply = hear(rules, memory, heard(text))
        assert isinstance(reply, Reply)
        memory = reply.memory
    assert isinstance(reply, Reply)
    return reply


def test_the_first_words_are_greeted_whatever_they_are(rules: Rules) -> None:
    reply = walk(rules, "블라")
    assert says(reply) == ["어서 오세요", "무엇을?"]
    assert reply.says[1].text.endswith("1. 배송\n2. 내 주문\n0. 상담원 연결")
    assert reply.memory.unknown == 0
    assert says(walk(rules, "내주문")) == ["어서 오세요", "모르겠어요"]


def test_a_person_is_reached_from_everywhere(rules: Rules) -> None:
    for text in ("0", "\uff10", "상담원 바꿔주세요", "저기 상담원 있나요", "직원"):
        for start in (NOTHING, Memory(page="order"), Memory(page="delivery", asking="delivery")):
            reply = hear(rules, start, heard(text))
            assert says(reply) == ["연결할게요"], (text, start)
            assert isinstance(reply, Reply)
            assert reply.hand_off == "asked"


def test_a_choice_that_means_a_person(rules: Rules) -> None:
    assert walk(rules, "안녕", "2", "1").hand_off == "asked"


def test_the_longest_word_wins_and_nine_goes_back(rules: Rules) -> None:
    assert says(walk(rules, "안녕", "배송지  변경이요")) == ["모르겠어요"]
    assert says(walk(rules, "안녕", "배송이요")) == ["번호는요?"]
    assert says(walk(rules, "안녕", "2", "9")) == ["무엇을?"]
    assert says(walk(rules, "안녕", "2", "처음으로")) == ["무엇을?"]


def test_not_understood_twice_is_a_person_s_and_a_good_word_forgives(rules: Rules) -> None:
    assert says(walk(rules, "안녕", "블라")) == [
        "잘 이해하지 못했어요. 번호나 단어로 다시 알려 주세요."
    ]
    assert walk(rules, "안녕", "블라", "블라").hand_off == "unknown_twice"
    assert walk(rules, "안녕", "블라", "2", "블라").hand_off == ""
    # what was offered before is offered still
    assert says(walk(rules, "안녕", "블라", "2")) == ["모르겠어요"]


def test_a_press_begins_where_the_voice_menu_says(rules: Rules) -> None:
    notice = {"고객명": "김나루"}
    pressed = hear(rules, NOTHING, heard("", pressed=True, menu="주문문의", values=notice))
    assert says(pressed) == ["어서 오세요", "김나루님"]
    assert says(hear(rules, NOTHING, heard("", pressed=True))) == ["어서 오세요", "무엇을?"]


def test_values_are_never_read_as_text(rules: Rules) -> None:
    values = {"고객명": "\x00#{주문번호}\x1b" + "가" * 2_000}
    (say,) = walk_with(rules, values).says
    assert say.text.startswith("#{주문번호}가가")
    assert len(say.text) < 400


def walk_with(rules: Rules, values: dict[str, str]) -> Reply:
    reply = hear(rules, Memory(page="start"), heard("내 주문", values=values))
    assert isinstance(reply, Reply)
    return reply


def test_a_look_up_asks_first_and_its_answer_is_filled(rules: Rules) -> None:
    asked = walk(rules, "안녕", "1")
    assert asked.memory.asking == "delivery"
    step = hear(rules, asked.memory, heard(" 42 "))
    assert isinstance(step, LookUp)
    assert (step.name, step.given, step.url) == ("d", "42", "https://shop.example/d")
    reply = found(rules, asked.memory, heard("42"), step, {"상태": "도착"})
    assert says(reply) == ["42: 도착"]
    assert (reply.memory.asking, reply.memory.page) == ("", "delivery")
    # a value that is lacking is no crash
    assert says(found(rules, asked.memory, heard("42"), step, {})) == ["없어요"]


def test_not_found_twice_is_a_person_s(rules: Rules) -> None:
    asked = walk(rules, "안녕", "1")
    step = hear(rules, asked.memory, heard("42"))
    assert isinstance(step, LookUp)
    once = found(rules, asked.memory, heard("42"), step, None)
    assert (says(once), once.memory.asking) == (["없어요"], "delivery")
    twice = found(rules, once.memory, heard("43"), step, None)
    assert twice.hand_off == "none_twice"


def test_a_look_up_that_needs_no_words(rules: Rules) -> None:
    step = hear(rules, Memory(page="start"), heard("지금요"))
    assert isinstance(step, LookUp)
    assert says(found(rules, NOTHING, heard("지금요"), step, {"상태": "좋음"})) == ["지금 좋음"]
    assert says(found(rules, NOTHING, heard("지금요"), step, None)) == [
        "찾지 못했어요. 다시 알려 주세요."
    ]
    failed = not_looked_up(rules, NOTHING, MONDAY)
    assert failed.hand_off == "lookup_failed"


@pytest.mark.parametrize(
    ("after", "is_now"),
    [(0, True), (2, False), (3, True), (7.99, True), (8, False), (-1.01, False), (24, False)],
)
def test_hours_are_korean_and_have_a_lunch(rules: Rules, after: float, *, is_now: bool) -> None:
    at = MONDAY + timedelta(hours=after)
    assert is_open(rules, at) is is_now
    reply = hear(rules, NOTHING, heard("0", at=at))
    assert says(reply) == ["연결할게요" if is_now else "내일 답할게요"]
    assert isinstance(reply, Reply)
    assert reply.hand_off == "asked"


def test_a_file_that_changed_meanwhile_loses_nobody(rules: Rules) -> None:
    gone = Memory.model_validate(
        {"page": "old", "asking": "older", "choices": [{"label": "가", "says": "nowhere"}]}
    )
    assert says(hear(rules, gone, heard("1"))) == ["무엇을?"]


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"found": "yes"}, {"found": True, "values": []},
     {"found": True, "values": {str(n): "" for n in range(31)}}],
)  # fmt: skip
def test_a_look_up_s_answer_of_another_shape_is_a_failure(body: Any) -> None:
    with pytest.raises(BotFailed, match="bad_lookup"):
        values_of(body)


def test_a_look_up_s_values_are_short_texts() -> None:
    assert values_of({"found": False}) is None
    body = {"found": True, "values": {"가": "나" * 999, "수": 3, "x": ["no"]}}
    values = values_of(body)
    assert values
    assert (len(values["가"]), values["수"], "x" in values) == (300, "3", False)


def test_matching_takes_the_same_time_for_hostile_words() -> None:
    words = ", ".join(f'"{"가" * 29}{chr(0xAC00 + n)}"' for n in range(480))
    text = f'[menus.start]\ntext = "가"\n[[keywords]]\nwords = [{words}]\ngo = "start"\n'
    rules = rule_files.load(text)
    start = time.monotonic()
    hear(rules, Memory(page="start"), heard("가" * 100_000))
    assert time.monotonic() - start < 10
