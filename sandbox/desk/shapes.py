"""Bodies and answers of the desk API."""

from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.inbox import Message
from sandbox.moves import acts_of
from sandbox.phones import Phone
from sandbox.reviews import Template

Times = int  # milliseconds since 1970


class Body(BaseModel):
    """A request body: unknown fields are an error, so a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid")


class ChannelIn(Body):
    sender_key: str = Field(min_length=1, max_length=40, examples=["my-channel"])
    channel_id: str = Field("", examples=["@shop"])
    name: str = Field("", examples=["한빛상회"])
    blocked: bool = False


CHANNELS: Any = Field([], examples=[[{"sender_key": "my-channel", "name": "한빛상회"}]])
CALLERS: Any = Field([], examples=[["0220410100"]])


class NhnIn(Body):
    secret_key: str = Field(examples=["s3"])
    sms_app_key: str = Field("", examples=["my-sms-app-key"])
    sms_secret_key: str = Field("", examples=["s4"])
    senders: list[ChannelIn] = CHANNELS
    caller_numbers: list[str] = CALLERS
    webhook_url: str = ""
    webhook_signature: str = ""


class ConsultIn(Body):
    client_secret: str = Field(examples=["s5"])
    senders: list[ChannelIn] = CHANNELS
    receive_domain: str = ""


class RelayIn(Body):
    signing_secret: str = Field(min_length=1, examples=["s6"])
    idempotency: Literal["dedupe", "look_up", "window_look_up", "blind"] = "blind"
    dedupe_ttl_s: int = Field(600, ge=1, le=3_600)
    senders: list[ChannelIn] = CHANNELS
    caller_numbers: list[str] = CALLERS
    callback_url: str = ""


class RelayChangeIn(Body):
    """What is not said stays."""

    idempotency: Literal["dedupe", "look_up", "window_look_up", "blind"] | None = None
    dedupe_ttl_s: int | None = Field(None, ge=1, le=3_600)


class SolapiIn(Body):
    """balance in won: what is not said stays, a new account has a million."""

    api_secret: str = Field(min_length=1, examples=["s7"])
    senders: list[ChannelIn] = CHANNELS
    caller_numbers: list[str] = CALLERS
    webhook_url: str = ""
    group_webhook_url: str = ""
    report_shape: Literal["wrapped", "flat"] = "wrapped"
    balance: float | None = Field(None, ge=0)


class FcmIn(Body):
    """Of a service account its name and its public key, or its whole key file (`service_account`).

    Only the public key is kept.
    """

    client_email: str = Field("", max_length=300, examples=["naru@my-app.iam.gserviceaccount.com"])
    public_key: str = Field("", max_length=10_000, description="PEM")
    service_account: dict[str, Any] | None = None


class SaidIn(Body):
    comment: str = Field("", max_length=500, examples=["변수를 설명해 주세요"])


class PhoneIn(Body):
    number: str = Field(examples=["010-5555-3019"])
    name: str = Field(min_length=1, max_length=40, examples=["12호차"])


class TraitsIn(Body):
    on: bool | None = Field(None, examples=[False])
    kakao: bool | None = None
    slow_s: float | None = Field(None, ge=0, le=120)
    answer_lost: bool | None = None
    blocks_all: bool | None = None


class PressIn(Body):
    button: int = Field(ge=0)


class SayIn(Body):
    sender_key: str = Field(examples=["my-channel"])
    text: str = Field(examples=["언제 도착하나요?"])


class MessageOut(BaseModel):
    """photos: addresses of what the customer sent. result: "unsent" when it reached no shop."""

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
    photos: list[str]
    result: str
    template_code: str
    reference: str
    request_id: str
    data: dict[str, Any] = Field(description="of a push: what its app was handed")


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
    unread_push: int


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


class TextOut(BaseModel):
    version: int
    name: str
    body: dict[str, Any]
    status: str
    created_at: Times
    updated_at: Times


class TemplateOut(BaseModel):
    """`body`: the text in use, of the newest while none was approved. `edit`: the one beside it."""

    sender_key: str
    sender_name: str
    code: str
    name: str
    status: str
    status_name: str
    stop: bool
    block: bool
    dormant: bool
    acts: list[str]
    kakao_code: str
    version: int
    body: dict[str, Any]
    edit: TextOut | None
    comments: list[dict[str, Any]]
    created_at: Times
    updated_at: Times


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
        photos=message.photos,
        result=message.result,
        template_code=message.template_code,
        reference=message.ref,
        request_id=message.request_id,
        data=message.data,
    )


def phone_out(phone: Phone) -> PhoneOut:
    return PhoneOut.model_validate(phone, from_attributes=True)


def template_out(template: Template) -> TemplateOut:
    told = {"status_name": template.status_name, "acts": acts_of(template)}
    return TemplateOut.model_validate({**asdict(template), **told})
