"""The later answer of a bot that promised one: a token of its own, once, within a minute.

The answer to it is the one of Kakao's callback guide (read 2026-11): ``taskId``, ``status``,
``message``, ``timestamp``.
"""

from typing import Any

from sqlmodel import col, select

from app.db.models import BotTurn, ChatMessage
from app.db.session import Tx
from app.sealing import Unsealable
from app.services import bot_turns, skills, threads
from app.services.bot_replies import BotFailed, Reply
from app.services.runtime import Runtime

SUCCESS, FAIL, ERROR = "SUCCESS", "FAIL", "ERROR"
WRONG_TOKEN = "Invalid callback token: used before, or its minute is over"  # noqa: S105 - no secret
WRONG_BODY = "Invalid json response"


async def take(runtime: Runtime, token: str, body: bytes) -> dict[str, Any] | None:
    """Apply a later answer; what its sender hears, None for a token nobody made.

    Of two that come at once the second hears FAIL; a body that cannot be read uses nothing up.
    """
    hashed = runtime.sealer.key_hash(token)
    async with runtime.database.read() as session:
        found = await session.exec(select(BotTurn).where(col(BotTurn.callback_hash) == hashed))
        turn = found.first()
    if turn is None:
        return None
    async with runtime.database.write() as tx:
        status, message = await _apply(tx, runtime, turn, hashed, body)
        return {
            "taskId": str(turn.id),
            "status": status,
            "message": message,
            "timestamp": int(tx.now.timestamp() * 1000),
        }


async def _apply(
    tx: Tx, runtime: Runtime, turn: BotTurn, hashed: bytes, body: bytes
) -> tuple[str, str]:
    await threads.lock(tx, turn.workspace_id, turn.thread_id)
    row = await bot_turns.locked(tx, turn)
    if row is None or row.state not in bot_turns.OPEN or row.callback_hash != hashed:
        return FAIL, WRONG_TOKEN
    if row.callback_until is None or tx.now > row.callback_until:
        return FAIL, WRONG_TOKEN
    try:
        reply = await _read(tx, runtime, row, body)
    except BotFailed as failed:
        return ERROR, f"{WRONG_BODY}: {failed.code}"
    state = await bot_turns.settle(tx, runtime.sealer, row, reply)
    if state != "answered":  # a person has taken over
        return FAIL, "The conversation is not the bot's any more"
    return SUCCESS, ""


async def _read(tx: Tx, runtime: Runtime, row: BotTurn, body: bytes) -> Reply:
    case = await bot_turns.case_of(tx, row)
    memory = bot_turns.recall(runtime.sealer, case, row.bot_id)
    message = await tx.session.get(ChatMessage, row.chat_message_id)
    text = ""
    if message is not None:
        try:
            text = str(threads.opened_line(runtime.sealer, message)["text"])
        except Unsealable:
            text = ""
    reply = skills.read(body, memory, text, late=True)
    assert isinstance(reply, Reply)  # a late answer promises nothing
    return reply
