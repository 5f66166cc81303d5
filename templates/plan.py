"""A plan: which channels are tried, in what order, and what must have been reached to stop.

``[{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}]`` is ordered; a step with
``"channels": ["push", "sms"]`` tries several at once (parallel). A step starts when the one before
it failed for a reason that falls back, or for one of its own ``if_reason``, or ran out of time.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from channels.vocabulary import Level, Reason
from templates.findings import TemplateProblem
from templates.reader import Reader

MAX_STEPS = 10
MAX_WAIT_S = 7 * 86_400  # a week: longer than any provider still reports
MAX_TO = 64
# a step that ran out of time has failed for this reason
STEP_DEADLINE = "step_deadline"
REASONS = (*(reason.value for reason in Reason), STEP_DEADLINE)
LEVELS = (Level.ACCEPTED, Level.DELIVERED, Level.READ, Level.ACKNOWLEDGED)  # each holds the former

_FIELDS = ("channel", "channels", "until", "within_s", "unknown_after_s", "to", "if_reason")


class Channel(StrEnum):
    """What a plan may ask for; which route carries it is the account's matter."""

    ALIMTALK = "alimtalk"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Step:
    """One position of a plan; more than one channel means all of them at once.

    ``within_s``: seconds after which the next step starts though no failure was reported;
    ``unknown_after_s``: the same for an attempt whose fate is unknown; ``to``: a contact named in
    the call instead of the message's recipient; ``if_reason``: start only when the step before
    failed for one of these, whatever the reason's own rule says.
    """

    channels: tuple[Channel, ...]
    until: Level = Level.DELIVERED
    within_s: int | None = None
    unknown_after_s: int | None = None
    to: str | None = None
    if_reason: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order; never empty."""

    steps: tuple[Step, ...]

    @property
    def contacts(self) -> frozenset[str]:
        """The names of people other than the message's own recipient."""
        return frozenset(step.to for step in self.steps if step.to)

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
    items = reader.items("plan", MAX_STEPS)
    steps = tuple(_step(item) for item in items)
    if steps and steps[0].if_reason:
        items[0].add("if_reason", "not_allowed", "the first step")
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
        if_reason=_reasons(reader),
    )


def _reasons(reader: Reader) -> tuple[str, ...]:
    given = reader.data.get("if_reason")
    if given is None:
        return ()
    if not isinstance(given, list | tuple) or not given:
        reader.add("if_reason", "wrong_type", "array")
        return ()
    known = tuple(value for value in given if value in REASONS)
    if len(set(known)) < len(given):
        reader.add("if_reason", "bad_choice", ", ".join(sorted(REASONS)) + " (each once)")
    return known


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
    data |= {name: value for name, value in optional.items() if value is not None}
    return data | ({"if_reason": list(step.if_reason)} if step.if_reason else {})
