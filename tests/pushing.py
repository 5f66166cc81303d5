"""An engine that pushes too: people, devices, and an account whose provider a test scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.db.models import Device, ProviderAccount, Sender
from app.db.models.fields import now as clock
from app.ids import new_id, to_ref
from app.services import app_receipts, devices, people
from app.services.app_receipts import Told
from app.services.catalogue import Catalogue
from app.services.devices import NewDevice
from app.services.messages import NewMessage, prepare
from app.services.people import Known
from app.services.runtime import Runtime
from channels.contract import Idempotency, Route
from channels.vocabulary import IdempotencyClass, Level
from scheduler.dispatch import Lane
from scheduler.results import apply_inbox
from tests.engine import FORM, Engine, Provider, engine

APP_NAME = "com.example.shop"
PUSH = Route(
    "push",
    1,
    frozenset(),
    Idempotency(IdempotencyClass.BLIND),
    frozenset(Level),
    deadline_s=1.0,
    settle_s=2.0,
)


@dataclass
class Pushing:
    """``eng`` sends notices and texts; ``lane`` and ``provider`` are those of the push account."""

    eng: Engine
    provider: Provider
    account: ProviderAccount
    lane: Lane
    numbers: list[str] = field(default_factory=list)

    async def person(self, reference: str, number: str = "", *addresses: str) -> list[UUID]:
        """Somebody with these devices; the ids of them."""
        async with self.eng.runtime.database.write() as tx:
            sealer = self.eng.runtime.sealer
            await people.put(tx, sealer, self.eng.caller, reference, Known("김나루", number))
            made = [
                await devices.register(tx, sealer, self.eng.caller, reference, NewDevice(address))
                for address in addresses
            ]
        return [device.id for device, _ in made]

    async def accept(self, **asked: Any) -> UUID:
        """One message; the error of what is refused."""
        new = NewMessage(
            **{"template": FORM["code"], "to": "", "variables": {"주문번호": "A-1"}} | asked
        )
        catalogue = Catalogue(self.eng.runtime)
        prepared = await prepare(self.eng.runtime, catalogue, self.eng.caller, new, clock())
        return UUID((await self.eng.acceptor.accept(prepared)).response["id"])

    async def run(self) -> None:
        """Let both lanes work until nothing is ready."""
        while await self.lane.turn() or await self.eng.lane.turn():
            pass

    async def device(self, device_id: UUID) -> Device:
        """As it is stored."""
        async with self.eng.runtime.database.read() as session:
            return await devices.get(session, self.eng.caller, device_id)

    async def told(self, message_id: UUID, part: int, *what: str) -> None:
        """The app of one device reports; the scheduler applies it."""
        attempts = await self.eng.attempts(message_id)
        (attempt,) = [a for a in attempts if a.channel == "push" and a.part == part]
        token = app_receipts.token(self.eng.runtime.sealer, to_ref(attempt.id))
        runtime = self.eng.runtime
        assert await app_receipts.keep(runtime, [Told(token, one) for one in what], clock()) == []
        await apply_inbox(runtime, {self.account.id: self.lane})

    @property
    def reached(self) -> Sequence[str]:
        """The addresses pushed to, in order."""
        return [message.to for call in self.provider.calls for message in call.messages]


async def pushing(runtime: Runtime, provider: Provider | None = None, **template: Any) -> Pushing:
    """A workspace that sends notices, texts and pushes."""
    eng = await engine(runtime, **template)
    account = ProviderAccount(
        workspace_id=eng.workspace_id,
        name="push",
        mode="sandbox",
        adapter="fcm",
        credentials_sealed=b"",
        callback_hash=b"",
    )
    app = Sender(workspace_id=eng.workspace_id, account_id=account.id, kind="push", value=APP_NAME)
    async with runtime.database.write() as tx:
        tx.session.add(account)
        await tx.session.flush()
        tx.session.add(app)
    provider = provider or Provider(kind=IdempotencyClass.BLIND)
    provider.routes = {"push": PUSH}
    return Pushing(eng, provider, account, Lane(runtime, account, provider, new_id()))
