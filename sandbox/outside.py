"""In a closed network the sandbox posts nowhere but to this machine and to what is on the list.

The same two settings as the gateway's, read here by themselves: NARU_CLOSED_NETWORK and
NARU_ALLOWED_HOSTS (hosts, host:port, networks, http://host:port; separated by commas).
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import httpx

PORTS = {"http": 80, "https": 443}
YES = ("1", "true", "yes", "on")


def is_closed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the network is closed."""
    return environment.get("NARU_CLOSED_NETWORK", "").lower() in YES


def may_reach(url: httpx.URL, allowed: str) -> bool:
    """Whether an address is this machine's, or on the list."""
    host = url.host.rstrip(".").lower()
    if host == "localhost" or _is_in(host, "127.0.0.0/8") or _is_in(host, "::1/128"):
        return True
    port = url.port or PORTS.get(url.scheme)
    return any(_names(word.strip(), url.scheme, host, port) for word in allowed.split(","))


def _names(word: str, scheme: str, host: str, port: int | None) -> bool:
    how, _, place = word.lower().rpartition("://")
    if not place or (scheme == "http" and how != "http"):
        return False
    if _is_in(host, place):
        return True
    try:
        parts = urlsplit(f"//{place}")
        right_port = parts.port in (None, port)
    except ValueError:
        return False
    name = (parts.hostname or "").rstrip(".")
    return right_port and (host == name or _is_in(host, name))


def _is_in(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network)
    except ValueError:
        return False


async def refuse_outside(request: httpx.Request) -> None:
    """A hook of the client that posts webhooks. Raises ConnectError: the webhook fails, visibly."""
    if is_closed() and not may_reach(request.url, os.environ.get("NARU_ALLOWED_HOSTS", "")):
        raise httpx.ConnectError("outside the closed network", request=request)
