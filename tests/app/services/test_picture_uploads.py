"""What providers are to be given, and whether what they have can be used."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from app.db.models import PictureUpload
from app.ids import new_id
from app.services import picture_uploads, pictures
from app.services.picture_uploads import GIVEN_UP, SPARE, is_given_up, is_usable
from app.services.runtime import Runtime
from channels.management import Uploaded
from channels.vocabulary import PictureUse
from templates.reading import read_template
from tests.app.api.shop import open_shop
from tests.photos import png

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
LIST: dict[str, Any] = {
    "code": "sale",
    "name": "안내",
    "content": "안내드립니다.",
    "emphasis": "ITEM_LIST",
    "image": "wide.png",
    "highlight": {"title": "혜택", "description": "안내", "image": "square.png"},
    "sms_picture": "photo.jpg",
}


def upload(**given: Any) -> PictureUpload:
    values: dict[str, Any] = {"use": "mms", "created_at": NOW - timedelta(hours=1)} | given
    return PictureUpload(workspace_id=new_id(), account_id=new_id(), picture_id=new_id(), **values)


def test_every_picture_of_a_template_is_named_with_its_place() -> None:
    assert picture_uploads.named(read_template(LIST)) == [
        ("image", "wide.png", PictureUse.IMAGE),
        ("highlight.image", "square.png", PictureUse.THUMBNAIL),
        ("sms_picture", "photo.jpg", PictureUse.MMS),
    ]
    plain = {name: LIST[name] for name in ("code", "name", "content")}
    assert picture_uploads.named(read_template(plain)) == []


@pytest.mark.parametrize(
    ("values", "usable"),
    [
        ({}, False),
        ({"provider_name": "f"}, True),
        ({"provider_name": "f", "expires_at": NOW + SPARE}, False),
        ({"provider_name": "f", "expires_at": NOW + SPARE + timedelta(seconds=1)}, True),
        ({"provider_name": "f", "error_code": "-1"}, True),  # a renewal that failed so far
        ({"provider_name": "f", "expires_at": NOW - timedelta(days=1)}, False),
    ],
)
def test_what_lapses_soon_is_not_used(values: dict[str, Any], usable: bool) -> None:
    assert is_usable(upload(**values), NOW) is usable


@pytest.mark.parametrize(
    ("values", "in_vain"),
    [
        ({}, False),
        ({"error_code": "-8000"}, True),
        ({"error_code": "no_upload"}, True),
        ({"error_code": "no_answer"}, False),
        ({"error_code": "misconfigured"}, False),  # somebody corrects the keys
        ({"error_code": "quota"}, False),
        ({"error_code": "account_unusable"}, False),
        ({"created_at": NOW - GIVEN_UP}, True),
        ({"created_at": NOW - GIVEN_UP + timedelta(seconds=1)}, False),
        # it was there long ago, and has been missing for an hour only
        ({"created_at": NOW - 9 * GIVEN_UP, "expires_at": NOW - timedelta(hours=1)}, False),
        ({"created_at": NOW - 9 * GIVEN_UP, "expires_at": NOW - GIVEN_UP}, True),
    ],
)
def test_when_waiting_is_in_vain(values: dict[str, Any], in_vain: bool) -> None:
    assert is_given_up(upload(**values), NOW) is in_vain


async def test_a_form_gets_what_its_provider_calls_each(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    account_id = shop.accounts["live"].id
    form = read_template({name: value for name, value in LIST.items() if name != "sms_picture"})
    async with runtime.database.write() as tx:
        for name, data in (("wide.png", png(800, 400)), ("square.png", png(108, 108))):
            await pictures.store(tx, shop.workspace_id, name, data)
        await pictures.wanted(tx, shop.workspace_id, account_id, form)
        await tx.session.exec(
            update(PictureUpload)
            .where(col(PictureUpload.use) == "image")
            .values(provider_name="n1", provider_url="http://k/1")
        )

    async def given() -> dict[str, Uploaded]:
        async with runtime.database.read() as session:
            return await picture_uploads.given(session, shop.workspace_id, account_id, form, NOW)

    assert await given() == {"wide.png": Uploaded("n1", "http://k/1")}
    with pytest.raises(KeyError):  # it must not be registered before the thumbnail is there
        form.form(pictures=await given())
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(PictureUpload).values(provider_name="n2", provider_url="http://k/2")
        )
    made = form.form(pictures=await given())
    assert made.image == Uploaded("n2", "http://k/2")
    assert made.highlight is not None
    assert made.highlight.image == "http://k/2"
