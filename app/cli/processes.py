"""A parent and its children: started together, stopped together, none left behind."""

import asyncio
import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import IO

import click
import httpx

from app.cli.failures import Failed

GRACE_S = 25.0
LOOK_S = 0.1
REPEAT_S = 1.0  # one Ctrl-C may reach us twice; a person who means it waits longer
READY_S = 60.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # prctl(2)
BUSY = (errno.EADDRINUSE, errno.EACCES)  # taken, or a port only the system may open

# loaded before any fork: a forked child must not look for libraries
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def is_success(answer: httpx.Response) -> bool:
    """Whether it is a 2xx."""
    return answer.is_success


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run.

    ``ready``: an address to ask, "" for none; it works once ``says_ready`` likes the answer.
    """

    name: str
    command: tuple[str, ...]
    ready: str = ""
    says_ready: Callable[[httpx.Response], bool] = is_success


class Family:
    """Runs children while ``work`` runs, and ends them whatever happens.

    ``log`` takes what they print, None leaves it on the terminal.
    """

    def __init__(self, children: Sequence[Child], log: IO[bytes] | None = None) -> None:
        self._children, self._log = children, log
        self._running: list[tuple[Child, subprocess.Popen[bytes]]] = []
        self._hurry = False
        self._told_at: float | None = None
        self._stop: asyncio.Event | None = None

    def run(self, work: Callable[[], Awaitable[bool]]) -> int:
        """0 after a signal, or when ``work`` returned True; False keeps serving.

        Raises Failed when a child ends by itself, and whatever ``work`` raises.
        """
        return asyncio.run(self._run(work))

    async def ready(self, child: Child, limit_s: float = READY_S) -> None:
        """Wait until a child answers. Raises Failed after ``limit_s``."""
        if not child.ready:
            return
        last = "no answer"
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
            for _ in range(max(1, int(limit_s / LOOK_S))):
                try:
                    answer = await client.get(child.ready)
                    if child.says_ready(answer):
                        return
                    last = f"{answer.status_code} {answer.text[:200]}"
                except httpx.TransportError as error:
                    last = type(error).__name__
                await asyncio.sleep(LOOK_S)
        raise Failed(
            f"{child.name} 이(가) {limit_s:.0f}초 안에 준비되지 않았어요. "
            f"({child.name} is not ready at {child.ready}: {last})"
        )

    async def _run(self, work: Callable[[], Awaitable[bool]]) -> int:
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            # what nohup told us to ignore stays ignored
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._told)
        try:
            for child in self._children:
                self._running.append((child, self._start(child)))
            return await self._live(work)
        finally:
            await self._end()

    async def _live(self, work: Callable[[], Awaitable[bool]]) -> int:
        assert self._stop is not None
        stopped = asyncio.ensure_future(self._stop.wait())
        watching = asyncio.ensure_future(self._watch())
        working = asyncio.ensure_future(work())
        tasks = {stopped, watching, working}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if done == {working} and working.exception():
                # perhaps it failed because a child is gone: that is then what to say
                done |= (await asyncio.wait({watching}, timeout=3 * LOOK_S))[0]
            elif done == {working} and not working.result():
                done, _ = await asyncio.wait(
                    {stopped, watching}, return_when=asyncio.FIRST_COMPLETED
                )
            if watching in done and stopped not in done:
                raise Failed(_epitaph(*watching.result()))
            if working in done and stopped not in done:
                working.result()
            return 0
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> tuple[str, int]:
        """The first child that ends: its name and its exit code."""
        while True:
            for child, process in self._running:
                code = process.poll()
                if code is not None:
                    return child.name, code
            await asyncio.sleep(LOOK_S)

    def _told(self) -> None:
        """A signal: stop once; a second one a while later does not wait any more."""
        assert self._stop is not None
        now = time.monotonic()
        if self._told_at is None:
            self._told_at = now
        elif now - self._told_at > REPEAT_S:
            self._hurry = True
        self._stop.set()

    def _start(self, child: Child) -> subprocess.Popen[bytes]:
        """A group of its own: Ctrl-C reaches the parent alone, which then stops its children.

        Started by the main thread before there are others: the death signal follows the thread
        that forked, and a fork of several threads may hang.
        """
        return subprocess.Popen(  # noqa: S603 - our own commands
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            process_group=0,
            preexec_fn=_tie_to(os.getpid()) if _libc else None,
        )

    async def _end(self) -> None:
        """SIGTERM once, SIGKILL after GRACE_S; returns when every child is gone."""
        for _, process in self._running:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + GRACE_S
        while any(process.poll() is None for _, process in self._running):
            if self._hurry or time.monotonic() > end:
                break
            await asyncio.sleep(LOOK_S / 2)
        for child, process in self._running:
            if process.poll() is None:
                click.echo(f"naru: {child.name} 을(를) 강제로 끝내요. (killed)", err=True)
                process.kill()
            process.wait()


def _tie_to(parent: int) -> Callable[[], None]:
    """Run in the forked child: it dies with its parent (Linux; prctl(2), PR_SET_PDEATHSIG)."""
    libc = _libc
    assert libc is not None

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return tie


def _epitaph(name: str, code: int) -> str:
    how = f"code {code}" if code >= 0 else signal.Signals(-code).name
    return f"{name} 이(가) 스스로 끝나서 모두 멈춰요. ({name} ended by itself: {how}.)"


def is_busy(host: str, port: int) -> bool:
    """Whether another program listens there already. Raises OSError for an address not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in BUSY:
                return True
            raise
    return False
