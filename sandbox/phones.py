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
# sets of numbers that are read by an index, without looking at all phones
_BLOCKED = (
    "SELECT number FROM phone WHERE blocks_all = 1"
    " UNION SELECT number FROM room WHERE blocked = 1 AND number IN (SELECT number FROM phone)"
)
_TALKING = (
    "SELECT DISTINCT number FROM chat_session WHERE ended_at IS NULL"
    " AND number IN (SELECT number FROM phone)"
)
FILTERS = {
    "": "1",
    "unread": "unread_chat + unread_sms + unread_push > 0",
    "no-kakao": "kakao = 0",
    "blocked": f"phone.number IN ({_BLOCKED})",
    "off": "is_on = 0",
    "slow": "slow_s > 0",
    "answer-lost": "answer_lost = 1",
    "talking": f"phone.number IN ({_TALKING})",
}
_COUNTS = {"blocked": _BLOCKED, "talking": _TALKING}
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
    unread_push: int
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


def traits_of(number: str) -> dict[str, float]:
    """What the last four digits of a number decide, by column of the phone."""
    born = {"is_on": 1, "kakao": 1, "blocks_all": 0, "slow_s": 0, "answer_lost": 0}
    return born | MAGIC.get(number[-4:], {})


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
        unread_push=row["unread_push"],
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
    counted = _COUNTS.get(only, f"SELECT number FROM phone WHERE {FILTERS[only]}")  # noqa: S608
    return store.number(f"SELECT count(*) FROM ({counted})")  # noqa: S608


def _read_cursor(cursor: str | None) -> tuple[int, str]:
    if not cursor:
        return NAMED_RANK + 1, ""
    rank, _, number = cursor.partition(".")
    return int(rank), number


def make_phones(store: Store, numbers: Iterable[str]) -> None:
    """A phone for every number that has none yet, with the traits of its last four digits.

    While a scenario with a town runs, automatic phones without other traits become as it says.
    """
    now = store.now()
    rows = []
    for number in numbers:
        magic = number[-4:] in MAGIC
        towned = store.town.traits(number) if store.town and not magic else {}
        traits = traits_of(number) | towned
        rows.append(
            (
                number,
                f"손님 {number[-4:]}",
                traits["is_on"],
                traits["kakao"],
                traits["blocks_all"],
                traits["slow_s"],
                traits["answer_lost"],
                now,
                bool(towned),
            )
        )
    store.many(
        "INSERT INTO phone (number, name, auto, is_on, kakao, blocks_all, slow_s, answer_lost,"
        " rank, created_at, town) VALUES (?, ?, 1, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO UPDATE"
        " SET is_on = excluded.is_on, kakao = excluded.kakao, blocks_all = excluded.blocks_all,"
        " slow_s = excluded.slow_s, town = 1 WHERE excluded.town = 1 AND auto = 1 AND town = 0"
        " AND is_on = 1 AND kakao = 1 AND blocks_all = 0 AND slow_s = 0",
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
