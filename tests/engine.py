"""The engine without processes: a workspace, an account whose provider a test scripts, lanes.

The provider here keeps a ledger of what it took, as the protocol's model does: it is the witness
that a customer got something once, twice or never.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import (
    Attempt,
    Message,
    ProviderAccount,
    Sender,
    Template,
    TemplateRegistration,
    TemplateVersion,
    Workspace,
)
from app.db.models.fields import now as clock
from app.db.types import from_us
from app.ids import new_id, to_ref
from app.services import accounts, receipts
from app.services.accept import Acceptor
from app.services.callers import SCOPES, Caller
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage, prepare
from app.services.runtime import Runtime
from channels.contract import (
    Answer,
    Call,
    Callback,
    Found,
    Idempotency,
    Inbound,
    Outcome,
    Receipt,
    Route,
    Tried,
)
from channels.push import APP, parse_app
from channels.vocabulary import IdempotencyClass, Level, Lookup, Reason, Result, Verdict
from scheduler.dispatch import Lane
from templates.reading import read_template

TTL_S = 3600.0  # how long a Dedupe provider remembers a reference
SAME = {"alimtalk": {"template"}, "mms": {"text", "picture"}}
LEVELS = frozenset({Level.ACCEPTED, Level.DELIVERED})
FORM = {
    "code": "order_test",
    "name": "주문 안내",
    "content": "[나루상점] 주문번호 #{주문번호} 상품이 출발했습니다.",
}

RELAY = {
    "relay_url": "http://127.0.0.1:1",
    "key": "k",
    "signing_secret": "s",
    "callback_secret": "",
}


def route(name: str, kind: IdempotencyClass, batch: int) -> Route:
    """A route of the scripted provider."""
    return Route(
        name=name,
        batch=batch,
        same=frozenset(SAME.get(name, {"text"})),
        idempotency=Idempotency(kind, ttl_s=TTL_S, window_s=1.0),
        levels=LEVELS,
        deadline_s=1.0,
        settle_s=2.0,
    )


@dataclass
class Provider:
    """A provider a test scripts: ``answer`` says what becomes of one message."""

    kind: IdempotencyClass = IdempotencyClass.LOOK_UP
    batch: int = 100
    answer: Callable[[str, str], Outcome] = lambda ref, to: Outcome(
        ref, Verdict.ACCEPTED, provider_id=f"p-{ref}"
    )
    takes_unknown: bool = True  # whether what it answers `unknown` to was taken
    calls: list[Call] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)  # by our reference
    people: Counter[str] = field(default_factory=Counter)  # by number, over all routes
    refused: set[str] = field(default_factory=set)
    memory: set[str] = field(default_factory=set)  # references a Dedupe provider still recognises
    book: list[tuple[tuple[str, str, str], datetime]] = field(
        default_factory=list
    )  # what, and when
    name: str = "scripted"
    routes: Mapping[str, Route] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.routes = {
            n: route(n, self.kind, self.batch) for n in ("alimtalk", "sms", "lms", "mms")
        }

    async def send(self, call: Call) -> Answer:
        """Take the messages as scripted."""
        self.calls.append(call)
        outcomes = []
        for message in call.messages:
            outcome = self.answer(message.ref, message.to)
            lost = outcome.verdict is Verdict.UNKNOWN
            if message.ref in self.memory:  # a repeat: nothing happens, and it is answered first
                known = lost or outcome.verdict is Verdict.DEFERRED
                outcomes.append(outcome if known else Outcome(message.ref, Verdict.ACCEPTED))
                continue
            if outcome.verdict is Verdict.ACCEPTED or (lost and self.takes_unknown):
                self.taken[message.ref] += 1
                self.refused.discard(message.ref)
                self.people[message.to] += 1
                self.book.append(((call.route, message.to, message.text), clock()))
                if self.kind is IdempotencyClass.DEDUPE:
                    self.memory.add(message.ref)
            if outcome.verdict is Verdict.REJECTED:
                self.refused.add(message.ref)
            outcomes.append(outcome)
        return Answer(tuple(outcomes), request_id=call.key, http_status=200, raw=b"{}")

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """What its list says."""
        if self.kind is IdempotencyClass.WINDOW_LOOK_UP:
            return [self._in_window(one, now) for one in tried]
        return [
            Found(t.ref, Lookup.ACCEPTED, provider_id=f"p-{t.ref}")
            if self.taken[t.ref]
            else Found(t.ref, Lookup.ABSENT)
            for t in tried
        ]

    def _in_window(self, one: Tried, now: datetime) -> Found:
        """Asked by number, text and time alone, as the relay answers it."""
        around = timedelta(seconds=self.routes[one.route].idempotency.window_s)
        what = (one.route, one.to, one.text)
        times = [at for taken, at in self.book if taken == what]
        mine = sum(one.sent_at - around <= at <= now + around for at in times)
        if mine > 1:  # nobody can tell which is ours, or whether
            return Found(one.ref, Lookup.UNCLEAR)
        return Found(one.ref, Lookup.ACCEPTED if mine else Lookup.ABSENT)

    def verify(self, callback: Callback) -> None:
        """Everything is its own."""

    def parse(self, callback: Callback) -> Sequence[Receipt | Inbound]:
        """It sends none; those of apps are kept for it."""
        return parse_app(callback) if callback.kind == APP else []


def verdict(kind: Verdict, reason: Reason | None = None, **more: Any) -> Callable[..., Outcome]:
    """An answer that says the same of every message."""
    return lambda ref, to: Outcome(ref, kind, reason, **more)


@dataclass
class Engine:
    """One workspace with one account, its lane, and shortcuts into the store."""

    runtime: Runtime
    provider: Provider
    workspace_id: UUID
    account: ProviderAccount
    lane: Lane
    caller: Caller
    version_id: UUID
    acceptor: Acceptor

    async def accept(self, *numbers: str, **more: Any) -> list[UUID]:
        """Accept one message per number."""
        catalogue = Catalogue(self.runtime)
        ids = []
        for i, number in enumerate(numbers):
            new = NewMessage(FORM["code"], number, {"주문번호": f"A-{i}"}, **more)
            prepared = await prepare(self.runtime, catalogue, self.caller, new, clock())
            ids.append(UUID((await self.acceptor.accept(prepared)).response["id"]))
        return ids

    async def message(self, message_id: UUID) -> Message:
        """The stored message."""
        async with self.runtime.database.read() as session:
            return (await session.exec(select(Message).where(col(Message.id) == message_id))).one()

    async def attempts(self, message_id: UUID) -> list[Attempt]:
        """Its attempts, by step."""
        async with self.runtime.database.read() as session:
            rows = await session.exec(
                select(Attempt)
                .where(col(Attempt.message_id) == message_id)
                .order_by(col(Attempt.step), col(Attempt.branch), col(Attempt.n))
            )
            return list(rows)

    async def report(self, attempt: Attempt, result: Result, reason: Reason | None = None) -> None:
        """The provider's later word about one attempt."""
        async with self.runtime.database.write() as tx:
            word = Receipt(result, ref=to_ref(attempt.id), reason=reason)
            await receipts.apply(tx, self.runtime, self.workspace_id, self.account.id, [word])

    async def run(self) -> None:
        """Let the lane work until nothing is ready."""
        while await self.lane.turn():
            pass

    @property
    def lanes(self) -> dict[UUID, Lane]:
        """As recovery and results want them."""
        return {self.account.id: self.lane}


async def engine(
    runtime: Runtime, provider: Provider | None = None, *, level: str = "", **template: Any
) -> Engine:
    """A workspace with an approved template, senders for both channels, and a lane.

    ``level``: how far its routes report, where that is more than ``delivered``.
    """
    provider = provider or Provider()
    workspace = Workspace(name=f"shop {new_id()}")
    account = ProviderAccount(
        workspace_id=workspace.id,
        name="scripted",
        mode="sandbox",
        adapter="nhn",  # names what the registry knows; the lane below speaks to the script
        credentials_sealed=b"",
        callback_hash=b"",
        prices={"alimtalk": 6.5, "sms": 9},
    )
    if level:
        account.adapter = "relay"  # the one whose levels are the account's
        account.credentials_sealed = runtime.sealer.seal(
            accounts.TABLE, workspace.id, account.id, RELAY | {"level": level}
        )
    chat = Sender(workspace_id=workspace.id, account_id=account.id, kind="alimtalk", value="k" * 40)
    caller_number = Sender(
        workspace_id=workspace.id, account_id=account.id, kind="sms", value="0220410100"
    )
    when_unknown = template.get("when_unknown", "hold")
    row = Template(
        workspace_id=workspace.id,
        code=FORM["code"],
        name=FORM["name"],
        when_unknown=when_unknown,
        category=template.get("purpose", "info"),
    )
    version = TemplateVersion(
        workspace_id=workspace.id,
        template_id=row.id,
        body=read_template({**FORM, **template}).to_mapping(),
        submitted_at=clock(),
    )
    registration = TemplateRegistration(
        workspace_id=workspace.id,
        account_id=account.id,
        sender_id=chat.id,
        version_id=version.id,
        code=FORM["code"],
        inspection="approved",
        usage="normal",
    )
    async with runtime.database.write() as tx:
        for rows in ([workspace], [account, row], [chat, caller_number, version], [registration]):
            tx.session.add_all(rows)
            await tx.session.flush()
    return Engine(
        runtime=runtime,
        provider=provider,
        workspace_id=workspace.id,
        account=account,
        lane=Lane(runtime, account, provider, new_id()),
        caller=Caller(workspace.id, new_id(), "test", frozenset(SCOPES)),
        version_id=version.id,
        acceptor=Acceptor(runtime),
    )


async def past_due(eng: Engine) -> None:
    """Move every date of the engine's attempts, lots and leases into the past."""
    async with eng.runtime.database.write() as tx:
        for table in ("attempt", "lot"):
            await tx.conn.exec_driver_sql(f"UPDATE {table} SET due_at = 1 WHERE due_at IS NOT NULL")
        await tx.conn.exec_driver_sql("UPDATE lot SET lease_until = 1 WHERE state = 'leased'")
        await tx.conn.exec_driver_sql(
            "UPDATE provider_account SET breaker_until = 1 WHERE breaker_until IS NOT NULL"
        )
    eng.lane.pace._not_before = 0.0
    if eng.lane.account.breaker_until is not None:
        eng.lane.account = eng.lane.account.model_copy(update={"breaker_until": from_us(1)})
