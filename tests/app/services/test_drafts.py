"""Wordings that are looked at: the approved one first, then the stored one, then one just given."""

import pytest
from sqlmodel import update

from app.db.models import TemplateRegistration
from app.errors import Invalid
from app.services import drafts
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from tests.engine import FORM, Engine, engine


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def find(eng: Engine, code: str) -> drafts.Draft:
    return await drafts.find(eng.runtime, Catalogue(eng.runtime), eng.caller, code)


async def test_the_approved_one_is_as_accept_has_it(eng: Engine) -> None:
    draft = await find(eng, FORM["code"])
    assert (draft.source, draft.refusal) == ("approved", None)
    assert draft.sending.version_id == eng.version_id
    assert draft.template.content == FORM["content"]
    assert drafts.findings(draft, {"주문번호": "A-1"}) == []
    assert [found.rule for found in drafts.findings(draft, {})] == ["sample_missing"]


async def test_one_that_is_not_approved_says_why(eng: Engine) -> None:
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values(inspection="rejected"))
    draft = await find(eng, FORM["code"])
    assert draft.source == "stored"
    assert draft.refusal is not None
    assert draft.refusal.code == "template_not_approved"
    assert (draft.sending.reviewed, draft.template.name) == (False, FORM["name"])


async def test_an_unknown_one_is_refused(eng: Engine) -> None:
    with pytest.raises(Invalid) as refused:
        await find(eng, "nothing")
    assert refused.value.code == "unknown_template"


def test_one_that_is_given_is_read_and_never_sendable() -> None:
    draft = drafts.read(FORM)
    assert (draft.source, draft.sending.reviewed) == ("given", False)
    assert draft.refusal is not None
    with pytest.raises(Invalid) as refused:
        drafts.read(FORM | {"name": ""})
    assert (refused.value.code, refused.value.field) == ("template_invalid", "template_body.name")
    assert refused.value.data["findings"][0]["rule"] == "required"
