"""Apps on phones: installed, removed, and given new addresses, as Firebase does by itself.

An address that was once given never means another device: it lives, or it has ended.
"""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.phones import make_phones, name_phone
from sandbox.store import Store

FIRST_TABLET = 1_000_050_001  # 010-0005-0001 and on
GONE = "UNREGISTERED"  # the result of what was on its way to an app that was removed
_STARTS = "cdef"  # four bits 0111 at the beginning make an id of an installation


@dataclass(frozen=True, slots=True)
class Device:
    """The app of one project on one phone. fid and token: its addresses now."""

    id: int
    number: str
    project: str
    label: str
    fid: str
    token: str
    installed_at: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads."""

    number: str
    project: str
    label: str
    alive: bool


_DEVICES = (
    "SELECT d.*, max(CASE a.kind WHEN 'fid' THEN a.address END) AS fid,"
    " max(CASE a.kind WHEN 'token' THEN a.address END) AS token FROM push_device d"
    " JOIN push_address a ON a.device = d.id AND a.ended_at IS NULL"
    " WHERE d.removed_at IS NULL "
)


def list_devices(store: Store, number: str = "", project: str = "") -> list[Device]:
    """Those that are installed, the oldest first; "" asks for no number or project."""
    asked = {"d.number = ?": number, "d.project = ?": project}
    where = "".join(f"AND {name} " for name, value in asked.items() if value)
    rows = store.all(
        f"{_DEVICES}{where}GROUP BY d.id ORDER BY d.id",
        [value for value in asked.values() if value],
    )
    return [_device(row) for row in rows]


def find_device(store: Store, device_id: int) -> Device | None:
    row = store.one(f"{_DEVICES}AND d.id = ? GROUP BY d.id", (device_id,))
    return _device(row) if row else None


def find_place(store: Store, address: str) -> Place | None:
    """None for an address nobody was ever given."""
    row = store.one(
        "SELECT d.number, d.project, d.label, a.ended_at FROM push_address a"
        " JOIN push_device d ON d.id = a.device WHERE a.address = ?",
        (address,),
    )
    if row is None:
        return None
    return Place(row["number"], row["project"], row["label"], row["ended_at"] is None)


def install(store: Store, number: str, project: str, label: str) -> Device:
    """Put the app on a phone; where it is already, only its label changes."""
    with store.tx():
        return _install(store, number, project, label)


def install_tablets(
    store: Store, count: int, project: str, label: str, first: int
) -> Sequence[Device]:
    """So many phones, each with the app, on numbers that no phone has yet."""
    made: list[Device] = []
    number = first
    with store.tx():
        while len(made) < count:
            digits = f"{number:011d}"
            number += 1
            if store.one("SELECT 1 FROM phone WHERE number = ?", (digits,)):
                continue
            name_phone(store, digits, f"{label} {digits[-4:]}")
            made.append(_install(store, digits, project, label))
    return made


def remove(store: Store, device: Device) -> None:
    """Take the app off its phone: nothing reaches it any more, not even what is on its way."""
    with store.tx():
        store.run("UPDATE push_device SET removed_at = ? WHERE id = ?", (store.now(), device.id))
        _end_addresses(store, device.id)
        store.run(
            "UPDATE message SET state = 'done', due_at = NULL, result = ?, result_at = ?"
            " WHERE number = ? AND app = 'push' AND sender = ? AND state IN ('waiting', 'held')",
            (GONE, store.now(), device.number, device.project),
        )
        store.changes.touch([device.number])


def renew(store: Store, device: Device) -> Device:
    """New addresses, as after the app's data were cleared; the old ones have ended."""
    with store.tx():
        _end_addresses(store, device.id)
        _give_addresses(store, device.id)
        store.changes.touch([device.number])
    found = find_device(store, device.id)
    assert found is not None
    return found


def is_address(kind: str, address: str) -> bool:
    """Whether it looks like one: `token` also takes the id of an installation."""
    fid, colon, rest = address.partition(":")
    plain = all(one.isascii() and (one.isalnum() or one in "-_") for one in fid + rest)
    return plain and len(fid) == 22 and fid[0] in _STARTS and (not colon or kind == "token")


def _install(store: Store, number: str, project: str, label: str) -> Device:
    make_phones(store, [number])
    known = store.one(
        "UPDATE push_device SET label = ? WHERE number = ? AND project = ? AND removed_at IS NULL"
        " RETURNING id",
        (label, number, project),
    )
    if known is None:
        cursor = store.run(
            "INSERT INTO push_device (number, project, label, installed_at) VALUES (?, ?, ?, ?)",
            (number, project, label, store.now()),
        )
        device_id = cursor.lastrowid or 0
        _give_addresses(store, device_id)
    else:
        device_id = int(known["id"])
    store.changes.touch([number])
    found = find_device(store, device_id)
    assert found is not None
    return found


def _give_addresses(store: Store, device_id: int) -> None:
    fid = secrets.choice(_STARTS) + secrets.token_urlsafe(16)[:21]
    token = f"{fid}:APA91b{secrets.token_urlsafe(96)}"
    store.many(
        "INSERT INTO push_address (address, kind, device) VALUES (?, ?, ?)",
        ((fid, "fid", device_id), (token, "token", device_id)),
    )


def _end_addresses(store: Store, device_id: int) -> None:
    store.run(
        "UPDATE push_address SET ended_at = ? WHERE device = ? AND ended_at IS NULL",
        (store.now(), device_id),
    )


def _device(row: sqlite3.Row) -> Device:
    return Device(
        row["id"],
        row["number"],
        row["project"],
        row["label"],
        row["fid"],
        row["token"],
        row["installed_at"],
    )
