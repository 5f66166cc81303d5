"""Templates from mappings: what is read, what is refused, what a provider gets to register."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.bubble import Button
from channels.management import TemplateForm
from templates.findings import Finding, TemplateProblem
from templates.plan import Channel, Plan, Step
from templates.reading import read_template
from templates.template import MessageType, Template, WhenUnknown

WEB = {"kind": "WL", "name": "보기", "url_mobile": "https://naru.example/#{번호}"}
ADD = {"kind": "AC", "name": "채널 추가"}
ALIMTALK_ONLY = [{"channel": "alimtalk"}]


def data(**changes: Any) -> dict[str, Any]:
    return {"code": "t-1", "name": "시험", "content": "[나루] #{고객명} 님"} | changes


def problems(mapping: object) -> dict[tuple[str, str], Finding]:
    with pytest.raises(TemplateProblem) as caught:
        read_template(mapping)
    return {(found.field, found.rule): found for found in caught.value.findings}


def test_the_least_template_takes_the_defaults() -> None:
    template = read_template(data(sms=None))
    assert template == Template(code="t-1", name="시험", content="[나루] #{고객명} 님")
    assert template.when_unknown is WhenUnknown.HOLD
    assert template.uses(Channel.SMS)


def test_everything_is_read_and_registered() -> None:
    template = read_template(
        data(
            message_type="MI",
            emphasis="TEXT",
            title="#{고객명} 님",
            subtitle="안내",
            extra="문의 02-000-0000",
            buttons=[ADD, WEB],
            category="001001",
            security=True,
            sms="[나루] 안내",
            sms_subject="안내",
            plan=[{"channel": "sms", "within_s": 60}],
            when_unknown="resend",
            retention_class="contract_10y",
            purpose="ad",
        )
    )
    assert template.plan == Plan((Step((Channel.SMS,), within_s=60),))
    assert template.form() == TemplateForm(
        code="t-1",
        name="시험",
        content="[나루] #{고객명} 님",
        message_type="MI",
        emphasis="TEXT",
        title="#{고객명} 님",
        subtitle="안내",
        extra="문의 02-000-0000",
        category="001001",
        security=True,
        buttons=(Button("AC", "채널 추가"), Button(**WEB)),
    )
    mapping = template.to_mapping()
    assert read_template(json.loads(json.dumps(mapping))) == template
    assert type(mapping["message_type"]) is str
    assert hash(template) == hash(read_template(mapping))


@pytest.mark.parametrize(
    ("changes", "field", "rule", "limit"),
    [
        ({"colour": "red"}, "colour", "unknown_field", None),
        ({"code": None}, "code", "required", None),
        ({"code": "한글"}, "code", "bad_format", None),
        ({"code": "a" * 21}, "code", "too_long", 20),
        ({"name": "가" * 151}, "name", "too_long", 150),
        ({"name": "#{a}"}, "name", "variable_not_allowed", None),
        ({"content": " \n"}, "content", "required", None),
        ({"content": 7}, "content", "wrong_type", None),
        ({"content": "a" * 1_001}, "content", "too_long", 1_000),
        (
            {"content": "a" * 961, "message_type": "AD", "buttons": [ADD]},
            "content",
            "too_long",
            960,
        ),
        ({"content": "a" * 999, "message_type": "EX", "extra": "ab"}, "content", "too_long", 1_000),
        ({"content": "#{a"}, "content", "bad_variable", None),
        ({"content": "".join(f"#{{{i}}}" for i in range(41))}, "content", "too_many", 40),
        ({"content": "🎉"}, "content", "not_encodable", None),
        ({"content": "가" * 990, "buttons": [WEB]}, "content", "needs_sms_variant", 2_000),
        ({"content": "a\x00"}, "content", "control_character", None),
        ({"message_type": "XX"}, "message_type", "bad_choice", None),
        ({"message_type": "EX"}, "extra", "needed_by", None),
        ({"extra": "부가"}, "extra", "not_allowed", None),
        ({"message_type": "EX", "extra": "#{a}"}, "extra", "variable_not_allowed", None),
        ({"message_type": "EX", "extra": "a" * 501}, "extra", "too_long", 500),
        ({"message_type": "AD"}, "buttons", "add_channel_first", None),
        ({"buttons": [ADD]}, "buttons[0].kind", "not_allowed", None),
        ({"buttons": [WEB] * 6}, "buttons", "too_many", 5),
        ({"buttons": [WEB, 5]}, "buttons[1]", "wrong_type", None),
        ({"buttons": [WEB, {**WEB, "name": ""}]}, "buttons[1].name", "required", None),
        ({"emphasis": "VIDEO"}, "emphasis", "bad_choice", None),
        ({"emphasis": "TEXT", "subtitle": "b"}, "title", "needed_by", None),
        ({"emphasis": "TEXT", "title": "a"}, "subtitle", "needed_by", None),
        ({"title": "a"}, "title", "not_allowed", None),
        ({"emphasis": "TEXT", "title": "가" * 51, "subtitle": "b"}, "title", "too_long", 50),
        ({"emphasis": "TEXT", "title": "a\\s", "subtitle": "b"}, "title", "strike_through", None),
        (
            {"emphasis": "TEXT", "title": "a", "subtitle": "#{b}"},
            "subtitle",
            "variable_not_allowed",
            None,
        ),
        ({"category": "12345"}, "category", "bad_format", None),
        ({"security": "yes"}, "security", "wrong_type", None),
        ({"sms": "é"}, "sms", "not_encodable", None),
        ({"sms": "가" * 1_001}, "sms", "too_many_bytes", 2_000),
        ({"sms": "#{}"}, "sms", "bad_variable", None),
        ({"sms_subject": "가" * 21}, "sms_subject", "too_many_bytes", 40),
        ({"sms_subject": "a\nb"}, "sms_subject", "control_character", None),
        (
            {"plan": [{"channel": "sms", "within_s": -1}]},
            "plan[0].within_s",
            "out_of_range",
            604_800,
        ),
        ({"plan": []}, "plan", "required", None),
        ({"when_unknown": "panic"}, "when_unknown", "bad_choice", None),
        ({"retention_class": "10 years"}, "retention_class", "bad_format", None),
        ({"purpose": "ad"}, "purpose", "ad_on_alimtalk", None),
    ],
)
def test_findings(changes: dict[str, Any], field: str, rule: str, limit: int | None) -> None:
    found = problems(data(**changes))
    assert (field, rule) in found
    assert found[field, rule].limit == limit


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "a" * 20, "name": "가" * 150},
        {"content": "a" * 1_000},
        {"content": "가" * 1_000, "plan": ALIMTALK_ONLY},
        {"content": "가" * 1_000, "sms": "짧은 안내", "buttons": [WEB]},
        {"content": "🎉", "plan": ALIMTALK_ONLY},
        {"content": "🎉", "sms": "축하"},
        {"content": "".join(f"#{{{i}}}" for i in range(40))},
        {"content": "a" * 960, "message_type": "AD", "buttons": [ADD]},
        {"purpose": "ad", "plan": [{"channel": "sms"}]},
    ],
)
def test_at_the_limit(changes: dict[str, Any]) -> None:
    assert read_template(data(**changes)).code


def test_all_findings_come_at_once_and_no_field_is_blamed_twice() -> None:
    found = problems(data(code="", content=None, title="x" * 60, foo=1))
    assert set(found) == {
        ("code", "required"),
        ("content", "required"),
        ("title", "too_long"),
        ("foo", "unknown_field"),
    }
    assert "60" in found["title", "too_long"].message_ko


def test_not_a_mapping() -> None:
    assert ("", "wrong_type") in problems(["code"])


def test_limits_are_data() -> None:
    assert read_template(data(content="a" * 1_300, limits="nhn")).content
    for wrong in (data(content="a" * 1_301, limits="nhn"), data(limits="nobody")):
        with pytest.raises(TemplateProblem):
            read_template(wrong)


def test_without_a_variant_sms_says_what_providers_would() -> None:
    consult = {"kind": "BC", "name": "상담"}
    template = read_template(data(buttons=[WEB, consult]))
    assert template.sms_source == "[나루] #{고객명} 님\n\n보기: https://naru.example/#{번호}"
    assert read_template(data(buttons=[WEB], sms="짧게")).sms_source == "짧게"
    assert read_template(data(buttons=[consult])).sms_source == "[나루] #{고객명} 님"


@given(st.dictionaries(st.sampled_from(Template.__slots__), st.none() | st.text() | st.integers()))
def test_any_mapping_is_a_template_or_a_problem(mapping: dict[str, object]) -> None:
    try:
        template = read_template(mapping)
    except TemplateProblem:
        return
    assert read_template(template.to_mapping()) == template


@given(st.text(min_size=1, max_size=60), st.sampled_from(MessageType), st.text(max_size=30))
def test_what_is_accepted_round_trips(content: str, kind: MessageType, sms: str) -> None:
    buttons = [ADD] if kind in {"AD", "MI"} else [WEB]
    extra = "부가" if kind in {"EX", "MI"} else ""
    mapping = data(content=content, message_type=str(kind), buttons=buttons, extra=extra, sms=sms)
    try:
        template = read_template(mapping)
    except TemplateProblem:
        return
    assert read_template(template.to_mapping()) == template
