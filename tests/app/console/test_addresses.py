"""Addresses of links: the public name where it is set, else what the browser uses."""

from pathlib import Path
from typing import Any

from starlette.requests import Request

from app.config import Settings
from app.console.addresses import link, site


def test_a_link(tmp_path: Path) -> None:
    request = Request(
        {"type": "http", "scheme": "https", "path": "/console", "query_string": b"",
         "headers": [(b"host", b"naru.test:8443")], "server": ("x", 1)}
    )  # fmt: skip

    class Store:
        settings = Settings(data=tmp_path, public_url="")

    store: Any = Store()
    assert site(request, store) == "https://naru.test:8443"
    store.settings = Settings(data=tmp_path, public_url="https://public.test/")
    assert link(request, store, "abc") == "https://public.test/console/link/abc"
