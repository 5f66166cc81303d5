"""What a push says: frozen at accept, handed to the device's app with what it needs to answer.

The app reports by a token in the push (:mod:`app.services.app_receipts`); docs/push.md names the
keys. The text is the notice's own: what a phone shows, the app may show in full.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.config import Settings
from app.errors import Invalid
from app.sealing import Sealer
from app.services import app_receipts
from app.services.catalogue import Sending
from channels.contract import Outgoing
from channels.push import LARGEST_PAYLOAD
from channels.vocabulary import Level
from templates.plan import Plan
from templates.render import Rendered

# what the keys of our own, the address to report to and the names of fields may take together
RESERVED_BYTES = 900
MOST_BYTES = LARGEST_PAYLOAD - RESERVED_BYTES


def part(rendered: Rendered, sending: Sending) -> dict[str, Any]:
    """The frozen form: title, text, and the buttons that open a link.

    Raises Invalid ``too_long`` for what no push service would carry.
    """
    count = size(rendered, sending)
    if count > MOST_BYTES:
        raise Invalid(
            "too_long",
            f"content has {count} bytes once filled; {MOST_BYTES} fit a push. "
            "Shorten the values or the template, or leave push out of the plan.",
            field="content",
            data={"count": count, "limit": MOST_BYTES, "unit": "bytes"},
        )
    return _parts(rendered, sending)


def size(rendered: Rendered, sending: Sending) -> int:
    """Bytes of what a push would say."""
    return sum(len(orjson.dumps(value)) for value in _parts(rendered, sending).values())


def _parts(rendered: Rendered, sending: Sending) -> dict[str, Any]:
    buttons = [
        {"name": button.name, "url": button.url_mobile or button.url_pc}
        for button in rendered.buttons
        if button.url_mobile or button.url_pc
    ]
    return {
        "title": rendered.title or sending.default_subject,
        "text": rendered.text,
        "buttons": buttons,
    }


def outgoing(  # noqa: PLR0913 - what is known of a push, from where each is known
    sealer: Sealer,
    settings: Settings,
    plain: Outgoing,
    frozen: Mapping[str, Any],
    *,
    address: tuple[str, str],
    message_id: UUID,
    template: str,
    plan: Plan,
    step: int,
    expires_at: datetime | None,
) -> Outgoing:
    """``plain`` addressed to the device (kind, address), with what its app is handed."""
    data = {
        "naru_token": app_receipts.token(sealer, plain.ref),
        "naru_receipts": f"{settings.public}{app_receipts.PATH}",
        "naru_id": str(message_id),
        "naru_template": template,
    }
    if buttons := frozen["push"].get("buttons"):
        data["naru_buttons"] = orjson.dumps(buttons).decode()
    if plan.steps[step].until is Level.ACKNOWLEDGED:
        data["naru_ask"] = "acknowledge"
    kind, to = address
    return replace(plain, to=to, address_kind=kind, data=tuple(data.items()), expires_at=expires_at)
