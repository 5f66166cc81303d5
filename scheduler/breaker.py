"""The breaker of an account: while nothing gets through, nothing is claimed.

Its state is ``provider_account.breaker_until``: none is closed, ahead is open, past lets one small
call try. All workers see it within a second; who moves it first decides.
"""

import time
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from app.db.models import ProviderAccount
from app.db.session import Tx
from channels.contract import Answer
from channels.vocabulary import Reason, Verdict

IN_A_ROW = 5  # calls that nobody took
RATIO, FEWEST = 0.5, 20  # or so large a part of at least so many in the last minute
LATELY_S = 60.0
FIRST_S, LONGEST_S = 5.0, 60.0  # how long it stays open: doubled with every try that fails
SLOW = 0.5  # a call is slow when it took so large a part of its deadline
# the account is asked too fast, or with the wrong keys: other means answer these
OTHER_MEANS = (Reason.THROTTLED, Reason.MISCONFIGURED, Reason.QUOTA)


def got_through(answer: Answer) -> bool | None:
    """Whether the provider took the call in hand; None when the answer says nothing about that."""
    if any(outcome.reason in OTHER_MEANS for outcome in answer.outcomes):
        return None
    return not all(
        outcome.verdict is Verdict.UNKNOWN or outcome.reason == Reason.PROVIDER_DOWN
        for outcome in answer.outcomes
    )


class Breaker:
    """What one worker knows of the calls of one account."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._lately: deque[tuple[float, bool, bool]] = deque()  # when, failed, slow
        self._open_s = FIRST_S

    def count(self, through: bool, took_s: float, deadline_s: float) -> None:
        """Remember how a call went."""
        self._in_a_row = 0 if through else self._in_a_row + 1
        self._lately.append((time.monotonic(), not through, took_s > SLOW * deadline_s))

    def lately(self) -> tuple[int, int, int]:
        """Calls, failed ones and slow ones of the last minute."""
        oldest = time.monotonic() - LATELY_S
        while self._lately and self._lately[0][0] < oldest:
            self._lately.popleft()
        failed = sum(failed for _, failed, _ in self._lately)
        return len(self._lately), failed, sum(slow for _, _, slow in self._lately)

    def is_due(self) -> bool:
        """Whether so many calls failed that it must open."""
        calls, failed, _ = self.lately()
        return self._in_a_row >= IN_A_ROW or (calls >= FEWEST and failed >= RATIO * calls)

    async def open(self, tx: Tx, account: ProviderAccount, *, again: bool = False) -> datetime:
        """Open it, or keep it open after a try that failed; until when."""
        self._open_s = min(2 * self._open_s, LONGEST_S) if again else FIRST_S
        until = tx.now + timedelta(seconds=self._open_s)
        where = col(ProviderAccount.breaker_until)
        if await _move(tx, account, until, where.is_not(None) if again else where.is_(None)):
            self._lately.clear()
            if not again:
                tx.emit(
                    account.workspace_id, "account.breaker_open", account.id,
                    until=until.isoformat(), tell="operator",
                )  # fmt: skip
        return until

    async def close(self, tx: Tx, account: ProviderAccount) -> None:
        """A try got through."""
        self._in_a_row = 0
        if await _move(tx, account, None, col(ProviderAccount.breaker_until).is_not(None)):
            tx.emit(account.workspace_id, "account.breaker_closed", account.id)
            tx.wake = True


async def take_try(tx: Tx, account: ProviderAccount, until: datetime) -> bool:
    """Be the one worker that tries; others wait ``until`` then."""
    return await _move(tx, account, until, col(ProviderAccount.breaker_until) <= tx.now)


async def _move(tx: Tx, account: ProviderAccount, until: datetime | None, where: Any) -> bool:
    result: Any = await tx.session.exec(
        update(ProviderAccount)
        .where(col(ProviderAccount.id) == account.id, where)
        .values(breaker_until=until)
    )
    return bool(result.rowcount)
