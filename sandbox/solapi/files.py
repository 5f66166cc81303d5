"""POST /storage/v1/files, GET /cash/v1/balance."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.pictures import JPEG, keep_picture, measure
from sandbox.solapi.signing import caller
from sandbox.solapi.wire import Json, Refused, answer, invalid, iso, new_id, read_body
from sandbox.store import Store

KB = 1024
LARGEST = {"MMS": 200 * KB, "KAKAO": 500 * KB, "RCS": 500 * KB, "BMS": 500 * KB}
NOT_KEPT = ("FAX", "DOCUMENT")
USE = "solapi"

router = APIRouter(prefix="/solapi", include_in_schema=False)


@router.get("/cash/v1/balance")
async def show_balance(request: Request) -> Response:
    store, account = caller(request)
    row = store.one("SELECT balance FROM solapi_account WHERE id = ?", (account.id,))
    balance = row["balance"] if row else 0
    return answer(
        {
            "balance": balance,
            "point": 0,
            "deposit": 0,
            "balanceOnly": balance,
            "minimumCash": 0,
            "autoRecharge": 0,
            "rechargeTo": 0,
            "rechargeTryCount": 0,
            "accountId": account.id,
        }
    )


@router.post("/storage/v1/files")
async def upload(request: Request) -> Response:
    """Pictures: JPEG and, but for MMS, PNG."""
    store, account = caller(request)
    body = await read_body(request)
    kind = _kind(body)
    data = _bytes(body)
    found = measure(data)
    if found is None or (kind == "MMS" and found.media_type != JPEG):
        raise invalid("읽을 수 없는 그림입니다 (MMS takes JPEG, the others JPEG or PNG)")
    file_id = new_id("ST01FP", store.now())
    made = keep_picture(store, (account.id, USE), file_id, found.media_type, data)
    name = str(body.get("name") or file_id)
    return answer(
        {
            "kakao": {"daou": None, "biztalk": None},
            "type": kind,
            "originalName": name,
            "link": body.get("link"),
            "fileId": file_id,
            "name": file_id,
            "url": str(request.base_url).rstrip("/") + made.path,
            "accountId": account.id,
            "references": [],
            "dateCreated": iso(made.created_at),
            "dateUpdated": iso(made.created_at),
        }
    )


def has_file(store: Store, account_id: str, file_id: str) -> bool:
    return find_file(store, account_id, file_id) is not None


def find_file(store: Store, account_id: str, file_id: str) -> dict[str, Any] | None:
    """An uploaded picture as a phone shows it, None when there is none (any more)."""
    row = store.one(
        "SELECT id, token, media_type FROM picture WHERE account = ? AND use = ? AND name = ?",
        (account_id, USE, file_id),
    )
    if row is None:
        return None
    ending = "jpg" if row["media_type"] == JPEG else "png"
    saved = f"{row['token']}.{ending}"
    return {"fileId": row["id"], "fileName": file_id, "saveFileName": saved}


def _kind(body: Json) -> str:
    """Raises ValidationError."""
    kind = body.get("type")
    if kind in NOT_KEPT:
        raise invalid(f"{kind}: 샌드박스는 그림만 받습니다 (the sandbox takes pictures only)")
    if not isinstance(kind, str) or (kind not in LARGEST and not kind.startswith("BMS_")):
        raise invalid(f"type: 알 수 없는 유형입니다 (unknown type): {kind}")
    if kind == "KAKAO" and body.get("link") and not isinstance(body["link"], str):
        raise invalid("link: 주소여야 합니다 (an address)")
    return kind


def _bytes(body: Json) -> bytes:
    """Raises ValidationError."""
    given, most = body.get("file"), LARGEST.get(str(body["type"]), LARGEST["BMS"])
    try:
        data = base64.b64decode(given, validate=True) if isinstance(given, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise invalid("file: base64여야 합니다 (base64 is needed)")
    if len(data) > most:
        raise Refused("ValidationError", f"{most // KB}KB까지 올릴 수 있습니다 (too large)")
    return data
