"""What is said of an event, and to whom."""

from typing import Any
from uuid import UUID

import pytest

from app.db.models import ProviderAccount
from app.ids import new_id
from app.services import happenings, threads, webhook_events
from app.services.callers import SCOPES, Caller
from app.services.happenings import Happening
from app.services.runtime import Runtime
from tests.app.services.talks import settle_in
from tests.hooks import open_shop

LEAK = {"to": "01012345678", "text": "비밀", "author": "김나루"}


async def heard(runtime: Runtime, workspace_id: UUID) -> list[Happening]:
    async with runtime.database.read() as session:
        return list((await happenings.read(session, workspace_id, 0, 100)).happenings)


def caller(workspace_id: UUID, kind: str, *scopes: str) -> Caller:
    return Caller(workspace_id, new_id(), kind, frozenset(scopes or SCOPES))


@pytest.mark.parametrize("mode", ["sandbox", "live"])
async def test_a_thread_is_heard_as_it_is_seen(runtime: Runtime, mode: str) -> None:
    """By a live key always, by a test key only at a sandbox account (`threads.visible`)."""
    workspace, account, sender = await settle_in(runtime)
    async with runtime.database.write() as tx:
        (await tx.session.get_one(ProviderAccount, account.id)).mode = mode
        thread = await threads.find_or_open(tx, runtime.sealer, sender, "customer", tx.now)
        about = {"chat_message_id": "m", "case_id": "c", "seq": 7, "status": "sent"}
        tx.emit(workspace.id, "chat.message_state", thread.id, **about, **LEAK)
    (one,) = await heard(runtime, workspace.id)
    simulated = {"simulated": mode == "sandbox"}
    said = about | {"sequence": 1, "thread_id": str(thread.id)} | simulated
    assert one.heard_by(caller(workspace.id, "live")) == said
    assert one.heard_by(caller(workspace.id, "test")) == (said if mode == "sandbox" else None)
    assert one.heard_by(caller(workspace.id, "live", "messages:read", "admin")) is None
    assert one.heard_by(caller(workspace.id, "live", "consultations:read")) == said


async def test_of_messages_each_mode_hears_its_own(runtime: Runtime) -> None:
    """The very words of the webhook."""
    shop = await open_shop(runtime)
    message = await shop.message()
    async with runtime.database.write() as tx:
        tx.emit(shop.id, "message.status", message.id, status="sent", reason=None, **LEAK)
        tx.emit(shop.id, "attempt.accepted", message.id)  # not public
        tx.emit(shop.id, "message.status", new_id(), status="sent")  # of nothing there is
    (one,) = await heard(runtime, shop.id)
    said: Any = one.heard_by(caller(shop.id, "live", "messages:read"))
    assert (said["message_id"], said["status"], said["sequence"]) == (str(message.id), "sent", 1)
    assert not set(said) & set(LEAK)
    assert one.heard_by(caller(shop.id, "test")) is None
    assert one.heard_by(caller(shop.id, "live", "consultations:read")) is None


def test_every_public_kind_has_its_scope() -> None:
    kinds = [*webhook_events.TYPES, "chat.session_opened", "case.state", "chat.whatever_comes"]
    scopes = {happenings.scope_of(kind) for kind in kinds}
    assert scopes == {*happenings.READERS, "admin"}
    assert happenings.scope_of("attempt.accepted") is None
    assert not happenings.is_public("inbound.parked")
