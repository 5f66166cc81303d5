"""Send windows: read, dumped, refused by field; open and closed to the second, in Korea."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.findings import TemplateProblem
from templates.reading import read_template
from templates.windows import (
    DAYS,
    KST,
    Window,
    ad_hours,
    all_open_at,
    dump,
    is_vain,
    opens_at,
    parse,
)

OFFICE = {"from": "09:00", "to": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
NIGHT = {"from": "22:00", "to": "06:00", "days": ["fri"]}
MINUTES = st.integers(0, 1439)
AT = st.integers(0, 12 * 366 * 86_400).map(
    lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start, end = draw(st.tuples(MINUTES, MINUTES).filter(lambda both: both[0] != both[1]))
    days = draw(st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted))
    return Window(timedelta(minutes=start), timedelta(minutes=end), tuple(days))


def korea(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("data", "at", "opening"),
    [
        (OFFICE, "2026-11-26 09:00:00", None),  # a Thursday
        (OFFICE, "2026-11-26 08:59:59.999999", "2026-11-26 09:00"),
        (OFFICE, "2026-11-26 17:59:59.999999", None),
        (OFFICE, "2026-11-26 18:00", "2026-11-27 09:00"),
        (OFFICE, "2026-11-27 18:00", "2026-11-30 09:00"),  # over the weekend
        (NIGHT, "2026-11-27 22:00", None),
        (NIGHT, "2026-11-28 05:59:59", None),  # Saturday, but it began on Friday
        (NIGHT, "2026-11-28 06:00", "2026-12-04 22:00"),
        (NIGHT, "2026-11-27 05:00", "2026-11-27 22:00"),  # Friday's morning is Thursday's night
        ({"from": "00:00", "to": "24:00"}, "2026-11-26 23:59:59", None),
        ({"from": "00:00", "to": "24:00", "days": ["mon"]}, "2026-12-01 00:00", "2026-12-07 00:00"),
        ({"from": "12:00", "to": "00:00"}, "2026-11-26 23:59:59", None),
        ({"from": "10:00", "to": "11:00"}, "2028-02-28 11:00", "2028-02-29 10:00"),  # leap day
        ({"from": "10:00", "to": "11:00"}, "2028-02-29 11:00", "2028-03-01 10:00"),
        ({"from": "10:00", "to": "11:00"}, "2027-02-28 11:00", "2027-03-01 10:00"),
        ({"from": "23:00", "to": "01:00"}, "2026-12-31 12:00", "2026-12-31 23:00"),
        ({"from": "23:00", "to": "01:00"}, "2027-01-01 00:59:59", None),  # over the year's end
        ({"from": "09:00", "to": "10:00"}, "2026-12-31 10:00", "2027-01-01 09:00"),
    ],
)
def test_when_a_window_opens(data: dict[str, Any], at: str, opening: str | None) -> None:
    now = korea(at)
    assert opens_at(parse(data), now) == (korea(opening) if opening else None)
    found = opens_at(parse(data), now.astimezone(UTC))  # whatever zone it is asked in
    assert found == (korea(opening) if opening else None)


@given(windows())
def test_a_window_reads_back_as_it_was_dumped(window: Window) -> None:
    assert parse(dump(window)) == window


@given(windows(), AT)
def test_it_is_open_at_its_opening_and_not_a_moment_before(window: Window, now: datetime) -> None:
    opening = opens_at(window, now)
    if opening is not None:
        assert now < opening <= now + timedelta(days=7)
        assert opens_at(window, opening) is None
        assert opens_at(window, opening - timedelta(microseconds=1)) == opening


@given(windows(), windows(), AT)
def test_two_windows_are_both_open_at_the_first_common_moment(
    one: Window, other: Window, now: datetime
) -> None:
    at = all_open_at((one, other), now)
    common = at or now
    if common < now + timedelta(days=20):
        assert opens_at(one, common) is None
        assert opens_at(other, common) is None
        assert common == now or common < now + timedelta(days=8)


def test_windows_that_never_meet_open_behind_every_deadline() -> None:
    now = korea("2026-11-26 12:00")
    never = all_open_at((parse({"from": "22:00", "to": "23:00"}), ad_hours(60)), now)
    assert never == now + timedelta(days=30)
    assert all_open_at((), now) is None


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-26 07:59:59.999999", "2026-11-26 08:00"),
        ("2026-11-26 08:00", None),
        ("2026-11-26 20:58:59.999999", None),
        ("2026-11-26 20:59:00", "2026-11-27 08:00"),
        ("2026-11-26 21:00", "2026-11-27 08:00"),
        ("2026-12-31 23:59:59", "2027-01-01 08:00"),
    ],
)
def test_advertising_leaves_by_day_and_a_margin_before_the_night(at: str, opening: str) -> None:
    assert opens_at(ad_hours(60), korea(at)) == (korea(opening) if opening else None)


@pytest.mark.parametrize(
    ("data", "field", "rule"),
    [
        (None, "send_window", "required"),
        ("09:00-18:00", "send_window", "wrong_type"),
        ([], "send_window", "wrong_type"),
        ({"to": "18:00"}, "send_window.from", "required"),
        ({"from": "09:00"}, "send_window.to", "required"),
        ({"from": "9:00", "to": "18:00"}, "send_window.from", "bad_format"),
        ({"from": "24:00", "to": "18:00"}, "send_window.from", "bad_format"),
        ({"from": "09:00", "to": "24:01"}, "send_window.to", "bad_format"),
        ({"from": "09:00", "to": "18:60"}, "send_window.to", "bad_format"),
        ({"from": 9, "to": "18:00"}, "send_window.from", "wrong_type"),
        ({"from": "09:00", "to": "09:00"}, "send_window.to", "window_empty"),
        ({"from": "09:00", "to": "18:00", "days": []}, "send_window.days", "wrong_type"),
        ({"from": "09:00", "to": "18:00", "days": "mon"}, "send_window.days", "wrong_type"),
        ({"from": "09:00", "to": "18:00", "days": ["월"]}, "send_window.days", "bad_choice"),
        ({"from": "09:00", "to": "18:00", "days": [{}]}, "send_window.days", "bad_choice"),
        (
            {"from": "09:00", "to": "18:00", "days": ["mon", "mon"]},
            "send_window.days",
            "bad_choice",
        ),
        ({"from": "09:00", "to": "18:00", "zone": "UTC"}, "send_window.zone", "unknown_field"),
    ],
)
def test_what_is_wrong_is_named(data: object, field: str, rule: str) -> None:
    with pytest.raises(TemplateProblem) as caught:
        parse(data)
    assert (caught.value.findings[0].field, caught.value.findings[0].rule) == (field, rule)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x)))
def test_no_input_breaks_it(junk: object) -> None:
    for data in (junk, {"from": junk, "to": "18:00"}, {**OFFICE, "days": junk}):
        with contextlib.suppress(TemplateProblem):
            assert parse(data)


@pytest.mark.parametrize(
    ("data", "vain"),
    [
        ({"from": "21:00", "to": "08:00"}, True),
        ({"from": "21:00", "to": "08:01"}, False),
        ({"from": "20:59", "to": "22:00"}, False),
        ({"from": "07:00", "to": "22:00", "days": ["sun"]}, False),
        ({"from": "22:00", "to": "12:00", "days": ["sat"]}, False),
        (OFFICE, False),
    ],
)
def test_a_window_by_night_only_is_vain_for_advertising(data: dict[str, Any], vain: bool) -> None:
    assert is_vain(parse(data), is_ad=True) is vain
    assert not is_vain(parse(data), is_ad=False)
    assert not is_vain(None, is_ad=True)


FORM = {"code": "sale", "name": "할인", "content": "할인", "plan": [{"channel": "sms"}]}


def test_a_template_carries_its_window_and_one_without_stays_as_it_was() -> None:
    with_one = read_template({**FORM, "send_window": OFFICE})
    assert with_one.send_window == parse(OFFICE)
    assert read_template(with_one.to_mapping()) == with_one
    assert "send_window" not in read_template(FORM).to_mapping()


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"send_window": {"from": "9", "to": "18:00"}}, "send_window.from", "bad_format"),
        (
            {"purpose": "ad", "send_window": {"from": "22:00", "to": "07:00"}},
            "send_window",
            "window_never_open",
        ),
    ],
)
def test_a_template_refuses_a_bad_window(changed: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(TemplateProblem) as caught:
        read_template({**FORM, **changed})
    assert [(f.field, f.rule) for f in caught.value.findings] == [(field, rule)]


def test_the_days_are_a_week() -> None:
    assert [DAYS[datetime(2024, 1, day, tzinfo=KST).weekday()] for day in range(1, 8)] == list(DAYS)
