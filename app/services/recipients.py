"""Whom a message goes to: a number, a person of the workspace, or both."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.errors import Invalid
from app.services import numbers, people
from app.services.callers import Caller
from app.services.runtime import Runtime
from templates.plan import Channel, Plan

BY_NUMBER = frozenset({Channel.ALIMTALK, Channel.SMS})


class Asked(Protocol):
    """What a caller said of the recipient."""

    @property
    def to(self) -> str: ...
    @property
    def person(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Recipient:
    """``number`` is empty for a person who is reached by devices only."""

    number: str = field(repr=False)
    number_hash: bytes
    person_id: UUID | None = None


async def of(runtime: Runtime, caller: Caller, asked: Asked) -> Recipient:
    """Find the recipient. A number given beside a person goes before the person's own.

    Raises Invalid ``no_recipient``, ``unknown_person``, and those of a wrong number.
    """
    number = numbers.normalise(asked.to, "to") if asked.to else ""
    if asked.person is None:
        if not number:
            raise Invalid(
                "no_recipient",
                "Say whom to send to: a number with `to`, or a `person`.",
                field="to",
            )
        return Recipient(number, runtime.sealer.number_hash(caller.workspace_id, number))
    async with runtime.database.read() as session:
        person = await people.named(session, caller, asked.person)
    number = number or people.read(runtime.sealer, person).number
    # of somebody without a number: a hash no number has
    hashed = number or f"person {person.id}"
    return Recipient(number, runtime.sealer.number_hash(caller.workspace_id, hashed), person.id)


def check(recipient: Recipient, plan: Plan) -> None:
    """A step that needs the recipient's number is refused before anything is stored.

    Raises Invalid ``no_number``.
    """
    for index, step in enumerate(() if recipient.number else plan.steps):
        if step.to is None and (needing := BY_NUMBER.intersection(step.channels)):
            raise Invalid(
                "no_number",
                f"Step {index + 1} of the plan sends by {min(needing)}, and the person has no "
                "number. Give them one with PUT /v1/people/{person}, send `to` with the "
                "message, or leave the step out of the plan.",
                field="person",
                data={"step": index},
            )
