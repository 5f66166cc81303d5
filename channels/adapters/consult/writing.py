"""One line of a business as the body of `/v1/chat/write`: TX, LI, IM or FI."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.bubble import Button, ChatFile, ChatPicture
from channels.contract import Outgoing
from channels.vocabulary import Reason

LONGEST_TEXT = 1_000  # characters with spaces, also of every address and file name
MOST_LINKS = 5
LINKS = frozenset({"WL", "AL", "BK", "MD", "BT", "BC"})


@dataclass(frozen=True, slots=True)
class Unwritable:
    """Why a line cannot be told to the hub; nothing was sent."""

    reason: Reason
    code: str
    text: str


def form_of(message: Outgoing) -> Mapping[str, Any] | Unwritable:
    """The body, or why there is none."""
    said = _said(message)
    if isinstance(said, Unwritable):
        return said
    keys = {
        "user_key": message.to,
        "sender_key": message.sender,
        "serial_number": message.ref,
    }
    return keys | said


def _said(message: Outgoing) -> dict[str, Any] | Unwritable:
    enclosed = message.enclosed
    if isinstance(enclosed, ChatPicture | ChatFile):
        if message.text or message.buttons:
            return _refused("not_together", "A picture or file goes without text and buttons")
        return _enclosure(enclosed)
    if not message.text:
        return _refused("empty", "A line without a text")
    if len(message.text) > LONGEST_TEXT:
        what = f"{len(message.text)} characters, {LONGEST_TEXT} at most"
        return Unwritable(Reason.TOO_LONG, "too_long", what)
    if not message.buttons:
        return {"message_type": "TX", "message": message.text}
    strange = [one.kind for one in message.buttons if one.kind not in LINKS]
    if strange or len(message.buttons) > MOST_LINKS:
        return _refused("links", f"At most {MOST_LINKS} buttons of {', '.join(sorted(LINKS))}")
    links = [_link(one) for one in message.buttons]
    return {"message_type": "LI", "message": message.text, "links": links}


def _enclosure(enclosed: ChatPicture | ChatFile) -> dict[str, Any] | Unwritable:
    longest = max(len(enclosed.url), len(enclosed.name) if isinstance(enclosed, ChatFile) else 0)
    if not enclosed.url or longest > LONGEST_TEXT:
        return _refused("address", f"An address and a name of 1 to {LONGEST_TEXT} characters")
    if isinstance(enclosed, ChatPicture):
        return {"message_type": "IM", "image_url": enclosed.url}
    return {
        "message_type": "FI",
        "file_url": enclosed.url,
        "file_name": enclosed.name,
        "file_size": enclosed.size,
    }


def _refused(code: str, text: str) -> Unwritable:
    return Unwritable(Reason.REQUEST_REFUSED, code, text)


def _link(button: Button) -> dict[str, str]:
    """What `links` holds is not published; these are the button fields of the hub's /v3 sample."""
    told = {
        "name": button.name,
        "type": button.kind,
        "url_mobile": button.url_mobile,
        "url_pc": button.url_pc,
        "scheme_android": button.scheme_android,
        "scheme_ios": button.scheme_ios,
        "target": button.target,
        "chat_extra": button.token,
        "chat_event": button.event,
    }
    return {name: value for name, value in told.items() if value}
