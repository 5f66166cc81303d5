"""Which text a text message says, and that counting it in pieces is counting it whole."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from templates.compiled import compile_template
from templates.reading import read_template
from templates.render import Rendered, render
from templates.sms import body, sms_text
from templates.text import NotEncodable, TooLong, byte_length, clean
from templates.variables import parse

PARTS = st.text(st.sampled_from("가나뷁a1 \t\n–₩é😀·\u200b뚀"), max_size=8)


def filled(values: dict[str, str], **texts: Any) -> Rendered:
    form = {"code": "t", "name": "n", "content": "c"} | texts
    return render(compile_template(read_template(form)), values, sms=True)


@given(st.lists(PARTS, min_size=1, max_size=4), PARTS)
@example(["–"], "가")  # something fixed is replaced
@example(["가"], "–")  # something in a value is
def test_counted_in_pieces_is_counted_whole(pieces: list[str], value: str) -> None:
    text = parse("#{v}".join(pieces))
    whole = text.fill({"v": value})
    try:
        cleaned = clean(whole)
    except NotEncodable as refused:
        with pytest.raises(NotEncodable, match=re.escape(str(refused))):
            sms_text(text).fill({"v": value}, "sms_text")
        return
    told = sms_text(text).fill({"v": value}, "sms_text")
    assert told == (cleaned.text, byte_length(cleaned.text), cleaned.replaced)


@pytest.mark.parametrize(
    ("size", "route"), [(89, "sms"), (90, "sms"), (91, "lms"), (1_999, "lms"), (2_000, "lms")]
)
def test_the_route_changes_at_the_limit(size: int, route: str) -> None:
    made = filled({"a": "가" * (size // 2)}, content="안내", sms="#{a}" + "b" * (size % 2))
    assert byte_length(made.sms_text) == size
    assert made.sms_route == route


@pytest.mark.parametrize("more", [{}, {"sms_picture": "box.jpg"}])
def test_one_byte_over_an_lms_or_an_mms_is_refused_with_counts(more: dict[str, str]) -> None:
    with pytest.raises(TooLong) as refused:
        filled({"a": "가" * 1_000}, content="안내", sms="#{a}b", **more)
    told = refused.value
    assert (told.field, told.count, told.limit, told.unit) == ("sms_text", 2_001, 2_000, "bytes")


def test_a_picture_makes_an_mms_however_short() -> None:
    assert filled({}, sms="짧은 글", sms_picture="box.jpg").sms_route == "mms"


@pytest.mark.parametrize(
    ("count", "said", "route"),
    [
        (45, "short", "sms"),  # 90 bytes: an SMS
        (46, "long", "lms"),  # no SMS any more: then the long one says more
        (998, "long", "lms"),  # 4 and 1,996: an LMS to the last byte
        (999, "short", "lms"),  # the long one is over 2,000 bytes: the short one goes
    ],
)
def test_the_long_text_goes_only_where_the_short_one_is_no_sms_and_it_fits(
    count: int, said: str, route: str
) -> None:
    made = filled({"a": "가" * count}, content="안내", sms="#{a}", lms="자세#{a}")
    assert made.sms_text == ("자세" if said == "long" else "") + "가" * count
    assert made.sms_route == route


def test_both_too_long_is_told_of_the_short_one() -> None:
    with pytest.raises(TooLong) as refused:
        filled({"a": "가" * 1_001}, content="안내", sms="#{a}", lms="자세#{a}")
    assert refused.value.count == 2_002


def test_without_a_long_text_there_is_only_the_short_one() -> None:
    short = sms_text(parse("#{a}"))
    assert body(short, None, {"a": "가" * 60}) == ("가" * 60, 120, ())
