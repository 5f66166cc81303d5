"""A customer's callback applied right where it came in, in the commit that keeps it.

The scheduler applies what was left to it: when the thread is held, an earlier event waits, too many
come at once, or something failed. A failure takes back the whole transaction, and then the callback
is kept alone: nothing of it is ever lost, and the provider hears 200 only after one of the two.
"""

import time
from collections import deque
from collections.abc import Sequence

from sqlalchemy import bindparam, exists
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import InboundEvent, ProviderAccount
from app.db.session import Tx
from app.errors import GatewayError
from app.log import logger
from app.sealing import Sealer, Unsealable
from app.services import callbacks, happenings, inbound
from app.services.runtime import Runtime
from channels.contract import Adapter, BadCallback, Callback, Inbound

# what one event can do to us; anything else ends this run, and its try is counted all the same
POISON = (
    BadCallback,
    GatewayError,
    Unsealable,
    SQLAlchemyError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
MOST_PER_S = 50  # applied by one app process; what comes beyond is the scheduler's, as in a flood
MOST_AT_ONCE = 4
PATIENT_TRIES = 2  # so many tries of one event (35 s) the customer's next ones wait for
# an account as it is now, and whether an earlier event of the customer is not applied yet
STANDING = select(
    ProviderAccount.callback_hash,
    ProviderAccount.credentials_sealed,
    exists().where(
        col(InboundEvent.account_id) == bindparam("account"),
        col(InboundEvent.lane) == bindparam("lane"),
        col(InboundEvent.due_at).is_not(None),
        col(InboundEvent.tries) <= PATIENT_TRIES,
    ),
).where(col(ProviderAccount.id) == bindparam("account"))
log = logger("incoming")


async def write(tx: Tx, sealer: Sealer, event: InboundEvent, parsed: Sequence[Inbound]) -> None:
    """Apply what a kept event says; it is done with it."""
    crash_at("C07")
    event.due_at = None
    for one in parsed:
        await inbound.apply(tx, sealer, event, one)
    await tx.session.flush()
    crash_at("C08")


class Changed(Exception):
    """The account is not as the caller knew it: its callback must be verified again."""


class Incoming:
    """Takes callbacks of chat providers. In ``app.state.incoming``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._began: deque[float] = deque(maxlen=MOST_PER_S)
        self._now = 0

    async def take(self, account: ProviderAccount, adapter: Adapter, callback: Callback) -> None:
        """Keep a verified callback, applied if it can be; nothing is done about a repeat.

        Raises Changed.
        """
        events = callbacks.events_of(adapter, callback)
        if not events or self._is_busy():
            await self._keep(account, callback, events, apply=False)
            return
        self._began.append(time.monotonic())
        self._now += 1
        try:
            await self._keep(account, callback, events, apply=True)
        except POISON as error:
            log.info("left to the scheduler", account=str(account.id), error=type(error).__name__)
            await self._keep(account, callback, events, apply=False)
        finally:
            self._now -= 1
        crash_at("C14")

    def _is_busy(self) -> bool:
        """Other requests get their share of this process, whatever customers do."""
        full = len(self._began) == MOST_PER_S and time.monotonic() - self._began[0] < 1.0
        return full or self._now >= MOST_AT_ONCE

    async def _keep(
        self,
        account: ProviderAccount,
        callback: Callback,
        events: Sequence[Inbound],
        *,
        apply: bool,
    ) -> None:
        """In one transaction; not applied while an earlier one waits, so that the order stays."""
        sealer = self._runtime.sealer
        identity = callbacks.Identity.of(sealer, account, events, callback)
        async with self._runtime.database.write() as tx:
            tx.waits = False
            asked = {"account": account.id, "lane": identity.lane}
            row = (await tx.conn.execute(STANDING, asked)).first()
            if row is None or (row[0], row[1]) != (
                account.callback_hash,
                account.credentials_sealed,
            ):
                raise Changed
            at_once = apply and not row[2]
            event = await callbacks.keep_inbound(
                tx, sealer, account, callback, identity, applied=at_once
            )
            if event is not None and at_once:
                await write(tx, sealer, event, events)
                happenings.remember(tx.subjects(*happenings.CONSULTATION), account.mode)
