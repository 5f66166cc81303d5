"""What staff have seen of a thread: its unread count falls, and is written only when it does."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ChatMessage, Thread
from app.db.session import Tx
from app.services import threads
from app.services.callers import Caller
from app.services.runtime import Runtime


async def mark(runtime: Runtime, caller: Caller, thread_id: UUID, seq: int) -> int:
    """Lines up to ``seq`` were seen; how many of the customer's are unread now.

    Pages say so each time somebody looks, so most calls only read. An old call that comes late
    brings nothing back. Raises NotFound.
    """
    async with runtime.database.read() as session:
        thread = await threads.seen(session, caller, thread_id)
        if not thread.unread or await _after(session, thread, seq) >= thread.unread:
            return thread.unread
    async with runtime.database.write() as tx:
        return await _write(tx, caller, thread_id, seq)


async def _write(tx: Tx, caller: Caller, thread_id: UUID, seq: int) -> int:
    thread = await threads.lock_seen(tx, caller, thread_id)
    unread = min(thread.unread, await _after(tx.session, thread, seq))
    if unread != thread.unread:
        thread.unread = unread
        tx.emit(thread.workspace_id, "chat.seen", thread.id, seq=seq, unread=unread)
    return unread


async def _after(session: AsyncSession, thread: Thread, seq: int) -> int:
    """The customer's lines behind the one that was seen."""
    count = await session.scalar(
        select(func.count())
        .select_from(ChatMessage)
        .where(
            col(ChatMessage.workspace_id) == thread.workspace_id,
            col(ChatMessage.thread_id) == thread.id,
            col(ChatMessage.seq) > seq,
            col(ChatMessage.author_kind) == "customer",
        )
    )
    return count or 0
