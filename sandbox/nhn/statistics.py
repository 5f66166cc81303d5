"""Statistics of both products, counted from what is kept.

After NHN Cloud's guides of 2026-06 ("Common v2.2" and "SMS v3.0"): every event at its own time, or
(SMS `/stats/legacy`) all at the time of the request. Times of buckets are Seoul's, written with the
Z of the guide's sample. Buckets in which nothing happened are left out.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from sandbox.nhn.accounts import alimtalk_account, sms_account, store_of
from sandbox.nhn.wire import SECOND, Refused, answer, biz, parse_time, sms
from sandbox.store import Store, Value

SEOUL_MS = 9 * 3_600_000
SIZES_MS = {"MINUTELY": 60_000, "HOURLY": 3_600_000, "DAILY": 86_400_000}
TYPES = ("NORMAL", *SIZES_MS, "BY_DAY")
MOST_REQUESTS = 5
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
EVENTS = ("REQUESTED", "SENT", "RECEIVED", "SENT_FAILED", "RESENT", "RESENT_FAILED")
SMS_EVENTS = {"requested": "REQUESTED", "sent": "SENT", "sentFailed": "SENT_FAILED"}
SMS_EVENTS |= {"received": "RECEIVED"}
LANES = {"ALIMTALK": "auth = 0", "ALIMTALK_AUTH": "auth = 1"}
TEXTS = {"SMS": "kind = 'sms' AND auth = 0", "AUTH": "auth = 1"}
TEXTS |= {"LMS": "kind = 'lms'", "MMS": "kind = 'mms'"}
# when each event of a message happened, where it did
AT = {
    "REQUESTED": ("created_at", "1"),
    "SENT": ("max(created_at, request_at)", "state <> 'cancelled' AND request_at <= :now"),
    "RECEIVED": ("coalesce(arrived_at, result_at)", "state = 'done' AND result = '1000'"),
    "SENT_FAILED": ("result_at", "state = 'done' AND result <> '1000'"),
    "RESENT": ("resend_at", "resend_request_id <> ''"),
    "RESENT_FAILED": ("resend_at", "resend_at IS NOT NULL AND resend_request_id = ''"),
    "PENDING": ("created_at", "state IN ('waiting', 'held')"),
}
Counts = dict[str, dict[str, int]]

common = APIRouter(prefix="/nhn/common/v2.2/appkeys/{app_key}/stats")
texts = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}/stats")


@dataclass
class Question:
    """Which messages, from when to when (ms), and in which buckets."""

    start: int
    end: int
    kind: str
    where: list[str]
    args: list[Value]


@common.get("")
async def list_events(request: Request, app_key: str) -> Response:
    """Raises -4101."""
    found = _count(store_of(request), _notices(request, app_key))
    wanted = _wanted(request)
    stats = [
        {"eventDateTime": at, "events": {name: events.get(name, 0) for name in wanted}}
        for at, events in sorted(found.items())
    ]
    return answer({"stats": stats})


@common.get("/total")
async def count_events(request: Request, app_key: str) -> Response:
    """Raises -4101."""
    found = _count(store_of(request), _notices(request, app_key)).values()
    total = {name: sum(one.get(name, 0) for one in found) for name in _wanted(request)}
    return answer({"total": total})


@texts.get("")
async def list_text_events(request: Request, app_key: str) -> Response:
    """Raises -2701, -2700."""
    found = _count(store_of(request), _texts(request, app_key))
    return answer({"body": {"data": _rows(found, SMS_EVENTS)}})


@texts.get("/legacy")
async def list_by_request(request: Request, app_key: str) -> Response:
    """Raises -2701, -2700."""
    found = _count(store_of(request), _texts(request, app_key), by_request=True)
    return answer({"body": {"data": _rows(found, SMS_EVENTS | {"pending": "PENDING"})}})


def _rows(found: Counts, names: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "eventDateTime": at,
            "events": {name: events.get(event, 0) for name, event in names.items()},
        }
        for at, events in sorted(found.items())
    ]


def _notices(request: Request, app_key: str) -> Question:
    account, query = alimtalk_account(request, app_key), request.query_params
    asked = _question(query, "statsType", (biz(-4101), biz(-4101)))
    if query.get("statsCriteria", "EVENT") != "EVENT" or query.get("join", "false") != "false":
        raise biz(-4101)  # their answers are not printed
    asked.where += ["account = ?", "kind = 'alimtalk'"]
    asked.args.append(account.app_key)
    lanes = [LANES.get(one, "0") for one in _many(query, "extra1s")]
    if lanes:
        asked.where.append(f"({' OR '.join(lanes)})")
    _choose(asked, query, {"extra2s": "sender", "templateCodes": "template_code"})
    return asked


def _texts(request: Request, app_key: str) -> Question:
    account, query = sms_account(request, app_key), request.query_params
    asked = _question(query, "statisticsType", (sms(-2701), sms(-2700)))
    asked.where += ["account = ?", "app = 'sms'"]
    asked.args.append(account.app_key)
    if query.get("messageType"):
        asked.where.append(TEXTS.get(query["messageType"], "0"))
    if query.get("isAd") == "true" or query.get("templateIds"):
        asked.where.append("0")  # neither advertising nor templates are there
    _choose(asked, query, {})
    return asked


def _question(query: QueryParams, kind: str, refusals: tuple[Refused, Refused]) -> Question:
    """refusals: of a parameter, and of the span."""
    wrong, wrong_span = refusals
    start, end = (parse_time(query.get(name, ""), SECOND) for name in ("from", "to"))
    if query.get(kind) not in TYPES or start is None or end is None:
        raise wrong
    if len(_many(query, "requestIds")) > MOST_REQUESTS:
        raise wrong
    if end < start:
        raise wrong_span
    return Question(start, end + 999, query[kind], ["request_id <> ''"], [])


def _choose(asked: Question, query: QueryParams, columns: Mapping[str, str]) -> None:
    for name, column in {"requestIds": "request_id", "statsIds": "stats_id", **columns}.items():
        if wanted := _many(query, name):
            asked.where.append(column + " IN (SELECT value FROM json_each(?))")  # noqa: S608
            asked.args.append(orjson.dumps(wanted).decode())


def _many(query: QueryParams, name: str) -> list[str]:
    """A list is written with commas, or by repeating its name."""
    return [one for text in query.getlist(name) for one in text.split(",") if one]


def _wanted(request: Request) -> list[str]:
    chosen = _many(request.query_params, "eventTypes")
    return [name for name in EVENTS if not chosen or name in chosen]


def _count(store: Store, asked: Question, by_request: bool = False) -> Counts:
    """Events by the name of their bucket."""
    size = SIZES_MS.get(asked.kind, SIZES_MS["DAILY"])
    found: Counts = defaultdict(lambda: defaultdict(int))
    for event, (at, happened) in AT.items():
        when = "request_at" if by_request else at
        there = happened.replace(":now", str(store.now()))
        rows = store.all(
            f"SELECT ({when} + {SEOUL_MS}) / {size} AS bucket, count(*) AS many FROM message"  # noqa: S608
            f" WHERE {' AND '.join(asked.where)} AND {there} AND {when} BETWEEN ? AND ?"
            " GROUP BY bucket",
            (*asked.args, asked.start, asked.end),
        )
        for row in rows:
            found[_name(asked.kind, row["bucket"] * size)][event] += row["many"]
    return found


def _name(kind: str, at: int) -> str:
    """at: Seoul's time as if it were UTC's, in ms."""
    if kind == "NORMAL":
        return ""
    day = datetime.fromtimestamp(at / 1000, UTC)
    return WEEKDAYS[day.weekday()] if kind == "BY_DAY" else f"{day:%Y-%m-%dT%H:%M:%S}.000Z"
