"""The default limits are the stricter of every published pair."""

import pytest

from templates.limits import STRICT, Limits


@pytest.mark.parametrize(
    ("message_type", "room"), [("BA", 1_000), ("EX", 1_000), ("AD", 960), ("MI", 960)]
)
def test_channel_add_line_takes_its_share(message_type: str, room: int) -> None:
    assert STRICT.room(message_type) == room


def test_a_provider_may_allow_more() -> None:
    assert Limits(content=1_300, channel_add=36).room("AD") == 1_264


def test_strict_is_never_wider_than_the_smaller_source() -> None:
    assert (STRICT.code, STRICT.name, STRICT.buttons, STRICT.button_name) == (20, 150, 5, 14)
    assert (STRICT.link, STRICT.title, STRICT.variables) == (500, 50, 40)
