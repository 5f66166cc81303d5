"""Timelines on a terminal: what happened to a message, line by line, as the API tells it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import click

from app.cli.api import Api
from app.services.states import MessageStatus

POLL_S = 0.3
OPEN = frozenset(
    {
        MessageStatus.SCHEDULED,
        MessageStatus.HELD,
        MessageStatus.QUEUED,
        MessageStatus.SENDING,
        MessageStatus.UNKNOWN,
        MessageStatus.SENT,
    }
)
Entry = Mapping[str, Any]


def lang_option(command: Any) -> Any:
    """Add ``--lang``."""
    return click.option(
        "--lang", type=click.Choice(["ko", "en"]), default="ko", show_default=True, help="Words."
    )(command)


def is_open(status: str) -> bool:
    """Whether something may still happen to a message of that status."""
    return status in OPEN


def clock(at: str) -> str:
    """The time of day on this machine's clock, with milliseconds."""
    here = datetime.fromisoformat(at).astimezone()
    return f"{here:%H:%M:%S}.{here.microsecond // 1000:03d}"


def line(entry: Entry) -> str:
    """``14:02:31.120  알림톡 도착 (1000: 도착함)``."""
    code = ": ".join(str(entry[name]) for name in ("code", "code_meaning") if entry.get(name))
    detail = f"  {entry['detail']}" if entry.get("detail") else ""
    told = f"{entry['title']}{detail}{f' ({code})' if code else ''}"
    return f"{clock(str(entry['at']))}  {told}".replace("\n", " ")


def advice(entry: Entry) -> str:
    """``→ what to do``, under the words of its line; empty when the entry asks for nothing."""
    return f"{'':14}→ {entry['action']}" if entry.get("action") else ""


async def read(api: Api, message_id: str, lang: str) -> Mapping[str, Any]:
    """``{"message": {…}, "entries": […]}``. Raises Problem."""
    told: Mapping[str, Any] = await api.get(f"/v1/messages/{message_id}/timeline", lang=lang)
    return told


async def follow(api: Api, message_id: str, lang: str) -> AsyncIterator[Entry]:
    """Entries as they appear, until nothing more can happen. Raises Problem."""
    seen: set[tuple[str, str, str]] = set()
    while True:
        told = await read(api, message_id, lang)
        for entry in told["entries"]:
            mark = (str(entry["at"]), str(entry["kind"]), str(entry["title"]))
            if mark not in seen:
                seen.add(mark)
                yield entry
        if not is_open(str(told["message"]["status"])):
            return
        await asyncio.sleep(POLL_S)
