"""What waits for a person, and what went wrong: counted over a bound, of one mode and workspace."""

from dataclasses import replace

from sqlmodel import update

from app.db.models import ProviderAccount, TemplateRegistration, WebhookEndpoint
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services import troubles
from app.services.clock import KST
from app.services.runtime import Runtime
from tests.app.console.sent import sent
from tests.engine import engine


async def test_decisions_of_one_mode(runtime: Runtime) -> None:
    world = await sent(runtime)
    caller = world.eng.caller
    (id_,) = await world.eng.accept("01000001001")
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration).values(
                inspection="rejected", comments=[{"text": "버튼 이름이 길어요"}]
            )
        )
        await tx.session.exec(
            update(ProviderAccount).values(state="paused", paused_reason="misconfigured")
        )
        endpoint = WebhookEndpoint(
            id=new_id(),
            workspace_id=caller.workspace_id,
            mode="sandbox",
            description="주문 서버",
            url_sealed=b"",
            secret_sealed=b"",
            failing_since=tx.now,
        )
        tx.session.add(endpoint)
    attempt = (await world.eng.attempts(id_))[0]
    async with runtime.database.write() as tx:
        await tx.conn.exec_driver_sql(
            "UPDATE attempt SET lot_id = NULL WHERE id = ?", (attempt.id.bytes,)
        )
    stranger = (await engine(runtime)).caller
    async with runtime.database.read() as session:
        found = await troubles.decisions(session, caller)
        live = await troubles.decisions(session, replace(caller, kind="live"))
        other = await troubles.decisions(session, stranger)
    assert [(one.kind, one.name, one.reason, one.count) for one in found] == [
        ("template", "주문 안내", "버튼 이름이 길어요", 1),
        ("account", "scripted", "misconfigured", 1),
        ("parked", "", "", 1),
        ("webhook", "주문 서버", "failing", 1),
    ]
    assert live == other == []


async def test_only_the_newest_are_counted(runtime: Runtime) -> None:
    world = await sent(runtime)
    today = clock().astimezone(KST).date()
    async with runtime.database.read() as session:
        every = await troubles.lately(session, world.eng.caller, today)
        newest = await troubles.lately(session, world.eng.caller, today, newest=2)
    assert {one.status for one in every.found} == {"unknown", "failed"}
    assert next(one.status for one in every.found) == "unknown"  # a hand is needed
    assert [one.status for one in newest.found] == ["failed"]
    assert newest.since is not None
