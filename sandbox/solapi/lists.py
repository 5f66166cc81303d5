"""GET /messages/v4/list, /list-old (the name the Python SDK uses) and /statistics."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.solapi.searching import MESSAGE_COLUMNS, find
from sandbox.solapi.shapes import message_out
from sandbox.solapi.signing import caller
from sandbox.solapi.wire import answer, parse_ms
from sandbox.solapi.words import COUNTED

MONTH_MS = 30 * 24 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000

router = APIRouter(prefix="/solapi/messages/v4", include_in_schema=False)


@router.get("/list")
@router.get("/list-old")
async def list_messages(request: Request) -> Response:
    store, account = caller(request)
    whose = ("solapi_message", account.id)
    page = find(store, request.query_params, whose, MESSAGE_COLUMNS)
    shown = {row["id"]: message_out(row) for row in page.rows}
    return answer({**page.keys, "messageList": shown})


@router.get("/statistics")
async def show_statistics(request: Request) -> Response:
    """Sent messages by month and day of Seoul; without dates those of the last thirty days."""
    store, account = caller(request)
    query = request.query_params
    until = parse_ms(query["endDate"]) if query.get("endDate") else store.now()
    since = parse_ms(query["startDate"]) if query.get("startDate") else until - MONTH_MS
    rows = store.all(
        "SELECT type, status_code, result_at IS NOT NULL AS done, count(*) AS n,"
        " sum(cost + extra) AS won, sum(refund) AS refund, (sent_at + ?) / ? AS day"
        " FROM solapi_message WHERE account = ? AND sent_at BETWEEN ? AND ?"
        " GROUP BY 1, 2, 3, 7 ORDER BY 7",
        (9 * 3600 * 1000, DAY_MS, account.id, since, until),
    )
    months: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        months.setdefault(_date(row["day"])[:7], []).append(row)
    shown = [_month(month, found) for month, found in months.items()]
    whole = _totals(rows)
    spread = {"monthlyBalanceAvg": _mean(whole["balance"], len(months)), "monthlyPointAvg": 0}
    return answer({**whole, **spread, "monthPeriod": shown})


def _month(month: str, rows: list[sqlite3.Row]) -> dict[str, Any]:
    days: dict[int, list[sqlite3.Row]] = {}
    for row in rows:
        days.setdefault(row["day"], []).append(row)
    whole = _totals(rows)
    return {
        "date": month,
        **whole,
        "balanceAvg": _mean(whole["balance"], len(days)),
        "pointAvg": 0,
        "dayPeriod": [_day(day, found) for day, found in days.items()],
    }


def _day(day: int, rows: list[sqlite3.Row]) -> dict[str, Any]:
    codes: dict[str, dict[str, int]] = {}
    for row in rows:
        by_type = codes.setdefault(row["status_code"], {})
        by_type[row["type"].lower()] = by_type.get(row["type"].lower(), 0) + row["n"]
    refund = {"balance": sum(row["refund"] for row in rows), "point": 0}
    date = _date(day)
    told = {"_id": date, "month": date[:7], "date": date, "statusCode": codes, "refund": refund}
    return {**told, **_totals(rows)}


def _totals(rows: Iterable[sqlite3.Row]) -> dict[str, Any]:
    rows = list(rows)
    return {
        "balance": sum(row["won"] - row["refund"] for row in rows),
        "point": 0,
        "total": _counts(rows),
        "successed": _counts(row for row in rows if row["status_code"] == "4000"),
        "failed": _counts(row for row in rows if row["done"] and row["status_code"] != "4000"),
    }


def _counts(rows: Iterable[sqlite3.Row]) -> dict[str, int]:
    counts = dict.fromkeys(["total", *COUNTED], 0)
    for row in rows:
        counts["total"] += row["n"]
        counts[row["type"].lower()] += row["n"]
    return counts


def _mean(won: float, parts: int) -> float:
    return won / parts if parts else 0


def _date(day: int) -> str:
    """A day of Seoul, counted from 1970."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")
