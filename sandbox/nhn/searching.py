"""Lists of both products: conditions, paging, and which filters a query names."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.nhn.wire import Refused, biz, parse_time
from sandbox.store import Store, Value

LARGEST_PAGE = 1_000


@dataclass
class Search:
    """Conditions joined by AND, over `message`, of one account and some kinds."""

    account: str
    kinds: tuple[str, ...]
    where: list[str] = field(default_factory=list)
    args: list[Value] = field(default_factory=list)
    order: str = "created_at DESC, request_id DESC, recipient_seq DESC"
    page: int = 1
    size: int = 15

    def add(self, condition: str, *args: Value) -> None:
        self.where.append(condition)
        self.args.extend(args)

    def match(self, query: Mapping[str, str], columns: Mapping[str, str]) -> None:
        """Filters that compare one query parameter with one column.

        That it is not empty is said again for SQLite, or it would not use an index that leaves
        the empty ones out.
        """
        for name, column in columns.items():
            if query.get(name):
                self.add(f"{column} = ? AND {column} <> ''", query[name])

    def between(
        self, query: Mapping[str, str], names: tuple[str, str], column: str, limits: "Limits"
    ) -> bool:
        """A range of times when both ends are given. Raises the refusals of `limits`."""
        if not (query.get(names[0]) and query.get(names[1])):
            return False
        start, end = (parse_time(query[name], limits.form) for name in names)
        if start is None or end is None:
            raise limits.unreadable
        if end - start > limits.longest_ms:
            raise limits.too_wide
        self.add(f"{column} BETWEEN ? AND ?", start, end)
        return True

    def turn_to(self, query: Mapping[str, str], unreadable: Refused) -> None:
        """`pageNum` from 1, `pageSize` 15 to 1000. Raises `unreadable`."""
        try:
            self.page = int(query.get("pageNum") or 1)
            self.size = int(query.get("pageSize") or 15)
        except ValueError:
            raise unreadable from None
        if self.page < 1 or not 1 <= self.size <= LARGEST_PAGE:
            raise unreadable

    def rows(self, store: Store) -> list[sqlite3.Row]:
        sql, args = self._from()
        return store.all(
            f"SELECT * {sql} ORDER BY {self.order} LIMIT ? OFFSET ?",
            (*args, self.size, (self.page - 1) * self.size),
        )

    def total(self, store: Store) -> int:
        sql, args = self._from()
        return store.number(f"SELECT count(*) {sql}", args)

    def _from(self) -> tuple[str, list[Value]]:
        kinds = ", ".join("?" * len(self.kinds))
        where = " AND ".join(["account = ?", f"kind IN ({kinds})", "request_id <> ''", *self.where])
        return f"FROM message WHERE {where}", [self.account, *self.kinds, *self.args]


@dataclass(frozen=True, slots=True)
class Limits:
    """How times are written in a query and how far they may lie apart."""

    form: str
    longest_ms: int
    unreadable: Refused
    too_wide: Refused


def hide_fresh(search: Search, store: Store) -> None:
    """Lists do not show what was accepted less than `list_lag_s` ago."""
    if store.settings.list_lag_s:
        search.add("created_at <= ?", store.now() - int(store.settings.list_lag_s * 1000))


def turn_of(query: Mapping[str, str], unreadable: Refused | None = None) -> tuple[int, int]:
    """Page and size of short lists, forced into their limits. Raises `unreadable`, or 4."""
    try:
        page, size = int(query.get("pageNum") or 1), int(query.get("pageSize") or 15)
    except ValueError:
        raise unreadable or biz(4, "pageNum") from None
    return max(page, 1), min(max(size, 1), LARGEST_PAGE)
