"""Pages: everything is escaped, variables are tinted, the language is chosen."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from app.console.render import language_of, marked, own_address


def request(query: str = "", cookie: str = "", path: str = "/console/x") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": query.encode(),
         "headers": headers, "server": ("naru.test", 443), "scheme": "https"}
    )  # fmt: skip


def test_text_is_escaped_and_its_variables_tinted() -> None:
    html = str(marked('<b>#{이름}</b> & #{<script>} "#{x'))
    assert "<b>" not in html
    assert "<script>" not in html
    assert html.count('<span class="var">') == 2
    assert html.endswith("&#34;#{x")


@pytest.mark.parametrize(
    ("query", "own", "cookie", "language"),
    [
        ("lang=en", "ko", "", "en"),
        ("lang=fr", "en", "", "ko"),
        ("", "en", "lang=ko", "en"),
        ("", None, "lang=en", "en"),
        ("", None, "", "ko"),
    ],
)
def test_the_language(query: str, own: str | None, cookie: str, language: str) -> None:
    visit: Any = SimpleNamespace(language=own) if own else None
    assert language_of(request(query, cookie), visit) == language


def test_own_address_changes_fields() -> None:
    asked = request("a=1&b=%EA%B0%80&b=2")
    assert own_address(asked, a=None, c=3) == "/console/x?b=%EA%B0%80&b=2&c=3"
    assert own_address(request()) == "/console/x"


async def test_a_name_with_marks_is_shown_as_text(owner: Any) -> None:
    page: httpx.Response = await owner.get("/console/%3Cscript%3Ealert(1)%3C/script%3E", 404)
    assert "<script>alert" not in page.text
