"""Bodies and answers of the desk API."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.inbox import Message
from sandbox.phones import Phone
from sandbox.reviews import Template

Times = int  # milliseconds since 1970


class Body(BaseModel):
    """A request body: unknown fields are an error, so a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid")


class ChannelIn(Body):
    sender_key: str = Field(min_length=1, max_length=40)
    channel_id: str = ""
    name: str = ""
    blocked: bool = False


class NhnIn(Body):
    secret_key: str
    sms_app_key: str = ""
    sms_secret_key: str = ""
    senders: list[ChannelIn] = []
    caller_numbers: list[str] = []
    webhook_url: str = ""
    webhook_signature: str = ""


class ConsultIn(Body):
    client_secret: str
    senders: list[ChannelIn] = []
    receive_domain: str = ""


class RelayIn(Body):
    signing_secret: str = Field(min_length=1)
    idempotency: Literal["dedupe", "look_up", "window_look_up", "blind"] = "blind"
    dedupe_ttl_s: int = Field(600, ge=1, le=3_600)
    senders: list[ChannelIn] = []
    caller_numbers: list[str] = []
    callback_url: str = ""


class VerdictIn(Body):
    comment: str = Field("", max_length=500)


class SettingsIn(Body):
    answer_delay_s: float | None = Field(None, ge=0, le=600)
    accept_delay_s: float | None = Field(None, ge=0, le=600)
    result_delay_s: float | None = Field(None, ge=0, le=600)
    list_lag_s: float | None = Field(None, ge=0, le=3_600)
    webhooks: bool | None = None
    review: Literal["manual", "auto"] | None = None
    auto_review_s: float | None = Field(None, ge=0, le=600)
    no_session_code: int | None = None


class PhoneIn(Body):
    number: str
    name: str = Field(min_length=1, max_length=40)


class TraitsIn(Body):
    on: bool | None = None
    kakao: bool | None = None
    slow_s: float | None = Field(None, ge=0, le=120)
    answer_lost: bool | None = None


class PressIn(Body):
    button: int = Field(ge=0)


class SayIn(Body):
    sender_key: str
    text: str


class ReceivedOut(BaseModel):
    """seq: place in the order of arrival. reference: recipientGroupingKey or serial_number."""

    seq: int
    at: Times
    provider: str
    app: str
    kind: str
    number: str
    sender: str
    title: str
    text: str
    reference: str
    request_id: str
    buttons: list[dict[str, Any]]


class MessageOut(BaseModel):
    id: int
    at: Times
    app: str
    kind: str
    mine: bool
    sender: str
    sender_name: str
    title: str
    text: str
    buttons: list[dict[str, Any]]
    pressed: list[int]
    template_code: str
    reference: str
    request_id: str


class PhoneOut(BaseModel):
    number: str
    name: str
    on: bool
    kakao: bool
    blocks_all: bool
    slow_s: float
    answer_lost: bool
    unread_chat: int
    unread_sms: int


class RoomOut(BaseModel):
    app: str
    sender: str
    sender_name: str
    unread: int
    blocked: bool
    friend: bool
    session_id: str | None


class PhonesOut(BaseModel):
    phones: list[PhoneOut]
    cursor: str | None


class PhoneDetailOut(PhoneOut):
    rooms: list[RoomOut]
    messages: list[MessageOut]
    held: int


class TemplateOut(BaseModel):
    sender_key: str
    sender_name: str
    code: str
    name: str
    status: str
    status_name: str
    block: bool
    body: dict[str, Any]
    comments: list[dict[str, Any]]
    created_at: Times
    updated_at: Times


def received(message: Message) -> ReceivedOut:
    return ReceivedOut(
        seq=message.arrival or 0,
        at=message.arrived_at or 0,
        provider=message.provider,
        app=message.app,
        kind=message.kind,
        number=message.number,
        sender=message.sender,
        title=message.title,
        text=message.text,
        reference=message.ref,
        request_id=message.request_id,
        buttons=message.buttons,
    )


def shown(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id,
        at=message.arrived_at or message.created_at,
        app=message.app,
        kind=message.kind,
        mine=message.mine,
        sender=message.sender,
        sender_name=message.sender_name,
        title=message.title,
        text=message.text,
        buttons=message.buttons,
        pressed=list(message.pressed),
        template_code=message.template_code,
        reference=message.ref,
        request_id=message.request_id,
    )


def phone_out(phone: Phone) -> PhoneOut:
    return PhoneOut.model_validate(phone, from_attributes=True)


def template_out(template: Template) -> TemplateOut:
    return TemplateOut.model_validate(template, from_attributes=True)
