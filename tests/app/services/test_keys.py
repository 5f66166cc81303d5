"""API keys: shown once, refused in one way, not read from the store on every call."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.db.models import ApiKey
from app.errors import Invalid, NotFound, Unauthorized
from app.log import mask
from app.services import keys, workspaces
from app.services.callers import SCOPES
from app.services.runtime import Runtime


@pytest.fixture
async def workspace_id(runtime: Runtime) -> UUID:
    async with runtime.database.write() as tx:
        return (await workspaces.create(tx, "demo")).id


async def make(runtime: Runtime, workspace_id: UUID, **given: Any) -> tuple[ApiKey, str]:
    fields = {"kind": "test", "name": "first", "scopes": ["admin"]} | given
    async with runtime.database.write() as tx:
        return await keys.create(tx, runtime.sealer, workspace_id, **fields)


async def refusal(runtime: Runtime, header: str | None) -> tuple[str, str]:
    with pytest.raises(Unauthorized) as refused:
        await keys.authenticate(runtime, header)
    return refused.value.code, refused.value.detail


@pytest.mark.parametrize("kind", ["live", "test", "team"])
async def test_a_key_says_who_calls(runtime: Runtime, workspace_id: UUID, kind: str) -> None:
    row, plain = await make(runtime, workspace_id, kind=kind, scopes=["admin", "messages:read"])
    for header in (plain, f"Bearer {plain}", f"bearer  {plain} "):
        caller = await keys.authenticate(runtime, header)
        assert (caller.workspace_id, caller.key_id, caller.kind) == (workspace_id, row.id, kind)
        assert caller.scopes == {"admin", "messages:read"}
        assert caller.mode == ("sandbox" if kind == "test" else "live")


async def test_only_a_keyed_hash_is_stored(runtime: Runtime, workspace_id: UUID) -> None:
    row, plain = await make(runtime, workspace_id)
    form = re.fullmatch(r"naru_test_([0-9a-f]{12})\.([A-Za-z0-9_-]{43})", plain)
    assert form is not None
    assert row.prefix == form[1]
    assert form[2] not in repr(row)
    assert row.secret_hash == runtime.sealer.key_hash(form[2])
    assert form[2] not in mask(f"key {plain}")


async def test_every_bad_key_gets_the_same_answer(runtime: Runtime, workspace_id: UUID) -> None:
    _, plain = await make(runtime, workspace_id)
    revoked, revoked_plain = await make(runtime, workspace_id)
    async with runtime.database.write() as tx:
        await keys.revoke(tx, workspace_id, revoked.id)
    head, _, secret = plain.partition(".")
    other = "a" if secret[0] != "a" else "b"
    answers = {
        await refusal(runtime, header)
        for header in (
            "naru_test_000000000000." + secret,
            f"{head}.{other}{secret[1:]}",
            f"{head}.",
            "naru_test_",
            "x" * 5000,
            "Basic dXNlcjpwYXNz",
            "Bearer ключ",
            revoked_plain,
        )
    }
    assert {code for code, _ in answers} == {"bad_api_key"}
    assert len(answers) == 1


@pytest.mark.parametrize("header", [None, "", "  ", "Bearer", "Bearer  "])
async def test_no_key_is_told_apart(runtime: Runtime, header: str | None) -> None:
    assert (await refusal(runtime, header))[0] == "no_api_key"


async def test_a_key_ends_at_its_time(runtime: Runtime, workspace_id: UUID) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    _, plain = await make(runtime, workspace_id, expires_at=soon)
    await keys.authenticate(runtime, plain)
    await asyncio.sleep(0.4)
    assert (await refusal(runtime, plain))[0] == "bad_api_key"


async def test_a_flood_reads_the_row_once(runtime: Runtime, workspace_id: UUID) -> None:
    _, plain = await make(runtime, workspace_id)
    reads = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "api_key" in statement:
            reads.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for _ in range(50):
            await keys.authenticate(runtime, plain)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(reads) == 1


async def test_a_revoked_key_ends_when_what_was_read_grows_old(
    runtime: Runtime, workspace_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keys.KEEP_S <= 5
    monkeypatch.setattr(keys, "KEEP_S", 0.0)
    row, plain = await make(runtime, workspace_id)
    await keys.authenticate(runtime, plain)
    async with runtime.database.write() as tx:
        await keys.revoke(tx, workspace_id, row.id)
    assert (await refusal(runtime, plain))[0] == "bad_api_key"
    async with runtime.database.read() as session:
        assert [key.revoked_at is None for key in await keys.list_keys(session, workspace_id)] == [
            False
        ]


async def test_another_workspace_cannot_revoke_or_see_it(
    runtime: Runtime, workspace_id: UUID
) -> None:
    row, plain = await make(runtime, workspace_id)
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    with pytest.raises(NotFound):
        async with runtime.database.write() as tx:
            await keys.revoke(tx, other, row.id)
    async with runtime.database.read() as session:
        assert await keys.list_keys(session, other) == []
    await keys.authenticate(runtime, plain)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "prod"}, "unknown_kind"),
        ({"scopes": []}, "unknown_scope"),
        ({"scopes": ["admin", "messages:delete"]}, "unknown_scope"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expires_at_past"),
    ],
)
async def test_what_a_key_cannot_be(
    runtime: Runtime, workspace_id: UUID, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await make(runtime, workspace_id, **given)
    assert refused.value.code == code
    if code == "unknown_scope":
        assert refused.value.data["allowed"] == list(SCOPES)
