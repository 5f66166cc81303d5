"""SMS v3.0: POST /attachfile/binaryUpload, and what an MMS may carry of it.

After NHN Cloud's guide of 2026-06. A file is found for seven days.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.nhn.accounts import Account, sms_account, store_of
from sandbox.nhn.wire import answer, read_json, seoul, sms
from sandbox.pictures import JPEG, Picture, find_pictures, keep_picture, measure
from sandbox.store import Store

KEPT_MS = 7 * 24 * 3600 * 1000
LARGEST, LARGEST_OF_THREE = 300 * 1024, 800 * 1024
MOST, MOST_PIXELS = 3, 1_000
LONGEST_NAME, LONGEST_USER = 45, 100
ENDINGS = ("jpg", "jpeg")
Json = Mapping[str, Any]

router = APIRouter(prefix="/nhn/sms/v3.0/appKeys/{app_key}")


@router.post("/attachfile/binaryUpload")
async def upload(request: Request, app_key: str) -> Response:
    store, account = store_of(request), sms_account(request, app_key)
    body = await read_json(request, sms(-9996), sms(-9997))
    name, data = _name(body), _bytes(body)
    if not 0 < len(data) <= LARGEST:
        raise sms(-2005)
    found = measure(data)
    if found is None or found.media_type != JPEG or max(found.width, found.height) > MOST_PIXELS:
        raise sms(-2009)
    made = keep_picture(store, (account.app_key, "mms"), name, JPEG, data)
    data_out = {"fileId": made.id, "fileName": made.name, "filePath": _path(account, made)}
    return answer({"body": {"data": data_out}})


def attached(store: Store, account: Account, body: Json) -> list[dict[str, Any]]:
    """The files of an MMS as lists show them. Raises -2004, -2005, -9997."""
    wanted = body.get("attachFileIdList") or []
    if not isinstance(wanted, list) or len(wanted) > MOST:
        raise sms(-9997)
    if not all(type(one) is int for one in wanted):
        raise sms(-9997)
    there = find_pictures(store, (account.app_key, "mms"), store.now() - KEPT_MS)
    if not all(one in there for one in wanted):
        raise sms(-2004)
    files = [there[one] for one in wanted]
    if len(files) == MOST and sum(one.size for one in files) > LARGEST_OF_THREE:
        raise sms(-2005)
    return [_shape(account, one) for one in files]


def _shape(account: Account, file: Picture) -> dict[str, Any]:
    saved = file.path.rsplit("/", 1)[-1]
    return {
        "fileId": file.id,
        "filePath": _path(account, file),
        "fileName": file.name,
        "saveFileName": saved,
        "uploadType": "TEMPORARY",
    }


def _path(account: Account, file: Picture) -> str:
    return f"temporary/{account.sms_app_key}/{seoul(file.created_at, '%Y-%m-%d/%H%M')}/{file.id}/"


def _name(body: Json) -> str:
    """Raises -2002, -2003, -9997."""
    name, user = body.get("fileName"), body.get("createUser")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise sms(-2002)
    if name.rsplit(".", 1)[-1].lower() not in ENDINGS or "." not in name:
        raise sms(-2003)
    if not isinstance(user, str) or not 0 < len(user) <= LONGEST_USER:
        raise sms(-9997)
    return name


def _bytes(body: Json) -> bytes:
    """Base64 or a list of byte values. Raises -9997."""
    given = body.get("fileBody")
    try:
        if isinstance(given, str):
            return base64.b64decode(given, validate=True)
        if isinstance(given, list):
            return bytes(given)
    except (binascii.Error, ValueError, TypeError):
        raise sms(-9997) from None
    raise sms(-9997)
