"""NHN's own fallback: a notice that fails for good is sent again as a text message.

After NHN Cloud's guide of 2026-06 ("대체 발송 관리", `resendParameter`). It is set up once for the
account (which SMS app key) and by default for a profile (whether, and its caller number).
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import alimtalk_account, need_sender, store_of
from sandbox.nhn.fields import need_flag, need_text
from sandbox.nhn.intake import Batch, Draft, place
from sandbox.nhn.wire import answer, biz, new_request_id, read_json
from sandbox.store import Store

BYTES = {"SMS": 90, "LMS": 2_000}
TITLE_BYTES = 40
STATUS_NAMES = {
    "RSC01": "대체 발송 미대상",
    "RSC02": "대체 발송 대상",
    "RSC03": "대체 발송 중",
    "RSC04": "대체 발송 성공",
    "RSC05": "대체 발송 실패",
}
UNREGISTERED, UNWRITABLE = "-2312", "-2023"  # codes of the SMS guide
Json = Mapping[str, Any]

router = APIRouter(prefix="/nhn/alimtalk/v2.3/appkeys/{app_key}/failback")


@dataclass(frozen=True, slots=True)
class Resend:
    """How the fallback of one notice stands; code and request_id are of the text message."""

    status: str = "RSC01"
    code: str | None = None
    request_id: str | None = None

    @property
    def name(self) -> str:
        return STATUS_NAMES[self.status]


@router.post("/appkey")
async def link_sms(request: Request, app_key: str) -> Response:
    """Say which SMS app key sends. Another one ends the defaults of all profiles. Raises -1002."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read_json(request, biz(-9996), biz(-3002))
    key = need_text(body, "resendAppKey", 100)
    if store.one("SELECT 1 FROM nhn_account WHERE sms_app_key = ?", (key,)) is None:
        raise biz(-1002)
    with store.tx():
        changed = store.run(
            "UPDATE nhn_account SET resend_app_key = ? WHERE app_key = ? AND resend_app_key <> ?",
            (key, account.app_key, key),
        )
        if changed.rowcount:
            store.run(
                "UPDATE sender SET resends = 0, resend_no = '' WHERE app_key = ?",
                (account.app_key,),
            )
    return answer({})


@router.post("")
async def set_default(request: Request, app_key: str) -> Response:
    """The default of a profile. Raises -2017, -2502, -1003."""
    store, account = store_of(request), alimtalk_account(request, app_key)
    body = await read_json(request, biz(-9996), biz(-3002))
    sender_key, on = need_text(body, "senderKey", 40), need_flag(body, "isResend")
    number = need_text(body, "resendSendNo", 13).replace("-", "")
    need_sender(store, account, sender_key)
    owner = sms_owner(store, account.app_key)
    if not owner:
        raise biz(-2502)
    if not _is_caller(store, owner, number):
        raise biz(-1003)
    store.run(
        "UPDATE sender SET resends = ?, resend_no = ? WHERE sender_key = ?",
        (on, number, sender_key),
    )
    return answer({})


def sms_owner(store: Store, app_key: str) -> str:
    """The account whose SMS product sends for this one, "" when none is linked."""
    row = store.one(
        "SELECT sms.app_key FROM nhn_account a JOIN nhn_account sms"
        " ON sms.sms_app_key = a.resend_app_key AND sms.sms_app_key <> '' WHERE a.app_key = ?",
        (app_key,),
    )
    return str(row["app_key"]) if row else ""


def planned(store: Store, sender: sqlite3.Row, recipient: Json, draft: Draft) -> str:
    """What would be sent in place of this notice, JSON; "" when nothing.

    Raises 4, -2502 and -4200 for the whole request.
    """
    given = recipient.get("resendParameter") or {}
    if not isinstance(given, dict) or type(given.get("isResend", False)) is not bool:
        raise biz(4, "resendParameter")
    if not given.get("isResend", bool(sender["resends"])):
        return ""
    number = str(given.get("resendSendNo") or sender["resend_no"]).replace("-", "")
    if not number or not sms_owner(store, sender["app_key"]):
        raise biz(-2502)
    title = given.get("resendTitle") or sender["channel_id"]
    text = given.get("resendContent") or _in_words(draft)
    kind = given.get("resendType") or ("LMS" if len(_wire(text)) > BYTES["SMS"] else "SMS")
    if not all(isinstance(one, str) for one in (title, text, kind)) or kind not in BYTES:
        raise biz(-4200)
    long = kind == "LMS"
    plan = {"kind": kind.lower(), "number": number, "text": _cut(text, BYTES[kind])}
    return orjson.dumps({**plan, "title": _cut(title, TITLE_BYTES) if long else ""}).decode()


def fall_back(store: Store, failed: Sequence[sqlite3.Row]) -> None:
    """Send the text messages of notices that failed for good. Inside a transaction."""
    for row in failed:
        plan = orjson.loads(row["resend"])
        owner = sms_owner(store, row["account"])
        request_id = new_request_id(store.now())
        trouble = _trouble(store, owner, plan)
        if trouble:
            plan["failed"], request_id = trouble, ""
        else:
            batch = Batch(
                account=owner,
                app="sms",
                kind=plan["kind"],
                sender=plan["number"],
                request_id=request_id,
                sender_ref=row["sender_ref"],
                stats_id=row["stats_id"],
            )
            place(
                store, batch, [Draft(1, row["number"], plan["text"], plan["title"], ref=row["ref"])]
            )
        store.run(
            "UPDATE message SET resend = ?, resend_request_id = ?, resend_at = ? WHERE id = ?",
            (orjson.dumps(plan).decode(), request_id, store.now(), row["id"]),
        )


def resend_of(store: Store, row: sqlite3.Row) -> Resend:
    """How the fallback of a stored notice stands."""
    if not row["resend"]:
        return Resend()
    if row["resend_at"] is None:
        return Resend("RSC02")
    if failed := orjson.loads(row["resend"]).get("failed"):
        return Resend("RSC05", failed)
    request_id = row["resend_request_id"]
    text = store.one(
        "SELECT state, result FROM message WHERE request_id = ? AND app = 'sms'", (request_id,)
    )
    if text is None or text["state"] != "done":
        return Resend("RSC03", None, request_id)
    delivered = text["result"] == "1000"
    return Resend("RSC04" if delivered else "RSC05", text["result"], request_id)


def _trouble(store: Store, owner: str, plan: Json) -> str:
    if not _is_caller(store, owner, plan["number"]):
        return UNREGISTERED
    try:
        (plan["title"] + plan["text"]).encode("cp949")
    except UnicodeEncodeError:
        return UNWRITABLE
    return ""


def _is_caller(store: Store, app_key: str, number: str) -> bool:
    row = store.one("SELECT 1 FROM caller WHERE app_key = ? AND number = ?", (app_key, number))
    return row is not None


def _in_words(draft: Draft) -> str:
    """The text, then name and address of every web link."""
    buttons = orjson.loads(draft.payload).get("buttons") or []
    links = [
        f"{one['name']} - {one.get('linkMo') or ''}" for one in buttons if one.get("type") == "WL"
    ]
    return "\n".join([draft.text, *links])


def _wire(text: object) -> bytes:
    """What cannot be written counts as one byte here; the sending fails later."""
    return str(text).encode("cp949", "replace")


def _cut(text: str, most: int) -> str:
    while len(_wire(text)) > most:
        text = text[: most if len(text) > most else -1]
    return text
