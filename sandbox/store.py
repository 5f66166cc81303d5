"""The sandbox's memory: one SQLite connection, short transactions, settings, counters, changes.

Everything runs on the event loop's thread and no transaction is held over an `await`, so a
transaction never sees another one half done. Reading for pages is in `inbox` and `phones`.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from sandbox import schema
from sandbox.callbacks import Callbacks
from sandbox.changes import Changes
from sandbox.chaos.rules import Chaos
from sandbox.clock import Clock, clock_ms
from sandbox.exchanges import Exchanges
from sandbox.tally import Tally
from sandbox.town import Town

MOST_MESSAGES = 200_000
FORGED = "forged"  # the path of queued results that leave with a wrong signature
CACHE_KIB = 32 * 1024
WAL_PAGES = 8_000  # of 4 KiB

Value = str | int | float | bytes | None
Args = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the desk may change while running; `*_s` in seconds.

    answer_delay_s: wait between acceptance and the answer; accept_delay_s: wait before acceptance.
    result_delay_s: acceptance to result. list_lag_s: how long lists do not show a new message.
    review: "manual" or "auto" (approved after auto_review_s). registered_s: how long a template is
    only registered before it is taken into review.
    webhook_pause_s: the longest pause between two tries of a consultation webhook, or of an app's.
    nhn_idempotency: whether NHN remembers its X-NC-API-IDEMPOTENCY-KEY.
    no_session_code: answer of the consultation hub when no chat session is open. Our choice: the
    code of the real hub is not published.
    """

    answer_delay_s: float = 0.0
    accept_delay_s: float = 0.0
    result_delay_s: float = 0.4
    list_lag_s: float = 0.0
    webhooks: bool = True
    webhook_pause_s: float = 1_200.0
    review: str = "manual"
    auto_review_s: float = 2.0
    registered_s: float = 0.5
    no_session_code: int = -599
    nhn_idempotency: bool = True


class Store:
    """One file. `path` None makes a temporary one that `close` removes. `real`: the real time."""

    def __init__(self, path: Path | None = None, real: Callable[[], int] = clock_ms) -> None:
        self._temporary = None if path else tempfile.TemporaryDirectory(prefix="naru-sandbox-")
        self.path = path or Path(self._temporary.name if self._temporary else ".") / "sandbox.db"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.changes = Changes()
        self.chaos = Chaos()
        self.tally: Tally | None = None  # counts while a scenario runs
        self.town: Town | None = None  # how new phones are while a scenario runs
        self.exchanges = Exchanges()  # newest last; memory only
        self.callbacks = Callbacks()  # that left; memory only
        self.results_due = asyncio.Event()  # wakes the delivery
        self.mail_due = asyncio.Event()  # wakes the webhooks
        # who hears (before, after) of every change of a template
        self.on_template: list[Callable[[Any, Any], None]] = []
        self.db = sqlite3.connect(self.path, isolation_level=None, cached_statements=256)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        # a flood writes the same pages of its indexes again and again: keep them, copy them seldom
        self.db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        schema.build(self.db)
        self._settings = self._load_settings()
        self.clock = Clock(real, self.meta("clock"))
        self.now = self.clock.now  # the sandbox's time: of everything that happens in it
        self.real = real  # the callers' time: of what they sign, and of keys they rely on

    def close(self) -> None:
        self.db.close()
        if self._temporary:
            self._temporary.cleanup()

    @contextmanager
    def tx(self) -> Iterator[None]:
        """All or nothing; changes are announced after the commit. Never hold it over an await."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            self.changes.forget()
            raise
        self.db.execute("COMMIT")
        self.changes.publish()

    def run(self, sql: str, args: Args = ()) -> sqlite3.Cursor:
        return self.db.execute(sql, args)

    def many(self, sql: str, rows: Iterable[Args]) -> None:
        self.db.executemany(sql, rows)

    def all(self, sql: str, args: Args = ()) -> list[sqlite3.Row]:
        return self.db.execute(sql, args).fetchall()

    def one(self, sql: str, args: Args = ()) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(sql, args).fetchone()
        return row

    def number(self, sql: str, args: Args = ()) -> int:
        """The first column of the first row as an integer, 0 when there is none."""
        row = self.one(sql, args)
        return int(row[0] or 0) if row else 0

    # settings ---------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        return self._settings

    def change_settings(self, changed: dict[str, str | int | float | bool]) -> Settings:
        """Keys are fields of `Settings`, already checked by the caller."""
        self._settings = replace(self._settings, **changed)  # type: ignore[arg-type]
        self.set_meta("settings", orjson.dumps(asdict(self._settings)).decode())
        return self._settings

    def kept_settings(self) -> str:
        """JSON that `put_settings` takes back."""
        return self.meta("settings") or "{}"

    def put_settings(self, kept: str) -> None:
        self.set_meta("settings", kept)
        self._settings = self._load_settings()

    def _load_settings(self) -> Settings:
        known = orjson.loads(self.meta("settings") or "{}")
        return replace(Settings(), **{k: v for k, v in known.items() if hasattr(Settings, k)})

    def meta(self, name: str) -> str | None:
        row = self.one("SELECT value FROM meta WHERE name = ?", (name,))
        return str(row[0]) if row else None

    def set_meta(self, name: str, value: str) -> None:
        self.run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value",
            (name, value),
        )

    # counters ---------------------------------------------------------------------------------

    def count(self, name: str, by: int = 1) -> int:
        """Add to a counter and return its new value."""
        return self.number(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = value + excluded.value RETURNING value",
            (name, by),
        )

    def counters(self) -> dict[str, int]:
        return {
            row["name"]: row["value"] for row in self.all("SELECT * FROM counter ORDER BY name")
        }

    def next_arrivals(self, how_many: int) -> int:
        """Reserve places in the order of appearance; returns the first. Survives a reset."""
        last = int(self.meta("arrival") or 0)
        self.set_meta("arrival", str(last + how_many))
        return last + 1
