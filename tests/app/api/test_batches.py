"""Batches over HTTP: all of them or none, every mistake named, safe to repeat."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import select

from app.db.models import Lot, Message
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

VALUES = {"이름": "김하나", "상품": "멸치"}


@pytest.fixture
async def ready(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> Shop:
    made = await client.post("/v1/templates", json=NOTICE, headers=bearer(shop.keys["test"]))
    assert made.status_code == 201, made.text
    await approve(runtime, shop)
    return shop


def people(count: int) -> list[dict[str, Any]]:
    return [{"to": f"0101{i:07d}", "variables": VALUES, "reference": f"R{i}"} for i in range(count)]


async def post(
    client: httpx.AsyncClient, shop: Shop, messages: list[dict[str, Any]], **more: Any
) -> httpx.Response:
    headers = {**bearer(shop.keys["test"]), **more.pop("headers", {})}
    body = {"template": NOTICE["code"], "messages": messages, **more}
    return await client.post("/v1/messages/batch", json=body, headers=headers)


async def number_of(runtime: Runtime, table: type) -> int:
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_all_are_stored_in_few_lots(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    answer = await post(client, ready, people(2_500))
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["accepted"], told["simulated"]) == (2_500, True)
    assert len(set(told["ids"])) == 2_500
    assert await number_of(runtime, Message) == 2_500
    assert await number_of(runtime, Lot) == 3
    headers = bearer(ready.keys["test"])
    shown = (await client.get(f"/v1/messages/{told['ids'][7]}", headers=headers)).json()
    assert (shown["reference"], shown["to"]) == ("R7", "010-****-0007")


async def test_one_mistake_refuses_all_and_every_one_is_named(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    messages = people(10)
    messages[3]["to"] = "hello"
    messages[7]["variables"] = {"이름": "김"}
    answer = await post(client, ready, messages)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "batch_refused")
    assert problem["field"] == "messages[3].to"
    assert [(m["index"], m["code"]) for m in problem["data"]["messages"]] == [
        (3, "bad_number"),
        (7, "missing_variable"),
    ]
    assert await number_of(runtime, Message) == 0


async def test_what_is_wrong_for_all_is_said_once(client: httpx.AsyncClient, ready: Shop) -> None:
    unknown = await post(client, ready, people(5), template="nowhere")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_template")
    late = await post(client, ready, people(5), send_at="2020-01-01T00:00:00Z")
    assert (late.status_code, late.json()["code"]) == (422, "send_at_past")
    closed = await post(client, ready, people(5), send_window={"from": "09:00", "to": "09:00"})
    assert (closed.json()["code"], closed.json()["field"]) == ("bad_send_window", "send_window.to")


@pytest.mark.parametrize(
    ("messages", "field"),
    [([], "messages"), (people(10_001), "messages"), ([{"to": "1", "x": 1}], "messages[0].x")],
)
async def test_the_shape_is_checked(
    client: httpx.AsyncClient, ready: Shop, messages: list[dict[str, Any]], field: str
) -> None:
    answer = await post(client, ready, messages)
    assert answer.status_code == 422
    assert answer.json()["field"].replace(".0.", "[0].") == field


async def test_a_repeat_makes_nothing_new(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    headers = {"Idempotency-Key": "morning"}
    answers = await asyncio.gather(
        *(post(client, ready, people(20), headers=headers) for _ in range(8))
    )
    assert {r.status_code for r in answers} == {202}
    assert len({r.text for r in answers}) == 1
    assert sum("Idempotent-Replayed" in r.headers for r in answers) == 7
    assert await number_of(runtime, Message) == 20
    other = await post(client, ready, people(21), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.long
async def test_others_get_their_turn_meanwhile(client: httpx.AsyncClient, ready: Shop) -> None:
    """Ten thousand are rendered in slices: a health check does not wait for all of them."""
    batch = asyncio.create_task(post(client, ready, people(10_000)))
    await asyncio.sleep(0.05)
    answered = 0
    while not batch.done():
        assert (await client.get("/health/live")).status_code == 200
        answered += 1
        await asyncio.sleep(0)  # in this process a request may end without giving way
    assert (await batch).status_code == 202
    assert answered > 5
