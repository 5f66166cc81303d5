"""SMS v3.0: POST /sender/sms, /sender/auth/sms and /sender/mms (LMS, and MMS with files).

Also GET /sendNos.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import pass_through
from sandbox.nhn.accounts import Account, sms_account, store_of
from sandbox.nhn.attachments import attached
from sandbox.nhn.intake import Batch, Draft, respond, sending_of, take
from sandbox.nhn.searching import turn_of
from sandbox.nhn.wire import SECOND, answer, new_request_id, parse_time, sms
from sandbox.nhn.wire import read_json as read
from sandbox.nhn.words import SMS
from sandbox.phones import normal_number
from sandbox.store import Store

MOST_RECIPIENTS = 1_000
AUTH = "auth"  # an SMS of the lane of authentication
AUTH_WORDS = ("auth", "password", "verify", "にんしょう", "認証", "비밀번호", "인증")
MOST_BYTES = {"sms": 90, AUTH: 90, "lms": 2_000, "mms": 2_000}
MOST_TITLE_BYTES = 40
FARTHEST_MS = 60 * 24 * 3600 * 1000
Json = Mapping[str, Any]

router = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}")


@router.post("/sender/sms")
async def send_sms(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, "sms")


@router.post("/sender/mms")
async def send_mms(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, "lms")


@router.post("/sender/auth/sms")
async def send_auth(request: Request, app_key: str) -> Response:
    return await _send(request, app_key, AUTH)


@router.get("/sendNos")
async def list_callers(request: Request, app_key: str) -> Response:
    """All are in use and none is blocked. Raises -1005."""
    account, query = sms_account(request, app_key), request.query_params
    wanted = query.get("sendNo", "")
    rows = store_of(request).all(
        "SELECT number FROM caller WHERE app_key = ? AND (? = '' OR number = ?)"
        " AND ? IN ('', 'Y') AND ? IN ('', 'N') ORDER BY number",
        (account.app_key, wanted, wanted, query.get("useYn", ""), query.get("blockYn", "")),
    )
    page, size = turn_of(query, sms(-1005))
    data = [_caller_shape(account, row["number"]) for row in rows[(page - 1) * size : page * size]]
    body = {"pageNum": page, "pageSize": size, "totalCount": len(rows), "data": data}
    return answer({"body": body})


def _caller_shape(account: Account, number: str) -> dict[str, Any]:
    return {
        "appKey": None,
        "serviceId": crc32(account.sms_app_key.encode()),
        "sendNo": number,
        "useYn": "Y",
        "blockYn": "N",
        **dict.fromkeys(("blockReason", "createDate", "createUser", "updateDate", "updateUser")),
    }


async def _send(request: Request, app_key: str, kind: str) -> Response:
    store, account = store_of(request), sms_account(request, app_key)
    body = await read(request, sms(-9996), sms(-9997))
    kind = "mms" if kind == "lms" and body.get("attachFileIdList") else kind
    sending = sending_of(request, account.app_key, "sms" if kind == AUTH else kind, body)
    return await pass_through(store.chaos, sending, lambda: _take(request, account, body, kind))


async def _take(request: Request, account: Account, body: Json, kind: str) -> Response:
    store = store_of(request)
    if store.settings.accept_delay_s:
        await asyncio.sleep(store.settings.accept_delay_s)
    if body.get("templateId"):
        raise sms(-2110)  # there are none
    recipients = _recipients(body)
    text, title = _texts(body, kind)
    files = attached(store, account, body) if kind == "mms" else []
    batch = Batch(
        account=account.app_key,
        app="sms",
        kind="sms" if kind == AUTH else kind,
        sender=_caller(store, account, body),
        request_id=new_request_id(store.now()),
        sender_ref=str(body.get("senderGroupingKey") or ""),
        request_at=_reserved_at(store, body),
        auth=kind == AUTH,
        author=_short(body, "userId", 100),
        stats_id=_short(body, "statsId", 10),
    )
    checked = [_check(seq, one, text, title, files) for seq, one in enumerate(recipients, 1)]
    drafts = [one for one in checked if isinstance(one, Draft)]
    lost = take(store, batch, drafts, len(checked) - len(drafts))
    return await respond(request, store, _answer(batch, recipients, checked), lost)


def _answer(batch: Batch, recipients: list[Json], checked: list[Draft | int]) -> Response:
    results = []
    for seq, (one, found) in enumerate(zip(recipients, checked, strict=True), 1):
        code = 0 if isinstance(found, Draft) else found
        results.append(
            {
                "recipientNo": one.get("recipientNo"),
                "resultCode": code,
                "resultMessage": SMS[code],
                "recipientSeq": seq,
                "recipientGroupingKey": one.get("recipientGroupingKey"),
            }
        )
    data = {
        "requestId": batch.request_id,
        "statusCode": "2" if any(one["resultCode"] == 0 for one in results) else "3",
        "senderGroupingKey": batch.sender_ref or None,
        "sendResultList": results,
    }
    return answer({"body": {"data": data}})


def _recipients(body: Json) -> list[Json]:
    recipients = body.get("recipientList")
    if not isinstance(recipients, list) or not recipients:
        raise sms(-2001)
    if not all(isinstance(one, dict) for one in recipients):
        raise sms(-9997)
    if len(recipients) > MOST_RECIPIENTS:
        raise sms(-2016)
    return recipients


def _texts(body: Json, kind: str) -> tuple[str, str]:
    """Body and title within their bytes. Raises -2014, -2015, -2023, -8000."""
    short = kind in ("sms", AUTH)
    text, title = body.get("body"), "" if short else body.get("title")
    if not isinstance(text, str) or not isinstance(title, str):
        raise sms(-2014)
    if not text or not (short or title):
        raise sms(-2014)
    if count_bytes(text) > MOST_BYTES[kind] or count_bytes(title) > MOST_TITLE_BYTES:
        raise sms(-2015)
    if kind == AUTH and not any(word in text.lower() for word in AUTH_WORDS):
        raise sms(-8000)
    return text, title


def _short(body: Json, name: str, most: int) -> str:
    """A text that may be left out. Raises -9997."""
    value = body.get(name) or ""
    if not isinstance(value, str) or len(value) > most:
        raise sms(-9997)
    return value


def count_bytes(text: str) -> int:
    """Bytes on the wire, two for every Hangul syllable. Raises -2023.

    The service speaks EUC-KR. Python's codec of that name never fails on Hangul: syllables outside
    KS X 1001 become eight bytes. So cp949 counts, and it alone decides what can be written;
    decomposed Hangul cannot.
    """
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError:
        raise sms(-2023) from None


def _caller(store: Store, account: Account, body: Json) -> str:
    number = str(body.get("sendNo") or "").replace("-", "")
    known = store.one(
        "SELECT 1 FROM caller WHERE app_key = ? AND number = ?", (account.app_key, number)
    )
    if known is None:
        raise sms(-2312)
    return number


def _reserved_at(store: Store, body: Json) -> int:
    """Milliseconds of `requestDate`, 0 without one. Raises -2000, -2022."""
    text = body.get("requestDate")
    if text is None:
        return 0
    at = parse_time(f"{text}:00", SECOND)
    if at is None:
        raise sms(-2000)
    if not store.now() - 60_000 <= at <= store.now() + FARTHEST_MS:
        raise sms(-2022)
    return at


def _check(
    seq: int, recipient: Json, text: str, title: str, files: list[dict[str, Any]]
) -> Draft | int:
    raw = str(recipient.get("recipientNo") or recipient.get("internationalRecipientNo") or "")
    if not raw:
        return -2018
    number = normal_number(raw)
    if number is None:
        return -2019
    if title and str(recipient.get("countryCode") or "82") != "82":
        return -2024
    return Draft(
        seq=seq,
        number=number,
        text=text,
        title=title,
        payload=orjson.dumps({"attachFileList": files} if files else {}).decode(),
        ref=str(recipient.get("recipientGroupingKey") or ""),
    )
