"""Which pictures the provider of an account must be given, and what it calls those it has.

App and dispatch only write down what is wanted; the scheduler's job gives it to the provider.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Picture, PictureUpload
from app.db.session import Tx
from app.ids import new_id
from app.services.states import policy
from channels.management import Uploaded
from channels.vocabulary import PictureUse, Reason
from templates.template import Template

SPARE = timedelta(minutes=30)  # what ends sooner is used no more: a request may wait its turn
RENEWED = timedelta(days=1)  # before a provider forgets a picture, it is given again
GIVEN_UP = timedelta(days=1)  # a provider that was not given a picture for so long has none
NO_UPLOAD = "no_upload"  # the provider takes no pictures at all
UNUSABLE = "account_unusable"  # the account's credentials cannot be opened
# troubles that pass, or that somebody can mend at the account: they say nothing of the picture
PASSING = frozenset({str(reason) for reason in Reason if policy(reason).retry}) | {
    str(Reason.NO_ANSWER),
    UNUSABLE,
}
REVIEWED = (PictureUse.IMAGE, PictureUse.THUMBNAIL)  # shown to the reviewers

Want = tuple[UUID, PictureUse]  # picture, and what for
Shown = tuple[str, PictureUse]  # the picture's name, and what for


@dataclass(frozen=True, slots=True)
class Known:
    """Pictures of a workspace as one account's provider has them."""

    ids: Mapping[str, UUID]  # by name
    uploads: Mapping[Shown, PictureUpload]


def named(template: Template) -> list[tuple[str, str, PictureUse]]:
    """Field, picture's name and use of every picture a template shows."""
    thumbnail = template.highlight.image if template.highlight is not None else ""
    places = (
        ("image", template.image, PictureUse.IMAGE),
        ("highlight.image", thumbnail, PictureUse.THUMBNAIL),
        ("sms_picture", template.sms_picture, PictureUse.MMS),
    )
    return [place for place in places if place[1]]


async def want(tx: Tx, workspace_id: UUID, account_id: UUID, pictures: Collection[Want]) -> None:
    """Have the account's provider given these pictures; what it has, or is to get, stays."""
    if not pictures:
        return
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {
            "id": new_id(),
            "workspace_id": workspace_id,
            "account_id": account_id,
            "picture_id": picture_id,
            "use": str(use),
            "provider_name": "",
            "provider_url": "",
            "due_at": tx.now,
            "error_code": "",
            "error_text": "",
            "created_at": tx.now,
        }
        for picture_id, use in sorted(pictures)
    ]
    await tx.session.exec(insert(PictureUpload).values(rows).on_conflict_do_nothing())


async def known(
    session: AsyncSession, workspace_id: UUID, account_id: UUID, names: Collection[str]
) -> Known:
    """What an account's provider calls these pictures, in one read."""
    rows = await session.exec(
        select(Picture.id, Picture.name, PictureUpload)
        .outerjoin(
            PictureUpload,
            and_(
                col(PictureUpload.picture_id) == col(Picture.id),
                col(PictureUpload.account_id) == account_id,
            ),
        )
        .where(col(Picture.workspace_id) == workspace_id, col(Picture.name).in_(names))
    )
    ids, uploads = {}, {}
    for picture_id, name, upload in rows.all():
        ids[name] = picture_id
        if upload is not None:
            uploads[name, PictureUse(upload.use)] = upload
    return Known(ids, uploads)


async def given(
    session: AsyncSession,
    workspace_id: UUID,
    account_id: UUID,
    template: Template,
    now: datetime,
) -> dict[str, Uploaded]:
    """What the provider answered for the pictures of a template's bubble, by name.

    As :meth:`templates.template.Template.form` takes them; one that it does not have is absent.
    """
    shown = [(name, use) for _, name, use in named(template) if use in REVIEWED]
    if not shown:
        return {}
    there = (await known(session, workspace_id, account_id, {name for name, _ in shown})).uploads
    return {
        one[0]: Uploaded(row.provider_name, row.provider_url, row.expires_at)
        for one in shown
        if (row := there.get(one)) is not None and is_usable(row, now)
    }


def is_usable(upload: PictureUpload, now: datetime) -> bool:
    """Whether the provider has the picture, and for long enough."""
    keeps = upload.expires_at is None or upload.expires_at > now + SPARE
    return bool(upload.provider_name) and keeps


def is_given_up(upload: PictureUpload, now: datetime) -> bool:
    """Whether waiting for a picture the provider does not have is in vain."""
    refused = bool(upload.error_code) and upload.error_code not in PASSING
    return refused or now - missing_since(upload) >= GIVEN_UP


def missing_since(upload: PictureUpload) -> datetime:
    """Since when the provider has been without a picture it does not have."""
    return upload.expires_at or upload.created_at
