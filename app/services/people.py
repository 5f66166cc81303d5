"""People whom messages name: kept under the caller's own word for them, reached by what is theirs.

Name and number are sealed. A rehearsal's people are other than the real ones: a test key sees,
and reaches, its own only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Device, Person
from app.db.session import Tx
from app.errors import Invalid, NotFound
from app.ids import new_id
from app.sealing import Sealer
from app.services import numbers
from app.services.callers import Caller

TABLE = "person"  # the sealed blob is bound to this name


@dataclass(frozen=True, slots=True)
class Known:
    """Who somebody is; ``number`` is empty for people reached by their devices only."""

    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


async def put(tx: Tx, sealer: Sealer, caller: Caller, reference: str, known: Known) -> Person:
    """Make or replace a person; of two makers at once the later replaces the first's.

    Raises Invalid ``bad_number``, ``foreign_number``.
    """
    number = numbers.normalise(known.number, "number") if known.number else ""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": new_id(),
        "workspace_id": caller.workspace_id,
        "mode": caller.mode,
        "reference": reference,
        "sealed": b"",
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await tx.session.exec(insert(Person).values(row).on_conflict_do_nothing())
    person = await find(tx.session, caller, reference, lock=True)
    assert person is not None  # ours, or the one that was faster
    value = {"name": known.name, "number": number}
    person.sealed = sealer.seal(TABLE, caller.workspace_id, person.id, value)
    person.number_hash = sealer.number_hash(caller.workspace_id, number) if number else None
    person.updated_at = tx.now
    tx.session.add(person)
    return person


async def find(
    session: AsyncSession, caller: Caller, reference: str, *, lock: bool = False
) -> Person | None:
    """The person of this name, if there is one."""
    query = select(Person).where(
        col(Person.workspace_id) == caller.workspace_id,
        col(Person.mode) == caller.mode,
        col(Person.reference) == reference,
    )
    query = query.execution_options(populate_existing=True)
    return (await session.exec(query.with_for_update() if lock else query)).first()


async def get(
    session: AsyncSession, caller: Caller, reference: str, *, lock: bool = False
) -> Person:
    """The person of this name. Raises NotFound ``unknown_person``."""
    person = await find(session, caller, reference, lock=lock)
    if person is None:
        raise NotFound("unknown_person", "No person of this workspace has this reference.")
    return person


async def named(session: AsyncSession, caller: Caller, reference: str) -> Person:
    """The person a message names. Raises Invalid ``unknown_person``."""
    person = await find(session, caller, reference)
    if person is None:
        raise Invalid(
            "unknown_person",
            "No person has this reference. Make one with PUT /v1/people/{person}, or send to a "
            "number with `to`.",
            field="person",
        )
    return person


async def page(
    session: AsyncSession, caller: Caller, after: UUID | None, limit: int
) -> Sequence[Person]:
    """At most ``limit`` people made before ``after``, the newest first."""
    query = select(Person).where(
        col(Person.workspace_id) == caller.workspace_id, col(Person.mode) == caller.mode
    )
    if after is not None:
        query = query.where(col(Person.id) < after)
    return (await session.exec(query.order_by(col(Person.id).desc()).limit(limit))).all()


async def remove(tx: Tx, caller: Caller, reference: str) -> Person:
    """Forget a person and their devices; messages keep what they froze.

    Raises NotFound ``unknown_person``.
    """
    person = await get(tx.session, caller, reference, lock=True)
    await tx.session.exec(delete(Device).where(col(Device.person_id) == person.id))
    await tx.session.delete(person)
    return person


async def references(
    session: AsyncSession, ids: Collection[UUID | None]
) -> Mapping[UUID | None, str]:
    """What callers call these people; nobody of them: no question."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = await session.exec(
        select(Person.id, Person.reference).where(col(Person.id).in_(wanted))
    )
    return dict(found.all())


def read(sealer: Sealer, person: Person) -> Known:
    """Name and number. Raises Unsealable."""
    return Known(**sealer.open(TABLE, person.workspace_id, person.id, person.sealed))
