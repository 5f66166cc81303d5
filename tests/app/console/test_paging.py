"""Cursors of addresses: an odd one begins anew."""

import pytest
from starlette.requests import Request

from app.console.paging import after_of
from app.ids import new_id


@pytest.mark.parametrize("query", ["", "after=", "after=odd", "before=x"])
def test_an_odd_one_is_none(query: str) -> None:
    id_ = new_id()
    scope = {"type": "http", "query_string": query.encode(), "headers": []}
    assert after_of(Request(scope)) is None
    scope["query_string"] = f"before={id_}".encode()
    assert after_of(Request(scope), "before") == id_
