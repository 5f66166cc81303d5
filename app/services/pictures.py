"""Pictures of a workspace: stored once under a name, shown by templates, given to providers.

A picture never changes under its name: templates that show it were approved with these bytes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    Picture,
    PictureUpload,
    ProviderAccount,
    Sender,
    Template,
    TemplateVersion,
)
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import accounts, picture_uploads, picture_views
from app.services.credentials import MODES
from app.services.picture_checks import examine, insist
from app.services.picture_uploads import REVIEWED, named
from app.services.picture_views import WITHOUT_DATA, Shown, facts_of
from channels.vocabulary import PictureUse
from templates.template import Template as Form

MOST = 1_000  # pictures of a workspace
CARRIER = "mms"  # the route whose accounts need what a text message shows


async def store(tx: Tx, workspace_id: UUID, name: str, data: bytes) -> tuple[Shown, bool]:
    """Store a picture; False when the same bytes were there under this name already.

    Then providers that had trouble with it are asked again at once. Raises Invalid
    ``bad_picture_name``, ``picture_unreadable``, ``picture_unfit`` (for every use), TooLarge
    ``picture_too_large`` and Refused ``picture_exists``, ``too_many_pictures``.
    """
    facts = examine(name, data)
    digest = sha256(data).digest()
    there = await _row(tx.session, workspace_id, name)
    if there is not None:
        if there.digest != digest:
            raise _exists()
        await _ask_again(tx, there.id)
        return await get(tx.session, workspace_id, name), False
    await _check_count(tx.session, workspace_id)
    row = Picture(
        workspace_id=workspace_id, digest=digest, data=data, created_at=tx.now, **asdict(facts)
    )
    tx.session.add(row)
    try:
        await tx.session.flush()
    except IntegrityError:  # somebody else was faster
        raise _exists() from None
    tx.emit(workspace_id, "picture.stored", row.id, name=name)
    return Shown(row.id, facts, row.created_at), True


async def get(session: AsyncSession, workspace_id: UUID, name: str) -> Shown:
    """One picture and where it stands. Raises NotFound ``unknown_picture``."""
    found = await picture_views.find(session, workspace_id, col(Picture.name) == name)
    if not found:
        raise _unknown()
    return found[0]


async def list_pictures(
    session: AsyncSession, workspace_id: UUID, after: UUID | None = None, limit: int = 100
) -> list[Shown]:
    """Pictures and where they stand, the oldest first, those after ``after``."""
    beyond = () if after is None else (col(Picture.id) > after,)
    return await picture_views.find(session, workspace_id, *beyond, limit=limit)


async def load(session: AsyncSession, workspace_id: UUID, name: str) -> Picture:
    """A picture with its bytes. Raises NotFound ``unknown_picture``."""
    found = await session.exec(
        select(Picture).where(col(Picture.workspace_id) == workspace_id, col(Picture.name) == name)
    )
    row = found.first()
    if row is None:
        raise _unknown()
    return row


async def remove(tx: Tx, workspace_id: UUID, name: str) -> UUID:
    """Forget a picture here; what providers have of it they keep. Its id.

    Raises NotFound ``unknown_picture`` and Refused ``picture_in_use``.
    """
    found = await tx.session.exec(
        select(Picture.id)
        .where(col(Picture.workspace_id) == workspace_id, col(Picture.name) == name)
        .with_for_update()  # no template comes to show it meanwhile
    )
    picture_id = found.first()
    if picture_id is None:
        raise _unknown()
    if codes := await _shown_by(tx.session, workspace_id, name):
        raise Refused(
            "picture_in_use",
            f"A version of the template {codes[0]} shows this picture. Versions are kept as they "
            "were, so it stays; store another picture under another name.",
            field="name",
            data={"templates": codes},
        )
    mine = col(PictureUpload.picture_id) == picture_id
    await tx.session.exec(delete(PictureUpload).where(mine))
    await tx.session.exec(delete(Picture).where(col(Picture.id) == picture_id))
    tx.emit(workspace_id, "picture.removed", picture_id, name=name)
    return picture_id


# ---- templates ----------------------------------------------------------------------------------


async def check(
    session: AsyncSession, workspace_id: UUID, template: Form, *, keep: bool = False
) -> None:
    """Every picture a template shows must be there, and fit for its place.

    ``keep``: nobody may remove them while this transaction, a writing one, lasts. Raises Invalid
    ``unknown_picture`` and ``picture_unfit``, naming the field.
    """
    places = named(template)
    if not places:
        return
    query = (
        select(Picture)
        .options(WITHOUT_DATA)
        .where(
            col(Picture.workspace_id) == workspace_id,
            col(Picture.name).in_({name for _, name, _ in places}),
        )
        .order_by(col(Picture.id))
    )
    rows = await session.exec(query.with_for_update(read=True) if keep else query)
    there = {row.name: facts_of(row) for row in rows}
    for field, name, use in places:
        if name not in there:
            raise Invalid(
                "unknown_picture",
                f"The workspace has no picture {name}. Store it with PUT /v1/pictures/{name} "
                "before the template, or correct the name.",
                field=field,
                data={"picture": name},
            )
        insist(there[name], (use,), field)


async def admit(tx: Tx, workspace_id: UUID, template: Form, modes: Collection[str] = MODES) -> None:
    """As :func:`check`; every account of ``modes`` that sends MMS is to get what that shows.

    What reviewers see is asked for with each registration, by :func:`wanted`.
    """
    await check(tx.session, workspace_id, template, keep=True)
    if not template.sms_picture:
        return
    rows = await tx.session.exec(
        select(ProviderAccount)
        .join(Sender, col(Sender.account_id) == col(ProviderAccount.id))
        .where(
            col(ProviderAccount.workspace_id) == workspace_id,
            col(ProviderAccount.mode).in_(modes),
            col(ProviderAccount.state) != "disabled",
            col(Sender.kind) == "sms",
            col(Sender.state) == "active",
        )
    )
    for account_id in sorted({row.id for row in rows if accounts.carries(row, CARRIER)}):
        await wanted(tx, workspace_id, account_id, template, (PictureUse.MMS,))


async def wanted(
    tx: Tx,
    workspace_id: UUID,
    account_id: UUID,
    template: Form,
    uses: Collection[PictureUse] = REVIEWED,
) -> None:
    """Have an account's provider given what a template shows: by default what is reviewed."""
    shown = {(name, use) for _, name, use in named(template) if use in uses}
    await _want(tx, workspace_id, account_id, shown)


async def welcome(tx: Tx, account: ProviderAccount) -> None:
    """An account that now sends text messages is to get what the workspace's MMS show."""
    if not accounts.carries(account, CARRIER):
        return
    bodies = await tx.session.exec(
        select(TemplateVersion.body).where(
            col(TemplateVersion.workspace_id) == account.workspace_id
        )
    )
    names = {str(body["sms_picture"]) for body in bodies if body.get("sms_picture")}
    shown = {(name, PictureUse.MMS) for name in names}
    await _want(tx, account.workspace_id, account.id, shown)


async def _want(
    tx: Tx, workspace_id: UUID, account_id: UUID, shown: Collection[picture_uploads.Shown]
) -> None:
    if not shown:
        return
    found = await tx.session.exec(
        select(Picture.name, Picture.id).where(
            col(Picture.workspace_id) == workspace_id,
            col(Picture.name).in_({name for name, _ in shown}),
        )
    )
    ids = dict(found.all())
    pictures = {(ids[name], use) for name, use in shown if name in ids}
    await picture_uploads.want(tx, workspace_id, account_id, pictures)


# ---- inside -------------------------------------------------------------------------------------


async def _row(session: AsyncSession, workspace_id: UUID, name: str) -> Picture | None:
    found = await session.exec(
        select(Picture)
        .options(WITHOUT_DATA)
        .where(col(Picture.workspace_id) == workspace_id, col(Picture.name) == name)
    )
    return found.first()


async def _check_count(session: AsyncSession, workspace_id: UUID) -> None:
    count = await session.scalar(
        select(func.count()).where(col(Picture.workspace_id) == workspace_id)
    )
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_pictures",
            f"The workspace has {MOST:,} pictures, the most there may be. Remove some that no "
            "template shows.",
            data={"limit": MOST},
        )


async def _ask_again(tx: Tx, picture_id: UUID) -> None:
    await tx.session.exec(
        update(PictureUpload)
        .where(col(PictureUpload.picture_id) == picture_id, col(PictureUpload.error_code) != "")
        .values(due_at=tx.now)
    )


async def _shown_by(session: AsyncSession, workspace_id: UUID, name: str) -> list[str]:
    """Codes of the templates with a version that shows it."""
    rows = await session.exec(
        select(Template.code, TemplateVersion.body)
        .join(TemplateVersion, col(TemplateVersion.template_id) == col(Template.id))
        .where(col(Template.workspace_id) == workspace_id)
        .order_by(col(Template.id))
    )
    return list(dict.fromkeys(code for code, body in rows if name in _names(body)))


def _names(body: Mapping[str, object]) -> Iterable[object]:
    """Pictures that a stored version shows."""
    highlight = body.get("highlight")
    thumbnail = highlight.get("image") if isinstance(highlight, dict) else None
    return body.get("image"), body.get("sms_picture"), thumbnail


def _unknown() -> NotFound:
    return NotFound(
        "unknown_picture",
        "The workspace has no picture with this name. List the pictures, or store it.",
        field="name",
    )


def _exists() -> Refused:
    return Refused(
        "picture_exists",
        "Another picture has this name already, and a picture never changes: templates were "
        "approved with it. Store this one under another name.",
        field="name",
    )
