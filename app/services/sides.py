"""Both sides of a comparison on disk, sorted by reference: what we handed over, what they list.

A private SQLite file that is gone when it is closed; a gigabyte of lists needs a few megabytes of
memory. It holds references, ids, states and times: no number, no text.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from uuid import UUID

from app.db.types import from_us, to_us
from app.ids import from_ref, to_ref
from channels.contract import Listed
from channels.vocabulary import Reason, Standing

TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE ours (
  attempt BLOB PRIMARY KEY, message BLOB NOT NULL, route TEXT NOT NULL, status TEXT NOT NULL,
  provider_id TEXT NOT NULL, sent_at INTEGER
) WITHOUT ROWID;
-- attempt: whose it is; NULL while nobody knows
CREATE TABLE theirs (
  route TEXT NOT NULL, provider_id TEXT NOT NULL, attempt BLOB, ref TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT, code TEXT NOT NULL, at INTEGER, ended_at INTEGER,
  PRIMARY KEY (route, provider_id)
) WITHOUT ROWID;
"""
THEIRS = "route, provider_id, ref, state, reason, code, at, ended_at"
# a second page may show a message again, further on: the later word holds
ADD_THEIRS = (
    "INSERT INTO theirs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (route, provider_id) DO UPDATE SET state = excluded.state,"
    " reason = excluded.reason, code = excluded.code, ended_at = excluded.ended_at"
)


@dataclass(frozen=True, slots=True)
class Ours:
    """One attempt, as we hold it."""

    attempt_id: UUID
    message_id: UUID
    route: str
    status: str
    provider_id: str
    sent_at: datetime | None

    @property
    def ref(self) -> str:
        """What the provider was told."""
        return to_ref(self.attempt_id)


class Sides:
    """Use as a context; everything is forgotten at its end."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a temporary file without a name
        self._db.executescript(TABLES)

    def __enter__(self) -> "Sides":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def add_theirs(self, entries: Iterable[Listed]) -> None:
        """One page of the provider's list."""
        self._write(ADD_THEIRS, (_row(one) for one in entries))

    def add_ours(self, attempts: Iterable[Ours]) -> None:
        """Some attempts of ours."""
        self._write(
            "INSERT OR IGNORE INTO ours VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    one.attempt_id.bytes,
                    one.message_id.bytes,
                    one.route,
                    one.status,
                    one.provider_id,
                    _us(one.sent_at),
                )
                for one in attempts
            ),
        )

    def sort(self) -> None:
        """After everything of theirs is in; before :meth:`matched` and :meth:`strangers`."""
        self._db.execute("CREATE INDEX IF NOT EXISTS by_attempt ON theirs (attempt)")

    def sizes(self) -> tuple[int, int]:
        """How many of ours, how many of theirs."""
        ours = self._db.execute("SELECT count(*) FROM ours").fetchone()[0]
        return ours, self._db.execute("SELECT count(*) FROM theirs").fetchone()[0]

    def nameless(self, most: int) -> Iterator[list[Listed]]:
        """Entries without a reference of ours, some at a time; they may be named meanwhile."""
        after = ("", "")
        while True:
            rows = self._db.execute(
                f"SELECT {THEIRS} FROM theirs WHERE attempt IS NULL"  # noqa: S608 - our columns
                " AND (route, provider_id) > (?, ?) ORDER BY route, provider_id LIMIT ?",
                (*after, most),
            ).fetchall()
            if not rows:
                return
            after = rows[-1][:2]
            yield [_listed(row) for row in rows]

    def name(self, found: Iterable[tuple[Listed, UUID]]) -> None:
        """These entries are about these attempts."""
        self._write(
            "UPDATE theirs SET attempt = ? WHERE route = ? AND provider_id = ?",
            ((id_.bytes, one.route, one.provider_id) for one, id_ in found),
        )

    def matched(self) -> Iterator[tuple[Ours, list[Listed]]]:
        """Every attempt of ours in the order of references, with what they list of it."""
        mine: Ours | None = None
        listed: list[Listed] = []
        for row in self._db.execute(
            "SELECT o.attempt, o.message, o.route, o.status, o.provider_id, o.sent_at,"
            " t.route, t.provider_id, t.ref, t.state, t.reason, t.code, t.at, t.ended_at"
            " FROM ours o LEFT JOIN theirs t ON t.attempt = o.attempt ORDER BY o.attempt"
        ):
            found = _ours(row[:6])
            if mine is not None and found.attempt_id != mine.attempt_id:
                yield mine, listed
                listed = []
            mine = found
            if row[6] is not None:
                listed.append(_listed(row[6:]))
        if mine is not None:
            yield mine, listed

    def strangers(self, most: int) -> Iterator[list[tuple[UUID | None, Listed]]]:
        """What they list and :meth:`matched` does not give, some at a time, by reference."""
        cursor = self._db.execute(
            f"SELECT attempt, {THEIRS} FROM theirs t WHERE attempt IS NULL"  # noqa: S608
            " OR NOT EXISTS (SELECT 1 FROM ours o WHERE o.attempt = t.attempt) ORDER BY attempt"
        )
        while rows := cursor.fetchmany(most):
            yield [(UUID(bytes=row[0]) if row[0] else None, _listed(row[1:])) for row in rows]

    def _write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(statement, rows)
        self._db.execute("COMMIT")


def _row(one: Listed) -> tuple[object, ...]:
    attempt = from_ref(one.ref)
    return (
        one.route,
        one.provider_id,
        attempt.bytes if attempt else None,
        one.ref,
        str(one.state),
        str(one.reason) if one.reason else None,
        one.code,
        _us(one.at),
        _us(one.ended_at),
    )


def _listed(row: Sequence[object]) -> Listed:
    route, provider_id, ref, state, reason, code, at, ended_at = row
    return Listed(
        route=str(route),
        provider_id=str(provider_id),
        state=Standing(str(state)),
        ref=str(ref),
        reason=Reason(str(reason)) if reason else None,
        code=str(code),
        at=_at(at),
        ended_at=_at(ended_at),
    )


def _ours(row: tuple[bytes, bytes, str, str, str, int | None]) -> Ours:
    attempt, message, route, status, provider_id, sent_at = row
    return Ours(UUID(bytes=attempt), UUID(bytes=message), route, status, provider_id, _at(sent_at))


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def _at(us: object) -> datetime | None:
    return from_us(us) if isinstance(us, int) else None
