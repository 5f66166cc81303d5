"""Which provider a call is for, whose it is and what it sends, told without reading its body.

Only the head of a body is looked at: a call for a thousand recipients must cost nothing here.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from sandbox.accounts import relay_id
from sandbox.hub_files import PATH as FILES
from sandbox.pictures import PATH, PHOTO_PATH
from sandbox.store import Store

HEAD = 8_192
ROUTES = ("alimtalk", "sms", "lms", "mms")
PROVIDERS = ("nhn", "solapi", "relay", "consult", "fcm")  # as they are listed on the desk
Headers = Iterable[tuple[bytes, bytes]]
API_KEY = re.compile(r"apikey\s*=\s*([^,\s]+)", re.IGNORECASE)
_RELAY_ROUTE = re.compile(rb'"route"\s*:\s*"(\w{1,20})"')
_FCM_SEND = re.compile(r"/fcm/v1/projects/([^/]+)/messages:send")
_TYPE = re.compile(rb'"type"\s*:\s*"(\w{1,40})"')
_TEXT = re.compile(rb'"text"\s*:\s*"((?:[^"\\]|\\.)*)')
_SOLAPI_TYPES = {b"ATA": "alimtalk", b"SMS": "sms", b"LMS": "lms", b"MMS": "mms"}
_SOLAPI_SENDS = ("/send", "/send-many", "/send-many/detail")
MOST_SMS_BYTES = 90


def provider_of(path: str) -> str:
    """The provider a path belongs to, "" for our own pages; a picture shown on one is no call."""
    first, _, rest = path.removeprefix("/").partition("/")
    is_call = rest and first in PROVIDERS and not path.startswith((PATH, PHOTO_PATH, FILES))
    return first if is_call else ""


def account_of(store: Store, provider: str, path: str, headers: Headers) -> str:
    """The account's name at the chaos dial; the key as given when nobody has it, "" without one."""
    given = {name.lower(): value.decode("latin-1") for name, value in headers}
    return _ACCOUNTS[provider](store, path, given)


def _nhn_account(store: Store, path: str, given: Mapping[bytes, str]) -> str:
    parts = path.split("/")
    if len(parts) < 6:
        return ""
    if parts[2] != "sms":
        return parts[5]
    row = store.one("SELECT app_key FROM nhn_account WHERE sms_app_key = ?", (parts[5],))
    return str(row[0]) if row else parts[5]


def _solapi_account(store: Store, path: str, given: Mapping[bytes, str]) -> str:
    found = API_KEY.search(given.get(b"authorization", ""))
    return found[1] if found else ""


def _relay_account(store: Store, path: str, given: Mapping[bytes, str]) -> str:
    scheme, _, key = given.get(b"authorization", "").partition(" ")
    return relay_id(key) if key and scheme == "Bearer" else ""


def _consult_account(store: Store, path: str, given: Mapping[bytes, str]) -> str:
    return given.get(b"ht-client-id", "")


def _fcm_account(store: Store, path: str, given: Mapping[bytes, str]) -> str:
    found = _FCM_SEND.fullmatch(path)
    return found[1] if found else ""


_ACCOUNTS: Mapping[str, Callable[[Store, str, Mapping[bytes, str]], str]] = {
    "nhn": _nhn_account,
    "solapi": _solapi_account,
    "relay": _relay_account,
    "consult": _consult_account,
    "fcm": _fcm_account,
}


def route_of(method: str, path: str, body: bytes) -> str:
    """What a call sends, by its first message; "" when it sends nothing."""
    if method != "POST":
        return ""
    if path.startswith("/nhn/"):
        return _nhn_route(path, body)
    if _FCM_SEND.fullmatch(path):
        return "push"
    if path == "/relay/messages":
        found = _RELAY_ROUTE.search(body[:HEAD])
        return found[1].decode() if found and found[1].decode() in ROUTES else ""
    if path.startswith("/solapi/messages/v4") and path.endswith(_SOLAPI_SENDS):
        return _solapi_route(body[:HEAD])
    return ""


def _nhn_route(path: str, body: bytes) -> str:
    if path.startswith("/nhn/alimtalk/") and path.endswith("messages"):
        return "alimtalk"
    if not path.startswith("/nhn/sms/") or "/sender/" not in path:
        return ""
    if path.endswith("sms"):
        return "sms"
    return "mms" if b'"attachFileIdList"' in body else "lms" if path.endswith("mms") else ""


def _solapi_route(head: bytes) -> str:
    if found := _TYPE.search(head):
        return _SOLAPI_TYPES.get(found[1], "")
    if b'"templateId"' in head:
        return "alimtalk"
    if b'"imageId"' in head:
        return "mms"
    text = _TEXT.search(head)
    if text is None:
        return ""
    long = len(text[1].decode("utf-8", "replace").encode("cp949", "replace")) > MOST_SMS_BYTES
    return "lms" if long or b'"subject"' in head else "sms"
