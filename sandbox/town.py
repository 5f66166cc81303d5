"""What share of a town is how. A number's fate hangs on the number alone: it is the same again."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = float
GOLDEN = 0x9E3779B97F4A7C15  # Fibonacci hashing: numbers in a row spread evenly, few ones too


class Town(BaseModel):
    """Shares of all numbers. Nobody is two of these; the rest is as phones are at first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_kakao: Share = Field(0.0, ge=0, le=1, description="not on KakaoTalk")
    blocked: Share = Field(0.0, ge=0, le=1, description="block every channel")
    off: Share = Field(0.0, ge=0, le=1, description="switched off")
    slow: Share = Field(0.0, ge=0, le=1, description="results come slow_s late")
    slow_s: float = Field(8.0, ge=0, le=120)

    @model_validator(mode="after")
    def _at_most_all(self) -> "Town":
        if self.no_kakao + self.blocked + self.off + self.slow > 1 + 1e-9:
            raise ValueError("no_kakao, blocked, off and slow are together more than 1")
        return self

    def traits(self, number: str) -> dict[str, float]:
        """Columns of `phone` that differ from what they are at first. number: digits."""
        place = (int(number) * GOLDEN % 2**64) / 2**64
        for share, traits in (
            (self.no_kakao, {"kakao": 0}),
            (self.blocked, {"blocks_all": 1}),
            (self.off, {"is_on": 0}),
            (self.slow, {"slow_s": self.slow_s}),
        ):
            if place < share:
                return dict(traits)
            place -= share
        return {}
