"""How far a rehearsal is, in one line that is written over, or now and then in a log."""

import sys
import time
from collections import deque

import click

from app.cli.output import width
from app.cli.rehearsals.tallies import Ours

MEASURED_S = 30.0
SELDOM_S = 10.0  # between two lines where nobody watches


class Progress:
    """Written to standard error; ``total`` messages are to end."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._ended: deque[tuple[float, int]] = deque()
        self._told_at, self._wide = float("-inf"), 0
        self._watched = sys.stderr.isatty()

    def tell(self, sent: int, mine: Ours, unknown: str) -> None:
        """The present counts; ``unknown`` as text, as they are not counted beyond a page."""
        now = time.monotonic()
        self._ended.append((now, mine.accepted - mine.open))
        while now - self._ended[0][0] > MEASURED_S:
            self._ended.popleft()
        if not self._watched and now - self._told_at < SELDOM_S:
            return
        self._told_at = now
        self._write(f"{words(sent, self._total, mine, unknown)}{self._eta()}")

    def end(self) -> None:
        """What is written next begins on a line of its own."""
        if self._watched and self._wide:
            click.echo(err=True)

    def _eta(self) -> str:
        (since, first), (until, last) = self._ended[0], self._ended[-1]
        left = self._total - last
        if last <= first or left <= 0:
            return ""
        seconds = round(left * (until - since) / (last - first))
        return f" · 남은 시간 eta {seconds // 60}:{seconds % 60:02}"

    def _write(self, line: str) -> None:
        if not self._watched:
            click.echo(line, err=True)
            return
        blank = " " * max(0, self._wide - width(line))
        self._wide = width(line)
        click.echo(f"\r{line}{blank}", err=True, nl=False)


def words(sent: int, total: int, mine: Ours, unknown: str) -> str:
    """The counts as people read them."""
    return (
        f"보냄 sent {sent:,}/{total:,} · 카카오톡 chat {mine.chat:,} · 문자 text {mine.sms:,} · "
        f"실패 failed {mine.failed:,} · 모름 unknown {unknown}"
    )
