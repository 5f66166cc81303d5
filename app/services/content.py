"""What a message froze at accept, and how an attempt's outgoing form is read from it."""

from dataclasses import asdict
from typing import Any

from channels.contract import Button, Outgoing
from templates.render import Rendered

TABLE = "message"  # the sealed blob is bound to this name


def freeze(number: str, variables: dict[str, str], rendered: Rendered) -> dict[str, Any]:
    """The JSON value sealed with the message: number, variables, and every channel's text."""
    content: dict[str, Any] = {
        "to": number,
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


def outgoing(
    content: dict[str, Any], channel: str, *, ref: str, sender: str, template: str
) -> Outgoing:
    """The frozen text of one channel, addressed and signed. Raises KeyError for a missing one."""
    part = content[channel]
    return Outgoing(
        ref=ref,
        to=content["to"],
        sender=sender,
        text=part["text"],
        template=template if channel == "alimtalk" else "",
        title=part.get("title", ""),
        buttons=tuple(Button(**button) for button in part.get("buttons", ())),
    )
