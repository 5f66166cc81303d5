"""Where a customer's message names files: the addresses the messenger gives, never believed.

Photos come as ``content.url`` or, several at once, as ``contents[].url``; the whole of a long text
lies at ``attachment.url``. Source: the fields a production receiver of the hub reads (2026-11); the
hub's own page is not public, so other kinds are looked through the same way.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from app.db.models import ChatMessage, Thread
from app.db.session import Tx
from app.log import logger
from app.sealing import Sealer
from app.services import attachments

MOST = 50  # files of one message; the messenger's own app takes 30 pictures at once
LONGEST = 2_000  # characters of an address
NAMES = ("name", "file_name", "filename")
log = logger("files")


def expect(
    tx: Tx, sealer: Sealer, thread: Thread, message: ChatMessage, content: Mapping[str, Any]
) -> None:
    """Have every file of a message fetched after the commit. ``content``: the hub's own body."""
    if content.get("type") in (None, "text"):
        url = _url(content.get("attachment"))
        if url:
            attachments.expect_text(tx, sealer, thread, message, url)
        return
    found = named(content)
    for url, name in list(found.items())[:MOST]:
        attachments.expect(tx, sealer, thread, message, url, name)
    if len(found) > MOST:
        log.warning("too many files", line=str(message.id), files=len(found))


def named(content: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of a message that is no text, each once, with the name its file has."""
    several = content.get("contents")
    places = [*(several if isinstance(several, list) else ()), content.get("content")]
    found: dict[str, str] = {}
    for place in (*places, content.get("attachment")):
        url = _url(place)
        if url:
            found.setdefault(url, _name(place, url))
    return found


def _url(place: Any) -> str:
    url = place.get("url") if isinstance(place, Mapping) else None
    return url if isinstance(url, str) and 0 < len(url) <= LONGEST else ""


def _name(place: Mapping[str, Any], url: str) -> str:
    given = next((place[key] for key in NAMES if isinstance(place.get(key), str)), "")
    try:
        return given or unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:  # brackets that are no address: the guard refuses it later
        return ""
