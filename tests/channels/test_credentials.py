"""What accounts must be told: in both languages, and nothing twice."""

import pytest

from channels.registry import PROVIDERS


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_is_told_once_in_both_languages(name: str) -> None:
    wanted = PROVIDERS[name].credentials
    assert len({one.name for one in wanted}) == len(wanted) > 0
    for one in wanted:
        assert any("가" <= ch <= "힣" for ch in one.help_ko)
        assert not any("가" <= ch <= "힣" for ch in one.help_en)
        assert not (one.address and one.secret)
    assert any(one.required and one.secret for one in wanted)
