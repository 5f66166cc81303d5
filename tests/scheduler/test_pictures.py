"""Pictures for providers: given once they are due, again after any doubt, and before they lapse."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.db.models import Picture
from app.db.models.fields import now as clock
from app.sealing import Unsealable
from app.services import picture_uploads, pictures
from app.services.picture_uploads import RENEWED
from app.services.runtime import Runtime
from channels.management import ProviderRefused, ProviderSilent, Uploaded
from channels.vocabulary import PictureUse, Reason
from scheduler.pictures import AT_ONCE, LATEST, LEASE, SOONEST, upload_due
from tests.app.api.shop import open_shop
from tests.gallery import WEEK, Gallery, Place
from tests.model.dying import Killed
from tests.photos import jpeg, png


@pytest.fixture
async def place(runtime: Runtime) -> AsyncIterator[Place]:
    shop = await open_shop(runtime)
    galleries = {shop.accounts[mode].id: Gallery() for mode in ("sandbox", "live")}
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Place(runtime, client, shop, galleries)


async def test_each_provider_is_given_what_it_needs(place: Place) -> None:
    place.sandbox.runtime = place.runtime
    await place.want("sale", PictureUse.IMAGE, "sandbox", "live")
    await place.want("small.png", PictureUse.THUMBNAIL, data=png(108, 108))
    assert await place.give() == 3
    assert [(use, p.name, p.media_type) for use, p in place.sandbox.taken] == [
        (PictureUse.IMAGE, "sale.jpg", "image/jpeg"),
        (PictureUse.THUMBNAIL, "small.png", "image/png"),
    ]
    assert place.sandbox.taken[0][1].data == jpeg(800, 400)
    rows = [*await place.uploads(), *await place.uploads("live")]
    assert [(row.provider_name, row.provider_url) for row in rows] == [
        ("f1", "http://gallery/1"),
        ("f2", "http://gallery/2"),
        ("f1", "http://gallery/1"),
    ]
    assert {(row.due_at, row.expires_at, row.error_code) for row in rows} == {(None, None, "")}
    assert await place.said() == ["picture.given"] * 3
    assert await place.give() == 0


async def test_what_lapses_is_given_again_a_day_before(place: Place) -> None:
    place.sandbox.keeps = WEEK
    await place.want("sale.jpg", PictureUse.MMS)
    await place.give()
    first = await place.only()
    assert first.expires_at is not None
    assert first.due_at == first.expires_at - RENEWED
    await place.due()
    await place.give()
    second = await place.only()
    assert (second.provider_name, len(place.sandbox.taken)) == ("f2", 2)
    assert second.expires_at is not None
    assert second.expires_at > first.expires_at


async def test_a_provider_that_keeps_nothing_long_is_not_asked_all_the_time(
    place: Place,
) -> None:
    await place.want("sale.jpg", PictureUse.MMS)
    for keeps in (timedelta(hours=10), timedelta(seconds=2), -WEEK):
        place.sandbox.keeps = keeps
        before = clock()
        await place.due()
        assert await place.give() == 1
        row = await place.only()
        assert row.due_at is not None
        assert row.due_at >= before + max(keeps / 2, SOONEST)
        assert await place.give() == 0


async def test_killed_between_the_answer_and_the_note_it_is_given_twice(place: Place) -> None:
    """At least once: the provider has it under two names, and the later one is used."""
    await place.want("sale.jpg", PictureUse.MMS)
    place.sandbox.dies = True
    with pytest.raises(BaseExceptionGroup) as died:
        await place.give()
    assert died.group_contains(Killed)
    row = await place.only()
    assert (row.provider_name, len(place.sandbox.taken)) == ("", 1)
    assert row.due_at is not None
    assert clock() < row.due_at <= clock() + LEASE
    place.sandbox.dies = False
    assert await place.give() == 0  # it is the dead one's until its lease is over
    await place.due()
    assert await place.give() == 1
    row = await place.only()
    assert (row.provider_name, row.due_at) == ("f2", None)
    assert place.sandbox.taken[0] == place.sandbox.taken[1]
    assert await place.said() == ["picture.given"]


TROUBLE: list[tuple[Exception, str, str, bool]] = [
    (ProviderRefused(Reason.REQUEST_REFUSED, "-8000", "too wide"), "-8000", "too wide", True),
    (ProviderRefused(Reason.UNMAPPED, "", "odd"), "unmapped", "odd", True),
    (ProviderRefused(Reason.MISCONFIGURED, "-1", "key"), "misconfigured", "-1 key", False),
    (ProviderRefused(Reason.THROTTLED, "429", ""), "throttled", "429", False),
    (ProviderSilent("time-out"), "no_answer", "time-out", False),
]


async def test_trouble_is_kept_told_once_and_tried_again(place: Place) -> None:
    await place.want("sale.jpg", PictureUse.MMS)
    for n, (refuses, code, text, in_vain) in enumerate(TROUBLE, start=1):
        place.sandbox.refuses, before = refuses, clock()
        for _ in range(2):
            await place.due()
            await place.give()
        row = await place.only()
        assert (row.error_code, row.error_text, row.provider_name) == (code, text, "")
        assert row.due_at is not None
        assert row.due_at >= before + SOONEST
        assert picture_uploads.is_given_up(row, clock()) is in_vain, code
        assert await place.said() == ["picture.trouble"] * n
    place.sandbox.refuses = None
    await place.due()
    await place.give()
    row = await place.only()
    assert (row.error_code, row.error_text, row.provider_name) == ("", "", "f1")


async def test_waits_grow_up_to_an_hour(place: Place) -> None:
    place.sandbox.refuses = ProviderSilent("away")
    await place.want("sale.jpg", PictureUse.MMS)
    minutes = timedelta(minutes=20)
    for age, wait in ((timedelta(), SOONEST), (minutes, minutes), (timedelta(days=3), LATEST)):
        await place.due(created_at=clock() - age)
        await place.give()
        row = await place.only()
        assert row.due_at is not None
        assert abs(row.due_at - clock() - wait) < timedelta(seconds=4)


async def test_what_a_provider_has_stays_in_use_while_renewing_it_fails(place: Place) -> None:
    place.sandbox.keeps = WEEK
    await place.want("sale.jpg", PictureUse.MMS)
    await place.give()
    place.sandbox.refuses = ProviderSilent("away")
    await place.due()
    await place.give()
    row = await place.only()
    assert (row.provider_name, row.error_code) == ("f1", "no_answer")
    assert picture_uploads.is_usable(row, clock())


async def test_an_answer_that_names_nothing_is_none(place: Place) -> None:
    place.sandbox.url = ""
    await place.want("small.png", PictureUse.THUMBNAIL, data=png(108, 108))
    await place.give()
    assert (await place.only()).error_code == "no_answer"
    place.sandbox.url = "http://g/1"
    await place.due()
    await place.give()
    assert (await place.only()).provider_url == "http://g/1"


async def test_one_that_takes_no_pictures_says_so(place: Place) -> None:
    class Plain:
        name = "plain"

    place.galleries[place.shop.accounts["sandbox"].id] = Plain()
    await place.want("sale.jpg", PictureUse.MMS)
    await place.give()
    row = await place.only()
    assert (row.error_code, row.error_text) == ("no_upload", "plain takes no pictures.")
    assert picture_uploads.is_given_up(row, clock())


async def test_an_unusable_account_takes_nobody_else_with_it(place: Place) -> None:
    await place.want("sale.jpg", PictureUse.MMS, "sandbox", "live")

    def build(runtime: Runtime, account: Any, client: httpx.AsyncClient) -> Any:
        if account.name == "sandbox":
            raise Unsealable("no key")
        return place.galleries[account.id]

    await upload_due(place.runtime, place.client, build)
    assert (await place.only()).error_code == "account_unusable"
    assert (await place.only("live")).provider_name == "f1"


async def test_a_silent_provider_is_left_alone_after_two(place: Place) -> None:
    place.sandbox.refuses = ProviderSilent("away")
    for n in range(4):
        await place.want(f"{n}.jpg", PictureUse.MMS)
    assert await place.give() == 4
    assert [row.error_code for row in await place.uploads()] == ["no_answer"] * 2 + [""] * 2


async def test_paused_accounts_wait_and_few_are_taken_at_once(place: Place) -> None:
    for n in range(AT_ONCE + 1):
        await place.want(f"{n}.jpg", PictureUse.MMS)
    async with place.runtime.database.write() as tx:
        account = place.shop.accounts["sandbox"]
        account.state = "paused"
        await tx.session.merge(account)
    assert await place.give() == 0
    async with place.runtime.database.write() as tx:
        account.state = "active"
        await tx.session.merge(account)
    assert [await place.give() for _ in range(3)] == [AT_ONCE, 1, 0]


async def test_one_that_was_removed_meanwhile_is_not_missed(place: Place) -> None:
    await place.want("sale.jpg", PictureUse.MMS)

    class Slow(Gallery):
        async def upload(self, *given: Any) -> Uploaded:
            async with place.runtime.database.write() as tx:
                await pictures.remove(tx, place.shop.workspace_id, "sale.jpg")
            return await super().upload(*given)

    place.galleries[place.shop.accounts["sandbox"].id] = Slow()
    assert await place.give() == 1
    assert await place.uploads() == []
    async with place.runtime.database.read() as session:
        assert (await session.exec(select(Picture.name))).all() == []
