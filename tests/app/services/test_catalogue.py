"""What a workspace can send through, remembered for a moment."""

import asyncio

import pytest
from sqlmodel import select

from app.db.models import Sender, Template, TemplateRegistration
from app.errors import GatewayError
from app.services import catalogue as module
from app.services.catalogue import Catalogue, Sending
from app.services.runtime import Runtime
from channels.vocabulary import Level
from templates.text import byte_length
from tests.editions import second_version
from tests.engine import FORM, Engine, engine

CODE = FORM["code"]


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


async def sending(catalogue: Catalogue, eng: Engine) -> Sending:
    return await catalogue.sending(eng.workspace_id, CODE, "sandbox")


async def stop(eng: Engine) -> None:
    """The template is stopped at the messenger."""
    async with eng.runtime.database.write() as tx:
        [row] = (await tx.session.exec(select(TemplateRegistration))).all()
        row.usage = "stopped"


async def test_an_approved_template_is_found(eng: Engine) -> None:
    found = await sending(Catalogue(eng.runtime), eng)
    assert found.version_id == eng.version_id
    assert found.compiled.template.code == CODE
    assert (found.default_subject, found.reviewed) == ("주문 안내", True)


async def test_a_change_is_seen_after_a_moment(
    eng: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.KEEP_S <= 1.0
    monkeypatch.setattr(module, "KEEP_S", 0.2)
    catalogue = Catalogue(eng.runtime)
    before = await sending(catalogue, eng)
    await stop(eng)
    assert await sending(catalogue, eng) is before
    await asyncio.sleep(0.25)
    with pytest.raises(GatewayError, match=r"stopped|approved"):
        await sending(catalogue, eng)


async def test_a_refusal_is_not_remembered(eng: Engine) -> None:
    catalogue = Catalogue(eng.runtime)
    for _ in range(2):
        with pytest.raises(GatewayError) as caught:
            await catalogue.sending(eng.workspace_id, "unheard_of", "sandbox")
        assert caught.value.code == "unknown_template"


async def test_workspaces_and_modes_are_kept_apart(eng: Engine) -> None:
    other, catalogue = await engine(eng.runtime), Catalogue(eng.runtime)
    mine, theirs = await sending(catalogue, eng), await sending(catalogue, other)
    assert mine.version_id == eng.version_id != theirs.version_id == other.version_id
    with pytest.raises(GatewayError):
        await catalogue.sending(eng.workspace_id, CODE, "live")


async def test_a_way_per_channel(eng: Engine) -> None:
    catalogue = Catalogue(eng.runtime)
    found = await sending(catalogue, eng)
    chat = await catalogue.way(eng.workspace_id, "sandbox", "alimtalk", found)
    text = await catalogue.way(eng.workspace_id, "sandbox", "sms", found)
    assert chat is not None
    assert text is not None
    assert chat.sender_id != text.sender_id
    assert Level.DELIVERED in chat.levels & text.levels
    assert Level.READ not in chat.levels | text.levels  # neither reports reading
    assert await catalogue.way(eng.workspace_id, "live", "sms", found) is None
    assert await catalogue.way(eng.workspace_id, "sandbox", "push", found) is None


async def test_it_does_not_grow_for_ever(eng: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    catalogue = Catalogue(eng.runtime)
    found = await sending(catalogue, eng)
    for i in range(10):
        await catalogue.way(eng.workspace_id, f"mode {i}", "sms", found)
        assert len(catalogue._kept) <= 4


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("주문 안내", "주문 안내"),
        ("가" * 21, "가" * 20),
        ("a" + "가" * 20, "a" + "가" * 19),
        ("😀 배송 😀", "배송"),
        ("", ""),
    ],
)
def test_a_name_becomes_a_subject_of_whole_characters(name: str, subject: str) -> None:
    made = module.subject_of(name)
    assert made == subject
    assert byte_length(made) <= 40


async def test_the_sender_it_names_is_the_approved_one(eng: Engine) -> None:
    async with eng.runtime.database.write() as tx:
        tx.session.add(
            Sender(
                workspace_id=eng.workspace_id,
                account_id=eng.account.id,
                kind="alimtalk",
                value="unapproved",
            )
        )
    catalogue = Catalogue(eng.runtime)
    way = await catalogue.way(
        eng.workspace_id, "sandbox", "alimtalk", await sending(catalogue, eng)
    )
    assert way is not None
    async with eng.runtime.database.read() as session:
        sender = await session.get_one(Sender, way.sender_id)
    assert sender.value == "k" * 40


async def test_a_version_frozen_earlier_is_found_beside_the_one_in_use(eng: Engine) -> None:
    new = await second_version(eng)
    catalogue = Catalogue(eng.runtime)
    assert (await sending(catalogue, eng)).version_id == new
    old = await catalogue.sending(eng.workspace_id, CODE, "sandbox", eng.version_id)
    assert old.version_id == eng.version_id
    assert (
        old.compiled.template.content != (await sending(catalogue, eng)).compiled.template.content
    )


async def test_what_a_message_takes_along_is_its_version_s(eng: Engine) -> None:
    """The template's own columns are the newest version's, which may be a draft."""
    async with eng.runtime.database.write() as tx:
        row = (await tx.session.exec(select(Template))).one()
        row.category, row.when_unknown, row.retention_class = "ad", "resend", "long"
    found = await sending(Catalogue(eng.runtime), eng)
    assert (found.category, found.when_unknown, found.retention_class) == (
        "info",
        "hold",
        "standard",
    )
