"""What a customer's side of a chat does to us: messages, pressed buttons, ended sessions.

Callbacks come twice, late and in any order: each is applied once, and a reference ties the same
messages whether it comes before or after them.
"""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from app.db.models import Case, ChatMessage, InboundEvent, Sender, Thread
from app.db.session import Tx
from app.errors import NotFound
from app.sealing import Sealer
from app.services import arrivals, bot_turns, cases, inbound_files, threads, ties, whereabouts
from app.services.threads import Line
from channels.contract import Inbound
from channels.vocabulary import InboundKind

KINDS = {
    "text": "text",
    "photo": "image",
    "image": "image",
    "video": "video",
    "audio": "audio",
    "file": "file",
    "emoticon": "emoticon",
}
MEDIA = ("type", "content", "contents", "attachment")
PRESSED = "상담 버튼을 눌렀어요"
PRESSED_UNKNOWN = "상담 버튼을 눌렀어요 (어느 알림인지 알 수 없어요)"
END_REASONS = {
    "agent": "상담원이 상담을 끝냈어요",
    "customer": "고객이 상담을 끝냈어요",
    "agent_block": "상담원이 고객을 차단했어요",
    "room_left": "고객이 채팅방을 나갔어요",
    "channel_block": "고객이 채널을 차단했어요",
    "timeout": "고객의 마지막 메시지에서 30일이 지나 상담이 끝났어요",
    "refused": "메신저에 열린 상담이 없다고 해요",
    "unknown": "상담이 끝났어요",
}


async def apply(tx: Tx, sealer: Sealer, event: InboundEvent, inbound: Inbound) -> None:
    """Apply one event of a customer. Raises NotFound ``unknown_sender``."""
    thread = await whereabouts.held(tx, sealer, event, inbound.sender, inbound.user_key)
    if inbound.kind == InboundKind.EXPIRED_SESSION:
        if thread is None:
            await _sender(tx, event, inbound)  # a room we never heard of has nothing to end
        else:
            await _end(tx, sealer, thread, event.received_at, inbound)
        return
    if thread is None:
        sender = await _sender(tx, event, inbound)
        thread = await threads.find_or_open(tx, sealer, sender, inbound.user_key, event.received_at)
    if inbound.kind == InboundKind.MESSAGE:
        await _say(tx, sealer, thread, event, inbound)
    else:
        await _press(tx, sealer, thread, event, inbound)


async def _sender(tx: Tx, event: InboundEvent, inbound: Inbound) -> Sender:
    statement = select(Sender).where(
        col(Sender.workspace_id) == event.workspace_id,
        col(Sender.account_id) == event.account_id,
        col(Sender.kind) == "chat",
        col(Sender.value) == inbound.sender,
    )
    sender = (await tx.session.exec(statement)).first()
    if sender is None:
        raise NotFound(
            "unknown_sender",
            "A customer wrote to a channel that is not registered for this account. Add its "
            "sender key with kind chat; the event is tried again.",
        )
    return sender


async def _say(
    tx: Tx, sealer: Sealer, thread: Thread, event: InboundEvent, inbound: Inbound
) -> None:
    at = event.received_at
    stands = await whereabouts.of(tx, thread)
    session = await threads.permit_in(tx, thread, stands.session, at, inbound.session_id)
    case = await arrivals.wake_from(tx, thread, stands.case, at)
    known = await ties.known(tx, case)
    kind = KINDS.get(inbound.content_type, "unsupported")
    line = Line("customer", kind, inbound.text, content=_media(inbound))
    message = threads.add_line(tx, sealer, thread, line)
    message.case_id = case.id
    message.chat_session_id = session.id
    message.inbound_id = event.id
    message.platform_at, message.created_at = inbound.at, at
    inbound_files.expect(tx, sealer, thread, message, inbound.content)
    thread.last_in_at = max(thread.last_in_at or at, at)
    thread.unread += thread.blocked_at is None
    tx.emit(
        thread.workspace_id,
        "chat.message_received",
        thread.id,
        chat_message_id=str(message.id),
        case_id=str(case.id),
        seq=message.seq,
        content_kind=kind,
    )
    await _tie(tx, sealer, (thread, case, message), (event, inbound), known)
    if case.state == "bot":
        await bot_turns.ask(tx, thread, case, message)


async def _tie(
    tx: Tx,
    sealer: Sealer,
    where: tuple[Thread, Case, ChatMessage],
    what: tuple[InboundEvent, Inbound],
    known: ties.Link | None,
) -> None:
    """Tie a line to the notice it names or says, else to the one its case is about."""
    thread, case, message = where
    event, inbound = what
    link = await ties.named(tx, thread, event, inbound)
    if link is None and inbound.content_type in ("", "text"):
        link = await ties.of_text(tx, sealer, thread, inbound, event.received_at)
    if link is not None and ties.surer(link, known):
        await ties.bind(tx, sealer, thread, case, link)
        ties.tie(tx, thread, message, link)
    elif known is not None:
        ties.tie(tx, thread, message, known)


def _media(inbound: Inbound) -> dict[str, Any]:
    """The part of the messenger's body that is shown: never its keys of the customer."""
    return {name: inbound.content[name] for name in MEDIA if name in inbound.content}


async def _press(
    tx: Tx, sealer: Sealer, thread: Thread, event: InboundEvent, inbound: Inbound
) -> None:
    at = event.received_at
    link = await ties.named(tx, thread, event, inbound)
    if link is None:
        content = {"token": inbound.token, "last_token": inbound.last_token}
        line = Line("system", "event", PRESSED_UNKNOWN, content=content)
        threads.add_line(tx, sealer, thread, line).inbound_id = event.id
        thread.last_in_at = max(thread.last_in_at or at, at)
        return
    session = await threads.permit(tx, thread, at, inbound.session_id)
    case = await arrivals.wake(tx, thread, at)
    if await ties.is_told(tx, case, link, session.id):
        return
    # an exact tie is not replaced by a guess: then the press is only a line
    surer = ties.surer(link, await ties.known(tx, case))
    just_said = await ties.just_said(tx, case, session.id, at) if surer else []
    pressed = threads.add_line(tx, sealer, thread, Line("system", "event", PRESSED))
    pressed.case_id, pressed.inbound_id = case.id, event.id
    pressed.chat_session_id = session.id
    thread.last_in_at = max(thread.last_in_at or at, at)
    if surer:
        await ties.bind(tx, sealer, thread, case, link)
        for message in (*just_said, pressed):
            ties.tie(tx, thread, message, link)
    if case.state == "bot":
        await bot_turns.greet(tx, thread, case, pressed)


async def _end(tx: Tx, sealer: Sealer, thread: Thread, at: datetime, inbound: Inbound) -> None:
    told = str(inbound.content.get("reason", ""))
    reason = told if told in END_REASONS else "unknown"
    if await threads.end_session(tx, thread, at, reason, inbound.session_id):
        await finish(tx, sealer, thread, at, reason)


async def finish(tx: Tx, sealer: Sealer, thread: Thread, at: datetime, reason: str) -> None:
    """After the end of a chat session: its case is resolved and the timeline says why."""
    case = await cases.newest(tx, thread)
    line = threads.add_line(tx, sealer, thread, Line("system", "event", END_REASONS[reason]))
    if case is not None and case.state != "resolved":
        line.case_id = case.id
        cases.close(tx, case, at, "session_ended")
