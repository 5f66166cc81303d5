"""Sending a checked list: many requests at once, every row under its own Idempotency-Key.

A row that got no clear answer is asked again with the same key, so it is accepted once however
often the command runs.
"""

import asyncio
import csv
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from app.cli.api import Api, Problem
from app.cli.failures import Failed
from app.cli.lists import Recipient
from app.services import sheets

AT_ONCE = 32
COLUMNS = ("row", "code", "field", "detail")
Send = Callable[[Recipient], Awaitable[bool]]
EVERY_ROW = (
    "no_sandbox_account", "no_live_account", "no_mms_route", "unknown_contact",
    "level_unavailable",
)  # fmt: skip
_growing = wait_random_exponential(multiplier=0.2, max=5.0)


class RefusedRows(AbstractContextManager["RefusedRows"]):
    """``FILE.refused.csv``: the rows to mend. There is none when nothing was refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> "RefusedRows":
        self.path.unlink(missing_ok=True)  # of an earlier run
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: int, problem: Problem) -> None:
        """Write one row; neither number nor texts are copied."""
        if self._file is None:
            # the mark at the beginning makes Excel read UTF-8
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        cells = (str(row), problem.code, problem.field, problem.detail)
        csv.writer(self._file).writerow([sheets.safe(cell) for cell in cells])
        self._file.flush()


async def mail(
    rows: Iterator[Recipient],
    send: Send,
    counts: Counter[str],
    refused: RefusedRows,
    tell: Callable[[], None],
) -> None:
    """Send all rows, ``AT_ONCE`` at a time; ``tell`` is called after each.

    ``counts`` gets ``accepted``, ``replayed`` (accepted in an earlier run) and ``refused``.
    Raises Failed for what concerns every row, and when patience ran out.
    """

    async def work() -> None:
        for recipient in rows:
            try:
                replayed = await send(recipient)
            except Problem as problem:
                if concerns_all(problem):
                    raise problem.as_failure() from None
                counts["refused"] += 1
                refused.add(recipient.row, problem)
            else:
                counts["replayed" if replayed else "accepted"] += 1
            tell()

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


def sender(api: Api, template: str, patience_s: float) -> Send:
    """How one row is sent: True when an earlier request made the message.

    The function raises Problem for a refusal, Failed when nobody answered for ``patience_s``.
    """

    async def send(recipient: Recipient) -> bool:
        body = {"template": template, "to": recipient.to, "variables": dict(recipient.values)}
        if recipient.reference is not None:
            body["reference"] = recipient.reference
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(is_passing),
                stop=stop_after_delay(patience_s),
                wait=_wait,
                reraise=True,
            ):
                with attempt:
                    answer = await api.send("POST", "/v1/messages", body, key=recipient.key)
                    return str(answer.headers.get("Idempotent-Replayed")) == "true"
        except (httpx.TransportError, Problem) as error:
            if isinstance(error, Problem) and not is_passing(error):
                raise
            raise Failed(
                f"{patience_s:.0f}초 동안 답을 받지 못해 멈춰요: {error or type(error).__name__}. "
                "같은 명령을 다시 실행하면 이어서 보내고, 두 번 가지 않아요. "
                "(Gave up waiting; run the same command again: nobody gets it twice.)"
            ) from None
        raise AssertionError("tenacity ended without a result")

    return send


def is_passing(error: BaseException) -> bool:
    """Whether asking again with the same key may help."""
    if isinstance(error, Problem):
        busy = error.code == "idempotency_key_in_use"
        return busy or error.status == 429 or error.status >= 500
    return isinstance(error, httpx.TransportError)


def concerns_all(problem: Problem) -> bool:
    """Whether every other row would be refused for the same reason."""
    if problem.status in (401, 403):
        return problem.code != "recipient_not_in_team"
    return problem.field == "template" or problem.code in EVERY_ROW


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, Problem) else None
    return max(asked or 0.0, _growing(state))
