"""The attempts of a later step: one for every channel that can reach somebody."""

from dataclasses import replace
from uuid import UUID

from app.db.models import Message
from app.db.session import Tx
from app.sealing import Unsealable
from app.services import content, devices, ways
from app.services.lots import NewAttempt, Place
from app.services.runtime import Runtime
from app.services.steps import earliest, step_due
from templates.plan import Channel, Plan

NOBODY = UUID(int=0)


async def continue_with(
    tx: Tx, runtime: Runtime, message: Message, plan: Plan, step: int
) -> list[NewAttempt]:
    """One attempt for every channel of a step that has an account and a sender."""
    to_name = plan.steps[step].to or ""
    try:
        frozen = runtime.sealer.open(
            content.TABLE, message.workspace_id, message.id, message.sealed
        )
    except Unsealable:  # nothing of it can be sent any more
        return []
    to_hash = message.number_hash
    if to_name:
        number = content.number_of(frozen, to_name)
        to_hash = runtime.sealer.number_hash(message.workspace_id, number)
    made = []
    due_at = earliest(message.expires_at, step_due(plan, step, tx.now))
    for branch, channel in enumerate(map(str, plan.steps[step].channels)):
        route = content.route_of(frozen, channel)
        if channel == Channel.PUSH:
            made += await _pushes(tx, message, NewAttempt(
                place=Place(message.workspace_id, NOBODY, route, message.priority),
                message_id=message.id, step=step, channel=channel, sender_id=NOBODY,
                to_hash=to_hash, due_at=due_at, branch=branch, to_name=to_name,
            ))  # fmt: skip
            continue
        need = ways.Need(message.workspace_id, message.mode, channel, message.version_id, route)
        way = await ways.pick(tx.session, runtime, need, plan.steps[step].until)
        if way is None:
            tx.emit(
                message.workspace_id, "message.no_sender", message.id, step=step, channel=channel
            )
            continue
        made.append(
            NewAttempt(
                place=Place(message.workspace_id, way.account_id, route, message.priority),
                message_id=message.id,
                step=step,
                channel=channel,
                sender_id=way.sender_id,
                to_hash=to_hash,
                due_at=due_at,
                branch=branch,
                to_name=to_name,
            )
        )
    return made


async def _pushes(tx: Tx, message: Message, like: NewAttempt) -> list[NewAttempt]:
    """One attempt like this for every device of whom the step goes to."""
    person_id = None if like.to_name else message.person_id
    found = await devices.targets(
        tx.session, message.workspace_id, message.mode, person_id, like.to_hash
    )
    if not found:
        tx.emit(message.workspace_id, "message.no_device", message.id, step=like.step)
    return [
        replace(
            like,
            place=replace(like.place, account_id=target.account_id),
            sender_id=target.sender_id,
            to_hash=target.address_hash,
            part=part,
            device_id=target.device_id,
        )
        for part, target in enumerate(found)
    ]
