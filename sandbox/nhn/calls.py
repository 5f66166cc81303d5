"""What a call under `/nhn` is, as the rules of chaos see it before anybody has checked it."""

import re

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.calls import Reading, Told
from sandbox.chaos.sending import Sending, acted_of, nobody
from sandbox.nhn.accounts import store_of
from sandbox.nhn.intake import CHAOS
from sandbox.nhn.wire import answer

SENDS = ("raw-messages", "messages", "sender/sms", "sender/mms")
_PATH = re.compile(r"/nhn/(?:alimtalk/v2\.3/appkeys|sms/v3\.0/appKeys)/([^/]+)/(.*)")
_TEMPLATE = re.compile(r"senders/[^/]+/templates(?:/([^/]+).*)?")
_UPLOAD = re.compile(r"template-image.*|attachfile/.*")
_PRODUCT = {"alimtalk": "app_key", "sms": "sms_app_key"}


def describe(request: Request, body: bytes) -> Sending | None:
    """None for sends and pictures, for unknown app keys and for what is no call of a product."""
    path = request.scope["path"]
    found = _PATH.fullmatch(path)
    if found is None or (request.method == "POST" and found[2] in SENDS):
        return None
    account = _account(request, path.split("/")[2], found[1])
    if account is None:
        return None
    kind = _kind(request.method, found[2])
    template = _template(found[2], body) if kind == "template" else ""
    return Sending("nhn", account, "", template, nobody, _refuse, acted_of(request), kind)


def _account(request: Request, product: str, key: str) -> str | None:
    """The key under which both products of an account are known."""
    row = store_of(request).one(
        f"SELECT app_key FROM nhn_account WHERE {_PRODUCT[product]} = ?",  # noqa: S608
        (key,),
    )
    return str(row["app_key"]) if row else None


def _kind(method: str, rest: str) -> str:
    if _TEMPLATE.fullmatch(rest) or rest == "template/categories":
        return "template"
    if _UPLOAD.fullmatch(rest):
        return "upload"
    return "list" if method == "GET" else ""


def _template(rest: str, body: bytes) -> str:
    """Its code, in the address or, when it is new, in the body."""
    found = _TEMPLATE.fullmatch(rest)
    return (found[1] if found else None) or text_of(body, "templateCode")


def text_of(body: bytes, field: str) -> str:
    """A text of a JSON object, "" when there is none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    value = found.get(field) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def _refuse(code: str) -> Told:
    return Told(answer({}, int(code), CHAOS))


def _refused(response: Response) -> bool:
    return b'"isSuccessful":false' in bytes(response.body)[:1_000]


READING = Reading(describe, _refused)
