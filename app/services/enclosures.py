"""What an agent's line may hold beside its text: link buttons, pictures, files; and its limits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from app.db.models import Attachment, ChatMessage, Thread
from app.db.session import Tx
from app.errors import Invalid
from app.sealing import Sealer
from app.services import attachment_kinds, attachments
from app.services.attachment_kinds import Kind
from channels.bubble import Button, ChatFile, ChatPicture
from channels.consulting import Uploaded

LONGEST = 1_000  # characters with spaces (Kakao business guide, consultation; HappyTalk send_chat)
MOST_BUTTONS = 5  # of one bubble (Kakao business guide, consultation)
LONGEST_NAME = 14  # characters of a button (github.com/lunasoft-org/kakao-bzm, 2025-12)
LONGEST_URL = 1_000
MOST_FILES = 10  # of one answer: each becomes a line of its own
WEB, APP = "WL", "AL"
# control characters the messenger cannot show, and halves of letters no JSON can carry
BROKEN = {chr(code) for code in (*range(32), 127, *range(0xD800, 0xE000))} - set("\n\r\t")
SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob"})


def check_text(text: str) -> None:
    """Raise Invalid unless the text can be sent: 1–1,000 characters, spaces counted."""
    limits = {"limit": LONGEST, "length": len(text)}
    if not text.strip():
        raise Invalid("empty_text", "Write something first.", field="text", data=limits)
    if len(text) > LONGEST:
        raise Invalid(
            "too_long",
            f"The text has {len(text):,} characters, the messenger takes {LONGEST:,}. Send it in "
            "parts.",
            field="text",
            data=limits,
        )
    if any(char in BROKEN for char in text):
        raise Invalid(
            "bad_text", "The text holds control characters or broken letters.", field="text"
        )


def check(text: str, buttons: Sequence[Button], files: Sequence[UUID]) -> None:
    """Whether these may be one answer: a text, alone only when no file goes with it.

    Raises Invalid ``empty_text``, ``too_long``, ``bad_text``, ``bad_button``,
    ``too_many_buttons``, ``too_many_files``.
    """
    if text or buttons or not files:
        check_text(text)
    if len(buttons) > MOST_BUTTONS:
        raise Invalid(
            "too_many_buttons",
            f"A bubble has at most {MOST_BUTTONS} buttons.",
            field="buttons",
            data={"limit": MOST_BUTTONS, "count": len(buttons)},
        )
    for place, button in enumerate(buttons):
        _check_button(place, button)
    if len(set(files)) != len(files) or len(files) > MOST_FILES:
        raise Invalid(
            "too_many_files",
            f"Name each file once, at most {MOST_FILES} in one answer.",
            field="attachment_ids",
            data={"limit": MOST_FILES, "count": len(files)},
        )


def _check_button(place: int, button: Button) -> None:
    field = f"buttons[{place}]"
    if button.kind not in (WEB, APP):
        raise Invalid("bad_button", "A button opens the web (WL) or an app (AL).", field=field)
    named = button.name.strip()
    if not 1 <= len(named) <= LONGEST_NAME or not named.isprintable():
        raise Invalid(
            "bad_button",
            f"A button's label has 1–{LONGEST_NAME} characters.",
            field=f"{field}.name",
            data={"limit": LONGEST_NAME, "length": len(named)},
        )
    leads = (
        {"url_mobile": button.url_mobile, "url_pc": button.url_pc}
        if button.kind == WEB
        else {"scheme_android": button.scheme_android, "scheme_ios": button.scheme_ios}
    )
    needed = ("url_mobile",) if button.kind == WEB else tuple(leads)
    for name, url in leads.items():
        if (url or name in needed) and not _leads_somewhere(url, button.kind):
            what = "an https:// or http:// address" if button.kind == WEB else "an app's address"
            raise Invalid(
                "bad_button",
                f"The button needs {what} of at most {LONGEST_URL} characters here.",
                field=f"{field}.{name}",
            )


def _leads_somewhere(url: str, kind: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return False
    if kind == WEB:
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    return bool(parts.scheme) and parts.scheme not in SCHEMES


def content_of(buttons: Sequence[Button]) -> dict[str, Any]:
    """Buttons as a line keeps them: ``{"buttons": [{"kind": …, "name": …, …}]}``."""
    kept = ({name: value for name, value in asdict(one).items() if value} for one in buttons)
    return {"buttons": list(kept)} if buttons else {}


def buttons_of(content: Mapping[str, Any]) -> tuple[Button, ...]:
    """The buttons of a line."""
    return tuple(Button(**one) for one in content.get("buttons", ()))


async def named(tx: Tx, thread: Thread, id_: UUID) -> Attachment:
    """A file that may become a line of this thread. Raises NotFound ``attachment_not_found``."""
    found = await tx.session.get(Attachment, id_)
    ours = found is not None and found.thread_id == thread.id
    if found is None or not ours or found.direction != "out" or found.state != "stored":
        raise attachments.missing()
    return found


def line_of(sealer: Sealer, attachment: Attachment) -> tuple[str, dict[str, Any]]:
    """Kind and content of the line that carries a file. Raises Unsealable."""
    name = attachment_kinds.safe_name(
        str(attachments.facts_of(sealer, attachment)["name"]), attachment.media_type
    )
    return Kind(attachment.media_type).name, {
        "attachment_id": str(attachment.id),
        "name": name,
        "size": attachment.size,
        "media_type": attachment.media_type,
    }


async def of_line(tx: Tx, message: ChatMessage, content: Mapping[str, Any]) -> Attachment | None:
    """The file an outgoing line carries, if any."""
    id_ = content.get("attachment_id")
    found = await tx.session.get(Attachment, UUID(str(id_))) if id_ else None
    ours = found is not None and found.workspace_id == message.workspace_id
    return found if ours else None


def enclosed(
    sealer: Sealer, attachment: Attachment, content: Mapping[str, Any]
) -> ChatPicture | ChatFile | None:
    """What is written once the hub keeps the file; None before. Raises Unsealable."""
    url = str(attachments.facts_of(sealer, attachment).get("hub_url", ""))
    if not url:
        return None
    if Kind(attachment.media_type).name == "image":
        return ChatPicture(url)
    return ChatFile(url, str(content["name"]), attachment.size)


def remember(sealer: Sealer, attachment: Attachment, uploaded: Uploaded) -> None:
    """The hub keeps the file now: another try need not give it again. Raises Unsealable."""
    facts = dict(attachments.facts_of(sealer, attachment)) | {"hub_url": uploaded.url}
    attachment.sealed = sealer.seal(
        attachments.TABLE, attachment.workspace_id, attachment.id, facts
    )
