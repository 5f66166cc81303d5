"""A message looked at: what each step says, and that it is what accept would freeze."""

from typing import Any

import pytest

from app.db.models.fields import now as clock
from app.services import content, drafts
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage, prepare
from app.services.preview import Preview, preview, show
from app.services.runtime import Runtime
from channels.vocabulary import Reason
from tests.engine import FORM, Engine, engine

NUMBER = "01012345678"
VALUES = {"주문번호": "A-1"}


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def look(eng: Engine, **more: Any) -> Preview:
    catalogue = Catalogue(eng.runtime)
    new = NewMessage(FORM["code"], NUMBER, more.pop("variables", VALUES), **more)
    draft = await drafts.find(eng.runtime, catalogue, eng.caller, new.template)
    return await preview(eng.runtime, catalogue, eng.caller, new, draft, clock())


async def test_what_is_shown_is_what_accept_freezes(eng: Engine) -> None:
    [alimtalk, sms] = show(await look(eng), "ko")["steps"]
    new = NewMessage(FORM["code"], NUMBER, VALUES)
    made = await prepare(eng.runtime, Catalogue(eng.runtime), eng.caller, new, clock())
    sealed = made.message[10]
    frozen = eng.runtime.sealer.open(content.TABLE, made.workspace_id, made.message_id, sealed)
    assert alimtalk["text"] == frozen["alimtalk"]["text"]
    assert (sms["route"], sms["text"]) == (frozen["sms"]["route"], frozen["sms"]["text"])
    assert {one.place.route for one in made.attempts} == {alimtalk["route"]}


async def test_parallel_channels_and_contacts_are_shown_each(eng: Engine) -> None:
    plan: list[dict[str, Any]] = [
        {"channels": ["alimtalk", "sms"], "within_s": 60},
        {"channel": "sms", "to": "boss", "if_reason": [str(Reason.NOT_REACHABLE)]},
    ]
    told = show(await look(eng, plan=plan, contacts={"boss": "010-0000-1002"}), "ko")
    assert [(s["step"], s["branch"], s["channel"], s["to"]) for s in told["steps"]] == [
        (0, 0, "alimtalk", "recipient"),
        (0, 1, "sms", "recipient"),
        (1, 0, "sms", "boss"),
    ]
    assert told["sendable"] is True
    assert [s["price"] for s in told["steps"]] == [6.5, 9, 9]
    assert "0000" not in str(told)


async def test_what_cannot_be_reported_is_told_at_its_step(eng: Engine) -> None:
    plan = [{"channel": "alimtalk"}, {"channel": "sms", "until": "read"}]
    made = await look(eng, plan=plan)
    first, second = show(made, "ko")["steps"]
    assert (first["until_reachable"], first["problem"]) == (True, None)
    assert (second["until_reachable"], second["problem"]["code"]) == (False, "level_unavailable")
    assert second["problem"]["field"] == "plan[1].until"
    assert made.refusal is not None


async def test_what_nobody_carries_can_still_be_read(eng: Engine) -> None:
    [step] = show(await look(eng, plan=[{"channel": "push"}]), "ko")["steps"]
    assert (step["account"], step["until_reachable"]) == (None, None)
    assert step["problem"]["code"] == "no_sandbox_account"


async def test_missing_values_leave_every_step_without_a_text(eng: Engine) -> None:
    told = show(await look(eng, variables={}), "ko")
    assert [s["problem"]["code"] for s in told["steps"]] == ["missing_variable"] * 2
    assert [s["text"] for s in told["steps"]] == ["", ""]
    assert told["steps"][0]["bubble"] is None
    assert told["steps"][0]["counts"] == {"characters": None, "bytes": None}
