"""The people a team key may write to: members and guests of the workspace."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.db.models import Guest, Member
from app.db.session import Tx
from app.errors import Forbidden, Invalid
from app.ids import new_id
from app.sealing import Sealer
from app.services.callers import Caller
from app.services.runtime import Runtime

TABLES: dict[str, type[Member] | type[Guest]] = {"member": Member, "guest": Guest}


async def add(
    tx: Tx, sealer: Sealer, workspace_id: UUID, kind: str, name: str, number: str
) -> UUID:
    """Add a member or guest; a number that is there already is refused."""
    table = TABLES[kind]
    number_hash = sealer.number_hash(workspace_id, number)
    row = new_id()
    tx.session.add(
        table(
            id=row,
            workspace_id=workspace_id,
            name=name,
            number_sealed=sealer.seal(kind, workspace_id, row, number),
            number_hash=number_hash,
        )
    )
    try:
        await tx.session.flush()
    except IntegrityError:
        raise _exists(kind) from None
    return row


def _exists(kind: str) -> Invalid:
    return Invalid(f"{kind}_exists", f"This number is a {kind} already.", field="number")


async def give_number(
    tx: Tx, sealer: Sealer, workspace_id: UUID, staff_id: UUID, number: str
) -> None:
    """A person who logs in gets a number that team keys may write to.

    Raises Invalid ``member_exists`` for a number of somebody else.
    """
    statement = select(Member).where(
        col(Member.workspace_id) == workspace_id, col(Member.staff_id) == staff_id
    )
    member = (await tx.session.exec(statement)).one()
    member.number_sealed = sealer.seal("member", workspace_id, member.id, number)
    member.number_hash = sealer.number_hash(workspace_id, number)
    tx.session.add(member)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise _exists("member") from None


async def check(runtime: Runtime, caller: Caller, number_hash: bytes, field: str = "to") -> None:
    """A team key writes to members and guests only: a slip cannot reach a customer.

    Raises Forbidden ``recipient_not_in_team``.
    """
    if caller.kind != "team" or await _includes(runtime, caller.workspace_id, number_hash):
        return
    raise Forbidden(
        "recipient_not_in_team",
        "A team key reaches members and guests of the workspace only. "
        "Add the number with `naru members add` or `naru guests add`, or use a live key.",
        field=field,
    )


async def _includes(runtime: Runtime, workspace_id: UUID, number_hash: bytes) -> bool:
    async with runtime.database.read() as session:
        for table in TABLES.values():
            found = await session.exec(
                select(table.id).where(
                    col(table.workspace_id) == workspace_id,
                    col(table.number_hash) == number_hash,
                )
            )
            if found.first() is not None:
                return True
    return False
