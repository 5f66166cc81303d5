"""Virtual phones: traits, magic numbers, and the lists the wall of phones shows."""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.store import Store

# The last four digits of any number decide the traits of a phone made on first use.
MAGIC: dict[str, dict[str, float]] = {
    "3019": {"kakao": 0},
    "3020": {"blocks_all": 1},
    "3005": {"is_on": 0},
    "0504": {"answer_lost": 1},
    "0008": {"slow_s": 8},
}
NAMED_RANK = 10**15
FILTERS = {
    "": "1",
    "unread": "unread_chat + unread_sms > 0",
    "no-kakao": "kakao = 0",
    "blocked": "(blocks_all = 1 OR EXISTS (SELECT 1 FROM room WHERE room.number = phone.number"
    " AND room.blocked = 1))",
    "off": "is_on = 0",
    "slow": "slow_s > 0",
    "answer-lost": "answer_lost = 1",
    "talking": "EXISTS (SELECT 1 FROM chat_session s WHERE s.number = phone.number"
    " AND s.ended_at IS NULL)",
}
PAGE = 60


@dataclass(frozen=True, slots=True)
class Phone:
    """`auto`: made on first use by a message. `blocks_all`: blocks every channel."""

    number: str
    name: str
    auto: bool
    on: bool
    kakao: bool
    blocks_all: bool
    slow_s: float
    answer_lost: bool
    unread_chat: int
    unread_sms: int
    last_id: int
    rank: int


@dataclass(frozen=True, slots=True)
class PhonePage:
    phones: list[Phone]
    cursor: str | None


def normal_number(raw: str) -> str | None:
    """Digits of a Korean number in national form, None when it is no phone number.

    Hyphens and spaces are dropped and a leading 82 or +82 becomes 0; other countries' numbers
    stay as they are (10 to 15 digits).
    """
    digits = re.sub(r"[\s+-]", "", raw)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if digits.startswith("82") and len(digits) >= 11:
        digits = "0" + digits[2:].removeprefix("0")
    return digits if 10 <= len(digits) <= 15 else None


def phone_of(row: sqlite3.Row) -> Phone:
    return Phone(
        number=row["number"],
        name=row["name"],
        auto=bool(row["auto"]),
        on=bool(row["is_on"]),
        kakao=bool(row["kakao"]),
        blocks_all=bool(row["blocks_all"]),
        slow_s=row["slow_s"],
        answer_lost=bool(row["answer_lost"]),
        unread_chat=row["unread_chat"],
        unread_sms=row["unread_sms"],
        last_id=row["last_id"],
        rank=row["rank"],
    )


def get_phone(store: Store, number: str) -> Phone | None:
    row = store.one("SELECT * FROM phone WHERE number = ?", (number,))
    return phone_of(row) if row else None


def list_phones(
    store: Store, q: str = "", only: str = "", cursor: str | None = None, limit: int = PAGE
) -> PhonePage:
    """Named phones first, then the newest arrival. `q` looks in names, numbers and last texts.

    `only` is a key of FILTERS. Raises ValueError on an unreadable cursor.
    """
    rank, number = _read_cursor(cursor)
    like = "%" + q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    digits = re.sub(r"[\s-]", "", q)
    found = store.all(
        "SELECT phone.* FROM phone LEFT JOIN message m ON m.id = phone.last_id"  # noqa: S608
        f" WHERE {FILTERS[only]} AND (phone.rank, phone.number) < (?, ?)"
        " AND (? = '' OR name LIKE ? ESCAPE '\\' OR phone.number LIKE ?"
        " OR m.text LIKE ? ESCAPE '\\')"
        " ORDER BY phone.rank DESC, phone.number DESC LIMIT ?",
        (
            rank,
            number,
            q.strip(),
            like,
            f"%{digits}%" if digits.isdecimal() else "",
            like,
            limit + 1,
        ),
    )
    phones = [phone_of(row) for row in found[:limit]]
    more = len(found) > limit
    return PhonePage(phones, f"{phones[-1].rank}.{phones[-1].number}" if more else None)


def count_phones(store: Store, only: str = "") -> int:
    return store.number(f"SELECT count(*) FROM phone WHERE {FILTERS[only]}")  # noqa: S608


def _read_cursor(cursor: str | None) -> tuple[int, str]:
    if not cursor:
        return NAMED_RANK + 1, ""
    rank, _, number = cursor.partition(".")
    return int(rank), number


def make_phones(store: Store, numbers: Iterable[str]) -> None:
    """A phone for every number that has none yet, with the traits of its last four digits."""
    now = store.now()
    rows = []
    for number in numbers:
        traits = MAGIC.get(number[-4:], {})
        rows.append(
            (
                number,
                f"손님 {number[-4:]}",
                traits.get("is_on", 1),
                traits.get("kakao", 1),
                traits.get("blocks_all", 0),
                traits.get("slow_s", 0),
                traits.get("answer_lost", 0),
                now,
            )
        )
    store.many(
        "INSERT INTO phone (number, name, auto, is_on, kakao, blocks_all, slow_s, answer_lost,"
        " rank, created_at) VALUES (?, ?, 1, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def name_phone(store: Store, number: str, name: str) -> None:
    """Give a phone its own name and a fixed place on the wall; makes it when there is none."""
    make_phones(store, [number])
    place = store.count("named phones")
    store.run(
        "UPDATE phone SET name = ?, rank = CASE auto WHEN 1 THEN ? ELSE rank END, auto = 0"
        " WHERE number = ?",
        (name, NAMED_RANK - place, number),
    )
    store.changes.touch([number])
