"""Pictures as they are shown: measures and standing, and never a page of bytes."""

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlmodel import col, select, update

from app.db.models import Picture, PictureUpload
from app.services import picture_uploads, picture_views, pictures, workspaces
from app.services.picture_views import WITHOUT_DATA, Given
from app.services.runtime import Runtime
from channels.vocabulary import PictureUse
from tests.app.api.shop import Shop, open_shop
from tests.photos import jpeg


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    """A workspace whose picture both accounts' providers are to be given."""
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        shown, _ = await pictures.store(tx, shop.workspace_id, "a.jpg", jpeg(800, 400))
        for mode in ("sandbox", "live"):
            wanted = {(shown.id, PictureUse.MMS)}
            account_id = shop.accounts[mode].id
            await picture_uploads.want(tx, shop.workspace_id, account_id, wanted)
    return shop


async def only(runtime: Runtime, shop: Shop) -> picture_views.Shown:
    async with runtime.database.read() as session:
        (found,) = await picture_views.find(session, shop.workspace_id)
    return found


async def test_it_says_what_it_is_fit_for_and_why_not_for_more(
    runtime: Runtime, shop: Shop
) -> None:
    shown = await only(runtime, shop)
    assert shown.uses == (PictureUse.IMAGE, PictureUse.MMS)
    assert {use: [one.measure for one in found] for use, found in shown.faults.items()} == {
        PictureUse.THUMBNAIL: ["ratio"]
    }


async def test_where_it_stands_at_each_account(runtime: Runtime, shop: Shop) -> None:
    sandbox, live = (await only(runtime, shop)).given
    assert isinstance(live, Given)
    assert [(one.account, one.mode, one.use) for one in (sandbox, live)] == [
        ("sandbox", "sandbox", "mms"),
        ("live", "live", "mms"),
    ]
    for values, state in (
        ({"provider_name": ""}, "waiting"),
        ({"provider_name": "f1", "due_at": None}, "given"),
        ({"error_code": "no_answer"}, "trouble"),  # it has it, and could not be given it again
        ({"provider_name": "", "error_code": "-8000"}, "trouble"),
    ):
        async with runtime.database.write() as tx:
            await tx.session.exec(
                update(PictureUpload)
                .where(col(PictureUpload.account_id) == shop.accounts["live"].id)
                .values(values)
            )
        sandbox, live = (await only(runtime, shop)).given
        assert (sandbox.state, live.state) == ("waiting", state)


async def test_nobody_else_s_are_found(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    async with runtime.database.read() as session:
        assert await picture_views.find(session, other) == []


async def test_a_list_that_reads_bytes_by_mistake_fails(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.read() as session:
        row = (await session.exec(select(Picture).options(WITHOUT_DATA))).one()
        assert picture_views.facts_of(row).size == row.size
        with pytest.raises(InvalidRequestError):
            _ = row.data
