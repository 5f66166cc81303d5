"""A notice instead of an answer: the chat is closed, and only the customer can open another.

It goes to the number an earlier notice's button told, must carry a consultation button, and is
accepted like any other message; the thread shows it as an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select

from app.db.models import ChatMessage, ProviderAccount
from app.db.models.fields import now as clock
from app.errors import Invalid, Refused
from app.sealing import Unsealable
from app.services import cases, messages, threads, ties
from app.services.callers import Caller
from app.services.cases import Agent
from app.services.catalogue import Catalogue
from app.services.lines import LineView, tell, view
from app.services.messages import NewMessage, Prepared
from app.services.runtime import Runtime
from app.services.threads import Line

TEXT = "상담 대신 알림을 보냈어요"


@dataclass(frozen=True, slots=True)
class Instead:
    """What to send: a template with a consultation button and its variables."""

    template: str
    variables: Mapping[str, str] = field(repr=False)
    reference: str | None = None


async def asked(runtime: Runtime, caller: Caller, thread_id: UUID, instead: Instead) -> NewMessage:
    """The ordinary message it becomes. Says nothing of whether it may be sent now.

    Raises NotFound, Refused ``number_unknown``, ``other_mode``.
    """
    async with runtime.database.read() as session:
        thread = await threads.seen(session, caller, thread_id)
        account = await session.get_one(ProviderAccount, thread.account_id)
    if account.mode != caller.mode:
        raise Refused(
            "other_mode",
            f"The chat is a {account.mode} one, and your key sends {caller.mode} messages. Use a "
            "key of the chat's own mode.",
            data={"mode": account.mode},
        )
    try:
        number = ties.number_of(runtime.sealer, thread)
    except Unsealable:
        number = ""
    if not number:
        raise Refused(
            "number_unknown",
            "The chat does not tell the customer's number, and they pressed no notice's button "
            "yet. Send the notice by POST /v1/messages if you know the number.",
        )
    return NewMessage(instead.template, number, dict(instead.variables), instead.reference)


async def prepare(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    where: tuple[UUID, NewMessage],
    key: str | None,
) -> Prepared:
    """Check and render it. Raises Refused ``chat_open``, ``customer_blocked``, Invalid
    ``no_consult_button``, and as ``messages.prepare``."""
    thread_id, new = where
    async with runtime.database.write() as tx:
        thread = await threads.lock_for(tx, caller, thread_id)
        if await threads.open_session(tx, thread, tx.now) is not None:
            raise Refused("chat_open", "The customer's chat is open. Answer there instead.")
        if thread.blocked_at is not None:
            raise Refused("customer_blocked", "The customer is blocked. Lift the block first.")
    sending = await catalogue.sending(caller.workspace_id, new.template, caller.mode)
    if not sending.compiled.token_buttons:
        raise Invalid(
            "no_consult_button",
            "The template has no consultation button, so the customer could not answer. Choose "
            "one with a BC or BT button.",
            field="template",
        )
    return await messages.prepare(runtime, catalogue, caller, new, clock(), key=key)


async def link(
    runtime: Runtime, caller: Caller, thread_id: UUID, message_id: UUID, agent: Agent
) -> LineView:
    """Show the accepted notice in the thread, once however often it is asked.

    A process that dies before has sent the notice all the same; the repeat of the request, under
    its Idempotency-Key, adds the line. Raises NotFound, Invalid ``bad_agent``.
    """
    agent = cases.check_agent(agent)
    async with runtime.database.write() as tx:
        thread = await threads.lock_for(tx, caller, thread_id)
        key = f"notice/{message_id}"  # no caller's client_key holds a stroke
        statement = select(ChatMessage).where(
            col(ChatMessage.workspace_id) == thread.workspace_id,
            col(ChatMessage.thread_id) == thread.id,
            col(ChatMessage.client_key) == key,
        )
        line = (await tx.session.exec(statement)).first()
        if line is None:
            content = {"notice_id": str(message_id)}
            said = Line("system", "event", TEXT, agent.name, content)
            line = threads.add_line(tx, runtime.sealer, thread, said)
            line.client_key, line.notice_id = key, message_id
            thread.last_out_at = tx.now
            tell(tx, line)
        await tx.session.flush()
        return view(runtime, line)
