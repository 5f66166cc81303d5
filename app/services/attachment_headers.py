"""Under which headers bytes that others made leave us: shown or saved, and never run."""

from collections.abc import Mapping
from urllib.parse import quote

from app.services.attachment_kinds import ENDINGS, KINDS
from app.services.attachments import AttachmentView

ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"  # a page of its own, without rights
SAFE: Mapping[str, str] = {
    "Content-Security-Policy": ALONE,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def headers_of(shown: AttachmentView) -> dict[str, str]:
    """What keeps a browser from running a file: for every route that gives out its bytes.

    The three kinds of pictures are shown; everything else is only saved, under the name it came
    with.
    """
    way = "inline" if KINDS.get(shown.media_type) == "image" else "attachment"
    ending = ENDINGS.get(shown.media_type, ("",))[0]
    name = quote(shown.name or f"file{ending}", safe="")
    named = f"{way}; filename=\"file{ending}\"; filename*=UTF-8''{name}"
    return {**SAFE, "Content-Disposition": named}
