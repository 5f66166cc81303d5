"""What gateway, provider and phones say: read from outside, while and after the kills."""

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import func
from sqlmodel import col, select

from app.db.models import Attempt, Call, Event, Lot, Message, Worker
from app.db.session import Database
from app.ids import to_ref
from tests.crash.ledger import Arrival
from tests.crash.recovery import Said
from tests.journeys.town import Town

ORDER = re.compile(r"\b[AB]-\d{6}\b")
ATTEMPT = "attempt."


class Witness:
    """Reads the gateway's database and the sandbox's store. Close it."""

    def __init__(self, place: Town) -> None:
        self._place = place
        self._database = Database(place.settings().database, place.folder)
        store = f"file:{place.folder / 'sandbox.db'}?mode=ro"
        self._sandbox = sqlite3.connect(store, uri=True, isolation_level=None)

    async def close(self) -> None:
        self._sandbox.close()
        await self._database.close()

    # ---- the provider ---------------------------------------------------------------------

    def taken(self) -> int:
        """How many messages the provider has accepted so far."""
        return int(self._sandbox.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0])

    def undecided(self) -> int:
        """Accepted messages whose fate on the phone is still open."""
        open_ = "SELECT count(*) FROM message WHERE state <> 'done'"
        return int(self._sandbox.execute(open_).fetchone()[0])

    def sent_at(self) -> dict[str, float]:
        """When the provider first accepted something of each order."""
        rows = self._sandbox.execute("SELECT text, created_at FROM message ORDER BY id DESC")
        return {order: at / 1000 for text, at in rows for order in ORDER.findall(text)}

    # ---- the phones -----------------------------------------------------------------------

    async def arrived(self) -> list[Arrival]:
        """Every line that appeared on a phone."""
        return [
            Arrival(row["number"], order, row["app"])
            for row in await self._place.received()
            for order in ORDER.findall(row["text"])
        ]

    # ---- the gateway ----------------------------------------------------------------------

    async def open_calls(self) -> int:
        """Calls whose process died before it could write their end."""
        async with self._database.read() as session:
            unended = select(func.count()).where(col(Call.ended_at).is_(None))
            return int(await session.scalar(unended) or 0)

    async def has_written(self, pid: int) -> bool:
        """Whether a scheduler waits for answers, and the provider has all it asked about."""
        async with self._database.read() as session:
            rows = await session.exec(
                select(Attempt.id)
                .join(Call, col(Call.id) == col(Attempt.call_id))
                .join(Lot, col(Lot.id) == col(Call.lot_id))
                .join(Worker, col(Worker.id) == col(Lot.worker_id))
                .where(col(Call.ended_at).is_(None), col(Worker.pid) == pid)
            )
            refs = {to_ref(attempt_id) for attempt_id in rows}
        there = self._sandbox.execute("SELECT ref FROM message ORDER BY id DESC LIMIT 500")
        return bool(refs) and refs <= {ref for (ref,) in there}

    async def open_messages(self) -> dict[str, int]:
        """How many messages have not ended, by status."""
        async with self._database.read() as session:
            rows = await session.exec(
                select(Message.status, func.count())
                .where(col(Message.closed_at).is_(None))
                .group_by(col(Message.status))
            )
            return dict(rows.all())

    async def messages(self) -> list[tuple[str, str, float]]:
        """Order, status and time from which it could be sent, of every message."""
        async with self._database.read() as session:
            rows = await session.exec(
                select(Message.reference, Message.status, Message.accepted_at, Message.send_at)
            )
            return [
                (order or "", status, max(at, later or at).timestamp())
                for order, status, at, later in rows
            ]

    async def attempts(self) -> list[Said]:
        """All events of attempts in their order."""
        async with self._database.read() as session:
            rows = await session.exec(
                select(Message.reference, Event.kind, Event.at, Event.data)
                .join(Message, col(Message.id) == col(Event.subject_id))
                .where(col(Event.kind).startswith(ATTEMPT))
                .order_by(col(Event.seq))
            )
            return [_said(order or "", kind, at, data) for order, kind, at, data in rows]


def _said(order: str, kind: str, at: datetime, data: str) -> Said:
    more = orjson.loads(data)
    return Said(
        message=order,
        step=int(more.get("step", 0)),
        kind=kind.removeprefix(ATTEMPT),
        at=at.timestamp(),
        looked_up=bool(more.get("looked_up")),
    )


def count(said: Sequence[Said], kind: str, *, looked_up: bool | None = None) -> int:
    """How often attempts had this event."""
    return sum(
        one.kind == kind and (looked_up is None or one.looked_up is looked_up) for one in said
    )
