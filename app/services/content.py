"""What a message froze at accept, and how an attempt's outgoing form is read from it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from channels.contract import Button, Outgoing
from templates.render import Rendered

TABLE = "message"  # the sealed blob is bound to this name


def freeze(
    number: str,
    variables: dict[str, str],
    rendered: Rendered,
    contacts: Mapping[str, str] | None = None,
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
        },
    }
    if rendered.sms_route is not None:
        content["sms"] = {
            "route": str(rendered.sms_route),
            "text": rendered.sms_text,
            "title": rendered.sms_subject,
        }
    return content


def _small(button: Button) -> dict[str, str]:
    return {name: value for name, value in asdict(button).items() if value}


def route_of(content: dict[str, Any], channel: str) -> str:
    """Which route carries a channel for this content: ``sms`` may mean ``sms`` or ``lms``."""
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
    """The frozen text of one channel, addressed and signed. Raises KeyError for a missing one."""
    part = content[channel]
    return Outgoing(
        ref=ref,
        to=number_of(content, to_name),
        sender=sender,
        text=part["text"],
        template=template if channel == "alimtalk" else "",
        title=part.get("title", ""),
        buttons=tuple(Button(**button) for button in part.get("buttons", ())),
    )
