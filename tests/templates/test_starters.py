"""The starters: every one may be sent as it is, at its longest too, and holds no advertising."""

import re
from collections.abc import Iterator

import pytest

from templates.compiled import compile_template
from templates.files import load, open_file, starters
from templates.findings import Severity
from templates.render import Rendered, render
from templates.template import Template
from templates.text import byte_length, outside_euc_kr

WANTED = {
    "order_received", "payment_received", "order_shipped", "order_delivered", "refund_completed",
    "points_used", "reservation_made", "appointment", "test_result_ready", "premium_notice",
    "policy_renewal", "claim_progress", "school_notice", "parcel_pickup", "card_approval",
    "staff_notice",
}  # fmt: skip
ADVERTISING = ("할인", "이벤트", "쿠폰", "혜택", "특가", "무료", "추천", "적립", "프로모션", "광고")
# words of notices that must be proved to have been read
LEGAL = ("해지", "최고", "통지", "독촉", "실효", "효력", "처분", "고지합니다")
HINTS = {"needs_channel_setting", "goes_as_lms", "courier_variable", "first_time_value"}
SHORT = WANTED - {"appointment", "order_shipped", "payment_received", "premium_notice"}
ALWAYS_SHORT = {"points_used", "waiting_turn", "login_code"}
FORMS = {name: load(path) for name, path in starters().items()}

every = pytest.mark.parametrize("name", FORMS)


def filled(name: str, values: dict[str, str]) -> Rendered:
    source = compile_template(FORMS[name][0])
    return render(source, values, dict.fromkeys(source.token_buttons, "0" * 32), sms=True)


def test_the_starters_are_there() -> None:
    assert set(FORMS) >= WANTED
    assert list(FORMS) == sorted(FORMS)


@every
def test_a_starter_can_be_sent_as_it_is(name: str) -> None:
    template, sample = FORMS[name]
    made = filled(name, sample)
    assert template.code == name
    assert template.content.startswith("[나루")
    assert made.sms_text.startswith("[나루")
    assert "#{" not in made.text + made.sms_text
    assert made.replaced == outside_euc_kr(made.sms_text) == ()


@every
def test_the_linter_has_nothing_to_mend(name: str) -> None:
    found = open_file(starters()[name]).findings
    assert [(one.rule, one.field) for one in found if one.severity is not Severity.HINT] == []
    assert {one.rule for one in found} <= HINTS


@every
def test_a_starter_can_be_sent_at_its_longest(name: str) -> None:
    opened = open_file(starters()[name])
    assert opened.lengths.keys() == opened.sample.keys()
    assert all(len(value) <= opened.lengths[one] for one, value in opened.sample.items())
    made = filled(name, {one: "9" * most for one, most in opened.lengths.items()})
    assert made.sms_route == "sms" or name not in ALWAYS_SHORT


@every
def test_a_starter_neither_sells_nor_threatens(name: str) -> None:
    template, sample = FORMS[name]
    made = filled(name, sample)
    words = made.text + made.sms_text + template.extra + template.name + template.sms_subject
    assert [word for word in (*ADVERTISING, *LEGAL) if word in words] == []


@every
def test_a_starter_needs_nothing_from_elsewhere(name: str) -> None:
    """No upload, no form, no plugin; every address is one that nobody owns."""
    template = FORMS[name][0]
    highlight = template.highlight
    assert not template.image
    assert not template.sms_picture
    assert highlight is None or not highlight.image
    assert {b.kind for b in (*template.buttons, *template.quick_replies)} <= {
        "WL", "AL", "DS", "BK", "BC",
    }  # fmt: skip
    assert set(hosts(template)) <= {host for host in hosts(template) if host.endswith(".example")}


def hosts(template: Template) -> Iterator[str]:
    for _, text in template.texts():
        yield from re.findall(r"https?://([^/\s]+)", text)


@pytest.mark.parametrize("name", sorted(SHORT))
def test_short_ones_fit_an_sms(name: str) -> None:
    made = filled(name, FORMS[name][1])
    assert made.sms_route == "sms"
    assert byte_length(made.sms_text) <= 90


def test_together_they_show_every_part_that_needs_no_upload() -> None:
    forms = [template for template, _ in FORMS.values()]
    steps = [step for form in forms if form.plan for step in form.plan.steps]
    assert {form.emphasis.value for form in forms} == {"NONE", "TEXT", "ITEM_LIST"}
    assert {form.message_type.value for form in forms} == {"BA", "EX"}
    assert {b.kind for form in forms for b in form.buttons} == {"WL", "AL", "DS", "BC"}
    assert {b.kind for form in forms for b in form.quick_replies} == {"WL", "BC", "BK"}
    for part in ("highlight", "summary", "link", "lms", "security", "send_window"):
        assert any(getattr(form, part) for form in forms), part
    assert any(step.within_s for step in steps)
    assert FORMS["card_approval"][0].security
    assert FORMS["test_result_ready"][0].security


def test_order_shipped_is_tracked_and_can_be_asked_about() -> None:
    template, sample = FORMS["order_shipped"]
    assert [(b.kind, b.name) for b in template.buttons] == [
        ("DS", "배송 조회"),
        ("WL", "주문 내역 보기"),
        ("BC", "상담원과 이야기"),
    ]
    assert set(sample) == {"고객명", "상품명", "택배사", "송장번호", "주문번호"}


def test_premium_notice_is_long_and_fits_lms() -> None:
    made = filled("premium_notice", FORMS["premium_notice"][1])
    assert 700 <= len(made.text) <= 950
    assert 90 < byte_length(made.sms_text) <= 2_000
