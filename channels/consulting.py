"""The optional side of an adapter that carries consultation chats."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from channels.contract import Outcome


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A picture or file the hub now keeps; ``size`` in bytes."""

    url: str = field(repr=False)
    name: str = field(repr=False)
    size: int


@runtime_checkable
class CanConsult(Protocol):
    """A hub that carries chats; lines go out by ``send``. An outcome's ``ref`` is empty here."""

    @property
    def blocks(self) -> bool:
        """Whether the hub can be asked to block a customer."""
        ...

    async def upload_for_chat(  # not the ``upload`` of CanUpload, which is for notices
        self, sender: str, kind: str, name: str, media_type: str, data: bytes
    ) -> Uploaded | Outcome:
        """Give the hub an image, link_image, file, video or audio; no customer sees it yet."""
        ...

    async def end(self, sender: str, user_key: str, bot_event: str | None = None) -> Outcome:
        """Close the chat session at the hub; ``bot_event`` (may be empty) hands back to its bot."""
        ...

    async def block(self, sender: str, user_key: str) -> Outcome:
        """Block a customer, which ends the chat session too."""
        ...

    async def unblock(self, sender: str, user_key: str) -> Outcome:
        """Lift the block."""
        ...
