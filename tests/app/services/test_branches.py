"""Who would carry each channel of a plan, and what it costs there."""

from typing import Any

import pytest
from sqlmodel import update

from app.db.models import ProviderAccount
from app.services import drafts
from app.services.branches import Branch, branches
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from templates import plan as plans
from tests.engine import FORM, Engine, engine


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def found(eng: Engine, *steps: dict[str, Any], given: bool = False) -> list[Branch]:
    catalogue = Catalogue(eng.runtime)
    draft = await drafts.find(eng.runtime, catalogue, eng.caller, FORM["code"])
    wording = drafts.read(FORM) if given else draft
    return await branches(eng.runtime, catalogue, eng.caller, plans.parse(list(steps)), wording)


async def test_every_channel_has_its_account_and_price(eng: Engine) -> None:
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(update(ProviderAccount).values(prices={"alimtalk": 6.5, "lms": 27}))
    first, second = await found(eng, {"channel": "alimtalk"}, {"channel": "sms"})
    assert first.account is not None
    assert (first.account.name, first.problem, first.is_reachable) == (
        eng.account.name, None, True
    )  # fmt: skip
    assert [second.price(route) for route in ("sms", "lms", None)] == [None, 27, None]
    assert first.price("alimtalk") == 6.5


async def test_a_step_reports_what_any_of_its_channels_can(eng: Engine) -> None:
    both = {"channels": ["push", "sms"], "until": "delivered"}
    push, sms = await found(eng, both)
    assert push.problem is not None
    assert (push.problem.code, push.problem.field) == ("no_sandbox_account", "plan[0].channel")
    assert (push.is_reachable, sms.is_reachable, sms.problem) == (True, True, None)


async def test_alimtalk_of_a_wording_that_is_not_approved_has_nobody(eng: Engine) -> None:
    alimtalk, sms = await found(eng, {"channel": "alimtalk"}, {"channel": "sms"}, given=True)
    assert alimtalk.way is None
    assert alimtalk.problem is not None
    assert alimtalk.problem.code == "template_not_approved"
    assert sms.way is not None
