"""How large what is sent and kept in a consultation may be: the one place, served to clients.

Source: Kakao business guide, bizmessage, consultation (state of 2026-11): image 5 MB; image of a
bubble with link buttons 0.5 MB, jpg or png; file and video 300 MB; audio 10 MB. Whether an MB is
1,000,000 or 1,048,576 bytes is not said; the smaller one fits both.
"""

from dataclasses import dataclass

from app.config import Settings
from app.errors import Invalid, TooLarge
from app.services import attachment_kinds
from app.services.attachment_kinds import GIF, M4A, MP3, MP4, BadFile, Kind, is_risky
from app.services.picture_shapes import JPEG, PNG

MB = 1_000_000
MOST = 300 * MB  # of anything, whatever is set
TEXT_LENGTH = 1_000  # characters with spaces
KEPT_H = 24  # how long an upload waits for the line that takes it


@dataclass(frozen=True, slots=True)
class Limit:
    """What one kind may be: at most ``size`` bytes; no ``media_types``: any that does not run."""

    kind: str
    size: int
    media_types: tuple[str, ...] = ()


MESSENGER = {
    limit.kind: limit
    for limit in (
        Limit("image", 5 * MB, (JPEG, PNG, GIF)),
        Limit("link_image", MB // 2, (JPEG, PNG)),
        Limit("video", MOST, (MP4,)),
        Limit("audio", 10 * MB, (M4A, MP3)),
        Limit("file", MOST),
    )
}


def served(settings: Settings) -> tuple[Limit, ...]:
    """The limits of this installation: the messenger's, and never over ``NARU_MAX_ATTACHMENT``."""
    return tuple(
        Limit(limit.kind, min(limit.size, settings.max_attachment), limit.media_types)
        for limit in MESSENGER.values()
    )


def insist(data: bytes, name: str, most: int = MOST, use: str = "") -> Kind:
    """What bytes are that an agent wants to send, at most ``most`` of them.

    ``use``: ``link_image`` for the picture of a bubble with buttons. Raises Invalid
    ``attachment_empty``, ``attachment_runs``, ``attachment_unreadable``, ``attachment_unfit`` and
    TooLarge ``attachment_too_large``.
    """
    if len(data) > most:
        raise too_large("file", most, len(data))
    try:
        kind = attachment_kinds.read(data)
        if is_risky(name):
            raise BadFile("runs", "a computer would run it")
    except BadFile as bad:
        raise Invalid(
            f"attachment_{bad.code}",
            f"The file cannot be sent: {bad}. Send a picture, a video, a recording or a document.",
            field="file",
        ) from None
    limit = MESSENGER[use or kind.name]
    if len(data) > limit.size:
        raise too_large(limit.kind, limit.size, len(data))
    if limit.media_types and kind.media_type not in limit.media_types:
        raise Invalid(
            "attachment_unfit",
            f"The messenger takes {', '.join(limit.media_types)} here, and this is "
            f"{kind.media_type}. Save it as one of these.",
            field="file",
            data={"kind": limit.kind, "media_types": list(limit.media_types)},
        )
    return kind


def too_large(kind: str, limit: int, count: int | None = None) -> TooLarge:
    """The refusal of a file over ``limit`` bytes; ``count``: what it has, when that is known."""
    had = "" if count is None else f" It has {count:,}."
    return TooLarge(
        "attachment_too_large",
        f"A {kind.replace('_', ' ')} may have {limit:,} bytes at most.{had} Save it smaller, or "
        "send a link to it.",
        field="file",
        data={"kind": kind, "limit": limit} | ({} if count is None else {"count": count}),
    )
