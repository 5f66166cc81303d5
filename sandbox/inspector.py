"""One call with all there is to say of it: its meaning, unknown fields, and what followed.

Everything is read when it is asked for, never while calls come in.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

from sandbox import (
    consult_documented,
    consult_meaning,
    relay_documented,
    relay_meaning,
)
from sandbox.documented import Form, Text, Unknown, match, unknown_in
from sandbox.exchanges import Exchange
from sandbox.fcm import documented as fcm_documented
from sandbox.fcm import meaning as fcm_meaning
from sandbox.meaning import Meaning, Reading, parsed
from sandbox.nhn import documented as nhn_documented
from sandbox.nhn import meaning as nhn_meaning
from sandbox.solapi import documented as solapi_documented
from sandbox.solapi import meaning as solapi_meaning
from sandbox.store import Store

QUICK_BYTES = 64 * 1024  # a larger body is read only when its call is opened
HEAD = 256
_RESULT_CODE = re.compile(rb'"header":\{"resultCode":(-?\d{1,9}),')


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider is called, and who reads its calls."""

    name: Text
    forms: Mapping[str, Form]
    read: Callable[[Reading], Meaning]


def _provider(ko: str, en: str, documented: ModuleType, meaning: ModuleType) -> Provider:
    return Provider(Text(ko, en), documented.FORMS, meaning.read)


PROVIDERS: Mapping[str, Provider] = {
    "nhn": _provider("NHN", "NHN", nhn_documented, nhn_meaning),
    "solapi": _provider("SOLAPI", "SOLAPI", solapi_documented, solapi_meaning),
    "relay": _provider("릴레이", "Relay", relay_documented, relay_meaning),
    "consult": _provider("상담", "Consultation", consult_documented, consult_meaning),
    "fcm": _provider("FCM", "FCM", fcm_documented, fcm_meaning),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of calls is narrowed to; "" asks nothing. before, until: sequence numbers.

    status: a number, `2xx` to `5xx`, `ok`, `refused` (also by a code in the answer) or `lost`.
    q: letters of the path, the query, the body or the answer.
    """

    provider: str = ""
    account: str = ""
    route: str = ""
    status: str = ""
    q: str = ""
    before: int | None = None
    until: int | None = None


_CODES: WeakKeyDictionary[Exchange, int | str] = WeakKeyDictionary()
_UNKNOWN: WeakKeyDictionary[Exchange, list[Unknown]] = WeakKeyDictionary()


def find(store: Store, wanted: Wanted) -> Iterator[Exchange]:
    """Kept calls that fit, the newest first."""
    letters = _letters(wanted.q)
    for one in reversed(store.exchanges):
        if wanted.before is not None and one.seq >= wanted.before:
            continue
        if wanted.until is not None and one.seq > wanted.until:
            continue
        if _fits(one, wanted) and (not letters or _has(one, wanted.q, letters)):
            yield one


def _fits(one: Exchange, wanted: Wanted) -> bool:
    plain = ("provider", "account", "route")
    if any(getattr(wanted, name) not in ("", getattr(one, name)) for name in plain):
        return False
    return not wanted.status or _has_status(one, wanted.status)


def _has_status(one: Exchange, status: str) -> bool:
    if one.status is None or status == "lost":
        return one.status is None and status == "lost"
    refused = one.status >= 400 or bool(code_of(one))
    if status in ("ok", "refused"):
        return refused is (status == "refused")
    return status in (str(one.status), f"{one.status // 100}xx")


def _letters(q: str) -> tuple[bytes, ...]:
    """As JSON has them: raw, or with every letter beyond ASCII escaped."""
    if not q:
        return ()
    escaped = "".join(
        one if ord(one) < 128 else f"\\u{ord(one):04x}" if ord(one) < 0x10000 else one for one in q
    )
    return q.encode(), escaped.encode()


def _has(one: Exchange, q: str, letters: tuple[bytes, ...]) -> bool:
    if q in one.path or q in one.query or q == str(one.seq):
        return True
    return any(found in body for found in letters for body in (one.asked, one.answered))


def code_of(one: Exchange) -> int | str:
    """The provider's own code, 0 or "" when all is well.

    `header.resultCode` of NHN, `code` of the relay and the hub, `errorCode` of SOLAPI, FCM's own or
    Google's in `error`.
    """
    if one not in _CODES:
        quick = len(one.answered) <= QUICK_BYTES
        _CODES[one] = _code(parsed(one.answered)) if quick else _head_code(one.answered[:HEAD])
    return _CODES[one]


def _head_code(head: bytes) -> int:
    """Only NHN refuses everybody in a long answer, and says so at its beginning."""
    found = _RESULT_CODE.search(head)
    return int(found[1]) if found else 0


def _code(answer: object) -> int | str:
    if not isinstance(answer, dict):
        return 0
    if isinstance(answer.get("errorCode"), str):
        return str(answer["errorCode"])
    if answer.get("error"):
        return fcm_meaning.code_of(answer)
    header = answer.get("header")
    found = header.get("resultCode") if isinstance(header, dict) else answer.get("code")
    if "results" in answer or "inspection" in answer:
        return 0  # `code` of a template is its name
    return found if isinstance(found, (int, str)) and not isinstance(found, bool) else 0


def form_of(one: Exchange) -> Form | None:
    """The documented call, None when no document has it."""
    path = one.path.removeprefix(f"/{one.provider}")
    return match(PROVIDERS[one.provider].forms, one.method, path)


def unknown_of(one: Exchange) -> list[Unknown]:
    """Undocumented fields and parameters; of a call that is in no document itself, none."""
    if one not in _UNKNOWN:
        form = form_of(one)
        query = parse_qsl(one.query, keep_blank_values=True)
        _UNKNOWN[one] = unknown_in(form, parsed(one.asked), query) if form else []
    return _UNKNOWN[one]


def is_quick(one: Exchange) -> bool:
    """Whether its body may be read for a mere list."""
    return len(one.asked) <= QUICK_BYTES


def meaning_of(store: Store, one: Exchange) -> Meaning:
    """What a call asked and what was answered, in words. Never raises."""
    reading = Reading(store, one, form_of(one), parsed(one.asked), parsed(one.answered))
    return PROVIDERS[one.provider].read(reading)
