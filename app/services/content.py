"""What a message froze at accept, and how an attempt's outgoing form is read from it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from channels.bubble import Button, Highlight, Item, Links
from channels.contract import Outgoing
from templates.render import Rendered

TABLE = "message"  # the sealed blob is bound to this name
# parts of a bubble beside text, title and buttons, by how they are read back
_ROWS = {"items": Item, "quick_replies": Button}
_PARTS = {"highlight": Highlight, "summary": Item, "link": Links}


def freeze(
    number: str,
    variables: dict[str, str],
    rendered: Rendered,
    contacts: Mapping[str, str] | None = None,
    push: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON value sealed with the message: numbers, variables, and every channel's text."""
    content: dict[str, Any] = {
        "to": number,
        "contacts": dict(contacts or {}),
        "variables": variables,
        "alimtalk": {
            "text": rendered.text,
            "title": rendered.title,
            "buttons": [_small(button) for button in rendered.buttons],
            **_bubble(rendered),
        },
    }
    if rendered.sms_route is not None:
        content["sms"] = {
            "route": str(rendered.sms_route),
            "text": rendered.sms_text,
            "title": rendered.sms_subject,
        }
        if rendered.sms_picture:  # by name: each account's provider calls it otherwise
            content["sms"]["picture"] = rendered.sms_picture
    if push is not None:
        content["push"] = dict(push)
    return content


def _small(part: Button | Item | Highlight | Links) -> dict[str, str]:
    return {name: value for name, value in asdict(part).items() if value}


def _bubble(rendered: Rendered) -> dict[str, Any]:
    """The parts few notices have, where there are any."""
    found: dict[str, Any] = {"header": rendered.header} if rendered.header else {}
    for name in _ROWS:
        if rows := getattr(rendered, name):
            found[name] = [_small(row) for row in rows]
    for name in _PARTS:
        if (part := getattr(rendered, name)) is not None:
            found[name] = _small(part)
    return found


def route_of(content: Mapping[str, Any], channel: str) -> str:
    """Which route carries a channel for this content: ``sms`` may mean ``lms`` or ``mms`` too."""
    return str(content["sms"]["route"]) if channel == "sms" else channel


def number_of(content: dict[str, Any], to_name: str) -> str:
    """The number of a contact, or of the message's own recipient. Raises KeyError."""
    return str(content["contacts"][to_name] if to_name else content["to"])


def outgoing(
    content: dict[str, Any],
    channel: str,
    to_name: str = "",
    *,
    ref: str,
    sender: str,
    template: str,
) -> Outgoing:
    """The frozen text of one channel, addressed and signed. Raises KeyError for a missing one.

    Pictures have the workspace's own names still: ``scheduler.showing`` gives them the provider's.
    """
    part = content[channel]
    bubble: dict[str, Any] = {
        name: tuple(kind(**row) for row in part[name])
        for name, kind in _ROWS.items()
        if name in part
    }
    bubble |= {name: kind(**part[name]) for name, kind in _PARTS.items() if name in part}
    return Outgoing(
        ref=ref,
        to=number_of(content, to_name),
        sender=sender,
        text=part["text"],
        template=template if channel == "alimtalk" else "",
        title=part.get("title", ""),
        buttons=tuple(Button(**button) for button in part.get("buttons", ())),
        header=part.get("header", ""),
        picture=part.get("picture", ""),
        **bubble,
    )
