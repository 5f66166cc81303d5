"""What arrived and what the providers accepted, for tests: narrowed, and waited for."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from sandbox.desk.deps import need_number, store_of
from sandbox.desk.shapes import Times
from sandbox.inbox import Message, Wanted, latest, list_accepted, list_received
from sandbox.nhn.words import DELIVERED
from sandbox.problems import Problem, refusals
from sandbox.store import Store
from sandbox.waiting import wait_for

API = "/desk/api"
LONGEST_WAIT_S = 30
ON_THE_WAY = {"waiting": "아직 가는 중", "held": "전화기가 꺼져 있어 기다리는 중"}

router = APIRouter(tags=["received"])


class ReceivedOut(BaseModel):
    """One message on a phone. Quick replies stand after the buttons."""

    seq: int = Field(description="place in the order of arrival", examples=[17])
    id: int = Field(description="the message; what a button is pressed on", examples=[23])
    at: Times = Field(description="arrival, ms since 1970", examples=[1_795_000_000_400])
    provider: str = Field(examples=["nhn"])
    app: str = Field(description="chat, sms or push", examples=["chat"])
    kind: str = Field(description="alimtalk, sms, lms, mms, push or say", examples=["alimtalk"])
    number: str = Field(examples=["01000001001"])
    sender: str = Field(
        description="a sender key, a caller number or a project", examples=["a1b2c3d4e5"]
    )
    template: str = Field(description="the provider's template code", examples=["order_paid"])
    title: str = Field(examples=[""])
    text: str = Field(examples=["한가온님, 52,800원이 결제되었습니다."])
    reference: str = Field(
        description="recipientGroupingKey, ref, serial_number", examples=["order-17"]
    )
    request_id: str = Field(examples=["20261127101500AbCdEf0"])
    buttons: list[dict[str, Any]] = Field(examples=[[{"type": "WL", "name": "주문 보기"}]])


class AcceptedOut(BaseModel):
    """One message a provider accepted, whether it arrived or not."""

    id: int = Field(examples=[24])
    at: Times = Field(description="acceptance, ms since 1970", examples=[1_795_000_000_000])
    provider: str = Field(examples=["nhn"])
    account: str = Field(description="the provider's name of it", examples=["my-app-key"])
    app: str = Field(examples=["chat"])
    kind: str = Field(examples=["alimtalk"])
    number: str = Field(examples=["01000003019"])
    sender: str = Field(examples=["a1b2c3d4e5"])
    template: str = Field(examples=["order_paid"])
    text: str = Field(examples=["도해솔님, 52,800원이 결제되었습니다."])
    reference: str = Field(examples=["order-18"])
    request_id: str = Field(examples=["20261127101500AbCdEf1"])
    state: str = Field(
        description="waiting (on its way), held (the phone is off) or done", examples=["done"]
    )
    result: str = Field(
        description='delivery code, "" while none is known; of a SOLAPI message Kakao\'s, which '
        "SOLAPI translates",
        examples=["3019"],
    )
    outcome: str = Field(description="the same in words", examples=["카카오톡 사용자가 아님"])
    seq: int | None = Field(description="its place of arrival, if it arrived", examples=[None])


def wanted_of(
    to: str = Query("", description="a number in any spelling", examples=["010-0000-1001"]),
    template: str = Query(
        "",
        description="the provider's template code; text messages have none",
        examples=["order_paid"],
    ),
    app: Literal["", "chat", "sms", "push"] = Query("", description="chat, sms or push"),
) -> Wanted:
    return Wanted(need_number(to, "to") if to else "", template, app)


Wait = Query(
    0,
    ge=0,
    le=LONGEST_WAIT_S,
    description="wait so many seconds for something that fits instead of asking again and again",
)


@router.get(
    "/latest",
    responses=refusals("nothing_arrived", "invalid"),
)
async def get_latest(
    after: int = Query(0, ge=0, description="only what arrived after this `seq`"),
    wait_s: float = Wait,
    wanted: Wanted = Depends(wanted_of),
    store: Store = Depends(store_of),
) -> ReceivedOut:
    """The newest message that arrived, on any phone or of those that fit."""
    after = await wait_for(store, after, wait_s, wanted)
    message = latest(store, after, wanted)
    if message is None:
        raise Problem(404, "nothing_arrived", "아직 도착한 것이 없습니다")
    return received(message)


@router.get(API + "/received", responses=refusals("invalid"))
async def get_received(
    after: int = Query(0, ge=0, description="the last `seq` you saw"),
    limit: int = Query(100, ge=1, le=1_000),
    wait_s: float = Wait,
    wanted: Wanted = Depends(wanted_of),
    store: Store = Depends(store_of),
) -> list[ReceivedOut]:
    """What arrived on phones, in order of arrival, from place `after` on.

    Places may have gaps.
    """
    after = await wait_for(store, after, wait_s, wanted)
    return [received(one) for one in list_received(store, after, limit, wanted)]


@router.get(
    API + "/accepted",
    responses=refusals("invalid"),
)
async def get_accepted(
    after: int = Query(0, ge=0, description="the last `id` you saw"),
    limit: int = Query(100, ge=1, le=1_000),
    wanted: Wanted = Depends(wanted_of),
    store: Store = Depends(store_of),
) -> list[AcceptedOut]:
    """What the providers accepted, in order, and what became of it.

    `outcome` says in words why something did not arrive.
    """
    return [accepted(one) for one in list_accepted(store, after, limit, wanted)]


def received(message: Message) -> ReceivedOut:
    return ReceivedOut(
        seq=message.arrival or 0,
        id=message.id,
        at=message.arrived_at or 0,
        provider=message.provider,
        app=message.app,
        kind=message.kind,
        number=message.number,
        sender=message.sender,
        template=message.template_code,
        title=message.title,
        text=message.text,
        reference=message.ref,
        request_id=message.request_id,
        buttons=message.buttons,
    )


def accepted(message: Message) -> AcceptedOut:
    return AcceptedOut(
        id=message.id,
        at=message.created_at,
        provider=message.provider,
        account=message.account,
        app=message.app,
        kind=message.kind,
        number=message.number,
        sender=message.sender,
        template=message.template_code,
        text=message.text,
        reference=message.ref,
        request_id=message.request_id,
        state=message.state,
        result=message.result,
        outcome=_outcome(message),
        seq=message.arrival,
    )


def _outcome(message: Message) -> str:
    """A code that has no words is told as it is."""
    if message.state in ON_THE_WAY:
        return ON_THE_WAY[message.state]
    known = DELIVERED["alimtalk" if message.kind == "alimtalk" else "sms"]
    return known.get(message.result, message.result)
