"""The law of plans as plain functions: which step comes next, and what a message is.

Nothing here reads or writes a store. ``tests/model`` checks the protocol these belong to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.states import (
    FAILED,
    HOLDS,
    MESSAGE_EXPIRED,
    OPEN,
    TEMPLATE_STOPPED,
    AttemptStatus,
    MessageStatus,
    policy,
)
from channels.vocabulary import Level, Reason
from templates.plan import LEVELS, STEP_DEADLINE, Plan, Step

# of the open attempts of a step, the one that speaks for the message
SPEAKS = (
    AttemptStatus.ACCEPTED,
    AttemptStatus.UNKNOWN,
    AttemptStatus.SENDING,
    AttemptStatus.QUEUED,
)
LEFT_US = (AttemptStatus.UNKNOWN, AttemptStatus.ACCEPTED, AttemptStatus.DELIVERED)
# of the ended ones of a step, likewise
ENDED = {
    AttemptStatus.NO_REPORT: MessageStatus.NO_REPORT,
    AttemptStatus.REJECTED: MessageStatus.FAILED,
    AttemptStatus.UNDELIVERED: MessageStatus.FAILED,
    AttemptStatus.EXPIRED: MessageStatus.EXPIRED,
    AttemptStatus.CANCELLED: MessageStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Try:
    """What the rules need to know of one attempt."""

    step: int
    n: int
    status: str
    reason: str | None
    started_at: datetime  # when its step began to count
    unknown_since: datetime | None = None
    parked: bool = False
    receipts: bool = True  # whether its route ever reports
    branch: int = 0
    part: int = 0
    to: str = ""  # a contact, or the message's own recipient
    confirmed: Level | None = None  # read or acknowledged
    waits: bool = False  # delivered, and more may still be reported

    @property
    def place(self) -> tuple[int, int, int]:
        """Step, branch and part: at one place the newest ``n`` counts."""
        return self.step, self.branch, self.part

    @property
    def level(self) -> Level | None:
        """How far it got."""
        if self.confirmed is not None:
            return self.confirmed
        if self.status == AttemptStatus.DELIVERED:
            return Level.DELIVERED
        return Level.ACCEPTED if self.status == AttemptStatus.ACCEPTED else None


@dataclass(frozen=True, slots=True)
class MessageState:
    """The derived state of a message."""

    status: MessageStatus
    reason: str | None
    closed: bool
    duplicate: bool = False


def passed(start: datetime, seconds: float | None, now: datetime) -> bool:
    """Whether a limit of the plan is over; no limit is never over."""
    return seconds is not None and now >= start + timedelta(seconds=seconds)


def step_due(plan: Plan, step: int, started_at: datetime) -> datetime | None:
    """When the plan gives up on a step, if it says so."""
    within = plan.steps[step].within_s
    return None if within is None else started_at + timedelta(seconds=within)


def earliest(*times: datetime | None) -> datetime | None:
    """The first of those that are set."""
    return min((t for t in times if t is not None), default=None)


def is_satisfied(plan: Plan, tries: Sequence[Try]) -> bool:
    """Whether some attempt got as far as its step asks: then nothing more is started."""
    return any(_satisfies(plan.steps[one.step], one) for one in tries)


def next_step(
    plan: Plan, tries: Sequence[Try], now: datetime, *, forced: bool = False
) -> int | None:
    """The step to start now, or None (rule R7).

    ``forced``: a policy of the template says "both may arrive" (a blind route's fall_back).
    """
    if is_satisfied(plan, tries):
        return None
    last = max(one.step for one in tries)
    given_up: list[tuple[Try, str]] = []
    for one in _newest(tries, last):
        reason = _given_up(plan.steps[last], one, now, forced=forced)
        if reason is None:
            return None  # a branch of the step may still arrive
        given_up.append((one, reason))
    return following(plan, last, given_up)


def following(plan: Plan, last: int, given_up: Sequence[tuple[Try, str]]) -> int | None:
    """The first later step that starts after these failures of step ``last``."""
    for index in range(last + 1, len(plan.steps)):
        if any(_starts(plan.steps[index], one, reason) for one, reason in given_up):
            return index
    return None


def derive(
    plan: Plan, tries: Sequence[Try], send_at: datetime | None, now: datetime
) -> MessageState:
    """The message's state: the one function that decides it."""
    current = _newest(tries)
    open_ = [one for one in current if one.status in OPEN]
    delivered = [one for one in tries if one.status == AttemptStatus.DELIVERED]
    if delivered:
        more = any(one.waits for one in delivered) or bool(open_)
        closed = is_satisfied(plan, tries) or not more
        return MessageState(MessageStatus.DELIVERED, None, closed, _twice(plan, delivered))
    if open_:
        step = max(one.step for one in open_)
        speaker = min(
            (one for one in open_ if one.step == step),
            key=lambda one: (SPEAKS.index(AttemptStatus(one.status)), one.place),
        )
        return _open_state(plan, speaker, send_at, now)
    return _end_state(plan, current)


def _newest(tries: Sequence[Try], step: int | None = None) -> list[Try]:
    """The newest attempt of every place (of one step), in the order of places."""
    newest: dict[tuple[int, int, int], Try] = {}
    for one in sorted(tries, key=lambda one: (one.place, one.n)):
        if step is None or one.step == step:
            newest[one.place] = one
    return list(newest.values())


def _satisfies(step: Step, one: Try) -> bool:
    if one.status == AttemptStatus.ACCEPTED and not one.receipts:
        return True  # nobody will ever say more
    return one.level is not None and LEVELS.index(one.level) >= LEVELS.index(step.until)


def _given_up(step: Step, one: Try, now: datetime, *, forced: bool) -> str | None:
    """Why a branch did not reach what its step asks; None while it still may."""
    if one.status in FAILED:
        return one.reason or Reason.UNMAPPED
    if one.status in (AttemptStatus.EXPIRED, AttemptStatus.CANCELLED):
        return one.reason or MESSAGE_EXPIRED
    if one.status == AttemptStatus.NO_REPORT:
        return Reason.UNCERTAIN
    if one.status == AttemptStatus.UNKNOWN and (
        forced or passed(one.unknown_since or one.started_at, step.unknown_after_s, now)
    ):
        return Reason.NO_ANSWER
    if one.status in LEFT_US and passed(one.started_at, step.within_s, now):
        return STEP_DEADLINE
    return None


def _starts(step: Step, failed: Try, reason: str) -> bool:
    """Whether a step starts after this failure: its own condition, else the reason's policy."""
    if step.if_reason:
        return reason in step.if_reason
    if reason == Reason.BAD_ADDRESS and (step.to or "") != failed.to:
        return True  # somebody else's address
    if failed.status in LEFT_US:
        return True  # nothing failed: the plan or the template asked for it in so many words
    return policy(reason).fall_back


def _twice(plan: Plan, delivered: Sequence[Try]) -> bool:
    """Whether somebody got it twice though the plan did not ask for both."""
    seen: set[tuple[str, int]] = set()
    places: set[tuple[str, tuple[int, int, int]]] = set()
    for one in delivered:
        asked_for_more = LEVELS.index(plan.steps[one.step].until) > LEVELS.index(Level.DELIVERED)
        if (one.to, one.place) in places:
            return True
        places.add((one.to, one.place))
        if not asked_for_more:
            seen.add((one.to, one.step))
    return len(seen) > len({to for to, _ in seen})


def _open_state(plan: Plan, speaker: Try, send_at: datetime | None, now: datetime) -> MessageState:
    if speaker.status == AttemptStatus.ACCEPTED:
        satisfied = _satisfies(plan.steps[speaker.step], speaker)
        return MessageState(MessageStatus.SENT, speaker.reason, satisfied)
    if speaker.status != AttemptStatus.QUEUED:
        return MessageState(MessageStatus(speaker.status), speaker.reason, False)
    if speaker.parked or speaker.reason in HOLDS:
        return MessageState(MessageStatus.HELD, speaker.reason, False)
    if send_at is not None and send_at > now:
        return MessageState(MessageStatus.SCHEDULED, None, False)
    return MessageState(MessageStatus.QUEUED, speaker.reason, False)


def _end_state(plan: Plan, current: Sequence[Try]) -> MessageState:
    """Of the last step's ends, the most telling one."""
    step = max(one.step for one in current)
    order = list(ENDED)
    last = min(
        (one for one in current if one.step == step),
        key=lambda one: (order.index(AttemptStatus(one.status)), one.place),
    )
    ended = ENDED[AttemptStatus(last.status)]
    if last.reason == TEMPLATE_STOPPED:
        ended = MessageStatus.BLOCKED
    if last.reason == STEP_DEADLINE:
        ended = MessageStatus.FAILED
    if last.status == AttemptStatus.NO_REPORT and plan.steps[step].until == Level.ACCEPTED:
        ended = MessageStatus.SENT
    return MessageState(ended, last.reason, True)
