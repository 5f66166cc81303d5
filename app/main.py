"""The application: routers, the gate before them, and what they all hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import __version__, outbound
from app.api import (
    accounts,
    attachments,
    attempts,
    batches,
    bot_callbacks,
    bots,
    callbacks,
    campaigns,
    canned,
    consult_acts,
    consult_cases,
    consult_channels,
    consult_customer,
    consult_staffing,
    consult_stats,
    consultations,
    events,
    export,
    gate,
    health,
    hooks,
    labels,
    linting,
    messages,
    notes,
    people,
    pictures,
    previews,
    problems,
    push_receipts,
    receipts,
    reviews,
    search,
    senders,
    stats,
    templates,
    webhooks,
)
from app.config import Settings
from app.config import settings as settings_of_process
from app.console.site import add_console
from app.db import revision
from app.guard import Guard
from app.services import reach
from app.services.accept import Acceptor
from app.services.catalogue import Catalogue
from app.services.feed import Feed
from app.services.incoming import Incoming
from app.services.runtime import open_runtime

DESCRIPTION = """
업무 메시지 게이트웨이: 승인된 템플릿을 알림톡으로 보내고, 닿지 않으면 문자로 보냅니다.

A self-hosted gateway for Korean business messages: approved templates leave as Alimtalk, and as
SMS or LMS where the messenger cannot deliver.

* Every call needs `Authorization: Bearer naru_…`. A **test** key (`naru_test_…`) reaches the
  sandbox only; all its answers say `"simulated": true`.
* Refusals are `application/problem+json` (RFC 9457) with a stable `code`, the `field` at fault and
  a `detail` that says what to do.
* Every answer carries `X-Request-Id`.
"""
# export before messages, bots, limits and the like before consultations: their paths would be read
# as ids
WITH_KEY = (
    batches,
    previews,
    export,
    messages,
    attempts,
    receipts,
    reviews,
    campaigns,
    stats,
    linting,
    templates,
    pictures,
    senders,
    people,
    accounts,
    # before consultations, for the same reason
    consult_cases,
    consult_channels,
    consult_staffing,
    consult_stats,
    attachments,
    notes,
    labels,
    canned,
    search,
    consult_acts,
    consult_customer,
    bots,
    consultations,
    hooks,
    events,
    webhooks,
)
WITHOUT_KEY = (bot_callbacks, callbacks, push_receipts, health)
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Raises WrongSchema when the database is another version's, ValueError for bad secrets."""
    async with (
        open_runtime(app.state.settings) as runtime,
        outbound.connect(runtime.settings) as client,
        Guard(runtime.settings) as guard,
    ):
        await revision.check(runtime.database)
        await reach.report(runtime)
        app.state.runtime = runtime
        app.state.client = client
        app.state.guard = guard
        app.state.verifiers = callbacks.Verifiers(runtime, client)
        app.state.incoming = Incoming(runtime)
        app.state.catalogue = Catalogue(runtime)
        app.state.acceptor = Acceptor(runtime)
        app.state.feed = Feed(runtime)
        await app.state.feed.open()
        yield
        await app.state.feed.close()
        await app.state.acceptor.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API; ``settings`` default to those of this process."""
    settings = settings or settings_of_process()
    facts: dict[str, Any] = {
        "title": "Naru",
        "version": __version__,
        "description": DESCRIPTION,
        "lifespan": _lifespan,
        "telemetry": NO_TELEMETRY,
        "redoc_url": None,
    }
    if settings.env == "production":
        app = FastAPI(**facts, docs_url=None, openapi_url=None)
    else:
        # the validator badge would ask an outside host about our description
        app = FastAPIOffline(**facts, swagger_ui_parameters={"validatorUrl": None})
    app.state.settings = settings
    app.add_middleware(
        gate.Gate,
        max_body=settings.max_body,
        max_upload=settings.max_upload,
        max_attachment=settings.max_attachment,
    )
    problems.install(app)
    for module in WITH_KEY:
        app.include_router(module.router, responses=problems.responses(401, 403, 422, 503))
    for module in WITHOUT_KEY:
        app.include_router(module.router, responses=problems.responses(422, 503))
    add_console(app)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Refusals refer to one schema that no route returns as its model; made when asked for."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        described = plain()
        described["components"]["schemas"][problems.SCHEMA] = problems.Problem.model_json_schema()
        return described

    app.openapi = openapi  # type: ignore[method-assign]
