"""`python -m sandbox`: serve until SIGTERM or SIGINT, then leave within two seconds."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import orjson
import uvicorn
from fastapi import FastAPI

from sandbox.api_page import Described
from sandbox.config import BadSetting, Config, from_environment
from sandbox.main import create_app
from sandbox.store import Store

GRACE_S = 1
COLLECT = (10_000, 20, 50)  # recipients come in thousands: fewer collections


class Server(uvicorn.Server):
    """Signals are ours: open streams end first, and the exit code is 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.leave)
        yield

    def leave(self) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            store: Store = app.state.store
            store.changes.close()
        self.force_exit = self.should_exit  # a second signal does not wait
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises BadSetting when the place is taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise BadSetting(
            f"{host}:{port} 를 열 수 없습니다 ({os.strerror(error.errno or 0)}):"
            " NARU_SANDBOX_PORT 또는 --port 를 바꾸십시오"
            " (the sandbox's port is not free: change NARU_SANDBOX_PORT or --port)"
        ) from None


def serve(config: Config) -> None:
    """Run until a signal. Raises BadSetting."""
    taken = listen(config.host, config.port)
    try:
        gc.set_threshold(*COLLECT)
        app = create_app(config.store, config.password, config.production)
    except (sqlite3.Error, OSError) as error:
        taken.close()
        raise BadSetting(
            f"저장소 {config.store} 를 열 수 없습니다 ({error}): NARU_SANDBOX_STORE 또는 --store"
            " (the sandbox's store cannot be opened)"
        ) from None
    port = taken.getsockname()[1]
    click.echo(f"샌드박스: http://{config.host}:{port} (실제 발송 없음, nothing leaves)", err=True)
    server = Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=60,
        )
    )
    server.run(sockets=[taken])


@click.group(invoke_without_command=True)
@click.option("--host", default=None, help="Address to listen on (127.0.0.1).")
@click.option(
    "--port", default=None, type=click.IntRange(0, 65_535), help="Port (NARU_SANDBOX_PORT, 8001)."
)
@click.option(
    "--store",
    default=None,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to keep everything in (NARU_SANDBOX_STORE); temporary without it.",
)
@click.pass_context
def main(context: click.Context, host: str | None, port: int | None, store: Path | None) -> None:
    """A messenger to rehearse with: providers, phones and a desk. Nothing leaves."""
    if context.invoked_subcommand:
        return
    try:
        known = from_environment()
        serve(
            replace(
                known,
                host=host or known.host,
                port=known.port if port is None else port,
                store=store or known.store,
            )
        )
    except BadSetting as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@main.command()
@click.option("--markdown", is_flag=True, help="Print the page docs/sandbox-api.md.")
def api(markdown: bool) -> None:
    """Print the description of the desk's API: OpenAPI, or a page."""
    app = create_app()
    app.state.store.close()
    document = app.openapi()
    page = "".join(Described(document).page()) if markdown else orjson.dumps(document).decode()
    click.echo(page, nl=not markdown)


if __name__ == "__main__":
    main()
