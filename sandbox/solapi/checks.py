"""What SOLAPI makes of one message at intake: its type, its status code, what it keeps."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.phones import normal_number
from sandbox.solapi import alimtalk
from sandbox.solapi.alimtalk import Lookup
from sandbox.solapi.files import has_file
from sandbox.solapi.wire import invalid
from sandbox.solapi.words import KINDS, NO_ROUTE

MOST_BYTES = {"SMS": 90, "LMS": 2_000, "MMS": 2_000}
MOST_SUBJECT_BYTES = 40
LONGEST_KEY, LONGEST_VALUE = 30, 100
SENDER = re.compile(r"\d{8,12}")  # 030 numbers have twelve digits
RECIPIENT = re.compile(r"\d{8,15}")
KEPT = ("subject", "imageId", "customFields", "replacements", "replacementText")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """One recipient of a request. code: 2000 accepted, 1xxx refused. number: of the phone.

    body: the message as it is kept, its text filled in.
    """

    code: str
    type: str
    number: str
    body: dict[str, Any]


def recipients(given: object) -> list[dict[str, Any]]:
    """One message a recipient: `to` may be a list. Raises ValidationError."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("messages는 배열이어야 합니다 (messages: an array of objects)")
    return [{**one, "to": to} for one in given for to in _numbers(one.get("to"))]


def _numbers(to: object) -> Iterable[object]:
    """Nobody is one recipient too, who is refused."""
    return (to or [None]) if isinstance(to, list) else [to]


def check(lookup: Lookup, message: Json) -> Checked:
    """Never raises: what is wrong is the code."""
    kept = _keep(message)
    kind = kept["type"] = type_of(message)
    country = kept["country"]
    number = normal_number(kept["to"] if country == "82" else country + kept["to"].lstrip("0"))
    code = _misshapen(message, kept, kind) or ("" if number else "1011")
    if not code:
        look = _check_notice if kind == "ATA" else _check_text
        code = look(lookup, kept, message)
    return Checked(code or "2000", kind, number or kept["to"], kept)


def type_of(message: Json) -> str:
    """The given type, or the one the parts of the message ask for."""
    if message.get("type"):
        return str(message["type"])
    options = message.get("kakaoOptions")
    if isinstance(options, dict) and options:
        if options.get("templateId"):
            return "ATA"
        return "BMS_FREE" if options.get("bms") else "CTI" if options.get("imageId") else "CTA"
    if message.get("imageId"):
        return "MMS"
    text = message.get("text")
    long = isinstance(text, str) and _bytes(text) > MOST_BYTES["SMS"]
    return "LMS" if long or message.get("subject") else "SMS"


def _keep(message: Json) -> dict[str, Any]:
    kept: dict[str, Any] = {name: message[name] for name in KEPT if message.get(name)}
    kept["to"] = str(message.get("to") or "").replace("-", "")
    kept["from"] = str(message.get("from") or "").replace("-", "")
    kept["country"] = str(message.get("country") or "82")
    kept["text"] = message.get("text") or ""
    kept["autoTypeDetect"] = message.get("autoTypeDetect") is not False
    if isinstance(message.get("kakaoOptions"), dict):
        kept["kakaoOptions"] = {"disableSms": False, **message["kakaoOptions"]}
    return kept


def _misshapen(message: Json, kept: Json, kind: str) -> str:
    """The code of what is wrong whatever the type."""
    if kind not in KINDS:
        return "1058" if kind in NO_ROUTE else "1025"
    if not message.get("type") and not kept["autoTypeDetect"]:
        return "1010"
    texts = [message.get(name) for name in ("text", "subject", "imageId", "from")]
    if not isinstance(message.get("kakaoOptions") or {}, dict):
        return "1011"
    if any(one is not None and not isinstance(one, str) for one in texts):
        return "1011"
    if not kept["to"]:
        return "1010"
    if not RECIPIENT.fullmatch(kept["to"]):
        return "1011"
    return "" if _are_fields(message.get("customFields") or {}) else "1032"


def _are_fields(fields: object) -> bool:
    return isinstance(fields, dict) and all(
        isinstance(value, str) and len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE
        for key, value in fields.items()
    )


def _check_text(lookup: Lookup, kept: dict[str, Any], message: Json) -> str:
    kind, subject = kept["type"], kept.get("subject") or ""
    if message.get("kakaoOptions"):
        return "1033"
    if not kept["text"] or (kind == "MMS" and not kept.get("imageId")):
        return "1010"
    if kind == "SMS" and subject:
        return "1013"
    if code := _unwritable(kept["text"] + subject) or _too_long(kind, kept["text"], subject):
        return code
    if kind == "MMS" and not has_file(lookup.store, lookup.account_id, kept["imageId"]):
        return "1023"
    return _check_sender(lookup, kept["from"])


def _too_long(kind: str, text: str, subject: str) -> str:
    if _bytes(subject) > MOST_SUBJECT_BYTES:
        return "1014"
    return "1031" if _bytes(text) > MOST_BYTES[kind] else ""


def _check_notice(lookup: Lookup, kept: dict[str, Any], message: Json) -> str:
    options = kept.get("kakaoOptions") or {}
    if not isinstance(options.get("variables") or {}, dict):
        return "1011"
    found = lookup.template(options)
    if isinstance(found, str):
        return found
    kept["text"] = alimtalk.fill_text(found, kept["text"], options)
    if code := alimtalk.check(found, kept["text"], options):
        return code
    if kept["from"] or options["disableSms"] is not True:
        return _check_sender(lookup, kept["from"])
    return ""


def _check_sender(lookup: Lookup, number: str) -> str:
    if not number:
        return "1010"
    if not SENDER.fullmatch(number):
        return "1011"
    return "" if lookup.has_caller(number) else "1062"


def _unwritable(text: str) -> str:
    """1028 for control characters, 1029 for what EUC-KR (as cp949) cannot write."""
    if any(ord(one) < 32 and one not in "\n\r\t" for one in text):
        return "1028"
    try:
        text.encode("cp949")
    except UnicodeEncodeError:
        return "1029"
    return ""


def _bytes(text: str) -> int:
    """Two for every Hangul syllable; what cannot be written counts as one."""
    return len(text.encode("cp949", "replace"))


def replacement_of(body: Json) -> str | None:
    """SMS or LMS: how the text of a notice goes out in its place; None when it cannot."""
    if body["kakaoOptions"].get("disableSms") is True or _unwritable(body["text"]):
        return None
    size = _bytes(body["text"])
    kind = "LMS" if body.get("subject") or size > MOST_BYTES["SMS"] else "SMS"
    return kind if size <= MOST_BYTES[kind] and body["from"] else None
