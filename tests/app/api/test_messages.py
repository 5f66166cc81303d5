"""Messages over HTTP: the bad input table, repeats, lists, the timeline, cancel."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import select

from app.db.models import Message
from app.services import keys, team
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

BODY: dict[str, Any] = {
    "template": "order_shipped",
    "to": "010-1234-5678",
    "variables": {"이름": "김하나", "상품": "멸치"},
}
TWICE = "#{상품}#{상품}#{이름}"
LONG = {"이름": "김하나", "상품": "가" * 950}
PAST = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
FAR = (datetime.now(UTC) + timedelta(days=70)).isoformat()


@pytest.fixture
async def ready(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> Shop:
    """An approved template, and one nobody has approved."""
    for key in shop.keys.values():
        for more in ({}, {"code": "unapproved"}, {"code": "twice", "sms": TWICE}):
            made = await client.post("/v1/templates", json={**NOTICE, **more}, headers=bearer(key))
            assert made.status_code in (200, 201), made.text
        if key == shop.keys["test"]:
            await approve(runtime, shop)
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql(
            "UPDATE template_registration SET inspection = "
            "CASE code WHEN 'unapproved' THEN 'in_review' ELSE 'approved' END"
        )
    return shop


async def post(client: httpx.AsyncClient, shop: Shop, **more: Any) -> httpx.Response:
    """Send with the test key."""
    headers = {**bearer(shop.keys["test"]), **more.pop("headers", {})}
    return await client.post("/v1/messages", json={**BODY, **more}, headers=headers)


# what is sent, the answer's status, its code, the field it names, words its detail must hold
BAD: list[tuple[dict[str, Any], int, str, str | None, str]] = [
    ({"template": "nowhere"}, 422, "unknown_template", "template", "List"),
    ({"template": "unapproved"}, 409, "template_not_approved", "template", "review"),
    ({"variables": {"이름": "김"}}, 422, "missing_variable", "variables.상품", "상품"),
    (
        {"variables": {**BODY["variables"], "색": "파랑"}},
        422,
        "unknown_variable",
        "variables.색",
        "색",
    ),
    (
        {"variables": {"이름": 7, "상품": "멸치"}},
        422,
        "invalid_request",
        "variables.이름",
        "string",
    ),
    ({"to": "hello"}, 422, "bad_number", "to", "010"),
    ({"to": "010-123"}, 422, "bad_number", "to", "010"),
    ({"to": "+81 90 1234 5678"}, 422, "foreign_number", "to", "Korean"),
    ({"variables": LONG, "plan": [{"channel": "sms"}]}, 202, "", None, ""),
    (
        {"variables": {"이름": "김", "상품": "가" * 1_000}, "plan": [{"channel": "sms"}]},
        422,
        "too_long",
        "text",
        "1000 fit",
    ),
    (
        {"template": "twice", "variables": {"이름": "김", "상품": "가" * 600}},
        422,
        "too_long",
        "sms_text",
        "2402 bytes once filled; 2000 fit",
    ),
    (
        {"variables": {"이름": "김하나", "상품": "🎁"}, "plan": [{"channel": "sms"}]},
        422,
        "not_encodable",
        "sms_text",
        "U+1F381",
    ),
    ({"colour": "blue"}, 422, "unknown_field", "colour", "colour"),
    (
        {"plan": [{"channel": "alimtalk", "until": "read"}]},
        422,
        "level_unavailable",
        "plan[0].until",
        "delivered",
    ),
    ({"plan": [{"channel": "pigeon"}]}, 422, "bad_plan", "plan[0].channel", "alimtalk"),
    ({"plan": []}, 422, "bad_plan", "plan", ""),
    ({"plan": [{"channel": "sms", "to": "boss"}]}, 422, "unknown_contact", "plan[0].to", "boss"),
    ({"contacts": {"boss": "01012345678"}}, 422, "unused_contact", "contacts.boss", "boss"),
    (
        {"plan": [{"channel": "sms", "to": "boss"}], "contacts": {"boss": "12"}},
        422,
        "bad_number",
        "contacts.boss",
        "010",
    ),
    ({"plan": [{"channel": "push"}]}, 409, "no_sandbox_account", "plan[0].channel", "push"),
    ({"send_at": PAST}, 422, "send_at_past", "send_at", "past"),
    ({"send_at": FAR}, 422, "send_at_too_far", "send_at", "60 days"),
    ({"send_at": "2026-11-24T09:00:00"}, 422, "invalid_request", "send_at", "timezone"),
    ({"expires_at": PAST}, 422, "expires_at_past", "expires_at", "later"),
    ({"send_window": "always"}, 422, "bad_send_window", "send_window", "table"),
    ({"send_window": {"from": "9"}}, 422, "bad_send_window", "send_window.from", "HH:MM"),
    ({"priority": "urgent"}, 422, "invalid_request", "priority", "high"),
    ({"reference": "a" * 101}, 422, "invalid_request", "reference", "100"),
    ({"reference": "a\x00b"}, 422, "invalid_request", "reference", ""),
]


@pytest.mark.parametrize(
    ("change", "status", "code", "field", "words"),
    BAD,
    ids=[f"{b[2]}-{i}" for i, b in enumerate(BAD)],
)
async def test_bad_input(
    client: httpx.AsyncClient,
    runtime: Runtime,
    ready: Shop,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
    words: str,
) -> None:
    """Each mistake has its status, a stable code, the field, and words that help; nothing stays."""
    answer = await post(client, ready, **change)
    assert answer.status_code == status, answer.text
    if status == 202:
        return
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["code"], problem.get("field")) == (code, field)
    assert words in problem["detail"]
    assert await stored(runtime) == 0


async def stored(runtime: Runtime) -> int:
    """How many messages there are."""
    async with runtime.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Message)) or 0)


async def test_keys_and_bodies_that_are_none(client: httpx.AsyncClient, ready: Shop) -> None:
    """No key, a wrong one, and what is not JSON."""
    none = await client.post("/v1/messages", json=BODY)
    assert (none.status_code, none.json()["code"]) == (401, "no_api_key")
    wrong = await client.post("/v1/messages", json=BODY, headers=bearer("naru_test_x.y"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_api_key")
    headers = {**bearer(ready.keys["test"]), "content-type": "application/json"}
    broken = await client.post("/v1/messages", content=b'{"to": ', headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "bad_json")


async def test_a_repeat_gets_the_first_answer(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    """K02: same key and body, in turn and fifty at once; another body is refused."""
    headers = {"Idempotency-Key": "order-7"}
    first = await post(client, ready, headers=headers)
    assert (first.status_code, first.json()["simulated"]) == (202, True)
    again = await asyncio.gather(*(post(client, ready, headers=headers) for _ in range(50)))
    assert {r.text for r in again} == {first.text}
    assert {r.headers.get("Idempotent-Replayed") for r in again} == {"true"}
    assert await stored(runtime) == 1
    other = await post(client, ready, headers=headers, reference="B")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert other.json()["field"] == "Idempotency-Key"
    live = {**bearer(ready.keys["live"]), **headers}
    elsewhere = await client.post("/v1/messages", json=BODY, headers=live)
    assert elsewhere.status_code in (202, 422)


async def test_fifty_new_ones_with_one_key_make_one(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    """C03."""
    headers = {"Idempotency-Key": "flood"}
    answers = await asyncio.gather(*(post(client, ready, headers=headers) for _ in range(50)))
    assert {r.status_code for r in answers} == {202}
    assert len({r.json()["id"] for r in answers}) == 1
    assert await stored(runtime) == 1


async def test_list_show_timeline_cancel(client: httpx.AsyncClient, ready: Shop) -> None:
    """What a caller sees of a message, and that cancelling twice is harmless."""
    headers = bearer(ready.keys["test"])
    ids = [
        (await post(client, ready, reference=f"A-{i}", to=f"010-1234-000{i}")).json()["id"]
        for i in range(3)
    ]
    page = (await client.get("/v1/messages?limit=2", headers=headers)).json()
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    rest = (await client.get(f"/v1/messages?cursor={page['next']}", headers=headers)).json()
    assert [item["id"] for item in rest["items"]] == [ids[0]]
    assert rest["next"] is None
    for query in ("reference=A-1", "to=01012340001"):
        found = (await client.get(f"/v1/messages?{query}", headers=headers)).json()["items"]
        assert [item["id"] for item in found] == [ids[1]]
    shown = (await client.get(f"/v1/messages/{ids[0]}", headers=headers)).json()
    assert (shown["to"], shown["status"]) == ("010-****-0000", "queued")
    assert (shown["send_window"], shown["held_until"]) == (None, None)
    assert "simulated" not in shown["attempts"][0]
    for _ in range(2):
        cancelled = await client.post(f"/v1/messages/{ids[0]}/cancel", headers=headers)
        assert cancelled.json()["status"] == "cancelled"
    korean = (await client.get(f"/v1/messages/{ids[0]}/timeline", headers=headers)).json()
    assert [entry["title"] for entry in korean["entries"]] == ["접수", "취소"]
    path = f"/v1/messages/{ids[0]}/timeline?lang=en"
    english = (await client.get(path, headers=headers)).json()
    assert [entry["title"] for entry in english["entries"]] == ["Accepted", "Cancelled"]


async def test_a_team_key_reaches_the_team_only(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    """Members and guests; a slip cannot reach a customer."""
    async with runtime.database.write() as tx:
        await team.add(tx, runtime.sealer, ready.workspace_id, "member", "윤가람", "01099990001")
        from_key = await _team_key(tx, runtime, ready)
    outside = await client.post("/v1/messages", json=BODY, headers=bearer(from_key))
    assert (outside.status_code, outside.json()["code"]) == (403, "recipient_not_in_team")
    inside = await client.post(
        "/v1/messages", json={**BODY, "to": "010-9999-0001"}, headers=bearer(from_key)
    )
    assert inside.status_code == 202, inside.text
    assert inside.json()["simulated"] is False


async def _team_key(tx: Any, runtime: Runtime, ready: Shop) -> str:
    _, plain = await keys.create(
        tx, runtime.sealer, ready.workspace_id, "team", "team", ["messages:write"]
    )
    return plain


async def test_resend_is_a_new_message(
    client: httpx.AsyncClient, runtime: Runtime, ready: Shop
) -> None:
    """From an end at any time, from unknown only with a confirmation, once per key."""
    headers = bearer(ready.keys["test"])
    first = (await post(client, ready, reference="A")).json()["id"]
    path = f"/v1/messages/{first}/resend"
    open_ = await client.post(path, headers=headers)
    assert (open_.status_code, open_.json()["code"]) == (409, "not_ended")
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql("UPDATE message SET status = 'unknown'")
    unsure = await client.post(path, headers=headers)
    assert (unsure.status_code, unsure.json()["code"]) == (409, "both_may_arrive")
    keyed = {**headers, "Idempotency-Key": "r"}
    sure = {"both_may_arrive": True}
    again = [await client.post(path, json=sure, headers=keyed) for _ in range(2)]
    assert [r.status_code for r in again] == [202, 202]
    assert again[0].json() == again[1].json()
    assert await stored(runtime) == 2
    shown = (await client.get(f"/v1/messages/{again[0].json()['id']}", headers=headers)).json()
    assert (shown["resend_of"], shown["reference"], shown["status"]) == (first, "A", "queued")
