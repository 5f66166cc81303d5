"""What must stand before a rehearsal: both sides reached, nothing live in reach, a template."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from app.cli.api import Api, Problem, connect, find_key, local_url
from app.cli.failures import BadUsage, Failed
from app.cli.rehearsals import traffic
from app.config import Settings
from templates import files

LOOK_S = 0.2
REVIEW_S = 60.0
TRIES = 5
PASSWORD = "NARU_SANDBOX_PASSWORD"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True)
class Stage:
    """Naru's API with a test key, and the desk of the sandbox it reaches."""

    naru: Api
    desk: Api


@asynccontextmanager
async def open_stage(chosen: Settings, url: str | None, key: str | None) -> AsyncIterator[Stage]:
    """Both APIs for one command. Raises Failed and BadUsage."""
    async with (
        open_desk(chosen) as desk,
        connect(url or local_url(chosen), key or find_key(chosen.data)) as naru,
    ):
        yield Stage(naru, desk)


@asynccontextmanager
async def open_desk(chosen: Settings) -> AsyncIterator[Api]:
    """The desk of this installation's sandbox; every trouble becomes a Failed of one line."""
    try:
        async with connect(chosen.sandbox) as desk:
            if password := os.environ.get(PASSWORD, ""):
                desk.client.auth = httpx.BasicAuth("naru", password)
            yield desk
    except Problem as problem:
        raise problem.as_failure() from None
    except httpx.TransportError as error:
        raise Failed(
            f"{_place(error)} 에서 답이 없어요. (No answer: {type(error).__name__}.) "
            "`naru up` 으로 나루와 샌드박스를 켜세요. (Start Naru and the sandbox.)"
        ) from None
    except (httpx.InvalidURL, UnicodeEncodeError) as error:
        raise BadUsage(
            f"주소나 키를 쓸 수 없어요. (Address or key is of no use: {error}.)"
        ) from None


def _place(error: httpx.TransportError) -> str:
    try:
        return str(error.request.url.copy_with(path="/", query=None)).rstrip("/")
    except RuntimeError:  # it was never asked
        return "나루 (Naru)"


async def scenarios(desk: Api) -> list[Mapping[str, Any]]:
    """The scenarios the sandbox can play. Raises Problem."""
    found: list[Mapping[str, Any]] = await desk.get("/desk/api/scenarios")
    return found


async def find(desk: Api, name: str) -> Mapping[str, Any]:
    """The whole of one of them. Raises BadUsage naming the others, Problem."""
    there = [one["name"] for one in await scenarios(desk)]
    if name not in there:
        raise BadUsage(
            f"{name}: 그런 시나리오가 없어요. (No such scenario; there are {', '.join(there)}.)"
        )
    whole: Mapping[str, Any] = await desk.get(f"/desk/api/scenarios/{name}")
    return whole


async def keep(desk: Api, toml: str) -> Mapping[str, Any]:
    """Put one's own scenario into the sandbox, in place of an earlier one of its title.

    Raises BadUsage for what is wrong with it, Problem.
    """
    try:
        kept: Mapping[str, Any] = await desk.ask("POST", "/desk/api/scenarios", {"toml": toml})
    except Problem as problem:
        if problem.status != 422:
            raise
        raise BadUsage(problem.as_failure().message) from None
    return kept


async def check(naru: Api, account: str | None, today: date) -> None:
    """Nothing may go out: the key must be a test key, the account one of the sandbox.

    Raises BadUsage, Problem.
    """
    day = today.isoformat()
    told = await naru.get("/v1/stats", **{"from": day, "to": day}, by="total")
    if told.get("simulated") is not True:
        raise BadUsage(
            "이 키는 실제 계정으로 보내요. 리허설은 테스트 키로만 해요. (This key reaches live "
            "accounts; a rehearsal takes a test key only: naru keys create --kind test.)"
        )
    if account is not None:
        await _check_account(naru, account)


async def _check_account(naru: Api, name: str) -> None:
    """A test key sees the accounts of the sandbox only."""
    there = (await naru.get("/v1/accounts"))["items"]
    if not any(one["name"] == name and one["mode"] == "sandbox" for one in there):
        names = ", ".join(one["name"] for one in there) or "-"
        raise BadUsage(
            f"{name} 은(는) 샌드박스 계정이 아니에요. 실제 계정으로는 리허설하지 않아요. "
            f"(No account of the sandbox, and live ones are never rehearsed. There are: {names}.)"
        )
    if others := [one["name"] for one in there if _carries(one) and one["name"] != name]:
        raise BadUsage(
            f"다른 샌드박스 계정으로도 나가요: {', '.join(others)}. (They would carry some of it; "
            "let them stand by: naru accounts set NAME --weight 0.)"
        )


def _carries(account: Mapping[str, Any]) -> bool:
    is_notices = account["adapter"] != "consult" and account["state"] == "active"
    return bool(is_notices and account["weight"] > 0)


async def place_numbers(desk: Api, count: int, seed: int | None) -> int:
    """Where its numbers begin: nobody has had them, so their phones are of this rehearsal.

    A seed is taken at its word. Raises Problem.
    """
    for _ in range(TRIES if seed is None else 0):
        first = traffic.draw(count, None)
        ends = {traffic.number(first), traffic.number(first + count // 2)}
        if not any([await _is_there(desk, one) for one in ends]):
            return first
    return traffic.draw(count, seed)


async def _is_there(desk: Api, number: str) -> bool:
    try:
        await desk.get(f"/desk/api/phones/{number}", limit=1)
    except Problem as problem:
        if problem.status != 404:
            raise
        return False
    return True


async def need_template(stage: Stage, code: str) -> bool:
    """Have a starter's form approved at the desk; whether there was something to do.

    A template of that code which the workspace has already is sent as it is. Raises BadUsage,
    Failed, Problem.
    """
    starters = files.starters()
    if code not in starters:
        raise BadUsage(f"{code}: 그런 시작용 템플릿이 없어요. (The scenario names no starter.)")
    shown = await _template(stage.naru, code)
    if shown is not None and shown["in_use"].get("sandbox"):
        return False
    if shown is None:
        await stage.naru.ask("POST", "/v1/templates", files.load(starters[code])[0].to_mapping())
    end = time.monotonic() + REVIEW_S
    while not (shown := await _template(stage.naru, code) or {}).get("in_use", {}).get("sandbox"):
        if time.monotonic() > end:
            states = [one["state"] for one in shown.get("registrations", ())]
            raise Failed(f"{code}: 승인되지 않아요. (Not approved: {', '.join(states) or '-'}.)")
        await _approve(stage, code)
        await asyncio.sleep(LOOK_S)
    return True


async def _template(naru: Api, code: str) -> Mapping[str, Any] | None:
    try:
        shown: Mapping[str, Any] = await naru.get(f"/v1/templates/{code}")
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
    return shown


async def _approve(stage: Stage, code: str) -> None:
    """At every sender of this workspace where it waits for a reviewer."""
    senders = (await stage.naru.get("/v1/senders"))["items"]
    mine = {one["value"] for one in senders if one["kind"] == "alimtalk"}
    for one in await stage.desk.get("/desk/api/templates", status="TSC02"):
        if one["code"] == code and one["sender_key"] in mine and "approve" in one["acts"]:
            await stage.desk.ask("POST", f"/desk/api/templates/{one['sender_key']}/{code}/approve")
