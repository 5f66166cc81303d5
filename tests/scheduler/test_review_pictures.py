"""A version with a picture is submitted when the provider has it, and not before."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select, update

from app.db.models import PictureUpload, TemplateRegistration
from app.db.models.fields import now as clock
from app.errors import Invalid
from app.services import pictures, templates
from app.services.runtime import Runtime
from app.services.versions import Stored
from scheduler.review import review_due
from tests.app.api.shop import NOTICE, Shop, open_shop
from tests.photos import png

IMAGE = NOTICE | {"emphasis": "IMAGE", "image": "shop.png"}


class Nhn:
    """Takes every template, and keeps what it was given."""

    def __init__(self) -> None:
        self.forms: list[bytes] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(request.content)
        head = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
        return httpx.Response(200, json={"header": head})


@pytest.fixture
def nhn() -> Nhn:
    return Nhn()


@pytest.fixture
async def client(nhn: Nhn) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(nhn.answer)) as made:
        yield made


async def is_due(runtime: Runtime) -> None:
    async with runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values(due_at=tx.now))


async def shown(runtime: Runtime, shop: Shop) -> Stored:
    async with runtime.database.read() as session:
        return await templates.get(session, shop.workspace_id, NOTICE["code"])


async def test_it_waits_visibly_until_the_provider_has_its_picture(
    runtime: Runtime, client: httpx.AsyncClient, nhn: Nhn
) -> None:
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await pictures.store(tx, shop.workspace_id, "shop.png", png(800, 400))
        await templates.create(tx, shop.workspace_id, IMAGE, ("sandbox",))
    assert await review_due(runtime, client) == 1
    (one,) = (await shown(runtime, shop)).registered
    assert (one.standing.state, one.registration.action) == ("waiting_for_picture", "submit")
    assert one.registration.due_at is not None
    assert one.registration.due_at - clock() < timedelta(seconds=10)
    assert nhn.forms == []
    given: dict[str, Any] = {"provider_name": "p1.png", "provider_url": "https://p.example/1"}
    async with runtime.database.write() as tx:
        (upload,) = await tx.session.exec(select(PictureUpload))
        assert (upload.use, upload.account_id) == ("image", shop.accounts["sandbox"].id)
        await tx.session.exec(update(PictureUpload).values(given))
    await is_due(runtime)
    assert await review_due(runtime, client) == 1
    (one,) = (await shown(runtime, shop)).registered
    assert (one.standing.state, one.registration.error_code) == ("registered", "")
    (form,) = nhn.forms
    assert b"p1.png" in form


async def test_an_unknown_picture_is_refused_at_the_submission(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    with pytest.raises(Invalid) as refused:
        async with runtime.database.write() as tx:
            await templates.create(tx, shop.workspace_id, IMAGE)
    assert (refused.value.code, refused.value.field) == ("unknown_picture", "image")
    async with runtime.database.write() as tx:
        stored = await templates.create(tx, shop.workspace_id, IMAGE, submit=False)
    assert stored.version.submitted_at is None
