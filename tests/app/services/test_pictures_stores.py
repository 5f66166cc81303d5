"""Pictures where two transactions meet, and their bytes, on both databases."""

import asyncio

import pytest
from sqlmodel import select

from app.db.models import PictureUpload
from app.errors import Refused
from app.services import picture_uploads, pictures, templates, workspaces
from app.services.runtime import Runtime
from channels.vocabulary import PictureUse
from tests.app.api.shop import Shop, open_shop
from tests.app.services.test_pictures import IMAGE, WIDE, add, remove
from tests.photos import jpeg


async def test_both_databases_keep_pictures_alike(store: Runtime) -> None:
    """One migrated store for all of it: making one takes most of the time."""
    shop = await open_shop(store)
    await its_bytes_come_back(store, shop)
    await add(store, shop.workspace_id, "wide.png", WIDE)
    await who_want_the_same_at_once_get_one_row(store, shop)
    await what_a_template_comes_to_show_this_moment_is_not_removed(store, shop)


async def its_bytes_come_back(store: Runtime, shop: Shop) -> None:
    """Every byte value, also the ones a text column would not survive."""
    data = jpeg(640, 480, size=70_000)[:-2] + bytes(range(256)) * 4 + b"\xff\xd9"
    shown, is_new = await add(store, shop.workspace_id, "all.jpg", data)
    async with store.database.read() as session:
        row = await pictures.load(session, shop.workspace_id, "all.jpg")
        listed = await pictures.list_pictures(session, shop.workspace_id)
    assert (is_new, listed) == (True, [shown])
    assert (type(row.data), row.data) == (bytes, data)
    assert (row.size, row.media_type, row.width, row.height) == (len(data), "image/jpeg", 640, 480)
    assert await add(store, shop.workspace_id, "all.jpg", data) == (shown, False)
    await remove(store, shop.workspace_id, "all.jpg")
    async with store.database.read() as session:
        assert await pictures.list_pictures(session, shop.workspace_id) == []


async def who_want_the_same_at_once_get_one_row(store: Runtime, shop: Shop) -> None:
    async with store.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
        shown = await pictures.get(tx.session, shop.workspace_id, "wide.png")
    account_id = shop.accounts["live"].id

    async def ask() -> None:
        async with store.database.write() as tx:
            wanted = {(shown.id, PictureUse.IMAGE)}
            await picture_uploads.want(tx, shop.workspace_id, account_id, wanted)
            await asyncio.sleep(0.02)

    await asyncio.gather(ask(), ask(), ask())
    async with store.database.read() as session:
        rows = list(await session.exec(select(PictureUpload)))
        known = await picture_uploads.known(session, shop.workspace_id, account_id, {"wide.png"})
        foreign = await picture_uploads.known(session, other, account_id, {"wide.png"})
    assert len(rows) == 1
    assert known.uploads["wide.png", PictureUse.IMAGE] == rows[0]
    assert (known.ids, foreign.ids) == ({"wide.png": shown.id}, {})


async def what_a_template_comes_to_show_this_moment_is_not_removed(
    store: Runtime, shop: Shop
) -> None:
    """On PostgreSQL both transactions run at once."""
    async with store.database.write() as tx:
        await templates.create(tx, shop.workspace_id, IMAGE)
        removing = asyncio.create_task(remove(store, shop.workspace_id, "wide.png"))
        await asyncio.sleep(0.1)
    with pytest.raises(Refused) as kept:
        await removing
    assert kept.value.code == "picture_in_use"
