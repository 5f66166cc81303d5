"""The linter as a whole: order, counts, what silences what, and each check's finer points."""

from typing import Any

import pytest

from templates.files import open_file, starters
from templates.findings import Severity
from templates.lint import linter
from templates.lint.linter import CHECKS, counts, lint
from templates.lint.reviewers import names_sender
from templates.lint.subject import Subject, Text
from templates.reading import read_template
from tests.templates.rule_table import (
    ALIMTALK,
    BASE,
    HEAD,
    SMS,
    TRACK,
    WEB,
    content,
    findings,
    found,
)

EVERYTHING = {
    "content": "#{a}#{b} 할인 🎉",
    "buttons": [{"kind": "BC", "name": "상담"}, WEB | {"url_mobile": "http://#{x}/"}],
    "title": "가",
    "colour": "red",
    "sample": {"a": "b"},
}


def rules(changes: dict[str, Any]) -> list[str]:
    return [one.rule for one in findings(changes)]


def test_errors_come_first_and_fields_in_their_order() -> None:
    told = findings(EVERYTHING)
    ranks = [list(Severity).index(one.severity) for one in told]
    assert ranks == sorted(ranks)
    errors = [one.field for one in told if one.severity is Severity.ERROR]
    assert errors == ["content", "title", "sample.b", "sample.x", "colour"]
    for severity in (Severity.WARNING, Severity.HINT):
        fields = [one.field.partition("[")[0] for one in told if one.severity is severity]
        assert fields == sorted(fields, key=list(linter._FIELDS).index)


def test_buttons_are_sorted_by_number() -> None:
    told = findings({"buttons": [{"kind": "BC", "name": "상담"}] * 5, "limits": "kakao"})
    assert [one.field for one in told if one.rule == "needs_channel_setting"] == [
        f"buttons[{i}].kind" for i in range(5)
    ]


def test_counts_name_every_severity() -> None:
    assert counts([]) == {"error": 0, "warning": 0, "hint": 0}
    told = counts(findings(EVERYTHING))
    assert sum(told.values()) == len(findings(EVERYTHING))
    assert all(told.values())


def test_every_check_says_where_its_rule_is_from() -> None:
    for check in CHECKS:
        words = check.__doc__ or ""
        assert "20" in words or "our" in words or "source above" in words, check.__qualname__


@pytest.mark.parametrize("data", [None, 5, "x", [], {}, {"content": None}, {"content": ["a"]}])
def test_no_mapping_is_too_broken(data: Any) -> None:
    assert any(one.severity is Severity.ERROR for one in lint(data, sample=data, lengths=data))


def test_without_a_sample_none_is_missing() -> None:
    changes = content(HEAD + "#{이름} 님")
    assert rules({**changes}) == []
    assert rules({**changes, "sample": {}}) == ["sample_missing"]


@pytest.mark.parametrize("name", starters())
def test_the_starters_have_hints_at_most(name: str) -> None:
    told = counts(open_file(starters()[name]).findings)
    assert (told["error"], told["warning"]) == (0, 0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[나루] 안내", True),
        ("  \n[나루] 안내", True),
        ("(광고) [나루] 안내", True),
        ("(광고)[나루]", True),
        ("(주)나루", True),
        ("<나루> 안내", True),
        ("[#{상호}] 안내", True),
        ("(광고) 안내", False),
        ("[ ] 안내", False),
        ("[나\n루] 안내", False),
        ("[나루", False),
        ("나루 [안내]", False),
        ("]나루[", False),
        ("", False),
    ],
)
def test_who_sends(text: str, named: bool) -> None:
    assert names_sender(text) is named


def test_each_word_of_advertising_is_told_once_a_field() -> None:
    told = findings(content("[나루] 할인 할인 쿠폰", sms="[나루] 할인"))
    words = [(one.field, one.start) for one in told if one.rule == "ad_words"]
    assert words == [("content", 5), ("content", 11), ("sms", 5)]


def test_a_variable_is_no_word_of_advertising() -> None:
    assert "ad_words" not in rules({**content(HEAD + "#{할인} #{쿠폰}")})


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("인증번호 [#{a}]를 입력해 주세요", True),
        ("임시 비밀번호: #{a}", True),
        ("OTP #{a}", True),
        ("코드 #{인증번호}", True),
        ("코드 #{임시비밀번호1}", True),
        ("비밀번호 변경 안내 #{a} 님", False),
        ("비밀번호를 묻지 않습니다. #{a}", False),
        ("변경 #{비밀번호변경일시}", False),
        ("비밀번호:\n#{a}", False),
        ("인증번호 #{a}, 이름 #{b}", True),
        ("접수 #{a} 인증번호", False),
    ],
)
def test_secrets(text: str, secret: bool) -> None:
    assert ("needs_security" in rules({**content("[나루] " + text)})) is secret


@pytest.mark.parametrize(
    ("text", "sample", "expected"),
    [
        ("우체국택배 #{송장번호}", {}, []),
        ("#{배송장소} 우체국택배 6012345678901", {"배송장소": "경비실"}, []),
        ("#{택배사} #{운송장번호}", {}, ["courier_variable"]),
        ("#{운송장번호}", {}, ["no_courier"]),
        (
            "#{택배사} #{송장}",
            {"택배사": "롯데택배", "송장": "1234-1234-1234"},
            ["courier_variable"],
        ),
        (
            "#{택배사} #{송장}",
            {"택배사": "롯데택배", "송장": "1"},
            ["invoice_form", "courier_variable"],
        ),
        ("CJ대한통운, 한진택배 #{송장}", {}, []),
        ("택배 발송", {}, ["no_courier", "no_invoice"]),
        ("EMS AB123456789AB", {}, []),
    ],
)
def test_tracking(text: str, sample: dict[str, str], expected: list[str]) -> None:
    told = findings(content("[나루] 발송 안내드립니다 " + text, sample=sample or None, **TRACK))
    assert [one.rule for one in told] == expected


def test_without_the_button_nobody_asks_for_a_courier() -> None:
    assert rules({**content("[나루] 발송 CJ대한통운")}) == []


def test_the_cut_may_be_in_the_links() -> None:
    told = found(content("[나루] " + "가" * 40, buttons=[WEB]))
    assert told["content", "goes_as_lms"].start is None
    mapped = found(content(HEAD, buttons=[WEB | {"name": "보기 –"}]))["content", "mapped_character"]
    assert (mapped.start, mapped.count) == (None, 1)


def test_a_picture_is_no_lms() -> None:
    assert "goes_as_lms" not in rules({"sms": "[나루] " + "가" * 50, "sms_picture": "a.jpg"})


def test_nothing_is_said_of_sms_where_none_is_sent() -> None:
    text = "[나루] 뷁 – 安 " + "가" * 50
    assert rules({**content(text), **ALIMTALK}) == []
    assert set(rules({**content(text)})) == {"mapped_character", "goes_as_lms", "spoilt_in_euc_kr"}


def test_lengths_win_over_samples() -> None:
    subject = Subject(read_template(BASE), {"a": "가나다", "b": "x"}, {"a": 2})
    assert subject.sizes == {"a": (2, 4), "b": (1, 1)}


def test_texts_keep_their_places() -> None:
    text = Text.of("content", "가#{이름}나#{b}")
    assert text.slots == (("이름", 1, 6), ("b", 7, 11))
    assert text.masked == "가" + "\0" * 5 + "나" + "\0" * 4
    assert Text.of("content", "가#{이름").slots == ()


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("무료수신거부 080-000-0000", []),
        ("무료 거부 0800000000\n", []),
        ("[무료 수신 거부: 080 000 0000]", []),
        ("무료거부 #{번호}", []),
        ("수신거부 080-000-0000", ["no_opt_out"]),
        ("무료거부 080-000-0000 문의 02-0", ["no_opt_out"]),
    ],
)
def test_how_advertising_ends(end: str, expected: list[str]) -> None:
    told = findings({"purpose": "ad", "sms": "(광고)[나루] 안내\n" + end, **SMS})
    assert [one.rule for one in told if one.severity is Severity.WARNING] == expected


def test_a_text_message_alone_is_linted_too() -> None:
    assert rules({"sms": "접수", **SMS}) == ["no_sender"]
