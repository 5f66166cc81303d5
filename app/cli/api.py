"""The gateway's own API as commands use it: addresses, the key, refusals as they came."""

import os
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import httpx

from app.cli.failures import Failed, read_settings
from app.config import Settings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - read, not bound
DEMO_FILE = "demo.toml"
TIMEOUT_S = 15.0


class Problem(Exception):
    """The API refused: the fields of its problem+json answer."""

    def __init__(self, answer: httpx.Response) -> None:
        try:
            told = answer.json()
        except ValueError:
            told = {}
        body: Mapping[str, Any] = told if isinstance(told, dict) else {}
        self.status = answer.status_code
        self.code = str(body.get("code") or f"http_{answer.status_code}")
        self.detail = str(body.get("detail") or "The answer is not one of Naru's.")
        self.field = str(body.get("field") or "")
        self.retry_after_s = _seconds(answer.headers.get("Retry-After", ""))
        super().__init__(f"{self.status} {self.code}: {self.detail}")

    def as_failure(self) -> Failed:
        """The one line a person reads."""
        field = f" [{self.field}]" if self.field else ""
        return Failed(f"{self.detail} ({self.status} {self.code}){field}")


class Api:
    """Asks one gateway, or one sandbox, over HTTP."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **params: str | int) -> Any:
        """The JSON of an answer. Raises Problem, httpx.TransportError."""
        return await self.ask("GET", path, params=params)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
    ) -> Any:
        """One request; ``key`` is its Idempotency-Key. Raises Problem, httpx.TransportError."""
        answer = await self.send(method, path, body, params=params, key=key)
        return answer.json() if answer.content else None

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """As :meth:`ask`, with the headers of the answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self.client.request(
            method, path, json=body, params=params or None, headers=headers
        )
        if not answer.is_success:
            raise Problem(answer)
        return answer


@asynccontextmanager
async def connect(url: str, key: str = "", *, connections: int = 10) -> AsyncIterator[Api]:
    """An API at an address; no proxy and nothing else from the environment."""
    async with httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        trust_env=False,
        timeout=TIMEOUT_S,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
    ) as client:
        yield Api(client)


@asynccontextmanager
async def asking(url: str | None, key: str | None) -> AsyncIterator[Api]:
    """The API for one command; every trouble becomes a Failed of one line."""
    chosen = read_settings()
    address = url or local_url(chosen)
    try:
        async with connect(address, key or find_key(chosen.data)) as api:
            yield api
    except Problem as problem:
        raise problem.as_failure() from None
    except (httpx.TransportError, httpx.InvalidURL, UnicodeEncodeError) as error:
        raise unreachable(address, error) from None


def unreachable(address: str, error: Exception) -> Failed:
    """Nobody answers there."""
    return Failed(
        f"{address} 에서 답이 없어요. (No answer: {type(error).__name__}.) "
        "`naru up` 으로 켜거나 --url 로 주소를 알려 주세요. (Start it, or give --url.)"
    )


def local_url(chosen: Settings) -> str:
    """Where the API of this installation listens, seen from this machine."""
    return url_of(chosen.host, chosen.port)


def url_of(host: str, port: int) -> str:
    """An address to open: a host that means "everywhere" is reached as this machine."""
    host = ANYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def find_key(folder: Path) -> str:
    """NARU_KEY, else the demonstration's key. Raises Failed."""
    if key := os.environ.get("NARU_KEY", "").strip():
        return key
    key = read_demo_key(folder)
    if not key:
        raise Failed(
            "API 키가 없어요. (There is no API key.) NARU_KEY 에 넣거나 --key 로 주세요. "
            "만들기: naru keys create --kind test"
        )
    return key


def read_demo_key(folder: Path) -> str:
    """What ``naru demo`` kept, or an empty text."""
    try:
        kept = tomllib.loads((folder / DEMO_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(kept.get("key", ""))


def api_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--key`` and ``--url``."""
    key = click.option(
        "--key", metavar="KEY", help="API key. Better in NARU_KEY; else the demonstration's."
    )
    url = click.option("--url", metavar="URL", help="Address of the API; else this machine's.")
    return key(url(command))


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None
