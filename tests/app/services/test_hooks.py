"""What endpoints were told of one message: of its own mode and workspace alone."""

from sqlmodel import col, select

from app.db.models import Event, WebhookDelivery, WebhookEndpoint
from app.ids import new_id
from app.services import hooks
from app.services.runtime import Runtime
from app.services.webhooks import URL
from tests.engine import engine


async def test_deliveries_of_the_message(runtime: Runtime) -> None:
    eng = await engine(runtime)
    one, other = await eng.accept("01000001001", "01000001002")
    message = await eng.message(one)
    async with runtime.database.read() as session:
        assert await hooks.read(session, runtime.sealer, message) == []
    async with runtime.database.write() as tx:
        for mode in ("sandbox", "live"):
            id_ = new_id()
            address = f"https://{mode}.shop.test/hook?key=1"
            tx.session.add(
                WebhookEndpoint(
                    id=id_,
                    workspace_id=eng.workspace_id,
                    mode=mode,
                    url_sealed=runtime.sealer.seal(URL, eng.workspace_id, id_, address),
                    secret_sealed=b"",
                )
            )
            await tx.session.flush()
            for subject in (one, other):
                events = await tx.session.exec(
                    select(Event.id).where(col(Event.subject_id) == subject)
                )
                tx.session.add(
                    WebhookDelivery(
                        workspace_id=eng.workspace_id,
                        endpoint_id=id_,
                        event_id=events.one(),
                        kind="message.status",
                        payload="{}",
                        state="delivered",
                        tries=1,
                        http_status=200,
                    )
                )
    async with runtime.database.read() as session:
        (told,) = await hooks.read(session, runtime.sealer, message)
    assert (told.kind, told.host, told.state) == (
        "message.status",
        "sandbox.shop.test",
        "delivered",
    )
