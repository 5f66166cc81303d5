"""Filling a template: what is wrong is told with field, count and limit."""

from typing import Any

import pytest

from app.errors import Invalid
from app.ids import new_id
from app.services.catalogue import Sending
from app.services.rendering import fill, fill_sms
from templates import plan as plans
from templates.compiled import compile_template
from templates.reading import read_template

FORM: dict[str, Any] = {
    "code": "order",
    "name": "주문",
    "content": "#{이름}님, #{내용}",
    "buttons": [{"kind": "WL", "name": "조회", "url_mobile": "https://example.com/#{번호}"}],
}
GOOD = {"이름": "김하나", "내용": "출발했어요.", "번호": "17"}


def sending(**changed: Any) -> Sending:
    form = read_template(FORM | changed)
    return Sending(
        template_id=new_id(),
        version_id=new_id(),
        category="info",
        when_unknown="hold",
        retention_class="standard",
        default_subject="주문",
        plan=form.plan or plans.DEFAULT,
        send_window=form.send_window,
        compiled=compile_template(form),
        reviewed=True,
    )


def refusal(values: dict[str, str], *, as_sms: bool = True, **changed: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        fill(sending(**changed), values, {}, sms=as_sms)
    return caught.value


def test_good_values_fill_it() -> None:
    made = fill(sending(), GOOD, {}, sms=True)
    assert made.text == "김하나님, 출발했어요."
    assert made.buttons[0].url_mobile == "https://example.com/17"
    assert made.sms_route is not None
    assert fill(sending(), GOOD, {}, sms=False).sms_route is None


def test_a_token_goes_into_its_button() -> None:
    form = sending(buttons=[{"kind": "BC", "name": "문의"}], content="#{이름}")
    made = fill(form, {"이름": "김"}, {0: "0" * 32}, sms=False)
    assert made.buttons[0].token == "0" * 32


@pytest.mark.parametrize(
    ("values", "code", "field", "names"),
    [
        ({"이름": "김"}, "missing_variable", "variables.", {"내용", "번호"}),
        (GOOD | {"이룸": "x"}, "unknown_variable", "variables.이룸", {"이룸"}),
        (GOOD | {"내용": "가" * 1301}, "variable_too_long", "variables.내용", {"내용"}),
        (GOOD | {"내용": "가\x07"}, "bad_variable", "variables.내용", {"내용"}),
    ],
)
def test_wrong_variables_are_named(
    values: dict[str, str], code: str, field: str, names: set[str]
) -> None:
    error = refusal(values)
    assert error.code == code
    assert str(error.field).startswith(field)
    assert set(error.data["names"]) == names
    assert all(name in error.detail for name in names)


def test_too_long_once_filled() -> None:
    error = refusal(GOOD | {"내용": "가" * 1000}, as_sms=False)
    assert error.code == "too_long"
    assert error.data["count"] > error.data["limit"] == 1000
    assert str(error.data["count"]) in error.detail


def test_too_long_for_a_text_message_in_bytes() -> None:
    """An LMS holds 2,000 bytes, a Korean character takes two."""
    error = refusal(GOOD | {"내용": "글"}, sms="#{이름}" * 3 + "가" * 995)
    assert (error.code, error.data["limit"], error.data["unit"]) == ("too_long", 2000, "bytes")


def test_characters_a_text_message_cannot_carry_are_listed() -> None:
    error = refusal(GOOD | {"이름": "김\U00020000나"})
    assert (error.code, error.data["characters"]) == ("not_encodable", ["\U00020000"])
    assert "U+20000" in error.detail
    assert fill(sending(), GOOD | {"이름": "김\U00020000나"}, {}, sms=False).text


def test_nothing_visible_is_refused() -> None:
    error = refusal({"이름": " "}, content="#{이름}", buttons=[], as_sms=False)
    assert error.code == "blank"


def test_a_link_that_breaks_is_refused() -> None:
    error = refusal(GOOD | {"번호": "1 7"})
    assert error.code == "bad_link"
    assert "button" in str(error.field)


def test_an_amount_that_is_none_is_refused() -> None:
    rows = [{"title": "가", "description": "나"}, {"title": "다", "description": "라"}]
    total = {"title": "합계", "description": "#{내용}원"}
    listed = {"emphasis": "ITEM_LIST", "items": rows, "summary": total, "buttons": []}
    form: dict[str, Any] = {"content": "#{이름}", **listed}
    values = {"이름": "김", "내용": "12,000"}
    assert fill(sending(**form), values, {}, sms=False).summary is not None
    error = refusal(values | {"내용": "만이천"}, as_sms=False, **form)
    assert (error.code, error.field) == ("bad_amount", "summary.description")


LIST: dict[str, Any] = {
    "content": "글",
    "emphasis": "ITEM_LIST",
    "buttons": [],
    "items": [{"title": "가", "description": "나"}, {"title": "다", "description": "라"}],
}


@pytest.mark.parametrize(
    ("form", "field", "limit"),
    [
        ({"content": "#{v}", "buttons": []}, "text", 1_000),
        ({**LIST, "content": "#{v}"}, "text", 700),
        ({**LIST, "header": "#{v}"}, "header", 16),
        ({**LIST, "highlight": {"title": "#{v}", "description": "d"}}, "highlight.title", 30),
        (
            {**LIST, "highlight": {"title": "#{v}", "description": "d", "image": "a.png"}},
            "highlight.title",
            21,
        ),
        (
            {**LIST, "highlight": {"title": "t", "description": "#{v}"}},
            "highlight.description",
            19,
        ),
        (
            {**LIST, "items": [{"title": "가", "description": "#{v}"}] * 2},
            "items[0].description",
            23,
        ),
        ({**LIST, "summary": {"title": "합", "description": "#{v}"}}, "summary.description", 14),
        (
            {
                "content": "글",
                "buttons": [],
                "quick_replies": [{"kind": "WL", "name": "열기", "url_mobile": "https://#{v}"}],
            },
            "quick_replies[0].url_mobile",
            500,
        ),
        ({"content": "글", "buttons": [], "link": {"url_pc": "https://#{v}"}}, "link.url_pc", 500),
        (
            {
                "content": "글",
                "buttons": [{"kind": "P3", "name": "결제", "plugin_id": "p", "product_id": "#{v}"}],
            },
            "buttons[0].product_id",
            50,
        ),
        ({"content": "글", "buttons": [], "emphasis": "TEXT", "subtitle": "s", "title": "#{v}"},
         "title", 50),
    ],
)  # fmt: skip
def test_every_part_is_told_over_its_limit_with_counts(
    form: dict[str, Any], field: str, limit: int
) -> None:
    room = limit - len("https://" if limit == 500 else "")
    assert fill(sending(**form), {"v": "1" * room}, {}, sms=False)
    error = refusal({"v": "1" * (room + 1)}, as_sms=False, **form)
    assert (error.code, error.field) == ("too_long", field)
    assert error.data == {"count": limit + 1, "limit": limit, "unit": "characters"}
    assert f"{limit + 1}" in error.detail
    assert f"{limit} fit" in error.detail


@pytest.mark.parametrize(("count", "fits"), [(2_000, True), (2_001, False)])
@pytest.mark.parametrize("picture", ["", "box.jpg"])
def test_lms_and_mms_are_told_in_bytes(count: int, fits: bool, picture: str) -> None:
    form: dict[str, Any] = {"content": "글", "sms": "#{v}", "buttons": []}
    form["sms_picture"] = picture
    values = {"v": "가" * 1_000 + "a" * (count - 2_000)}
    if fits:
        assert fill_sms(sending(**form), values).sms_route == ("mms" if picture else "lms")
        return
    for error in (refusal(values, **form), _sms_refusal(sending(**form), values)):
        assert (error.code, error.field) == ("too_long", "sms_text")
        assert error.data == {"count": 2_001, "limit": 2_000, "unit": "bytes"}


def _sms_refusal(form: Sending, values: dict[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        fill_sms(form, values)
    return caught.value
