"""A new link that sets a password, made by an owner on a page rather than at the machine."""

from uuid import UUID

from app.db.models import Staff
from app.db.session import Tx
from app.errors import Refused
from app.sealing import Sealer
from app.services import logins, staff


async def reset_here(tx: Tx, sealer: Sealer, workspace_id: UUID, staff_id: UUID) -> str:
    """As :func:`staff.reset`, by an owner of a workspace: only for people who are nowhere else.

    A link opens every workspace of its person, and this owner's is one of them only. Raises
    NotFound ``unknown_staff``, Refused ``elsewhere_too``.
    """
    person = await tx.session.get(Staff, staff_id, with_for_update=True)
    seats = {one.workspace_id for one in await logins.seats(tx.session, staff_id)}
    if person is None or workspace_id not in seats:
        raise staff.unknown()
    if len(seats) > 1:
        raise Refused(
            "elsewhere_too",
            "This person belongs to another workspace too. Who runs this installation makes the "
            f"link: naru members reset {person.email}",
            data={"email": person.email},
        )
    _, token = await staff.reset(tx, sealer, person.email)
    return token
