"""A scenario as TOML, and what is wrong with one: in words, with the field and the line."""

import re
import tomllib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sandbox.chaos.rules import MOST_RULES, Rule
from sandbox.clock_changes import ClockIn
from sandbox.settings_changes import SettingsIn
from sandbox.town import Town

LONGEST = 64 * 1024
MOST_COUNT = 1_000_000
MOST_STEPS, MOST_EXPECTS = 50, 20
MOST_DOTS = 60
_NO_KEY = re.compile(r"\"[^\"]*\"|'[^']*'|\d+\.\d+")  # texts and decimal numbers of a line

What = Literal[
    "accepted",
    "arrived",
    "arrived_chat",
    "arrived_sms",
    "failed",
    "held",
    "doubled",
    "lost",
    "receipts_pending",
    "receipts_given_up",
]


class BadScenario(Exception):
    """field: where in the file, such as `steps.0.after_s`; line: from 1, None when unknown."""

    def __init__(self, detail: str, field: str = "toml", line: int | None = None) -> None:
        super().__init__(detail)
        self.detail, self.field, self.line = detail, field, line

    def __str__(self) -> str:
        return f"{self.line}번째 줄 (line {self.line}): {self.detail}" if self.line else self.detail


class Part(BaseModel):
    """A table of the file: unknown keys are errors, so a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Traffic(Part):
    """What a sender should send; the sandbox sends nothing. per_s 0: all at once."""

    template: str = Field(pattern=r"^[a-z0-9_]{1,64}$")
    count: int = Field(ge=1, le=MOST_COUNT)
    per_s: float = Field(0, ge=0, le=100_000)


class Dial(Part):
    """The rules of chaos in place of all others; none ends them."""

    seed: int = 0
    rules: tuple[Rule, ...] = Field((), max_length=MOST_RULES)


class TownStep(Part):
    """Everybody's phone is switched on again, and what was held arrives."""

    on: Literal[True]


class Step(Part):
    """A change, when the step before is done and: after so many real seconds more, or once so many
    of the messages (share of the count) are accepted. One that changes nothing is a pause."""

    after_s: float | None = Field(None, ge=0, le=86_400)
    after_accepted: float | None = Field(None, ge=0, le=1)
    title: str = Field("", max_length=80)
    title_en: str = Field("", max_length=80)
    chaos: Dial | None = None
    settings: SettingsIn | None = None
    clock: ClockIn | None = None
    town: TownStep | None = None

    @model_validator(mode="after")
    def _once(self) -> "Step":
        if (self.after_s is None) == (self.after_accepted is None):
            raise ValueError("a step needs one of after_s and after_accepted")
        return self


class Expect(Part):
    """A counter as a share of the references accepted, and what it must be in the end."""

    what: What
    is_: float | None = Field(None, alias="is", ge=0, le=100)
    at_least: float | None = Field(None, ge=0, le=100)
    at_most: float | None = Field(None, ge=0, le=100)
    within: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> "Expect":
        bounds = (self.is_, self.at_least, self.at_most, self.within)
        if sum(one is not None for one in bounds) != 1:
            raise ValueError("one of is, at_least, at_most and within")
        if self.within and not 0 <= self.within[0] <= self.within[1]:
            raise ValueError("within = [least, most]")
        return self

    @property
    def wanted(self) -> dict[str, float | tuple[float, float]]:
        """The bound by its name in the file."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"what"})

    @property
    def least(self) -> float:
        if self.within:
            return self.within[0]
        return next((one for one in (self.is_, self.at_least) if one is not None), 0.0)

    @property
    def most(self) -> float:
        if self.within:
            return self.within[1]
        return next((one for one in (self.is_, self.at_most) if one is not None), float("inf"))


class Scenario(Part):
    """A whole file. settle_s: when all is as expected, so long nothing more may happen before it
    has passed: longer than a sender takes that sends again what it heard nothing of.
    patience_s: so long nothing may happen before the run is judged as it is.
    """

    title: str = Field(min_length=1, max_length=80)
    title_en: str = Field("", max_length=80)
    about: str = Field("", max_length=600)
    about_en: str = Field("", max_length=600)
    settle_s: float = Field(10, ge=1, le=3_600)
    patience_s: float = Field(60, ge=1, le=3_600)
    traffic: Traffic
    town: Town | None = None
    settings: SettingsIn | None = None
    clock: ClockIn | None = None
    chaos: Dial | None = None
    steps: tuple[Step, ...] = Field((), max_length=MOST_STEPS)
    expect: Annotated[tuple[Expect, ...], Field(min_length=1, max_length=MOST_EXPECTS)]


def parse(text: str) -> Scenario:
    """Raises BadScenario."""
    if len(text.encode()) > LONGEST:
        raise BadScenario(f"{LONGEST // 1024} KB 까지예요 (the file is too long)")
    if (line := _deepest(text)) is not None:
        raise BadScenario("점이 너무 많아요 (too many dots in keys)", line=line)
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise BadScenario(f"TOML이 아니에요 (not TOML): {error}", line=line) from None
    try:
        return Scenario.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        loc = tuple(part for part in first["loc"])
        line = line_of(text, loc)
        field = ".".join(map(str, loc)) or "toml"
        raise BadScenario(f"{field}: {first['msg']}", field, line) from None


def _deepest(text: str) -> int | None:
    """A line whose keys tomllib would need minutes for: its time grows faster than their dots."""
    for number, line in enumerate(text.splitlines(), 1):
        if _NO_KEY.sub("0", line).count(".") > MOST_DOTS:
            return number
    return None


def line_of(text: str, loc: tuple[int | str, ...]) -> int | None:
    """The line of a field, as well as it can be told without a parser's help; from 1.

    Of a key that is not there: the line of the nearest table around it.
    """
    found: int | None = None
    lines = text.splitlines()
    start = 0
    for depth, part in enumerate(loc):
        if isinstance(part, int):
            continue
        turn = loc[depth + 1] if depth + 1 < len(loc) else 0
        at = _find(lines, start, part, turn if isinstance(turn, int) else 0)
        if at is None:
            break
        found, start = at + 1, at
    return found


def _find(lines: list[str], start: int, key: str, turn: int) -> int | None:
    """The line with the header or the key, the `turn`-th of several headers; from 0."""
    head = re.compile(rf"\s*\[\[?\s*([\w-]+\.)*{re.escape(key)}\s*\]\]?")
    named = re.compile(rf"\s*{re.escape(key)}\s*[.=]|.*[{{,]\s*{re.escape(key)}\s*=")
    heads = [at for at in range(start, len(lines)) if head.match(lines[at])]
    if turn < len(heads):
        return heads[turn]
    return next((at for at in range(start, len(lines)) if named.match(lines[at])), None)
