"""A notice's bubble as data: everything the customer sees, and what a press on it does."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.services import content
from app.services.presses import does, leads_to
from channels.bubble import Button
from templates.render import Rendered
from templates.template import MessageType, Template
from templates.text import byte_length

# The line Kakao itself puts below the text of AD and MI. It takes 36 characters
# (github.com/lunasoft-org/kakao-bzm, 2025-12); its wording has changed before.
AD_LINE = "채널 추가하고 이 채널의 광고와 마케팅 메시지를 카카오톡으로 받기"


def show(template: Template, made: Rendered, lang: str) -> dict[str, Any]:
    """The bubble of a filled template; pictures by their names in the workspace.

    ``lang``: of the sentences that say what a press does, ``ko`` or ``en``.
    """
    adds = template.message_type in {MessageType.ADD_CHANNEL, MessageType.MIXED}
    return {
        "emphasis": str(template.emphasis),
        "title": made.title,
        "subtitle": template.subtitle,
        "image": template.image,
        "header": made.header,
        "highlight": asdict(made.highlight) if made.highlight else None,
        "items": [asdict(item) for item in made.items],
        "summary": asdict(made.summary) if made.summary else None,
        "text": made.text,
        "extra": template.extra,
        "ad_line": AD_LINE if adds else "",
        "security": template.security,
        "buttons": [_button(button, lang) for button in made.buttons],
        "quick_replies": [_button(button, lang) for button in made.quick_replies],
        "link": asdict(made.link) | {"does": leads_to(made.link, lang)} if made.link else None,
    }


def of_frozen(template: Template, frozen: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The bubble of a message that was accepted, from the very parts it froze.

    ``frozen``: the opened content; ``template``: the version it was made with.
    """
    out = content.outgoing(dict(frozen), "alimtalk", ref="", sender="", template="")
    made = Rendered(
        out.text,
        out.title,
        out.buttons,
        header=out.header,
        highlight=out.highlight,
        items=out.items,
        summary=out.summary,
        quick_replies=out.quick_replies,
        link=out.link,
    )
    return show(template, made, lang)


def text_of_frozen(frozen: Mapping[str, Any]) -> dict[str, Any] | None:
    """The text message of an accepted one, with its size in bytes; None where it has none.

    An SMS carries no subject.
    """
    part = frozen.get("sms")
    if part is None:
        return None
    return {
        "route": part["route"],
        "title": "" if part["route"] == "sms" else part["title"],
        "text": part["text"],
        "picture": part.get("picture", ""),
        "bytes": byte_length(part["text"]),
    }


def _button(button: Button, lang: str) -> dict[str, str]:
    """What of it is said, but not the token: that is made when the message is accepted."""
    told = {name: value for name, value in asdict(button).items() if value and name != "token"}
    return told | {"does": does(button, lang)}
