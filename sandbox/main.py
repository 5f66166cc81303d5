"""Wires the sandbox together: `create_app` gives one ASGI app over one store."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from sandbox import (
    consult,
    consult_calls,
    consult_ends,
    consult_uploads,
    description,
    health,
    hub_files,
    pictures,
    problems,
    relay,
    relay_calls,
    relay_templates,
    relay_wire,
    stream,
)
from sandbox.chaos.calls import CallChaos
from sandbox.delivery import run_delivery
from sandbox.desk import (
    chaos,
    clock,
    people,
    photos,
    push,
    received,
    requests,
    scenarios,
    sendings,
    setup,
)
from sandbox.desk import reviews as desk_reviews
from sandbox.fcm import calls as fcm_calls
from sandbox.fcm import routes as fcm
from sandbox.fcm import tokens as fcm_tokens
from sandbox.fcm import wire as fcm_wire
from sandbox.guard import Guard
from sandbox.largest import Largest
from sandbox.nhn import calls as nhn_calls
from sandbox.nhn import routes as nhn
from sandbox.nhn import wire
from sandbox.nhn.template_hooks import tell_template
from sandbox.outbox import run_outbox
from sandbox.pages import add_pages
from sandbox.recorder import Recorder
from sandbox.scenarios.run import Runner
from sandbox.seeds import plant
from sandbox.solapi import calls as solapi_calls
from sandbox.solapi import routes as solapi
from sandbox.solapi import wire as solapi_wire
from sandbox.store import Store
from sandbox.talks import CannotDo

log = logging.getLogger("sandbox")
READINGS = {
    "/nhn/": nhn_calls.READING,
    "/solapi/": solapi_calls.READING,
    "/relay/": relay_calls.READING,
    "/consult/": consult_calls.READING,
    "/fcm/": fcm_calls.READING,
}


def create_app(
    store_path: Path | None = None, password: str = "", production: bool = False
) -> FastAPI:
    """The whole sandbox. store_path None: a temporary store, gone at the end.

    password: asked by HTTP basic on pages and desk; "" asks nothing. production: the description
    of the API is closed.
    """
    store = Store(store_path)
    plant(store)
    runner = Runner(store)  # gives back what a run cut short had changed
    app = _described(production)
    store.on_template.append(partial(tell_template, store))
    app.state.store = store
    app.state.workers = []
    app.state.runner = runner
    parts = (
        health,
        setup,
        desk_reviews,
        received,
        people,
        photos,
        push,
        sendings,
        chaos,
        clock,
        scenarios,
        requests,
        stream,
    )
    for part in parts:
        app.include_router(part.router)
    app.include_router(pictures.router)  # before NHN's answer for paths that are not there
    for hub in (consult, consult_uploads, consult_ends, hub_files):
        app.include_router(hub.router)
    for router in (nhn.router, relay.router, relay_templates.router, solapi.router, fcm.router):
        app.include_router(router)
    app.add_exception_handler(wire.Refused, wire.refuse)
    app.add_exception_handler(consult.Fault, consult.tell_fault)
    app.add_exception_handler(relay_wire.Refusal, relay_wire.tell_refusal)
    app.add_exception_handler(solapi_wire.Refused, solapi_wire.tell_refused)
    app.add_exception_handler(fcm_wire.Refused, fcm_wire.tell_refused)
    app.add_exception_handler(fcm_tokens.BadGrant, fcm_tokens.tell_bad_grant)
    for error in (problems.Problem, CannotDo):
        app.add_exception_handler(error, problems.tell)
    app.add_exception_handler(RequestValidationError, problems.tell_invalid)
    app.add_exception_handler(HTTPException, problems.tell_http)
    add_pages(app)
    app.add_middleware(CallChaos, chaos=store.chaos, readings=READINGS)
    app.add_middleware(Largest)
    app.add_middleware(Guard, password=password)
    app.add_middleware(Recorder, store=store)  # outermost: it sees the server's own connection
    return app


def _described(production: bool) -> FastAPI:
    facts: dict[str, Any] = {"title": "Naru sandbox", "lifespan": _run_workers}
    if production:
        return FastAPI(**facts, docs_url=None, redoc_url=None, openapi_url=None)
    facts |= {"description": description.TEXT, "openapi_url": description.OPENAPI}
    app = FastAPIOffline(docs_url=None, redoc_url=None, static_url=description.FILES, **facts)
    description.describe(app)
    description.add_docs(app)
    return app


@asynccontextmanager
async def _run_workers(app: FastAPI) -> AsyncIterator[None]:
    store: Store = app.state.store
    workers = [
        asyncio.create_task(run_delivery(store), name="delivery"),
        asyncio.create_task(run_outbox(store), name="outbox"),
        asyncio.create_task(app.state.runner.work(), name="scenarios"),
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
