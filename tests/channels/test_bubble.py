"""Parts of a bubble: frozen, and equal when they say the same."""

from dataclasses import FrozenInstanceError, replace

import pytest

from channels.bubble import Button, Highlight, Item, Links


@pytest.mark.parametrize(
    "part",
    [Button("WL", "보기"), Item("제목", "설명"), Highlight("제목", "설명"), Links("https://a")],
)
def test_frozen_and_equal_by_content(part: Button | Item | Highlight | Links) -> None:
    with pytest.raises((FrozenInstanceError, TypeError)):
        part.nothing = ""  # type: ignore[union-attr]
    assert replace(part) == part
