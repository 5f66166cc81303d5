"""The one place that builds a client for providers, and keeps it inside a closed network."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import certifi
import httpx
from pyreqwest.client import ClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport
from pyreqwest.exceptions import BuilderError

# httpx writes every address to its log, and a provider's address may hold the account's key
logging.getLogger("httpx").setLevel(logging.WARNING)


class OutsideClosedNetwork(httpx.ConnectError):
    """The address may not be contacted; nothing left."""


class _Closed(httpx.AsyncBaseTransport):
    """Asks before every request whether its address may be contacted."""

    def __init__(self, inner: httpx.AsyncBaseTransport, allowed: Callable[[str], bool]) -> None:
        self._inner, self._allowed = inner, allowed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._allowed(str(request.url)):
            raise OutsideClosedNetwork("outside the closed network", request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def connect(
    *,
    connections: int = 100,
    connect_s: float = 3.0,
    pool_s: float = 5.0,
    idle_s: float = 15.0,
    allowed: Callable[[str], bool] | None = None,
) -> httpx.AsyncClient:
    """A client for one or more provider accounts; its owner closes it.

    ``allowed``: which addresses may be contacted at all; None for every one.

    HTTP/1.1, no proxy, no redirects, no cookies. Trusts the system's certificates (SSL_CERT_FILE
    names others), or certifi's where the system has none. ``pool_s`` is how long a request waits
    for one of the ``connections``. The total time is each call's deadline.
    """

    def builder() -> ClientBuilder:
        return (
            ClientBuilder()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .http1_only()
            .max_connections(connections)
            .connect_timeout(timedelta(seconds=connect_s))
            .pool_timeout(timedelta(seconds=pool_s))
            .pool_idle_timeout(timedelta(seconds=idle_s))
        )

    try:
        client = builder().build()
    except BuilderError:  # a machine without any certificate store, such as a bare container
        client = builder().add_root_certificate_pem(Path(certifi.where()).read_bytes()).build()
    way: httpx.AsyncBaseTransport = HttpxTransport(client)
    return httpx.AsyncClient(
        transport=way if allowed is None else _Closed(way, allowed),
        trust_env=False,
        timeout=None,  # noqa: S113 - every request carries its own total time
        headers={"User-Agent": "naru"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
