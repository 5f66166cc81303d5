"""A campaign's life: what may follow what, and what is frozen when it starts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.db.models import TemplateRegistration
from app.db.models.fields import now as clock
from app.errors import GatewayError, NotFound, Refused
from app.ids import new_id
from app.services import campaigns
from app.services.callers import SCOPES, Caller
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from tests.app.services.lists_of import HEADING, begin, campaign, fill, make, rows, running
from tests.engine import Engine, engine


async def act(eng: Engine, name: str, id_: UUID) -> str:
    """Pause, resume or cancel; its state, or the code of the refusal."""
    async with eng.runtime.database.write() as tx:
        extra = (Catalogue(eng.runtime),) if name == "resume" else ()
        try:
            found = await getattr(campaigns, name)(tx, *extra, eng.caller, id_)
        except Refused as refused:
            return refused.code
        return str(found.state)


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        (["pause", "pause", "resume", "resume"], ["paused", "paused", "running", "running"]),
        (["cancel", "cancel", "pause", "resume"],
         ["cancelled", "cancelled", "not_running", "not_paused"]),
        (["pause", "cancel", "resume"], ["paused", "cancelled", "not_paused"]),
    ],
)  # fmt: skip
async def test_what_may_follow(runtime: Runtime, acts: list[str], told: list[str]) -> None:
    eng = await engine(runtime)
    id_ = await running(eng, HEADING + rows(2))
    assert [await act(eng, one, id_) for one in acts] == told


async def test_it_starts_once_and_only_with_rows(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    with pytest.raises(Refused) as refused:
        await begin(eng, id_)
    assert refused.value.code == "not_ready"
    await fill(eng, id_, HEADING + rows(1))
    await begin(eng, id_)
    with pytest.raises(Refused) as refused:
        await begin(eng, id_)
    assert refused.value.code == "not_ready"
    stored = await campaign(eng, id_)
    assert stored.sending["version"] == str(eng.version_id)
    assert stored.started_at is not None


async def test_wrong_rows_must_be_accepted(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(3) + "1,a,\n")
    with pytest.raises(Refused) as refused:
        await begin(eng, id_)
    assert (refused.value.code, refused.value.data) == ("rows_refused", {"rows": 4, "refused": 1})
    await begin(eng, id_, skip_refused=True)
    assert (await campaign(eng, id_)).skip_refused
    other = await make(eng)
    await fill(eng, other, HEADING + "1,a,\n")
    with pytest.raises(Refused) as refused:
        await begin(eng, other, skip_refused=True)
    assert refused.value.code == "no_rows"


async def test_it_waits_for_its_time(runtime: Runtime) -> None:
    eng = await engine(runtime)
    later = clock() + timedelta(hours=3)
    id_ = await running(eng, HEADING + rows(1), send_at=later)
    assert (await campaign(eng, id_)).due_at == later


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"template": "nothing"}, "unknown_template"),
        ({"plan": [{"channel": "pigeon"}]}, "bad_plan"),
        ({"plan": [{"channel": "push"}]}, "no_sandbox_account"),
        ({"plan": [{"channel": "sms", "to": "boss"}]}, "unknown_contact"),
        ({"send_window": "never"}, "bad_send_window"),
        ({"send_at": clock() + timedelta(days=61)}, "send_at_too_far"),
        ({"expires_at": clock() - timedelta(days=1)}, "expires_at_past"),
    ],
)
async def test_it_is_checked_as_a_message_is(
    runtime: Runtime, given: dict[str, Any], code: str
) -> None:
    eng = await engine(runtime)
    with pytest.raises(GatewayError) as refused:
        await make(eng, **given)
    assert refused.value.code == code


async def test_a_template_that_was_stopped_cannot_start(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(1))
    async with runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values(usage="stopped"))
    with pytest.raises(Refused) as refused:
        await begin(eng, id_)
    assert refused.value.code == "template_not_approved"
    assert (await campaign(eng, id_)).state == "ready"


async def test_nobody_else_sees_it(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    live = Caller(eng.workspace_id, new_id(), "live", frozenset(SCOPES))
    stranger = Caller(new_id(), new_id(), "test", frozenset(SCOPES))
    for caller in (live, stranger):
        async with runtime.database.read() as session:
            with pytest.raises(NotFound):
                await campaigns.find(session, caller, id_)
