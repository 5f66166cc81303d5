"""A line appears on a phone: its place, its room, unread counts and counters, many at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Line:
    """A stored message that now becomes visible. `incoming`: it counts as unread.

    code: the result its sender is told, None for a line that nobody waits for.
    """

    id: int
    number: str
    app: str
    sender: str
    incoming: bool = True
    code: str | None = None


def appear(store: Store, lines: Sequence[Line], at: int | None = None) -> None:
    """Show lines on their phones, in this order; they are then settled. Inside a transaction.

    at: when it is, in ms, for a caller who has said so of others too; else now.
    """
    if not lines:
        return
    now = store.now() if at is None else at
    first = store.next_arrivals(len(lines))
    store.many(
        "UPDATE message SET arrival = ?, arrived_at = ?, state = 'done', due_at = NULL,"
        " result = coalesce(?, result), result_at = coalesce(?, result_at) WHERE id = ?",
        [
            (first + i, now, line.code, now if line.code else None, line.id)
            for i, line in enumerate(lines)
        ],
    )
    store.many(
        "INSERT INTO room (number, app, sender, last_id, unread) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_id = excluded.last_id, unread = unread + excluded.unread",
        ((line.number, line.app, line.sender, line.id, line.incoming) for line in lines),
    )
    store.many(
        "UPDATE phone SET last_id = ?, rank = CASE auto WHEN 1 THEN ? ELSE rank END,"
        " unread_chat = unread_chat + ?, unread_sms = unread_sms + ?,"
        " unread_push = unread_push + ? WHERE number = ?",
        (
            (
                line.id,
                first + i,
                line.incoming and line.app == "chat",
                line.incoming and line.app == "sms",
                line.incoming and line.app == "push",
                line.number,
            )
            for i, line in enumerate(lines)
        ),
    )
    for app, count in Counter(line.app for line in lines if line.incoming).items():
        store.count(f"arrived {app}", count)
    store.changes.touch(line.number for line in lines)


def write_line(
    store: Store,
    line: tuple[str, str, str],
    text: str,
    mine: bool = False,
    payload: dict[str, Any] | None = None,
    source: tuple[str, str, str] = ("", "", ""),
) -> int:
    """Store a chat line (number, sender key, kind) and show it; returns its id.

    source: provider, account and reference of a line that came from a provider. What comes to a
    phone that is off is held until it is switched on.
    """
    number, sender_key, kind = line
    incoming = not mine and kind != "system"
    held = incoming and not store.number("SELECT is_on FROM phone WHERE number = ?", (number,))
    cursor = store.run(
        "INSERT INTO message (number, app, sender, kind, mine, text, payload, provider, account,"
        " ref, created_at, state) VALUES (?, 'chat', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            sender_key,
            kind,
            mine,
            text,
            orjson.dumps(payload or {}).decode(),
            *source,
            store.now(),
            "held" if held else "done",
        ),
    )
    message_id = cursor.lastrowid or 0
    if held:
        store.changes.touch([number])
    else:
        appear(store, [Line(message_id, number, "chat", sender_key, incoming)])
    return message_id
