"""A plan: which channels are tried, in what order, and what must have been reached to stop.

``[{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}]`` is ordered; a step with
``"channels": ["push", "sms"]`` tries several at once (parallel).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from channels.vocabulary import Level
from templates.findings import TemplateProblem
from templates.reader import Reader

MAX_STEPS = 10
MAX_WAIT_S = 7 * 86_400  # a week: longer than any provider still reports
MAX_TO = 64

_FIELDS = ("channel", "channels", "until", "within_s", "unknown_after_s", "to")


class Channel(StrEnum):
    """What a plan may ask for; which route carries it is the account's matter."""

    ALIMTALK = "alimtalk"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Step:
    """One position of a plan; more than one channel means all of them at once.

    ``within_s``: seconds after which the next step starts though no failure was reported;
    ``unknown_after_s``: the same for an attempt whose fate is unknown; ``to``: a named group
    instead of the message's recipient.
    """

    channels: tuple[Channel, ...]
    until: Level = Level.DELIVERED
    within_s: int | None = None
    unknown_after_s: int | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order; never empty."""

    steps: tuple[Step, ...]

    @property
    def is_ordered(self) -> bool:
        """One channel per step, to the message's own recipient."""
        return all(len(step.channels) == 1 and step.to is None for step in self.steps)

    def uses(self, channel: Channel) -> bool:
        """Whether any step asks for ``channel``."""
        return any(channel in step.channels for step in self.steps)


@dataclass(frozen=True, slots=True)
class LevelGap:
    """A step that waits for what none of its channels can ever report."""

    index: int  # of the step
    channels: tuple[Channel, ...]
    until: Level
    available: frozenset[Level]

    @property
    def field(self) -> str:
        """The path of the value at fault."""
        return f"plan[{self.index}].until"


DEFAULT = Plan((Step((Channel.ALIMTALK,)), Step((Channel.SMS,))))


def parse(data: object) -> Plan:
    """Read a plan from JSON data. Raises TemplateProblem, fields named ``plan[1].within_s``."""
    reader = Reader({"plan": data})
    plan = read(reader)
    if plan is None and not reader.findings:
        reader.add("plan", "required")
    if plan is None or reader.findings:
        raise TemplateProblem(reader.findings)
    return plan


def read(reader: Reader) -> Plan | None:
    """The ``plan`` field of a larger mapping; None where absent, findings go to the reader."""
    if reader.data.get("plan") is None:
        return None
    found = len(reader.findings)
    steps = tuple(_step(item) for item in reader.items("plan", MAX_STEPS))
    if not steps and len(reader.findings) == found:
        reader.add("plan", "required")
    return Plan(steps) if steps else None


def dump(plan: Plan) -> list[dict[str, Any]]:
    """The plan as JSON data that :func:`parse` reads back; fields at their default are left out."""
    return [_dump_step(step) for step in plan.steps]


def check_levels(plan: Plan, levels: Mapping[str, Set[Level]]) -> LevelGap | None:
    """The first step whose ``until`` no route of its channels can report, else None.

    ``levels``: per channel what its routes together can report; an absent channel reports nothing.
    """
    for index, step in enumerate(plan.steps):
        available = frozenset(
            level for channel in step.channels for level in levels.get(channel, frozenset())
        )
        if step.until not in available:
            return LevelGap(index, step.channels, step.until, available)
    return None


def _step(reader: Reader) -> Step:
    reader.only(_FIELDS)
    return Step(
        channels=_channels(reader),
        until=reader.choice("until", Level, Level.DELIVERED),
        within_s=reader.whole("within_s", 1, MAX_WAIT_S),
        unknown_after_s=reader.whole("unknown_after_s", 1, MAX_WAIT_S),
        to=reader.text("to", MAX_TO).strip() or None,
    )


def _channels(reader: Reader) -> tuple[Channel, ...]:
    many = reader.data.get("channels")
    if many is None:
        if reader.data.get("channel") is None:
            reader.add("channel", "required")
        return (reader.choice("channel", Channel, Channel.SMS),)
    if reader.data.get("channel") is not None:
        reader.add("channels", "not_allowed", "channel")
    if not isinstance(many, list | tuple) or not many:
        reader.add("channels", "wrong_type", "array")
        return ()
    known = [Channel(value) for value in many if value in list(Channel)]
    if len(set(known)) < len(many):
        reader.add("channels", "bad_choice", ", ".join(Channel) + " (each once)")
    return tuple(known)


def _dump_step(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {"channels": [str(channel) for channel in step.channels]}
    if len(step.channels) == 1:
        data = {"channel": str(step.channels[0])}
    data["until"] = str(step.until)
    optional = {name: getattr(step, name) for name in ("within_s", "unknown_after_s", "to")}
    return data | {name: value for name, value in optional.items() if value is not None}
