"""Logins of the console: a cookie's token on one side, its keyed hash in a row on the other."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Login, Member, ProviderAccount, Staff, Workspace
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import Forbidden, NotFound, Unauthorized
from app.sealing import Sealer
from app.services import login_throttle, passwords
from app.services.callers import Caller
from app.services.roles import ROLES
from app.services.runtime import Runtime

KEEP = timedelta(hours=12)  # from the log-in, however busy
IDLE = timedelta(hours=2)  # without "remember this device"
COALESCE = timedelta(minutes=5)  # how often a busy login is written
LONGEST_CLIENT = 120


@dataclass(frozen=True, slots=True)
class Seat:
    """A place of the same person in one workspace."""

    workspace_id: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a logged-in person: who, where, and what they may do there."""

    login_id: UUID
    staff_id: UUID
    name: str
    email: str
    language: str
    workspace_id: UUID
    workspace: str
    role: str
    mode: str  # live | sandbox
    csrf: str = field(repr=False)

    @property
    def scopes(self) -> frozenset[str]:
        """What the role allows."""
        return ROLES[self.role]

    def may(self, scope: str) -> bool:
        """Whether the role has a scope."""
        return scope in self.scopes

    @property
    def caller(self) -> Caller:
        """The same rights as an API key would have: services ask nothing else."""
        kind = "test" if self.mode == "sandbox" else "live"
        return Caller(self.workspace_id, self.staff_id, kind, self.scopes, one_mode=True)


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody knocks: their address and what their browser calls itself."""

    address: str = field(repr=False)
    client: str = ""


async def log_in(
    runtime: Runtime, email: str, password: str, door: Door, *, remember: bool
) -> tuple[str, datetime]:
    """A new login: the cookie's token, and until when it is good.

    Raises Unauthorized ``bad_login`` (``data.left``: tries before waiting), TooMany
    ``too_many_logins``, Forbidden ``no_workspace``.
    """
    name = email.strip().lower()
    left = await login_throttle.take(runtime, name, door.address)
    async with runtime.database.read() as session:
        staff = (await session.exec(select(Staff).where(col(Staff.email) == name))).first()
    stored = staff.password_hash if staff and staff.disabled_at is None else ""
    right = await passwords.matches(password, stored)  # as long for a name nobody has
    if staff is None or not right:
        raise _bad_login(left)
    better = await passwords.hashed(password) if passwords.is_outdated(stored) else stored
    async with runtime.database.write() as tx:
        if not await _still(tx, staff.id, stored, better):
            raise _bad_login(left)
        await login_throttle.forgive(tx, runtime.sealer, name, door.address)
        return await open_login(tx, runtime.sealer, staff, door, remember=remember)


async def check_password(runtime: Runtime, visit: Visit, password: str, address: str) -> None:
    """Whether somebody who is in is who they were: before they change what lets them in.

    Raises Unauthorized ``bad_login``, TooMany ``too_many_logins``.
    """
    left = await login_throttle.take(runtime, visit.email, address)
    async with runtime.database.read() as session:
        staff = await session.get_one(Staff, visit.staff_id)
    if not await passwords.matches(password, staff.password_hash):
        raise _bad_login(left)
    async with runtime.database.write() as tx:
        await login_throttle.forgive(tx, runtime.sealer, visit.email, address)


async def open_login(
    tx: Tx, sealer: Sealer, staff: Staff, door: Door, *, remember: bool
) -> tuple[str, datetime]:
    """As :func:`log_in`, for a person who has proved who they are."""
    places = await seats(tx.session, staff.id)
    if not places:
        raise Forbidden("no_workspace", "You belong to no workspace. Ask an owner to add you.")
    workspace_id = await _latest_workspace(tx, staff, places)
    token = secrets.token_urlsafe(32)
    until = tx.now + (KEEP if remember else IDLE)
    tx.session.add(
        Login(
            staff_id=staff.id,
            workspace_id=workspace_id,
            mode=await _first_mode(tx, workspace_id),
            token_hash=sealer.key_hash(token),
            client=door.client[:LONGEST_CLIENT],
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=until,
        )
    )
    return token, until


async def find(runtime: Runtime, token: str, *, busy: bool = True) -> Visit | None:
    """Who holds this cookie; None when it is over, or the person may not come in any more.

    ``busy``: the person did something, so that a login that ends when idle goes on.
    """
    hashed = runtime.sealer.key_hash(token)
    async with runtime.database.read() as session:
        row = (
            await session.exec(
                select(Login, Staff, Member, Workspace)
                .join(Staff, col(Staff.id) == col(Login.staff_id))
                .join(Workspace, col(Workspace.id) == col(Login.workspace_id))
                .join(
                    Member,
                    (col(Member.staff_id) == col(Staff.id))
                    & (col(Member.workspace_id) == col(Login.workspace_id)),
                )
                .where(col(Login.token_hash) == hashed, col(Login.ended_at).is_(None))
            )
        ).first()
    if row is None:
        return None
    login, staff, member, workspace = row
    now = clock()
    if login.expires_at <= now or staff.disabled_at is not None or member.role not in ROLES:
        return None
    if busy and now - login.seen_at > COALESCE:
        await _seen(runtime, login, now)
    return Visit(
        login_id=login.id,
        staff_id=staff.id,
        name=staff.name,
        email=staff.email,
        language=staff.language,
        workspace_id=workspace.id,
        workspace=workspace.name,
        role=member.role,
        mode=login.mode,
        csrf=runtime.sealer.key_hash(f"csrf|{token}").hex(),
    )


async def seats(session: AsyncSession, staff_id: UUID) -> list[Seat]:
    """The workspaces a person belongs to, by name."""
    found = await session.exec(
        select(Workspace, Member.role)
        .join(Member, col(Member.workspace_id) == col(Workspace.id))
        .where(col(Member.staff_id) == staff_id, col(Member.role).in_(ROLES))
        .order_by(col(Workspace.name))
    )
    return [Seat(workspace.id, workspace.name, role) for workspace, role in found]


async def move(tx: Tx, visit: Visit, workspace_id: UUID) -> None:
    """Go on in another workspace. Raises NotFound ``unknown_workspace``."""
    if workspace_id not in {one.workspace_id for one in await seats(tx.session, visit.staff_id)}:
        raise NotFound("unknown_workspace", "You belong to no such workspace.")
    mode = await _first_mode(tx, workspace_id)
    await _change(tx, visit.login_id, workspace_id=workspace_id, mode=mode)


async def look_at(tx: Tx, visit: Visit, mode: str) -> None:
    """Look at live messages or at those of the sandbox. Raises ValueError for another word."""
    if mode not in ("live", "sandbox"):
        raise ValueError(f"no mode {mode!r}")
    await _change(tx, visit.login_id, mode=mode)


async def log_out(tx: Tx, login_id: UUID) -> None:
    """End one login."""
    await _change(tx, login_id, ended_at=tx.now)


async def log_out_everywhere(tx: Tx, staff_id: UUID) -> None:
    """End every login of a person, as after a new password."""
    await tx.session.exec(
        update(Login)
        .where(col(Login.staff_id) == staff_id, col(Login.ended_at).is_(None))
        .values(ended_at=tx.now)
        .execution_options(synchronize_session=False)
    )


async def _change(tx: Tx, login_id: UUID, **values: object) -> None:
    await tx.session.exec(
        update(Login)
        .where(col(Login.id) == login_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def _still(tx: Tx, staff_id: UUID, stored: str, better: str) -> bool:
    """Whether the password that was checked is the password still; kept anew where ``better``.

    A new password or a removal that came while the hash was made wins over the log-in.
    """
    statement = (
        select(Staff.id)
        .where(
            col(Staff.id) == staff_id,
            col(Staff.password_hash) == stored,
            col(Staff.disabled_at).is_(None),
        )
        .with_for_update()
    )
    if (await tx.session.exec(statement)).first() is None:
        return False
    if better != stored:
        await tx.session.exec(
            update(Staff)
            .where(col(Staff.id) == staff_id)
            .values(password_hash=better)
            .execution_options(synchronize_session=False)
        )
    return True


def _bad_login(left: int) -> Unauthorized:
    return Unauthorized(
        "bad_login",
        "The e-mail address or the password is wrong.",
        field="password",
        data={"left": left},
    )


async def _seen(runtime: Runtime, login: Login, now: datetime) -> None:
    """A login in use goes on, but never past KEEP."""
    last = login.created_at + KEEP
    until = login.expires_at if login.expires_at == last else min(last, now + IDLE)
    async with runtime.database.write() as tx:
        await _change(tx, login.id, seen_at=now, expires_at=until)


async def _latest_workspace(tx: Tx, staff: Staff, places: list[Seat]) -> UUID:
    """Where the person was last, else the first by name."""
    statement = select(Login.workspace_id).where(
        col(Login.staff_id) == staff.id,
        col(Login.workspace_id).in_([one.workspace_id for one in places]),
    )
    last = (await tx.session.exec(statement.order_by(col(Login.id).desc()).limit(1))).first()
    return last or places[0].workspace_id


async def _first_mode(tx: Tx, workspace_id: UUID) -> str:
    """The sandbox while there is nothing live to look at."""
    live = select(ProviderAccount.id).where(
        col(ProviderAccount.workspace_id) == workspace_id, col(ProviderAccount.mode) == "live"
    )
    return "live" if (await tx.session.exec(live.limit(1))).first() else "sandbox"
