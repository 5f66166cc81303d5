"""Calls on their way: lease checked (R3), sent, settled under the fence (R5), and learnt from."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.crash import crash_at
from app.db.models import ProviderAccount
from app.db.session import Tx
from app.log import logger
from app.services import accounts
from app.services.calls import OpenCall
from app.services.parking import FAULT, FAULT_ALONE
from app.services.runtime import Runtime
from app.services.settle import PAUSE_S, refused_credentials, settle
from channels.contract import Adapter, Answer, Call, Outcome, Outgoing
from channels.vocabulary import Reason, Verdict
from scheduler.breaker import Breaker, got_through
from scheduler.claiming import is_over
from scheduler.opening import Desk
from scheduler.pace import Pace
from scheduler.slots import Slots

MARGIN_S = 0.5  # what must be left of a lease beyond the call's deadline
OFTEN = 2  # failures after which a message no longer speaks for its account
BUSY_S = 1.0  # a provider that refuses for haste without saying for how long
BUSY_MOST_S = 60.0  # and the longest we believe it

log = logger("dispatch")


class Sending(Desk):
    """The calls of one account in one worker: how many at once, how fast, and what they tell."""

    def __init__(
        self, runtime: Runtime, account: ProviderAccount, adapter: Adapter, worker_id: UUID
    ) -> None:
        super().__init__(runtime, account, adapter)
        self._worker_id = worker_id
        self.slots = Slots(runtime.settings.min_calls, runtime.settings.max_calls)
        self.pace = Pace(account.rate_per_s, runtime.settings.high_share)
        self.breaker = Breaker()
        self._trying: UUID | None = None  # the lot that tries whether the account works again

    def is_paused(self, now: datetime) -> bool:
        """Whether the account may not be used now; a pause with an end is tried again after it."""
        until = self.account.paused_until
        return self.account.state == "paused" and (until is None or until > now)

    def _pause(self, now: datetime) -> None:
        """No more calls for a while."""
        self._know(state="paused", paused_until=now + timedelta(seconds=PAUSE_S))

    def is_broken(self, now: datetime) -> bool:
        """Whether calls failed so often that none is made now."""
        until = self.account.breaker_until
        return until is not None and until > now

    def _know(self, **state: Any) -> None:
        """Know at once what the next look at the account would tell."""
        self.account = self.account.model_copy(update=state)

    async def _send(
        self,
        call: OpenCall,
        messages: tuple[Outgoing, ...],
        lease_end: float,
        deadline_s: float,
    ) -> bool:
        """Send and settle; False when it must not leave any more."""
        until = call.started_at + timedelta(seconds=self._lease_s())
        if is_over(lease_end, until, deadline_s + MARGIN_S):
            return False  # R3: not enough lease; recovery finds the call unsent and asks first
        crash_at("K05", after_s=0.1)
        began = time.monotonic()
        answer = await self._ask(
            Call(
                key=call.key,
                route=call.route.name,
                messages=messages,
                now=call.started_at,
                deadline=began + deadline_s,
            )
        )
        took_s = time.monotonic() - began
        self._learn(call, answer, took_s)
        switch = self._judge(call, answer, (took_s, deadline_s))
        crash_at("K06")

        async def write(tx: Tx) -> None:
            await settle(tx, self.runtime, call, answer)
            if refused_credentials(answer):
                self._pause(tx.now)
            elif self.account.state == "paused":
                await accounts.resume(tx, self.account.workspace_id, self.account.id)
            await self._switch(tx, switch)

        await self.runtime.database.transact(write)
        return True

    def _judge(self, call: OpenCall, answer: Answer, times: tuple[float, float]) -> str:
        """What a call means for the breaker: too many failures open it, one try closes it."""
        through = got_through(answer)
        tried = self._trying == call.lot_id
        if tried:
            self._trying = None
        if through is None:
            return ""
        # what has failed before may fail by itself: it says little of the account
        if through or any(item.tries < OFTEN for item in call.items):
            self.breaker.count(through, *times)
        if tried:
            return "close" if through else "again"
        return "open" if self.account.breaker_until is None and self.breaker.is_due() else ""

    async def _switch(self, tx: Tx, switch: str) -> None:
        if switch == "close":
            await self.breaker.close(tx, self.account)
            self._know(breaker_until=None)
        elif switch:
            until = await self.breaker.open(tx, self.account, again=switch == "again")
            self._know(breaker_until=until)

    async def _ask(self, call: Call) -> Answer:
        """The adapter's answer. One that raises has a fault, and nobody knows what left."""
        (answer,) = await asyncio.gather(self.adapter.send(call), return_exceptions=True)
        if isinstance(answer, Answer):
            return answer
        if not isinstance(answer, Exception):
            raise answer
        log.error(
            "adapter failed", account=self.account.name, call=call.key, error=type(answer).__name__
        )
        code = FAULT_ALONE if len(call.messages) == 1 else FAULT
        return Answer(
            tuple(Outcome(m.ref, Verdict.UNKNOWN, Reason.UNREADABLE, code) for m in call.messages)
        )

    def _learn(self, call: OpenCall, answer: Answer, took_s: float) -> None:
        """What an answer says of the provider: whether it wants fewer calls, or none now."""
        hasty = [o for o in answer.outcomes if o.reason == Reason.THROTTLED]
        if hasty:
            asked = max((o.retry_after_s or BUSY_S for o in hasty), default=BUSY_S)
            self.pace.hold(min(asked, BUSY_MOST_S))
        if hasty or any(o.reason == Reason.NO_ANSWER for o in answer.outcomes):
            self.slots.went_badly()
        else:
            self.slots.went_well(call.route.name, took_s)
