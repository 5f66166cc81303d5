"""``python -m app``: the API process."""

import asyncio
import errno
import signal
import socket
import sys

import uvicorn

from app import log
from app.config import Settings, settings
from app.db import revision
from app.main import create_app
from app.services.feed import Feed
from app.services.runtime import open_runtime

FAILED, NOT_OURS, BUSY = 1, 2, 3
GRACE_S = 20  # shorter than what a supervisor waits before it kills


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit code.

    2: schema or secrets are not this program's. 3: the address cannot be had.
    """
    now = settings()
    log.set_up(now.log_level, as_json=now.log_json)
    try:
        asyncio.run(_check(now))
    except (revision.WrongSchema, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the person who starts it
        return NOT_OURS
    try:
        listener = _bind(now.host, now.port)
    except OSError as error:
        print(_why(now, error), file=sys.stderr)  # noqa: T201
        return BUSY
    with listener:
        return _serve(now, listener)


async def _check(now: Settings) -> None:
    """Say what is wrong in one line, before the server wraps it in its own."""
    async with open_runtime(now) as runtime:
        await revision.check(runtime.database)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _why(now: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {now.port} is busy: another program listens there. "
            "Stop it, or set NARU_PORT to a free port."
        )
    return (
        f"Cannot listen on {now.host}:{now.port}: {error.strerror}. "
        "Set NARU_HOST and NARU_PORT to an address of this machine."
    )


class Server(uvicorn.Server):
    """Open streams end before the server waits for its connections: they would never end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop within the grace time."""
        app = self.config.loaded_app if self.config.loaded else None
        feed: Feed | None = getattr(getattr(app, "state", None), "feed", None)
        if feed:
            feed.shut()
        await super().shutdown(sockets)


def _serve(now: Settings, listener: socket.socket) -> int:
    config = uvicorn.Config(
        create_app(now),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    # uvicorn raises the signal again after it has stopped; for us that is a clean end
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])
    return 0 if server.started else FAILED


if __name__ == "__main__":
    sys.exit(main())
