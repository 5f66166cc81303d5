"""Forms of the console: read them, and show refusals as pages for people."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from app.console.deps import NotLoggedIn, log_in_address
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.errors import GatewayError, NotFound


def see(address: str) -> RedirectResponse:
    """After a form was done: go and look (303, so that a reload does nothing twice)."""
    return RedirectResponse(address, 303)


async def read_form(request: Request) -> dict[str, str]:
    """Text fields of a form; the last one of a name wins, files are left out."""
    form = await request.form()
    return {key: value for key, value in form.multi_items() if isinstance(value, str)}


def wants_page(request: Request) -> bool:
    """A browser that goes somewhere, rather than a script that asks for data."""
    return "application/json" not in request.headers.get("accept", "")


class PageRoute(APIRoute):
    """A route whose refusals are pages for people, or problem+json for the page's scripts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except NotLoggedIn as error:
                return away(request) if wants_page(request) else _data(request, error)
            except GatewayError as error:
                return await problem(request, error)
            except RequestValidationError:
                return await problem(request, NotFound("not_found", "There is nothing here."))

        return answer


def away(request: Request) -> Response:
    """To the log-in; a script that swaps parts of a page goes there as a whole."""
    return RedirectResponse(log_in_address(request), 303)


async def problem(request: Request, error: GatewayError) -> Response:
    """One refusal in plain words."""
    if not wants_page(request):
        return _data(request, error)
    visit = getattr(request.state, "visit", None)
    values: Mapping[str, object] = {"here": "", "error": error, "why": _words(request, error)}
    response = await page(request, visit, "problem.html", values, error.status)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _words(request: Request, error: GatewayError) -> str:
    visit = getattr(request.state, "visit", None)
    return explained(error, language_of(request, visit))


def _data(request: Request, error: GatewayError) -> JSONResponse:
    body = error.problem() | {"words": _words(request, error)}
    return JSONResponse(body, error.status, media_type="application/problem+json")
