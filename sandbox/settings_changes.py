"""What may be asked of the settings, over the API and in a scenario."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SettingsIn(BaseModel):
    """Fields of `Settings`; what is not said stays. Unknown ones are errors."""

    model_config = ConfigDict(extra="forbid")

    answer_delay_s: float | None = Field(None, ge=0, le=600)
    accept_delay_s: float | None = Field(None, ge=0, le=600)
    result_delay_s: float | None = Field(None, ge=0, le=600, examples=[0])
    list_lag_s: float | None = Field(None, ge=0, le=3_600)
    webhooks: bool | None = None
    webhook_pause_s: float | None = Field(None, ge=0.1, le=1_200)
    review: Literal["manual", "auto"] | None = None
    auto_review_s: float | None = Field(None, ge=0, le=600)
    registered_s: float | None = Field(None, ge=0, le=600)
    no_session_code: int | None = None
    nhn_idempotency: bool | None = None
