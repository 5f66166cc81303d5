"""Choices by number or word, contexts that grow old, texts that stay within a chat's limits."""

import time

import pytest

from app.services.bot_replies import (
    LONGEST,
    Choice,
    Context,
    Link,
    Memory,
    Say,
    after,
    clean,
    cut,
    means_person,
    numbered,
    pick,
    plain,
    under,
)

CHOICES = (Choice(label="배송 조회"), Choice(label="교환·환불"), Choice(label="상담", person=True))


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("1", "배송 조회"),
        ("\uff12번", "교환·환불"),
        (" 3. ", "상담"),
        ("배송조회!", "배송 조회"),
        ("교환 환불", "교환·환불"),
        ("4", None),
        ("0", None),
        ("11", None),
        ("배송", None),
        ("", None),
        ("...", None),
        ("123456789012345678901234567890", None),
    ],
)
def test_a_choice_is_picked_by_number_or_words(said: str, label: str | None) -> None:
    found = pick(CHOICES, said)
    assert (found.label if found else None) == label


def test_choices_are_numbered_lines() -> None:
    assert numbered(CHOICES) == "1. 배송 조회\n2. 교환·환불\n3. 상담"


@pytest.mark.parametrize("said", ["상담원", "상담원 연결", "사람!", " 직원 연결 "])
def test_words_for_a_person(said: str) -> None:
    assert means_person(said)


@pytest.mark.parametrize("said", ["두 사람 예약", "안녕", "", "사람이 많나요"])
def test_other_words_are_no_call_for_a_person(said: str) -> None:
    assert not means_person(said)


def test_comparing_is_linear_and_bounded() -> None:
    start = time.monotonic()
    assert len(plain("ﷺ" * 1_000_000)) < 20_000
    assert pick(CHOICES, "가" * 1_000_000) is None
    assert time.monotonic() - start < 10


def test_contexts_live_for_so_many_utterances() -> None:
    one = Context(name="a", life_span=2, params={"k": "v"})
    assert after((one,), ()) == (one.model_copy(update={"life_span": 1}),)
    assert after(after((one,), ()), ()) == ()
    assert after((one,), (Context(name="a", life_span=0),)) == ()
    again = Context(name="a", life_span=9)
    assert after((one,), (again,)) == (again,)
    many = tuple(Context(name=f"{n}", life_span=5) for n in range(10))
    assert after(many, (one,))[0] == one
    assert len(after(many, (one,))) == 10


def test_lines_go_under_the_last_text_while_they_fit() -> None:
    (say,) = under([Say("가", (Link("n", "https://x.example"),))], "1. 나")
    assert (say.text, len(say.links)) == ("가\n\n1. 나", 1)
    long = [Say("가" * LONGEST)]
    assert [one.text for one in under(long, "1. 나")] == ["가" * LONGEST, "1. 나"]
    assert under(long, "") == long
    assert len(cut("가" * 1_001)) == LONGEST


def test_links_are_the_line_s_content() -> None:
    assert Say("가").content == {}
    assert Say("가", (Link("나", "https://x.example"),)).content == {
        "links": [{"name": "나", "url": "https://x.example"}]
    }


def test_a_memory_comes_back_as_it_was_and_hides_in_logs() -> None:
    memory = Memory(bot="b", choices=CHOICES, contexts=(Context(name="a", life_span=1),))
    assert Memory.model_validate(memory.model_dump(mode="json")) == memory
    assert "비밀" not in repr(Say("비밀"))


def test_what_no_chat_can_show_is_dropped() -> None:
    assert clean("가\x00나\r\n다\x1b[0m\x7f\ud800\t라") == "가나\n다[0m\t라"
