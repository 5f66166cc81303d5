"""The door of every page: scopes that exist, forms of our own, and addresses of our own."""

import pytest
from starlette.requests import Request

from app.console import deps
from app.errors import Forbidden
from app.services.logins import Door


def request(
    path: str = "/console/x", method: str = "GET", query: str = "", **headers: str
) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": method, "path": path, "query_string": query.encode(),
         "headers": raw, "server": ("naru.test", 443), "scheme": "https", "client": None}
    )  # fmt: skip


def test_a_scope_is_a_scope() -> None:
    with pytest.raises(ValueError, match="no scope"):
        deps.visit("everything")


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"host": "naru.test", "origin": "https://naru.test"}, True),
        ({"host": "naru.test", "origin": "https://naru.test.evil"}, False),
        ({"host": "naru.test", "origin": "null"}, False),
        ({"host": "naru.test", "sec_fetch_site": "same-origin"}, True),
        ({"host": "naru.test", "sec_fetch_site": "same-site"}, False),
        ({"host": "naru.test"}, True),
    ],
)
def test_where_a_form_comes_from(headers: dict[str, str], ours: bool) -> None:
    if ours:
        deps.from_here(request(**headers))
        return
    with pytest.raises(Forbidden) as refused:
        deps.from_here(request(**headers))
    assert refused.value.code == "other_site"


def test_after_the_log_in_one_comes_back() -> None:
    assert deps.log_in_address(request("/console")) == "/console/login"
    assert deps.log_in_address(request(method="POST")) == "/console/login"
    asked = request(query="q=a%20b")
    assert deps.log_in_address(asked) == "/console/login?next=%2Fconsole%2Fx%3Fq%3Da%2520b"


@pytest.mark.parametrize("address", ["/console", "/console/x?a=1", "/console?x"])
def test_pages_of_ours(address: str) -> None:
    assert deps.safe_next(address) == address
    assert deps.safe_next(address + "/" + "a" * 2000) is None
    assert deps.safe_next(f"https://evil{address}") is None


def test_who_knocks_without_an_address() -> None:
    assert deps.door(request(user_agent="Boat")) == Door("", "Boat")
