"""What happened after a call: its messages on the phones, and the callbacks about them."""

import sqlite3
from collections import Counter
from dataclasses import dataclass

import orjson

from sandbox.callbacks import origin_of
from sandbox.documented import Text
from sandbox.exchanges import Exchange
from sandbox.meaning import Meaning
from sandbox.nhn.words import DELIVERED
from sandbox.solapi.meaning_words import STATUS
from sandbox.solapi.reports import FINALS
from sandbox.store import Store

MOST = 100  # messages and callbacks that are listed
_ENGLISH = {
    "1000": "arrived",
    "2003": "the phone is off",
    "3005": "sent, not confirmed",
    "3019": "not on KakaoTalk",
    "3020": "blocks Alimtalk",
    "3026": "the data for consultation or bot are wrong",
    "3028": "the title is not the template's",
    "3034": "the highlight's title is too long",
    "3035": "the highlight's text is too long",
    "3037": "an item is too long",
    "3039": "the summary is too long",
    "3040": "the summary is no amount",
    "EXPIRED": "kept until its time was over",
    "UNREGISTERED": "the app was removed",
}
_PUSH = {"EXPIRED": "보관 시간이 지남", "UNREGISTERED": "앱이 지워짐"}
_NAMED = (
    "SELECT m.*, coalesce(p.name, '') AS name FROM message m LEFT JOIN phone p USING (number)"
    " WHERE m.account IN (SELECT value FROM json_each(?)) AND "
)
_BY_REQUEST = _NAMED + (  # noqa: S608 - all of it is ours
    "m.request_id IN (SELECT value FROM json_each(?)) ORDER BY m.recipient_seq, m.id"
)
_BY_REFERENCE = _NAMED + (  # noqa: S608 - all of it is ours
    "m.ref IN (SELECT value FROM json_each(?)) AND m.created_at BETWEEN ? AND ? ORDER BY m.id"
)


@dataclass(frozen=True, slots=True)
class Fate:
    """One message of a call. Times in ms.

    state: waiting, held (phone off), cancelled, arrived or failed.

    code: delivery code in the words of its provider, "" while there is none. again: how many
    messages with this reference arrived, when more than one did.
    """

    id: int
    number: str
    name: str
    app: str
    kind: str
    ref: str
    state: str
    code: str
    why: Text
    arrived_at: int | None
    result_at: int | None
    again: int


@dataclass(frozen=True, slots=True)
class Told:
    """One try of a callback, or one that waits (status None, delivered None)."""

    at: int
    kind: str
    to: str
    status: int | None
    tries: int
    delivered: bool | None


@dataclass(frozen=True, slots=True)
class After:
    """counts: all messages by state; fates: the first of them."""

    counts: dict[str, int]
    fates: list[Fate]
    told: list[Told]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def after_of(store: Store, one: Exchange, meaning: Meaning) -> After:
    """Found by the request id that was answered, or by references when the answer is lost."""
    rows = _messages(store, one, meaning)
    states = Counter(_state(row) for row in rows)
    again = _again(store, rows[:MOST])
    fates = [_fate(row, again.get(row["ref"], 0)) for row in rows[:MOST]]
    marks = tuple(
        dict.fromkeys([*meaning.ids, *meaning.marks, *(row["request_id"] for row in rows[:1])])
    )
    found = tuple(f'"{mark}'.encode() for mark in marks if mark)
    told = [
        Told(each.at, each.kind, each.to, each.status, each.tries, each.delivered)
        for each in store.callbacks.about(found)
    ]
    return After(dict(states), fates, [*told, *_waiting(store, found)][-MOST:])


def _messages(store: Store, one: Exchange, meaning: Meaning) -> list[sqlite3.Row]:
    accounts = orjson.dumps(_accounts(store, one)).decode()
    if meaning.ids:
        return store.all(_BY_REQUEST, (accounts, orjson.dumps(meaning.ids).decode()))
    if not meaning.refs:
        return []
    refs = orjson.dumps(meaning.refs).decode()
    return store.all(_BY_REFERENCE, (accounts, refs, one.at, one.ended_at))


def _accounts(store: Store, one: Exchange) -> list[str]:
    """Under which account messages are kept: SOLAPI's have an id of their own."""
    if one.provider != "solapi":
        return [one.account]
    rows = store.all("SELECT id FROM solapi_account WHERE api_key = ?", (one.account,))
    return [str(row["id"]) for row in rows]


def _again(store: Store, rows: list[sqlite3.Row]) -> dict[str, int]:
    """References with which more than one message arrived."""
    refs = [row["ref"] for row in rows if row["ref"]]
    if not refs:
        return {}
    found = store.all(
        "SELECT ref, count(*) AS n FROM message WHERE account = ? AND arrival IS NOT NULL"
        " AND ref IN (SELECT value FROM json_each(?)) GROUP BY ref HAVING n > 1",
        (rows[0]["account"], orjson.dumps(refs).decode()),
    )
    return {row["ref"]: row["n"] for row in found}


def _state(row: sqlite3.Row) -> str:
    if row["state"] != "done":
        return str(row["state"])
    return "arrived" if row["arrival"] is not None else "failed"


def _fate(row: sqlite3.Row, again: int) -> Fate:
    code, why = _result(row)
    return Fate(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        app=row["app"],
        kind=row["kind"],
        ref=row["ref"],
        state=_state(row),
        code=code,
        why=why,
        arrived_at=row["arrived_at"],
        result_at=row["result_at"],
        again=again,
    )


def _result(row: sqlite3.Row) -> tuple[str, Text]:
    code = row["result"]
    if row["provider"] == "solapi" and code:
        final = FINALS.get(code, code)
        return final, STATUS.get(final, Text("", ""))
    if row["kind"] == "push" and code in _PUSH:
        return code, Text(_PUSH[code], _ENGLISH[code])
    words = DELIVERED["alimtalk" if row["kind"] == "alimtalk" else "sms"].get(code, "")
    return code, Text(words, _ENGLISH.get(code, words))


def _waiting(store: Store, marks: tuple[bytes, ...]) -> list[Told]:
    """Callbacks that have not left, or will be tried again."""
    found = []
    for mark in marks:
        rows = store.all(
            "SELECT * FROM outbox WHERE instr(body, ?) ORDER BY due_at LIMIT ?", (mark, MOST)
        )
        for row in rows:
            to = origin_of(row["path"]) if "://" in row["path"] else ""
            found.append(Told(row["due_at"], row["kind"], to, None, row["tries"] + 1, None))
    return found
