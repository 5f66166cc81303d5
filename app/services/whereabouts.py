"""Where a customer stands when something of theirs comes in, in two reads.

The thread is held first and what belongs to it read then: read together, the rest could be older
than the lock. Statements are made once: making one takes longer than the database does.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam
from sqlmodel import col, select

from app.db.models import Case, ChatSession, InboundEvent, Sender, Thread
from app.db.session import Tx
from app.sealing import Sealer

_KNOWN = (
    select(Thread)
    .join(Sender, col(Sender.id) == col(Thread.sender_id))
    .where(
        col(Sender.workspace_id) == bindparam("workspace"),
        col(Sender.account_id) == bindparam("account"),
        col(Sender.kind) == "chat",
        col(Sender.value) == bindparam("sender"),
        col(Thread.workspace_id) == bindparam("workspace"),
        col(Thread.user_key_hash) == bindparam("user_key_hash"),
    )
)
HELD = {waits: _KNOWN.with_for_update(of=Thread, nowait=not waits) for waits in (True, False)}
_NEWEST = (
    select(Case.id)
    .where(
        col(Case.workspace_id) == bindparam("workspace"),
        col(Case.thread_id) == bindparam("thread"),
    )
    .order_by(col(Case.number).desc())
    .limit(1)
    .scalar_subquery()
)
_UNENDED = and_(
    col(ChatSession.workspace_id) == col(Thread.workspace_id),
    col(ChatSession.thread_id) == col(Thread.id),
    col(ChatSession.ended_at).is_(None),
)
STANDING = (
    select(ChatSession, Case)
    .select_from(Thread)
    .join(ChatSession, _UNENDED, isouter=True)
    .join(Case, col(Case.id) == _NEWEST, isouter=True)
    .where(
        col(Thread.workspace_id) == bindparam("workspace"),
        col(Thread.id) == bindparam("thread"),
    )
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A thread's unended chat session and its newest case."""

    session: ChatSession | None
    case: Case | None


async def held(
    tx: Tx, sealer: Sealer, event: InboundEvent, sender: str, user_key: str
) -> Thread | None:
    """The customer's thread on this channel, held until the commit; None when it is not there."""
    home = event.workspace_id
    asked = {
        "workspace": home,
        "account": event.account_id,
        "sender": sender,
        "user_key_hash": sealer.number_hash(home, user_key),
    }
    return (await tx.session.exec(HELD[tx.waits], params=asked)).first()


async def of(tx: Tx, thread: Thread) -> Standing:
    """What belongs to a thread that is held."""
    asked = {"workspace": thread.workspace_id, "thread": thread.id}
    return Standing(*(await tx.session.exec(STANDING, params=asked)).one())
