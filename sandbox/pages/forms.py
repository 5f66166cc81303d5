"""Forms of the pages: read them, refuse those from other sites, show refusals as pages."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from sandbox.pages.render import page
from sandbox.talks import CannotDo

_OWN_SITE = ("same-origin", "none")
REFUSALS = {
    "no_phone": "err_no_phone",
    "no_message": "err_gone",
    "no_button": "err_gone",
    "no_channel": "err_gone",
    "empty": "err_empty",
    "too_long": "err_too_long",
    "off": "is_off",
    "no_kakao": "no_kakao_title",
    "blocked": "err_blocked",
    "barred": "err_barred",
    "no_consult": "mute_room",
    "too_many": "err_too_many",
    "too_large": "err_too_large",
    "not_a_photo": "err_not_a_photo",
}


class PageProblem(Exception):
    """Something a reader asked cannot be done. `key` of the words that say why."""

    def __init__(self, key: str, status: int = 422) -> None:
        super().__init__(key)
        self.key, self.status = key, status


class PageRoute(APIRoute):
    """A route whose refusals are pages for people."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except PageProblem as problem:
                key, status = problem.key, problem.status
            except CannotDo as refusal:
                key, status = REFUSALS.get(refusal.code, "err_title"), refusal.status
            return page(request, "problem.html", {"here": "", "why": key}, status)

        return answer


def from_here(request: Request) -> None:
    """Refuse a form another site sent (OWASP CSRF cheat sheet: check Origin, then Sec-Fetch-Site).

    A caller that sends neither header is no browser and holds no one's cookies.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is not None:
        if origin.partition("://")[2] != request.headers.get("host", ""):
            raise PageProblem("err_origin", 403)
    elif site is not None and site not in _OWN_SITE:
        raise PageProblem("err_origin", 403)


async def read_form(request: Request) -> dict[str, str]:
    """Text fields of a form; the last one of a name wins, files are left out."""
    form = await request.form()
    return {key: value for key, value in form.multi_items() if isinstance(value, str)}


def maybe_whole(values: Mapping[str, str], key: str) -> int | None:
    """A whole number of at most 18 digits, None when there is none."""
    raw = values.get(key, "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 19 else None


def whole(form: Mapping[str, str], key: str) -> int:
    value = maybe_whole(form, key)
    if value is None:
        raise PageProblem("err_value")
    return value


def flag(form: Mapping[str, str], key: str) -> bool | None:
    """ "1" or "0" of a switch, None when the form has no such switch."""
    value = form.get(key)
    if value not in (None, "0", "1"):
        raise PageProblem("err_value")
    return None if value is None else value == "1"
