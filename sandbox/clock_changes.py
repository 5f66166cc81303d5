"""What may be said to the clock, over the API and in a scenario."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from sandbox.clock import FASTEST
from sandbox.store import Store
from sandbox.waits import set_clock

FARTHEST_S = 10 * 366 * 24 * 3600.0


class ClockIn(BaseModel):
    """Where to, one of three: a time, seconds ahead of real time, or seconds more; and how fast."""

    model_config = ConfigDict(extra="forbid")

    rate: float | None = Field(None, ge=0, le=FASTEST, description="0 stands still, 1 is real")
    at: AwareDatetime | None = None
    ahead_s: float | None = Field(None, ge=0, le=FARTHEST_S)
    add_s: float | None = Field(None, ge=0, le=FARTHEST_S, examples=[3_600])

    @model_validator(mode="after")
    def _one_of_three(self) -> "ClockIn":
        said = [name for name in ("at", "ahead_s", "add_s") if getattr(self, name) is not None]
        if len(said) > 1:
            raise ValueError(f"only one of {' and '.join(said)}")
        return self


def change_clock(store: Store, change: ClockIn) -> None:
    """Raises CannotTurnBack."""
    set_clock(store, _goal(store, change), change.rate)


def _goal(store: Store, change: ClockIn) -> int | None:
    """Milliseconds, None for now."""
    if change.at is not None:
        return round(change.at.timestamp() * 1000)
    if change.ahead_s is not None:
        return store.real() + round(change.ahead_s * 1000)
    return None if change.add_s is None else store.now() + round(change.add_s * 1000)
