"""The attempts a new message begins with: of the first step of its plan that can reach anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.errors import Refused
from app.services import content, devices
from app.services.devices import Target
from app.services.lots import NewAttempt, Place
from app.services.runtime import Runtime
from app.services.states import AttemptStatus
from app.services.steps import Try, earliest, following, step_due
from app.services.ways import Way
from channels.vocabulary import Reason
from templates.plan import Channel, Plan


@dataclass(frozen=True, slots=True)
class First:
    """What the attempts of a beginning share."""

    workspace_id: UUID
    mode: str
    message_id: UUID
    priority: int
    send_at: datetime | None
    now: datetime
    expires_at: datetime
    number_hash: bytes
    person_id: UUID | None
    contacts: Mapping[str, str] = field(repr=False)  # numbers by name
    flow: str  # whose turn it takes: the key's


async def begin(
    runtime: Runtime,
    first: First,
    plan: Plan,
    ways: Sequence[Sequence[Way]],
    frozen: Mapping[str, Any],
) -> tuple[NewAttempt, ...]:
    """The attempts; ``ways``: of every channel of every step.

    A step that only pushes is passed over where the recipient has no device, as if it had failed.
    Raises Refused ``no_device``.
    """
    step: int | None = 0
    while step is not None:
        to_name = plan.steps[step].to or ""
        to_hash = first.number_hash
        if to_name:
            to_hash = runtime.sealer.number_hash(first.workspace_id, first.contacts[to_name])
        targets: Sequence[Target] = ()
        if Channel.PUSH in plan.steps[step].channels:
            async with runtime.database.read() as session:
                targets = await devices.targets(
                    session,
                    first.workspace_id,
                    first.mode,
                    None if to_name else first.person_id,
                    to_hash,
                )
        made = _attempts(first, plan, step, ways[step], frozen, (to_name, to_hash), targets)
        if made:
            return made
        nobody = Try(step, 1, AttemptStatus.REJECTED, Reason.NOT_REACHABLE, first.now, to=to_name)
        step = following(plan, step, [(nobody, Reason.NOT_REACHABLE)])
    raise Refused(
        "no_device",
        "The plan only pushes, and the recipient has no device. Register one with "
        "POST /v1/people/{person}/devices, or add a step that sends to the number.",
        field="plan",
    )


def _attempts(  # noqa: PLR0913 - what a step needs, from where each is known
    first: First,
    plan: Plan,
    step: int,
    ways: Sequence[Way],
    frozen: Mapping[str, Any],
    to: tuple[str, bytes],
    targets: Sequence[Target],
) -> tuple[NewAttempt, ...]:
    due_at = earliest(first.expires_at, step_due(plan, step, first.send_at or first.now))
    made: list[NewAttempt] = []
    for branch, (channel, way) in enumerate(zip(plan.steps[step].channels, ways, strict=True)):
        route = content.route_of(frozen, channel)
        for part, target in enumerate(targets if channel is Channel.PUSH else (None,)):
            place = Place(
                first.workspace_id,
                target.account_id if target else way.account_id,
                route,
                first.priority,
                first.send_at,
                first.flow,
            )
            made.append(
                NewAttempt(
                    place=place,
                    message_id=first.message_id,
                    step=step,
                    channel=str(channel),
                    sender_id=target.sender_id if target else way.sender_id,
                    to_hash=target.address_hash if target else to[1],
                    due_at=due_at,
                    branch=branch,
                    to_name=to[0],
                    part=part,
                    device_id=target.device_id if target else None,
                )
            )
    return tuple(made)
