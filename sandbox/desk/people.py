"""Phones and what people do with them."""

from dataclasses import asdict

from fastapi import APIRouter, Depends, Query, Response

from sandbox.desk.deps import need_number, need_phone, shows, store_of
from sandbox.desk.shapes import (
    MessageOut,
    PhoneDetailOut,
    PhoneIn,
    PhoneOut,
    PhonesOut,
    PressIn,
    RoomOut,
    SayIn,
    TraitsIn,
    phone_out,
    shown,
)
from sandbox.inbox import count_held, list_messages, list_rooms
from sandbox.phone import (
    Pressed,
    Traits,
    befriend,
    block,
    press,
    reset_phone,
    set_traits,
    switch_all_on,
    unblock,
)
from sandbox.phones import FILTERS, PAGE, Phone, list_phones, name_phone
from sandbox.problems import Problem, refusals
from sandbox.store import Store
from sandbox.talks import say

router = APIRouter(tags=["phones"])
API = "/desk/api"
CANNOT_TALK = ("off", "no_kakao", "blocked", "barred", "no_consult")


@router.get(API + "/phones", responses=refusals("invalid"))
async def get_phones(
    q: str = "",
    only: str = Query("", alias="filter"),
    cursor: str | None = None,
    limit: int = Query(PAGE, ge=1, le=500),
    store: Store = Depends(store_of),
) -> PhonesOut:
    """Named phones first, then the newest arrival. filter: unread, no-kakao, blocked, off, …"""
    if only not in FILTERS:
        raise Problem(422, "invalid", f"filter: {', '.join(filter(None, FILTERS))}", "filter")
    try:
        page = list_phones(store, q, only, cursor, limit)
    except ValueError:
        raise Problem(422, "invalid", "읽을 수 없는 cursor 입니다", "cursor") from None
    return PhonesOut(phones=[phone_out(one) for one in page.phones], cursor=page.cursor)


@router.post(API + "/phones", status_code=201, responses=refusals("invalid"))
async def add_phone(body: PhoneIn, store: Store = Depends(store_of)) -> PhoneOut:
    """Name a phone; makes it when there is none."""
    number = need_number(body.number)
    with store.tx():
        name_phone(store, number, body.name)
    return phone_out(need_phone(store, number))


@router.post(API + "/phones/on")
async def all_on(store: Store = Depends(store_of)) -> dict[str, int]:
    """Switch every phone on; what waited for them arrives."""
    return {"switched_on": switch_all_on(store)}


@router.get(API + "/phones/{number}", responses=refusals("not_found", "invalid"))
async def get_one(
    number: str,
    before: int | None = None,
    limit: int = Query(100, ge=1, le=500),
    store: Store = Depends(store_of),
) -> PhoneDetailOut:
    """A phone with its rooms and newest messages, oldest first."""
    phone = need_phone(store, number)
    messages = list_messages(store, phone.number, before=before, limit=limit)
    return PhoneDetailOut(
        **phone_out(phone).model_dump(),
        rooms=_rooms(store, phone),
        messages=[shown(one) for one in messages],
        held=count_held(store, phone.number),
    )


@router.patch(API + "/phones/{number}", responses=refusals("not_found", "invalid"))
async def change_phone(number: str, body: TraitsIn, store: Store = Depends(store_of)) -> PhoneOut:
    """Switch on or off, leave or join KakaoTalk, slow down, lose answers, block every channel."""
    phone = need_phone(store, number)
    return phone_out(set_traits(store, phone.number, Traits(**body.model_dump())))


@router.post(API + "/phones/{number}/reset", responses=refusals("not_found"))
async def reset_one(number: str, store: Store = Depends(store_of)) -> PhoneOut:
    """As on the first day: the traits of its last four digits, no block, friend of nobody.

    What it received stays and counts as read.
    """
    return phone_out(reset_phone(store, need_phone(store, number).number))


@router.put(
    API + "/phones/{number}/friends/{sender_key}", status_code=204, responses=refusals("not_found")
)
async def add_friend(number: str, sender_key: str, store: Store = Depends(store_of)) -> Response:
    """Add a channel: its notices lose the button and the line that ask for it."""
    befriend(store, need_phone(store, number).number, sender_key)
    return Response(status_code=204)


@router.delete(
    API + "/phones/{number}/friends/{sender_key}", status_code=204, responses=refusals("not_found")
)
async def remove_friend(number: str, sender_key: str, store: Store = Depends(store_of)) -> Response:
    """Leave a channel: its notices ask to be added again."""
    befriend(store, need_phone(store, number).number, sender_key, friend=False)
    return Response(status_code=204)


@router.put(
    API + "/phones/{number}/blocks/{sender_key}", status_code=204, responses=refusals("not_found")
)
async def block_channel(number: str, sender_key: str, store: Store = Depends(store_of)) -> Response:
    """Block a channel: its notices fail with 3020 and its chat session ends."""
    block(store, need_phone(store, number).number, sender_key)
    return Response(status_code=204)


@router.delete(
    API + "/phones/{number}/blocks/{sender_key}", status_code=204, responses=refusals("not_found")
)
async def unblock_channel(
    number: str, sender_key: str, store: Store = Depends(store_of)
) -> Response:
    """Lift the block of a channel; a phone that blocked every channel then blocks none."""
    unblock(store, need_phone(store, number).number, sender_key)
    return Response(status_code=204)


@router.post(
    API + "/phones/{number}/messages/{message_id}/press",
    responses=refusals("not_found", "no_message", "no_button", *CANNOT_TALK, "invalid")
    | shows(asdict(Pressed("WL", "주문 보기", link="https://shop.example/o/17"))),
)
async def press_button(
    number: str, message_id: int, body: PressIn, store: Store = Depends(store_of)
) -> Pressed:
    """Press a button of a notice: what it did. Quick replies count on after the buttons."""
    return press(store, need_phone(store, number).number, message_id, body.button)


@router.post(
    API + "/phones/{number}/say",
    status_code=201,
    responses=refusals("not_found", "no_channel", "empty", "too_long", *CANNOT_TALK, "invalid"),
)
async def write(number: str, body: SayIn, store: Store = Depends(store_of)) -> MessageOut:
    """The customer writes to a channel; a chat session opens when there is none."""
    phone = need_phone(store, number)
    return shown(say(store, phone.number, body.sender_key, body.text))


def _rooms(store: Store, phone: Phone) -> list[RoomOut]:
    return [
        RoomOut(
            app=room.app,
            sender=room.sender,
            sender_name=room.sender_name,
            unread=room.unread,
            blocked=room.blocked,
            friend=room.friend,
            session_id=None if room.session_id is None else str(room.session_id),
        )
        for room in list_rooms(store, phone.number)
    ]
