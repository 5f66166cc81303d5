"""Devices: the apps of people that push reaches, each at the account that pushes to it.

A device keeps its id when its address changes; an address belongs to one device of an account, so
that somebody else who logs in on the same phone takes it over. Google and Apple say when an
address is dead: then the device is gone, until its app registers again.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Device, Person, ProviderAccount, Sender
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.sealing import Sealer, Unsealable
from app.services import people
from app.services.callers import Caller
from channels.push import ADDRESS_KINDS

TABLE = "device"  # the sealed blob is bound to this name
MOST = 20  # active ones of a person


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What an app's own server tells of it. ``app``: a push sender's value, if there are several.

    ``replaces``: its address until now, when the same installation has got another.
    """

    address: str = field(repr=False)
    address_kind: str = "fid"
    app: str = ""
    label: str = ""
    platform: str = "other"
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """Where one push goes."""

    device_id: UUID
    account_id: UUID
    sender_id: UUID
    address_hash: bytes


async def register(
    tx: Tx, sealer: Sealer, caller: Caller, reference: str, new: NewDevice
) -> tuple[Device, bool]:
    """The person's device with this address, made, moved or taken over; whether it was made.

    Raises NotFound ``unknown_person``, Invalid ``unknown_app``, ``app_needed``,
    ``bad_address_kind`` and Refused ``too_many_devices``.
    """
    person = await people.get(tx.session, caller, reference, lock=True)
    sender = await _app(tx.session, caller, new.app)
    if new.address_kind not in ADDRESS_KINDS:
        raise Invalid(
            "bad_address_kind",
            f"address_kind is one of {', '.join(ADDRESS_KINDS)}.",
            field="address_kind",
            data={"choices": list(ADDRESS_KINDS)},
        )
    device = await _held(tx, sealer, sender, new)
    made = device is None
    if device is None:
        await _check_room(tx.session, person.id)
        device = Device(
            workspace_id=caller.workspace_id, mode=caller.mode, person_id=person.id,
            account_id=sender.account_id, sender_id=sender.id, address_kind="",
            address_hash=b"", sealed=b"", created_at=tx.now,
        )  # fmt: skip
    device.person_id, device.sender_id = person.id, sender.id
    device.label, device.platform = new.label, new.platform
    device.capabilities = dict(new.capabilities)
    _address(sealer, device, new.address, new.address_kind, tx.now)
    tx.session.add(device)
    await tx.session.flush()
    return device, made


async def move(
    tx: Tx, sealer: Sealer, caller: Caller, device_id: UUID, address: str, kind: str
) -> Device:
    """Another address of the same installation. Raises NotFound, Refused ``address_taken``."""
    device = await get(tx.session, caller, device_id, lock=True)
    wanted = sealer.number_hash(caller.workspace_id, address)
    other = await _by_address(tx, device.account_id, [wanted])
    if other and other[0].id != device.id:
        raise Refused(
            "address_taken",
            "Another device of this account has this address. Remove that one first, or register "
            "the address for its person.",
            field="address",
        )
    _address(sealer, device, address, kind, tx.now)
    tx.session.add(device)
    return device


async def get(
    session: AsyncSession, caller: Caller, device_id: UUID, *, lock: bool = False
) -> Device:
    """A device. Raises NotFound ``unknown_device``."""
    query = select(Device).where(
        col(Device.id) == device_id,
        col(Device.workspace_id) == caller.workspace_id,
        col(Device.mode) == caller.mode,
    )
    device = (await session.exec(query.with_for_update() if lock else query)).first()
    if device is None:
        raise NotFound("unknown_device", "No device of this workspace has this id.")
    return device


async def of_people(session: AsyncSession, person_ids: Collection[UUID]) -> Sequence[Device]:
    """All devices of these people, the oldest first."""
    query = select(Device).where(col(Device.person_id).in_(person_ids)).order_by(col(Device.id))
    return (await session.exec(query)).all()


async def remove(tx: Tx, caller: Caller, device_id: UUID) -> Device:
    """Forget a device. What was to go there ends as not reachable. Raises NotFound."""
    device = await get(tx.session, caller, device_id, lock=True)
    await tx.session.exec(delete(Device).where(col(Device.id) == device.id))
    return device


async def targets(
    session: AsyncSession,
    workspace_id: UUID,
    mode: str,
    person_id: UUID | None,
    number_hash: bytes,
) -> list[Target]:
    """The active devices of a person, else of the number's people, whose account and app work."""
    who = (
        col(Person.number_hash) == number_hash if person_id is None else col(Person.id) == person_id
    )
    found = await session.exec(
        select(Device.id, Device.account_id, Device.sender_id, Device.address_hash)
        .join(Person, col(Person.id) == col(Device.person_id))
        .join(ProviderAccount, col(ProviderAccount.id) == col(Device.account_id))
        .join(Sender, col(Sender.id) == col(Device.sender_id))
        .where(
            who,
            col(Person.workspace_id) == workspace_id,
            col(Person.mode) == mode,
            col(Device.state) == "active",
            col(ProviderAccount.state) != "disabled",
            col(Sender.state) == "active",
        )
        .order_by(col(Device.id))
        .limit(MOST)
    )
    return [Target(*row) for row in found]


async def addresses(
    session: AsyncSession, sealer: Sealer, device_ids: Collection[UUID]
) -> dict[UUID, tuple[str, str]]:
    """(kind, address) of those that are active still; one that cannot be opened is not there."""
    if not device_ids:
        return {}
    found = await session.exec(
        select(Device).where(col(Device.id).in_(device_ids), col(Device.state) == "active")
    )
    opened = {}
    for one in found:
        with suppress(Unsealable):
            opened[one.id] = one.address_kind, address_of(sealer, one)
    return opened


def address_of(sealer: Sealer, device: Device) -> str:
    """Its address. Raises Unsealable."""
    return str(sealer.open(TABLE, device.workspace_id, device.id, device.sealed)["address"])


async def retire(tx: Tx, gone: Mapping[UUID, str], asked_at: datetime) -> None:
    """The provider said, of attempts, that their address is dead; ``gone``: its word for each.

    Not of a device whose app has registered since we asked: that address is another.
    """
    if not gone:
        return
    rows = await tx.session.exec(
        select(Attempt.device_id, Attempt.id, Attempt.workspace_id).where(
            col(Attempt.id).in_(gone), col(Attempt.device_id).is_not(None)
        )
    )
    for device_id, attempt_id, workspace_id in sorted(rows, key=lambda row: str(row[0])):
        done: Any = await tx.session.exec(
            update(Device)
            .where(
                col(Device.id) == device_id,
                col(Device.state) == "active",
                col(Device.registered_at) <= asked_at,
            )
            .values(state="gone", code=gone[attempt_id], gone_at=tx.now)
        )
        if done.rowcount and device_id is not None:
            tx.emit(workspace_id, "device.gone", device_id, code=gone[attempt_id])


async def seen(tx: Tx, device_ids: Collection[UUID]) -> None:
    """Their apps have reported something."""
    await tx.session.exec(
        update(Device)
        .where(
            col(Device.id).in_(sorted(device_ids)),
            or_(col(Device.seen_at).is_(None), col(Device.seen_at) < tx.now),
        )
        .values(seen_at=tx.now)
    )


def _address(sealer: Sealer, device: Device, address: str, kind: str, now: datetime) -> None:
    device.address_kind = kind
    device.address_hash = sealer.number_hash(device.workspace_id, address)
    device.sealed = sealer.seal(TABLE, device.workspace_id, device.id, {"address": address})
    device.state, device.code, device.gone_at, device.registered_at = "active", "", None, now


async def _held(tx: Tx, sealer: Sealer, sender: Sender, new: NewDevice) -> Device | None:
    """The device that has this address, or had the one it replaces; a second one is merged."""
    hashes = [
        sealer.number_hash(sender.workspace_id, address)
        for address in (new.address, new.replaces)
        if address
    ]
    found = await _by_address(tx, sender.account_id, hashes)
    for other in found[1:]:  # both were known: the older one goes on, with the new address
        await tx.session.delete(other)
    await tx.session.flush()
    return found[0] if found else None


async def _by_address(tx: Tx, account_id: UUID, hashes: Sequence[bytes]) -> list[Device]:
    found = await tx.session.exec(
        select(Device)
        .where(col(Device.account_id) == account_id, col(Device.address_hash).in_(hashes))
        .order_by(col(Device.id))
        .with_for_update()
    )
    return list(found)


async def _check_room(session: AsyncSession, person_id: UUID) -> None:
    active = col(Device.person_id) == person_id, col(Device.state) == "active"
    count = await session.scalar(select(func.count()).where(*active))
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_devices",
            f"The person has {MOST} devices, the most there may be. Remove one first.",
            data={"limit": MOST},
        )


async def _app(session: AsyncSession, caller: Caller, value: str) -> Sender:
    """The push sender an app is registered under: the one named, or the only one."""
    found = await session.exec(
        select(Sender)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id))
        .where(
            col(Sender.workspace_id) == caller.workspace_id,
            col(Sender.kind) == "push",
            col(ProviderAccount.mode) == caller.mode,
            col(ProviderAccount.state) != "disabled",
        )
        .order_by(col(Sender.id))
    )
    apps = [sender for sender in found if value in ("", sender.value)]
    if not apps:
        raise Invalid(
            "unknown_app",
            "No push account of the workspace has this app. Add one with `naru accounts add fcm` "
            "and `naru senders add`, kind push.",
            field="app",
        )
    if len({sender.value for sender in apps}) > 1:
        raise Invalid(
            "app_needed",
            "Several apps can be pushed to. Name one with `app`.",
            field="app",
            data={"apps": sorted({sender.value for sender in apps})},
        )
    return apps[0]
