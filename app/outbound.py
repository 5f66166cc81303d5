"""Which addresses may be contacted at all: every one, or in a closed network those on a list.

One switch (``NARU_CLOSED_NETWORK``) and one list (``NARU_ALLOWED_HOSTS``). Providers' clients and
the guarded client for user-given addresses both ask here, right before they connect; this machine
itself is always allowed to providers' clients, never by that alone to user-given addresses.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from app.config import Settings
from channels import outlet

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*\.?")
PORTS = {"http": 80, "https": 443, "postgresql": 5432, "postgres": 5432}


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the list; ``port`` None: any. ``plain``: unencrypted http is allowed there."""

    host: str  # empty for a network
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: int | None
    plain: bool

    def is_of(self, host: str, port: int | None) -> bool:
        """Whether it names this place."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return host == self.host
        address = _address(host)
        return address is not None and address in self.network


def parse(text: str) -> tuple[Entry, ...]:
    """``relay.internal, http://10.1.2.3:8080, 10.2.0.0/16``. Raises ValueError naming the word."""
    return tuple(_entry(word) for word in (part.strip() for part in text.split(",")) if word)


def _entry(word: str) -> Entry:
    scheme, _, rest = word.rpartition("://")
    plain = scheme == "http"
    network = _network(rest)  # before it is cut at the slash
    if network is not None:
        return Entry("", network, None, plain)
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError:
        raise _bad(word) from None
    host = (parts.hostname or "").rstrip(".")
    network = _network(host)
    is_host = network is not None or _HOST.fullmatch(host)
    if scheme not in ("", "http", "https") or parts.path or "@" in rest or not is_host:
        raise _bad(word)
    return Entry("" if network else host, network, port, plain)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _bad(word: str) -> ValueError:
    return ValueError(
        f"NARU_ALLOWED_HOSTS: {word!r} is neither a host, host:port, network (10.0.0.0/8) nor "
        "http://host:port. Separate several with commas."
    )


class Outbound:
    """What the settings allow."""

    def __init__(self, settings: Settings) -> None:
        """Raises ValueError for a list that cannot be read, or a database that is not on it."""
        self.closed = settings.closed_network
        self._entries = parse(settings.allowed_hosts)
        if self.closed and settings.database_url and not self.allows(settings.database_url):
            place = urlsplit(settings.database_url).hostname
            raise ValueError(
                f"NARU_CLOSED_NETWORK is on, and the database is at {place}, which is not in "
                "NARU_ALLOWED_HOSTS. Add it there."
            )

    def allows(self, url: str) -> bool:
        """Whether Naru itself may contact this address."""
        return not self.closed or is_here(url) or self.lists(url)

    def lists(self, url: str) -> bool:
        """Whether the list names this address; plain http must be named as such."""
        parts = urlsplit(url)
        host, port = _place(url)
        return any(
            entry.is_of(host, port) and (parts.scheme != "http" or entry.plain)
            for entry in self._entries
        )


def connect(settings: Settings) -> httpx.AsyncClient:
    """The client for providers; in a closed network it connects to nothing else. Close it."""
    outbound = Outbound(settings)
    return outlet.connect(allowed=outbound.allows if outbound.closed else None)


def is_here(url: str) -> bool:
    """Whether an address is this machine's by its own words: no name is looked up."""
    host, _ = _place(url)
    address = _address(host)
    return host == "localhost" or host == "" or (address is not None and address.is_loopback)


def origins(urls: Sequence[str]) -> tuple[str, ...]:
    """``https://host:port`` of addresses, each once: what may be shown of them."""
    found = []
    for url in urls:
        parts = urlsplit(url)
        host, port = _place(url)
        shown = f"[{host}]" if ":" in host else host
        default = port == PORTS.get(parts.scheme)
        found.append(f"{parts.scheme}://{shown}{'' if default or port is None else f':{port}'}")
    return tuple(dict.fromkeys(found))


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    scheme = parts.scheme.partition("+")[0]
    try:
        port = parts.port
    except ValueError:
        return "?", None  # nobody is called that
    return (parts.hostname or "").rstrip("."), port or PORTS.get(scheme)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
