"""Pictures: stored once, the same on both databases, kept while a template shows them."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select, text, update

from app.db.models import Event, Picture, PictureUpload, ProviderAccount
from app.errors import Invalid, NotFound, Refused
from app.services import pictures, senders, templates, workspaces
from app.services.runtime import Runtime
from templates.reading import read_template
from tests.app.api.shop import Shop, open_shop
from tests.carriers import with_mms
from tests.photos import jpeg, png

WIDE, SQUARE, PHOTO = png(800, 400), png(108, 108), jpeg(640, 480)
TEMPLATE: dict[str, Any] = {"code": "sale", "name": "안내", "content": "안내드립니다."}
IMAGE = TEMPLATE | {"emphasis": "IMAGE", "image": "wide.png"}
LIST = TEMPLATE | {
    "emphasis": "ITEM_LIST",
    "highlight": {"title": "혜택", "description": "안내", "image": "square.png"},
}
MMS = TEMPLATE | {"sms_picture": "photo.jpg", "plan": [{"channel": "sms"}]}


@pytest.fixture
async def shop(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Shop:
    with_mms(monkeypatch, "nhn")
    return await open_shop(runtime)


async def add(runtime: Runtime, owner: UUID, name: str, data: bytes) -> tuple[Any, bool]:
    async with runtime.database.write() as tx:
        return await pictures.store(tx, owner, name, data)


async def create(runtime: Runtime, shop: Shop, body: dict[str, Any], *modes: str) -> None:
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, body, modes or ("live", "sandbox"))


async def remove(runtime: Runtime, owner: UUID, name: str) -> None:
    async with runtime.database.write() as tx:
        await pictures.remove(tx, owner, name)


async def uploads(runtime: Runtime) -> list[tuple[str, str, str]]:
    """Account, picture and use of everything a provider is to be given."""
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(ProviderAccount.name, Picture.name, PictureUpload.use)
            .join(PictureUpload, col(PictureUpload.account_id) == col(ProviderAccount.id))
            .join(Picture, col(Picture.id) == col(PictureUpload.picture_id))
        )
        return sorted(rows.all())


# ---- stored -------------------------------------------------------------------------------------


async def test_the_same_again_changes_nothing_and_others_are_refused(
    runtime: Runtime, shop: Shop
) -> None:
    first, is_new = await add(runtime, shop.workspace_id, "wide.png", WIDE)
    assert is_new
    assert await add(runtime, shop.workspace_id, "wide.png", WIDE) == (first, False)
    with pytest.raises(Refused) as refused:
        await add(runtime, shop.workspace_id, "wide.png", png(1000, 500))
    assert refused.value.code == "picture_exists"
    async with runtime.database.read() as session:
        assert (await pictures.load(session, shop.workspace_id, "wide.png")).data == WIDE
        kinds = await session.exec(select(Event.kind).where(col(Event.kind).startswith("picture")))
        assert list(kinds) == ["picture.stored"]


async def test_a_name_is_its_workspace_s_own(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    await add(runtime, shop.workspace_id, "wide.png", WIDE)
    _, is_new = await add(runtime, other, "wide.png", png(1000, 500))
    assert is_new
    await remove(runtime, other, "wide.png")
    with pytest.raises(NotFound) as gone:
        await remove(runtime, other, "wide.png")
    assert gone.value.code == "unknown_picture"
    async with runtime.database.read() as session:
        assert (await pictures.load(session, shop.workspace_id, "wide.png")).data == WIDE
        with pytest.raises(NotFound):
            await pictures.load(session, other, "wide.png")
        with pytest.raises(NotFound):
            await pictures.get(session, other, "wide.png")


async def test_there_is_an_end_to_them(
    runtime: Runtime, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    for n in range(2):
        await add(runtime, shop.workspace_id, f"{n}.png", WIDE)
    with pytest.raises(Refused) as full:
        await add(runtime, shop.workspace_id, "2.png", WIDE)
    assert (full.value.code, full.value.data) == ("too_many_pictures", {"limit": 2})
    await add(runtime, shop.workspace_id, "1.png", WIDE)


async def test_pages_follow_each_other(runtime: Runtime, shop: Shop) -> None:
    ids = [(await add(runtime, shop.workspace_id, f"{n}.png", WIDE))[0].id for n in range(3)]
    async with runtime.database.read() as session:
        first = await pictures.list_pictures(session, shop.workspace_id, limit=2)
        rest = await pictures.list_pictures(session, shop.workspace_id, first[-1].id, 2)
    assert [one.id for one in (*first, *rest)] == ids


# ---- shown by templates -------------------------------------------------------------------------


async def test_a_template_needs_its_pictures_there_and_fit(runtime: Runtime, shop: Shop) -> None:
    for body, field, name, unfit in (
        (IMAGE, "image", "wide.png", SQUARE),
        (LIST, "highlight.image", "square.png", WIDE),
        (MMS, "sms_picture", "photo.jpg", WIDE),
    ):
        with pytest.raises(Invalid) as unknown:
            await create(runtime, shop, body)
        assert (unknown.value.code, unknown.value.field) == ("unknown_picture", field)
        assert f"PUT /v1/pictures/{name}" in unknown.value.detail
        await add(runtime, shop.workspace_id, name, unfit)
        with pytest.raises(Invalid) as bad:
            await create(runtime, shop, body)
        assert (bad.value.code, bad.value.field) == ("picture_unfit", field)
        assert "Save it" in bad.value.detail or "Scale or cut it" in bad.value.detail
        await remove(runtime, shop.workspace_id, name)
    async with runtime.database.read() as session:
        assert await templates.list_templates(session, shop.workspace_id) == []


async def test_another_workspace_s_picture_is_unknown(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    await add(runtime, other, "wide.png", WIDE)
    with pytest.raises(Invalid) as unknown:
        await create(runtime, shop, IMAGE)
    assert unknown.value.code == "unknown_picture"


async def test_what_a_version_shows_is_not_removed(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    for body, name, data in (
        (IMAGE | {"code": "a"}, "wide.png", WIDE),
        (LIST | {"code": "b"}, "square.png", SQUARE),
        (MMS | {"code": "c"}, "photo.jpg", PHOTO),
    ):
        await add(runtime, shop.workspace_id, name, data)
        await create(runtime, shop, body)
        with pytest.raises(Refused) as kept:
            await remove(runtime, shop.workspace_id, name)
        assert (kept.value.code, kept.value.data["templates"]) == ("picture_in_use", [body["code"]])
        await add(runtime, other, name, data)
        await remove(runtime, other, name)  # of that name, but nobody shows it


# ---- wanted by accounts -------------------------------------------------------------------------


async def test_an_mms_needs_its_picture_at_every_account_that_sends_it(
    runtime: Runtime, shop: Shop
) -> None:
    await add(runtime, shop.workspace_id, "photo.jpg", PHOTO)
    await create(runtime, shop, MMS, "sandbox")
    assert await uploads(runtime) == [("sandbox", "photo.jpg", "mms")]  # a test key stays there
    await create(runtime, shop, MMS)
    await create(runtime, shop, MMS)
    assert await uploads(runtime) == [(a, "photo.jpg", "mms") for a in ("live", "sandbox")]


@pytest.mark.parametrize("change", [{"state": "disabled"}, {"adapter": "relay"}])
async def test_an_account_that_cannot_send_it_needs_none(
    runtime: Runtime, shop: Shop, change: dict[str, str]
) -> None:
    await add(runtime, shop.workspace_id, "photo.jpg", PHOTO)
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount).where(col(ProviderAccount.name) == "live").values(change)
        )
    await create(runtime, shop, MMS)
    assert await uploads(runtime) == [("sandbox", "photo.jpg", "mms")]


async def test_a_new_caller_number_brings_the_pictures_of_what_is_there(
    runtime: Runtime, shop: Shop
) -> None:
    await add(runtime, shop.workspace_id, "photo.jpg", PHOTO)
    await create(runtime, shop, MMS)
    async with runtime.database.write() as tx:
        await tx.session.exec(text("DELETE FROM picture_upload"))  # type: ignore[call-overload]
    async with runtime.database.write() as tx:
        new = senders.NewSender(kind="sms", value="02-312-3456")
        await senders.add(tx, shop.accounts["live"], new)
    assert await uploads(runtime) == [("live", "photo.jpg", "mms")]


async def test_a_registration_needs_what_the_reviewers_see(runtime: Runtime, shop: Shop) -> None:
    for name, data in (("wide.png", WIDE), ("square.png", SQUARE), ("photo.jpg", PHOTO)):
        await add(runtime, shop.workspace_id, name, data)
    body = LIST | {"image": "wide.png", "sms_picture": "photo.jpg"}
    form = read_template(body)
    async with runtime.database.write() as tx:
        for _ in range(2):
            account_id = shop.accounts["live"].id
            await pictures.wanted(tx, shop.workspace_id, account_id, form)
    assert await uploads(runtime) == [
        ("live", "square.png", "thumbnail"),
        ("live", "wide.png", "image"),
    ]
    await remove(runtime, shop.workspace_id, "wide.png")  # no version shows it: a form only
    assert await uploads(runtime) == [("live", "square.png", "thumbnail")]


async def test_storing_it_again_has_the_troubled_asked_at_once(
    runtime: Runtime, shop: Shop
) -> None:
    await add(runtime, shop.workspace_id, "photo.jpg", PHOTO)
    await create(runtime, shop, MMS)
    async with runtime.database.write() as tx:
        await tx.session.exec(update(PictureUpload).values(due_at=None, error_code=""))
        await tx.session.exec(
            update(PictureUpload)
            .where(col(PictureUpload.account_id) == shop.accounts["live"].id)
            .values(error_code="-8000")
        )
    await add(runtime, shop.workspace_id, "photo.jpg", PHOTO)
    async with runtime.database.read() as session:
        rows = list(await session.exec(select(PictureUpload)))
    assert {row.account_id: row.due_at is not None for row in rows} == {
        shop.accounts["live"].id: True,
        shop.accounts["sandbox"].id: False,
    }
