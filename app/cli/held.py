"""Templates as the gateway holds them, asked for over its API."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import httpx

from app.cli.api import Api, Problem, connect, find_key, local_url, unreachable
from app.cli.failures import BadUsage, Failed, read_settings
from templates.findings import TemplateProblem
from templates.reading import read_template
from templates.template import Template

PATH = "/v1/templates"
PAGE = 100
ABOUT_IT = frozenset({404, 409, 422})  # the gateway's word about the template itself


@dataclass(frozen=True, slots=True)
class Held:
    """A template there in its newest version."""

    template: Template
    version: int
    is_draft: bool = False


@asynccontextmanager
async def asking(url: str | None, key: str | None) -> AsyncIterator[Api]:
    """The API for one command.

    What the gateway refuses about a template ends with code 1; no key, a wrong one, silence or
    trouble there with code 2.
    """
    chosen = read_settings()
    address = url or local_url(chosen)
    try:
        async with connect(address, key or _found_key(chosen.data)) as api:
            yield api
    except Problem as problem:
        failure = problem.as_failure()
        raise (failure if problem.status in ABOUT_IT else BadUsage(failure.message)) from None
    except (httpx.TransportError, httpx.InvalidURL, UnicodeEncodeError) as error:
        raise BadUsage(unreachable(address, error).message) from None
    except JSONDecodeError:
        raise BadUsage(f"{address}: 나루가 아니에요. (What answers there is not Naru.)") from None


def path(code: str, verb: str = "") -> str:
    """Where a template is, or one thing to do with it. Raises BadUsage for what is no code."""
    if not re.fullmatch("[A-Za-z0-9_-]{1,100}", code):
        raise BadUsage(f"{code}: 코드에는 영문, 숫자, _, - 만 있어요. (This is no code.)")
    return f"{PATH}/{code}" + (f"/{verb}" if verb else "")


async def one(api: Api, code: str) -> Held | None:
    """A template by its code, None where there is none. Raises Problem, BadUsage."""
    try:
        return _held(await api.get(path(code)))
    except Problem as problem:
        if problem.code == "unknown_template":
            return None
        raise


async def every(api: Api) -> list[Held]:
    """All templates of the workspace, the oldest first. Raises Problem, BadUsage."""
    return [_held(item) for item in await listed(api)]


async def listed(api: Api) -> list[Mapping[str, Any]]:
    """The same as the API shows them."""
    found: list[Mapping[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = await api.get(PATH, limit=PAGE, **more)
        found += page["items"]
        if not page["next"]:
            return found
        more = {"cursor": page["next"]}


def _held(told: Mapping[str, Any]) -> Held:
    try:
        template = read_template(told["body"])
    except TemplateProblem as problem:
        raise BadUsage(
            f"{told['code']}: 게이트웨이의 템플릿을 이 명령이 읽지 못해요. 판이 같은지 보세요. "
            f"(The gateway's template cannot be read; is this the same release? {problem})"
        ) from None
    return Held(template, int(told["version"]), is_draft=not told.get("submitted", True))


def _found_key(folder: Path) -> str:
    try:
        return find_key(folder)
    except Failed as failed:
        raise BadUsage(failed.message) from None
