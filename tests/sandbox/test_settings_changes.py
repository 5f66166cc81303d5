"""What may be asked of the settings: every one of them, within bounds, and nothing else."""

from dataclasses import fields

import pytest
from pydantic import ValidationError

from sandbox.settings_changes import SettingsIn
from sandbox.store import Settings


def test_every_setting_may_be_changed() -> None:
    assert set(SettingsIn.model_fields) == {one.name for one in fields(Settings)}


@pytest.mark.parametrize(
    "wrong", [{"answer_delay_s": -1}, {"list_lag_s": 3_601}, {"review": "never"}, {"speed": 1}]
)
def test_a_slip_of_the_pen_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        SettingsIn.model_validate(wrong)
