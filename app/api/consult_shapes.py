"""Lines of a consultation over HTTP: as they are read, and as an agent writes them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import Answer, Body
from app.services import cases, consultations
from channels.bubble import Button

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=0, le=LARGEST)]


class Part(BaseModel):
    """A piece of an answer, read from what the services give."""

    model_config = ConfigDict(from_attributes=True)


class File(Part):
    """A picture or file of a line."""

    id: UUID
    direction: str = Field(description="in: the customer's; out: ours")
    name: str | None = Field(description="safe to save under; null when its key was destroyed")
    kind: str = Field(description="image, video, audio or file")
    media_type: str = Field(description="found in the bytes; empty while it is on its way")
    size: int = Field(description="bytes")
    state: str = Field(description="pending (on its way), stored, failed, purged")
    error: str = Field(description="why it failed, or what the newest try met")
    note: str = Field(description="the same in plain Korean")


class Line(Part):
    """One line of a thread."""

    id: UUID
    seq: int = Field(description="its place in the thread, from 1")
    author_kind: str = Field(description="customer, agent, bot or system")
    author: str = Field(description="the agent's name; empty for the others")
    kind: str = Field(
        description="text, link, image, video, audio, file, emoticon, card, note (never leaves), "
        "event, unsupported"
    )
    text: str | None = Field(description="null when the key that sealed it was destroyed")
    content: dict[str, Any] | None = Field(
        description="what the messenger told of a picture, video or file, as it came: untrusted"
    )
    case_id: UUID | None
    notice_id: UUID | None = Field(description="the message this line answers")
    link_confidence: float | None = Field(
        description="1.0 the customer pressed that message's button; 0.9 they forwarded it; 0.8 "
        "an earlier one's button; 0.7 they said a label of it"
    )
    link_how: str = Field(description="button, forwarded, earlier, label; empty without a notice")
    status: str = Field(description="stored (came in), queued, sending, sent, unknown, failed")
    reason: str | None
    code: str = Field(description="the provider's own code, raw")
    note: str = Field(description="the state of an outgoing line in plain Korean")
    platform_at: datetime | None = Field(description="the messenger's own time")
    created_at: datetime
    attachments: list[File] = Field(description="in lists of lines; fetch the bytes by their id")


class LinkButton(Body):
    """A button under a text that leads somewhere."""

    kind: Literal["WL", "AL"] = Field("WL", description="WL opens the web, AL an app")
    name: str = Field(max_length=200, description="its label, 1–14 characters")
    url_mobile: str = Field("", max_length=2_000, description="WL: where it leads")
    url_pc: str = Field("", max_length=2_000, description="WL: the same on a computer")
    scheme_android: str = Field("", max_length=2_000, description="AL: the app's address")
    scheme_ios: str = Field("", max_length=2_000, description="AL: the app's address")


class NewLine(Body):
    """What an agent says to the customer."""

    text: str = Field(
        "",
        description="1–1,000 characters; may be empty when files go",
        examples=["안녕하세요, 무엇을 도와드릴까요?"],
    )
    agent: str = Field(max_length=200, description="who writes", examples=["김나루"])
    epoch: int = Field(ge=1, le=LARGEST, description="the case's epoch as you saw it")
    client_key: str = Field(
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="unique per thread: the same key, text and files again send nothing twice",
    )
    seen_seq: Number | None = Field(None, description="the newest line you saw")
    buttons: list[LinkButton] = Field([], max_length=50, description="at most 5")
    attachment_ids: list[UUID] = Field(
        [], max_length=50, description="files uploaded to this thread, at most 10: a line each"
    )

    def writing(self) -> consultations.Writing:
        """The same for the services."""
        return consultations.Writing(
            text=self.text,
            agent=cases.Agent(self.agent),
            epoch=self.epoch,
            client_key=self.client_key,
            seen_seq=self.seen_seq,
            attachments=tuple(self.attachment_ids),
            buttons=tuple(Button(**one.model_dump()) for one in self.buttons),
        )


class Posted(Answer):
    """An answer that will leave; its state is in `message`."""

    message: Line
    more: list[Line] = Field(description="the lines of its files after the first line")
    case_id: UUID
    epoch: int = Field(description="the case's epoch now: it rises when the writer took the case")
    replayed: bool = Field(description="true when this client_key was accepted before")
