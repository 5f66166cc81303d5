"""Staff: the first owner, people who are added, the link with which each sets a password."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Installation, Member, Staff
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.sealing import Sealer
from app.services import logins
from app.services.roles import OWNER, ROLES

LINK = timedelta(days=3)
LONGEST_NAME, LONGEST_EMAIL = 40, 254
EMAIL = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+\.[^@\s.<>]+")


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a workspace who can log in."""

    staff_id: UUID
    email: str
    name: str
    role: str
    has_password: bool
    is_disabled: bool


async def is_first(session: AsyncSession) -> bool:
    """Whether nobody can log in yet: then the first owner may be made."""
    return (await session.exec(select(Staff.id).limit(1))).first() is None


async def add(
    tx: Tx, sealer: Sealer, workspace_id: UUID, email: str, name: str, role: str
) -> tuple[Staff, str | None]:
    """A person's place in a workspace, and the token of the link that sets their password.

    None instead of a token for somebody who has a password already, or who was added to another
    workspace: its link lets them in here too, and ours would let us in there. Raises Invalid
    ``bad_email``, ``bad_name``, ``unknown_role``, Refused ``already_member``.
    """
    email, name = check_email(email), check_name(name)
    check_role(role)
    staff = await _locked(tx, email, name)
    if await _membership(tx.session, workspace_id, staff.id) is not None:
        raise Refused(
            "already_member",
            "This person is in the workspace already. Change the role instead.",
            field="email",
        )
    elsewhere = await logins.seats(tx.session, staff.id)
    tx.session.add(
        Member(
            workspace_id=workspace_id,
            name=name,
            staff_id=staff.id,
            role=role,
            created_at=tx.now,
        )
    )
    await tx.session.flush()
    if staff.password_hash or elsewhere:
        return staff, None
    return staff, await new_link(tx, sealer, staff)


async def _locked(tx: Tx, email: str, name: str) -> Staff:
    """The person of an address, made where there is none; nobody else adds them meanwhile."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    new = Staff(email=email, name=name, created_at=tx.now)
    await tx.session.exec(insert(Staff).values(**new.model_dump()).on_conflict_do_nothing())
    statement = select(Staff).where(col(Staff.email) == email).with_for_update()
    return (await tx.session.exec(statement)).one()


async def new_link(tx: Tx, sealer: Sealer, staff: Staff) -> str:
    """The token of a new link that sets the password; older links end."""
    token = secrets.token_urlsafe(32)
    staff.link_hash, staff.link_until = sealer.key_hash(token), tx.now + LINK
    tx.session.add(staff)
    await tx.session.flush()
    return token


async def reset(tx: Tx, sealer: Sealer, email: str) -> tuple[Staff, str]:
    """Forget a person's password and end their logins; the token of the link for a new one.

    Raises NotFound ``unknown_staff``.
    """
    statement = select(Staff).where(col(Staff.email) == email.strip().lower())
    staff = (await tx.session.exec(statement)).first()
    if staff is None:
        raise unknown()
    staff.password_hash = ""
    await logins.log_out_everywhere(tx, staff.id)
    return staff, await new_link(tx, sealer, staff)


async def by_link(tx: Tx, sealer: Sealer, token: str) -> Staff:
    """Whose link it is; nobody else uses it meanwhile. Raises NotFound ``link_over``."""
    statement = (
        select(Staff)
        .where(
            col(Staff.link_hash) == sealer.key_hash(token),
            col(Staff.link_until) > tx.now,
            col(Staff.disabled_at).is_(None),
        )
        .with_for_update()
    )
    staff = (await tx.session.exec(statement)).first()
    if staff is None:
        raise NotFound(
            "link_over",
            "This link was used or is too old. Ask an owner for a new one: naru members reset.",
        )
    return staff


async def set_password(tx: Tx, staff: Staff, stored: str) -> None:
    """Keep a hash of :func:`passwords.hashed`; links and logins of before end."""
    staff.password_hash = stored
    staff.link_hash = staff.link_until = None
    tx.session.add(staff)
    await logins.log_out_everywhere(tx, staff.id)


async def first_owner(tx: Tx, workspace_id: UUID, email: str, name: str, stored: str) -> Staff:
    """The owner of a new installation. Raises Refused ``not_first``, Invalid as :func:`add`."""
    # of two who see nobody the later one waits here, and then sees the first
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    await tx.session.exec(
        insert(Installation).values(id=1, epoch=1, created_at=tx.now).on_conflict_do_nothing()
    )
    await tx.session.exec(select(Installation).with_for_update())
    if not await is_first(tx.session):
        raise Refused("not_first", "There is an owner already. Log in, or ask them to add you.")
    staff = Staff(
        email=check_email(email),
        name=check_name(name),
        password_hash=stored,
        created_at=tx.now,
    )
    tx.session.add(staff)
    await tx.session.flush()
    tx.session.add(
        Member(
            workspace_id=workspace_id,
            name=staff.name,
            staff_id=staff.id,
            role=OWNER,
            created_at=tx.now,
        )
    )
    return staff


async def rename(tx: Tx, staff_id: UUID, name: str) -> None:
    """A person's own name, in every workspace. Raises Invalid ``bad_name``."""
    staff = await tx.session.get_one(Staff, staff_id)
    staff.name = check_name(name)
    tx.session.add(staff)


async def speak(tx: Tx, staff_id: UUID, language: str) -> None:
    """The language a person reads the console in."""
    staff = await tx.session.get_one(Staff, staff_id)
    staff.language = language
    tx.session.add(staff)


async def people(session: AsyncSession, workspace_id: UUID) -> Sequence[Person]:
    """Who can log in to a workspace, by name."""
    found = await session.exec(
        select(Staff, Member.role)
        .join(Member, col(Member.staff_id) == col(Staff.id))
        .where(col(Member.workspace_id) == workspace_id)
        .order_by(col(Staff.name), col(Staff.id))
    )
    return [
        Person(one.id, one.email, one.name, role, bool(one.password_hash), bool(one.disabled_at))
        for one, role in found
    ]


async def change_role(tx: Tx, workspace_id: UUID, staff_id: UUID, role: str) -> Member:
    """Another role; the last owner stays one. Raises Invalid, NotFound, Refused ``last_owner``."""
    check_role(role)
    member = await _member(tx, workspace_id, staff_id)
    if member.role == OWNER and role != OWNER:
        await _keep_an_owner(tx, workspace_id)
    member.role = role
    tx.session.add(member)
    return member


async def remove(tx: Tx, workspace_id: UUID, staff_id: UUID) -> None:
    """Take a person out of a workspace. Raises NotFound, Refused ``last_owner``."""
    member = await _member(tx, workspace_id, staff_id)
    if member.role == OWNER:
        await _keep_an_owner(tx, workspace_id)
    if member.number_hash is None:
        await tx.session.delete(member)
    else:  # a team key still writes to their number
        member.staff_id, member.role = None, ""
        tx.session.add(member)


async def _keep_an_owner(tx: Tx, workspace_id: UUID) -> None:
    # of two owners who remove each other the later one waits here, and then sees it
    owners = await tx.session.exec(
        select(Member.id)
        .join(Staff, col(Staff.id) == col(Member.staff_id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.role) == OWNER,
            col(Staff.disabled_at).is_(None),
        )
        .order_by(col(Member.id))
        .with_for_update(of=Member)
    )
    if len(owners.all()) < 2:
        raise Refused(
            "last_owner",
            "A workspace needs an owner. Make somebody else an owner first.",
            field="role",
        )


async def _member(tx: Tx, workspace_id: UUID, staff_id: UUID) -> Member:
    member = await _membership(tx.session, workspace_id, staff_id)
    if member is None:
        raise unknown()
    return member


async def _membership(session: AsyncSession, workspace_id: UUID, staff_id: UUID) -> Member | None:
    statement = select(Member).where(
        col(Member.workspace_id) == workspace_id, col(Member.staff_id) == staff_id
    )
    return (await session.exec(statement)).first()


def unknown() -> NotFound:
    """Somebody who is not there."""
    return NotFound("unknown_staff", "There is no such person. List them with naru members list.")


def check_email(email: str) -> str:
    """The address as it is kept. Raises Invalid ``bad_email``."""
    plain = email.strip().lower()
    if len(plain) > LONGEST_EMAIL or not EMAIL.fullmatch(plain) or not plain.isprintable():
        raise Invalid(
            "bad_email", "This is no e-mail address. Give one like naru@example.com.", field="email"
        )
    return plain


def check_name(name: str) -> str:
    """A person's name as it is kept. Raises Invalid ``bad_name``."""
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= LONGEST_NAME or not plain.isprintable():
        raise Invalid(
            "bad_name",
            f"A name has 1–{LONGEST_NAME} printable characters.",
            field="name",
            data={"limit": LONGEST_NAME, "length": len(plain)},
        )
    return plain


def check_role(role: str) -> None:
    """Raises Invalid ``unknown_role``."""
    if role not in ROLES:
        raise Invalid(
            "unknown_role",
            f"There is no role {role!r}. Choose one of {', '.join(ROLES)}.",
            field="role",
            data={"roles": list(ROLES)},
        )
