"""Questions of SOLAPI's lists: fields, comparisons, pages. Newest first."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from sandbox.solapi.wire import invalid, parse_ms
from sandbox.store import Store, Value

PAGE, MOST = 20, 500
COMPARISONS = {
    "eq": "=",
    "ne": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "LIKE",
    "in": "IN",
}
OPERATOR = re.compile(r"(\w+)\[(\w+)\]")
MESSAGE_COLUMNS = {
    "messageId": "id",
    "messageIds": "id",
    "groupId": "grp",
    "to": "number",
    "from": "sender",
    "type": "type",
    "statusCode": "status_code",
    "dateCreated": "created_at",
    "dateUpdated": "updated_at",
}
DATES = frozenset({"created_at", "updated_at", "scheduled_at"})
Where = tuple[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """keys: `limit`, `startKey` and `nextKey` of the answer."""

    rows: list[sqlite3.Row]
    keys: dict[str, int | str | None]


def find(
    store: Store, query: QueryParams, whose: tuple[str, str], columns: Mapping[str, str]
) -> Page:
    """A page of a table of ours that belongs to an account (`whose`). Raises ValidationError."""
    table, account_id = whose
    wheres = [("account = ?", (account_id,)), *_asked(query, columns), *_span(query)]
    if table == "solapi_message":
        shown_until = store.now() - int(store.settings.list_lag_s * 1000)
        wheres.append(("created_at <= ?", (shown_until,)))
    return _read(store, query, table, wheres)


def page_of(store: Store, query: QueryParams, group_id: str) -> Page:
    """A page of one group's messages."""
    return _read(store, query, "solapi_message", [("grp = ?", (group_id,))])


def _read(store: Store, query: QueryParams, table: str, wheres: list[Where]) -> Page:
    limit, start = _limit(query), query.get("startKey")
    if start:
        wheres = [*wheres, (f"rowid <= (SELECT rowid FROM {table} WHERE id = ?)", (start,))]  # noqa: S608
    asked = " AND ".join(sql for sql, _ in wheres)
    rows = store.all(
        f"SELECT * FROM {table} WHERE {asked} ORDER BY rowid DESC LIMIT ?",  # noqa: S608
        (*(one for _, args in wheres for one in args), limit + 1),
    )
    following = rows[limit]["id"] if len(rows) > limit else None
    keys: dict[str, int | str | None] = {"limit": limit, "startKey": start, "nextKey": following}
    return Page(rows[:limit], keys)


def _limit(query: QueryParams) -> int:
    text = query.get("limit") or str(PAGE)
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise invalid(f"limit: 1 이상이어야 합니다 (from 1): {text}")
    return min(int(text), MOST)


def _asked(query: QueryParams, columns: Mapping[str, str]) -> Iterator[Where]:
    """`field=value`, `field[op]=value` and criteria, cond, value; unknown names ask nothing."""
    plain: dict[str, list[str]] = {}
    for name, value in query.multi_items():
        operated = OPERATOR.fullmatch(name)
        if operated and operated[1] in columns:
            yield _compare(columns[operated[1]], operated[2], [value])
        elif name in columns and value:
            plain.setdefault(columns[name], []).append(value)
    for column, values in plain.items():
        yield _compare(column, "in", values)
    yield from _criteria(query, columns)


def _criteria(query: QueryParams, columns: Mapping[str, str]) -> Iterator[Where]:
    if not query.get("criteria"):
        return
    parts = [query.get(name, "").split(",") for name in ("criteria", "cond", "value")]
    if len({len(part) for part in parts}) != 1:
        raise invalid("criteria, cond, value의 수가 다릅니다 (of different lengths)")
    for field, operator, value in zip(*parts, strict=True):
        if field not in columns:
            raise invalid(f"criteria: 알 수 없는 항목입니다 (unknown field): {field}")
        yield _compare(columns[field], operator, [value])


def _compare(column: str, operator: str, values: list[str]) -> Where:
    """columns and comparisons are ours, values are bound. Raises ValidationError."""
    if operator not in COMPARISONS:
        raise invalid(f"알 수 없는 비교입니다 (unknown comparison): {operator}")
    if operator == "in":
        values = [one for value in values for one in value.split(",")]
        marks = ", ".join("?" * len(values))
        return f"{column} IN ({marks})", tuple(_value(column, one) for one in values)
    value = _value(column, values[0])
    if operator == "like":
        value = f"%{values[0]}%"
    return f"{column} {COMPARISONS[operator]} ?", (value,)


def _value(column: str, text: str) -> Value:
    if column in DATES:
        return parse_ms(text)
    return text.replace("-", "") if column in ("number", "sender") else text


def _span(query: QueryParams) -> Iterator[Where]:
    """startDate and endDate, of creation unless dateType is UPDATED."""
    column = "updated_at" if query.get("dateType") == "UPDATED" else "created_at"
    for name, comparison in (("startDate", ">="), ("endDate", "<=")):
        if query.get(name):
            yield f"{column} {comparison} ?", (parse_ms(query[name]),)
