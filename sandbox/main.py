"""Wires the sandbox together: `create_app` gives one ASGI app over one store."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sandbox import consult, health, problems, relay, stream
from sandbox.delivery import run_delivery
from sandbox.desk import chaos, people, setup
from sandbox.guard import Guard
from sandbox.nhn import routes as nhn
from sandbox.nhn import wire
from sandbox.outbox import run_outbox
from sandbox.pages import add_pages
from sandbox.phone import CannotDo
from sandbox.recorder import Recorder
from sandbox.seeds import plant
from sandbox.store import Store

log = logging.getLogger("sandbox")


def create_app(store_path: Path | None = None, password: str = "") -> FastAPI:
    """The whole sandbox. store_path None: a temporary store, gone at the end.

    password: asked by HTTP basic on pages and desk; "" asks nothing.
    """
    store = Store(store_path)
    plant(store)
    app = FastAPI(
        title="Naru sandbox",
        lifespan=_run_workers,
        docs_url=None,
        redoc_url=None,
        openapi_url="/desk/api/openapi.json",
    )
    app.state.store = store
    app.state.workers = []
    for router in (health.router, setup.router, people.router, chaos.router, stream.router):
        app.include_router(router)
    for router in (nhn.router, consult.router, relay.router):
        app.include_router(router)
    app.add_exception_handler(wire.Refused, wire.refuse)
    app.add_exception_handler(consult.Fault, consult.tell_fault)
    app.add_exception_handler(relay.Refusal, relay.tell_refusal)
    for error in (problems.Problem, CannotDo):
        app.add_exception_handler(error, problems.tell)
    app.add_exception_handler(RequestValidationError, problems.tell_invalid)
    app.add_exception_handler(HTTPException, problems.tell_http)
    add_pages(app)
    app.add_middleware(Guard, password=password)
    app.add_middleware(Recorder, store=store)  # outermost: it sees the server's own connection
    return app


@asynccontextmanager
async def _run_workers(app: FastAPI) -> AsyncIterator[None]:
    store: Store = app.state.store
    workers = [
        asyncio.create_task(run_delivery(store), name="delivery"),
        asyncio.create_task(run_outbox(store), name="outbox"),
    ]
    for task in workers:
        task.add_done_callback(_tell_if_broken)
    app.state.workers = workers
    try:
        yield
    finally:
        store.changes.close()
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        store.close()


def _tell_if_broken(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.critical("%s stopped", task.get_name(), exc_info=task.exception())
