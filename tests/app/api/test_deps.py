"""What routes ask for."""

from uuid import uuid4

import httpx
import pytest

from app.api.deps import Paging, caller_with, from_cursor, to_cursor
from app.errors import Malformed
from app.services.callers import SCOPES
from tests.app.api.shop import Shop


def test_a_cursor_comes_back() -> None:
    id_ = uuid4()
    assert from_cursor(to_cursor(id_)) == id_


@pytest.mark.parametrize("cursor", ["", "x", "!" * 22, "A" * 23, "가" * 22, "A" * 40])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        from_cursor(cursor)
    assert refused.value.code == "bad_cursor"


async def test_a_strange_cursor_is_a_problem(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = {"X-Api-Key": shop.keys["test"]}
    answer = await client.get("/v1/templates", params={"cursor": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
    answer = await client.get("/v1/templates", params={"limit": "101"}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "limit")


def test_a_page_ends_where_nothing_follows() -> None:
    ids = [uuid4() for _ in range(3)]
    page, cursor = Paging(2, None).cut(ids, lambda id_: id_)
    assert (page, cursor) == (ids[:2], to_cursor(ids[1]))
    page, cursor = Paging(3, None).cut(ids, lambda id_: id_)
    assert (page, cursor) == (ids, None)
    assert Paging(3, None).cut([], lambda id_: id_) == ([], None)


async def test_a_key_may_come_in_a_header_of_its_own(client: httpx.AsyncClient, shop: Shop) -> None:
    for headers in (
        {"X-Api-Key": shop.keys["test"]},
        {"Authorization": f"bearer {shop.keys['test']}"},
    ):
        answer = await client.get("/v1/templates", headers=headers)
        assert answer.status_code == 200
    answer = await client.get("/v1/templates", headers={"Authorization": "Basic dTpw"})
    assert answer.json()["code"] == "no_api_key"


def test_a_scope_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="pigeons"):
        caller_with("pigeons:write")
    for scope in SCOPES:
        caller_with(scope)
