"""The guarded way out: the one client for addresses that users gave, such as webhooks and files.

An address is judged by what its name resolves to, never by its text, each time it is used; and
the connection goes to exactly the address that was judged, so a name that changes its mind in
between (DNS rebinding) changes nothing. No redirects, no proxies, no cookies, no kept
connections: one kept for another name at the same address would carry that name's certificate.
In a closed network the list decides instead: what it names may be an inner address.
"""

import asyncio
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import certifi
import httpx

from app.config import Settings
from app.outbound import Outbound

PORTS = (443, 8443)
LONGEST_URL = 2000
LARGEST_ANSWER = 64 * 1024  # bytes as they come, nothing is unpacked
TOTAL_S = 15.0
FETCH_S = 60.0  # for a whole file
MOST_TRIED = 3  # addresses of one name
LOOKUPS = 32  # at once; threads of their own, so that slow name servers hold up nobody else
ODD = re.compile(r"[\x00-\x20\x7f\\]")  # parsers disagree about these
# IPv6: only what may be routed at all (RFC 4291 §2.4), and no documentation (RFC 9637)
UNICAST = ipaddress.ip_network("2000::/3")
DOCUMENTATION = ipaddress.ip_network("3fff::/20")
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
# IPv4 that ipaddress calls global, at least in part: RFC 6890 protocols, RFC 7526 relays
SPECIAL = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the last 32 bits are an IPv4 address
OUTSIDE = (
    "The network is closed, and NARU_ALLOWED_HOSTS does not name this address. Ask whoever runs "
    "Naru to add it."
)
NOWHERE = "The name does not lead to a public internet address."

# httpx writes every address to its log, and a webhook's address may hold a key
logging.getLogger("httpx").setLevel(logging.WARNING)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Refused(Exception):
    """The address may not be used; ``code`` is stable, the text says why. Holds no address."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class NoAnswer(Exception):
    """No whole answer came; ``code`` is ``timeout``, ``connect`` or ``cut``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; ``body`` may end early, ``whole`` says whether that was all."""

    status: int
    body: bytes = field(repr=False)
    whole: bool
    retry_after: str


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if "%" in address:  # a zone: of this machine only
        return False
    if isinstance(found, ipaddress.IPv4Address):
        special = any(found in network for network in SPECIAL)
        return found.is_global and not found.is_multicast and not special
    inner = _inside(found)
    if inner is not None and not is_public(str(inner)):
        return False
    if found.ipv4_mapped or found in NAT64:
        return True  # nothing but a wrapping
    return (
        found in UNICAST
        and found not in DOCUMENTATION
        and found.is_global
        and not found.is_multicast
    )


def _inside(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if found.teredo:
        return found.teredo[1]
    if (int(found) >> 32) & 0xFFFFFFFF in ISATAP or found in NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


class Guard:
    """One per process; use it as an asynchronous context."""

    def __init__(
        self,
        settings: Settings,
        *,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
        total_s: float = TOTAL_S,
    ) -> None:
        self._outbound = Outbound(settings)
        self._local = settings.env == "development" and settings.webhook_allow_local
        self._sandbox = settings.sandbox if settings.env == "development" else ""
        self._resolve = resolve or self._ask_system
        self._total_s = total_s
        self._threads = ThreadPoolExecutor(LOOKUPS, "guard-lookup")
        self._client = httpx.AsyncClient(
            verify=trust or _trust(),
            trust_env=False,  # no proxy: it would connect where it likes
            follow_redirects=False,
            timeout=httpx.Timeout(total_s, connect=total_s / MOST_TRIED),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"User-Agent": "naru", "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def read(self, url: str) -> httpx.URL:
        """The address in parts, its form checked.

        Raises Refused ``bad_url``, and ``outside_closed_network`` for what no list names.
        """
        found = _parts(url)
        if self._outbound.closed:
            if not self._outbound.lists(url):
                raise Refused("outside_closed_network", OUTSIDE)
            return found
        if found.scheme != "https" and not (self._local and found.scheme == "http"):
            raise Refused("bad_url", "The address must begin with https://.")
        if not self._local and found.port not in (None, *PORTS):
            raise Refused("bad_url", "The address must use port 443 or 8443.")
        return found

    async def check(self, url: str) -> None:
        """Raises Refused unless the address may be used now; connects to nothing."""
        try:
            async with asyncio.timeout(self._total_s):
                await self._judged(self.read(url), any_=self._outbound.closed)
        except TimeoutError:
            raise Refused("no_public_address", NOWHERE) from None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """POST once, to an address judged in this very call; at most ``total_s`` for everything.

        Raises Refused, and NoAnswer when no answer was read.
        """
        target = self.read(url)
        try:
            async with asyncio.timeout(self._total_s):
                addresses = await self._judged(target, any_=self._outbound.closed)
                return await self._ask("POST", target, addresses, body, headers)
        except TimeoutError:
            raise NoAnswer("timeout") from None

    async def fetch(
        self, url: str, most: int, *, sandbox: bool = False, total_s: float = FETCH_S
    ) -> Reply:
        """GET once, as :meth:`post`, and stop after ``most`` bytes.

        ``sandbox``: for a rehearsal. In development our own sandbox, exactly as the settings name
        it, may be asked then, though it is on this machine. Raises Refused and NoAnswer.
        """
        rehearsed = sandbox and self._is_sandbox(url)
        any_ = rehearsed or self._outbound.closed
        target = _parts(url) if rehearsed else self.read(url)
        try:
            async with asyncio.timeout(total_s):
                addresses = await self._judged(target, any_=any_)
                return await self._ask("GET", target, addresses, most=most)
        except TimeoutError:
            raise NoAnswer("timeout") from None

    def _is_sandbox(self, url: str) -> bool:
        return bool(self._sandbox) and _origin(_parts(url)) == _origin(_parts(self._sandbox))

    async def _judged(self, target: httpx.URL, *, any_: bool = False) -> list[str]:
        """The addresses of a name, all of them allowed: one that is not refuses the name."""
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            found = list(await self._resolve(target.raw_host.decode("ascii"), port))
        except (OSError, UnicodeError):
            found = []
        # the same words for "not there" and "not allowed": nobody may ask for our inner names
        if not found or not (any_ or all(self._may(address) for address in found)):
            raise Refused("no_public_address", NOWHERE)
        return list(dict.fromkeys(found))[:MOST_TRIED]

    def _may(self, address: str) -> bool:
        return is_public(address) or (self._local and address in ("127.0.0.1", "::1"))

    async def _ask(
        self,
        method: str,
        target: httpx.URL,
        addresses: list[str],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = LARGEST_ANSWER,
    ) -> Reply:
        name = target.raw_host.decode("ascii")
        host = target.netloc.decode("ascii")
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            request = self._client.build_request(
                method,
                target.copy_with(host=address),
                content=body,
                headers={**(headers or {}), "Host": host, "Connection": "close"},
                extensions={"sni_hostname": name},  # the certificate must be the name's
            )
            try:
                return await self._receive(request, most)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not left:
                    raise NoAnswer("connect") from None
            except httpx.TimeoutException:
                raise NoAnswer("timeout") from None
            except (httpx.HTTPError, OSError):
                raise NoAnswer("cut") from None
        raise NoAnswer("connect")

    async def _receive(self, request: httpx.Request, most: int) -> Reply:
        response = await self._client.send(request, stream=True)
        body, whole = bytearray(), True
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > most:
                    whole = False
                    break
        finally:
            await response.aclose()
        retry_after = response.headers.get("Retry-After", "")
        return Reply(response.status_code, bytes(body[:most]), whole, retry_after)

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        def ask() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return [str(address[0]) for *_, address in found]

        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)


def _parts(url: str) -> httpx.URL:
    """The address in parts, without anything that parsers disagree about."""
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):  # ValueError: a host that is no IDNA name
        found = None
    if found is None or len(url) > LONGEST_URL or ODD.search(url) or not found.raw_host:
        raise Refused("bad_url", "The address is not a plain https address.")
    authority = url.partition("//")[2].partition("/")[0]
    if "@" in authority or "%" in authority:
        raise Refused("bad_url", "The address holds credentials or escapes; leave them out.")
    if found.fragment or "#" in url:
        raise Refused("bad_url", "The address holds a fragment; leave it out.")
    return found


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port


def _trust() -> ssl.SSLContext:
    """The system's certificates, or certifi's on a machine without any."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())
    return context
