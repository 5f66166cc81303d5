"""Pictures for providers: given when a template or a message needs them, again before they lapse.

Giving is repeated after any doubt. A provider that already had the picture then has it twice,
under two names, and the later name is the one that is used: nobody sees the difference.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from sqlmodel import col, select

from app.db.models import Picture, PictureUpload, ProviderAccount
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts
from app.services.picture_measures import file_name
from app.services.picture_uploads import NO_UPLOAD, RENEWED, UNUSABLE
from app.services.picture_views import facts_of
from app.services.runtime import Runtime
from app.services.states import policy
from channels import management
from channels.contract import Adapter
from channels.management import CanUpload, ProviderRefused, ProviderSilent, Uploaded
from channels.vocabulary import PictureUse, Reason

AT_ONCE = 10  # up to 5 MB of pictures
LEASE = timedelta(minutes=5)  # a process that dies leaves the rest to the next one
SOONEST, LATEST = timedelta(seconds=5), timedelta(hours=1)  # until the next try
MOST_SILENT = 2
SILENT = str(Reason.NO_ANSWER)

Build = Callable[[Runtime, ProviderAccount, httpx.AsyncClient], Adapter]
log = logger("pictures")


@dataclass(frozen=True, slots=True)
class Due:
    """A picture an account's provider is to be given."""

    upload: PictureUpload
    account: ProviderAccount
    picture: Picture


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the provider has not taken it."""

    code: str
    text: str


async def upload_due(
    runtime: Runtime, client: httpx.AsyncClient, build: Build = accounts.adapter_of
) -> int:
    """Give providers every picture that is due; how many were tried.

    Accounts side by side, each one picture at a time, outside any transaction.
    """
    if not await _anything(runtime):
        return 0
    due = await _take(runtime)
    by_account: dict[UUID, list[Due]] = {}
    for one in due:
        by_account.setdefault(one.account.id, []).append(one)
    async with asyncio.TaskGroup() as group:
        for part in by_account.values():
            group.create_task(_give_account(runtime, client, build, part))
    return len(due)


async def _anything(runtime: Runtime) -> bool:
    """A look without the right to write: mostly there is nothing."""
    async with runtime.database.read() as session:
        found = await session.exec(
            select(PictureUpload.id).where(col(PictureUpload.due_at) <= clock()).limit(1)
        )
        return found.first() is not None


async def _take(runtime: Runtime) -> list[Due]:
    """What is due, put aside for as long as the giving may take."""
    async with runtime.database.write() as tx:
        rows = await tx.session.exec(
            select(PictureUpload, ProviderAccount, Picture)
            .join(ProviderAccount, col(ProviderAccount.id) == col(PictureUpload.account_id))
            .join(Picture, col(Picture.id) == col(PictureUpload.picture_id))
            .where(col(PictureUpload.due_at) <= tx.now, col(ProviderAccount.state) == "active")
            .order_by(col(PictureUpload.due_at))
            .limit(AT_ONCE)
            .with_for_update(of=PictureUpload, skip_locked=True)
        )
        due = [Due(*row) for row in rows.all()]
        for one in due:
            one.upload.due_at = tx.now + LEASE
            tx.session.add(one.upload)
    return due


async def _give_account(
    runtime: Runtime, client: httpx.AsyncClient, build: Build, due: Sequence[Due]
) -> None:
    try:
        adapter = build(runtime, due[0].account, client)
    except (Unsealable, ValueError) as error:
        log.error("account unusable", account=str(due[0].account.id), error=type(error).__name__)
        trouble = Trouble(UNUSABLE, "The account's credentials cannot be used.")
        for one in due:
            await _keep(runtime, one, trouble)
        return
    silent = 0
    for one in due:
        result: Uploaded | Trouble
        if isinstance(adapter, CanUpload):
            result = await _give(adapter, one)
        else:
            result = Trouble(NO_UPLOAD, f"{adapter.name} takes no pictures.")
        await _keep(runtime, one, result)
        silent = silent + 1 if isinstance(result, Trouble) and result.code == SILENT else 0
        if silent == MOST_SILENT:
            break  # nobody is there: the rest comes round when it was put aside for


async def _give(adapter: CanUpload, one: Due) -> Uploaded | Trouble:
    use = PictureUse(one.upload.use)
    row = one.picture
    picture = management.Picture(file_name(facts_of(row)), row.media_type, row.data)
    try:
        given = await adapter.upload(use, picture, clock())
    except ProviderRefused as refused:
        if policy(refused.reason).retry:  # not the picture's fault
            return Trouble(str(refused.reason), f"{refused.code} {refused.text}".strip())
        return Trouble(refused.code or str(refused.reason), refused.text)
    except ProviderSilent as silent:
        return Trouble(SILENT, str(silent))
    if not given.name or (use is PictureUse.THUMBNAIL and not given.url):
        return Trouble(SILENT, "The provider's answer names no picture.")
    return given


async def _keep(runtime: Runtime, one: Due, result: Uploaded | Trouble) -> None:
    async with runtime.database.write() as tx:
        upload = await tx.session.get(PictureUpload, one.upload.id, with_for_update=True)
        if upload is None:  # the picture was removed
            return
        if isinstance(result, Trouble):
            _note_trouble(tx, upload, one.picture, result)
        else:
            _note_given(tx, upload, one.picture, result)
        tx.session.add(upload)
    log.info(
        "picture given" if isinstance(result, Uploaded) else "picture not given",
        picture=one.picture.name,
        use=upload.use,
        account=str(upload.account_id),
        error=upload.error_code,
    )


def _note_given(tx: Tx, upload: PictureUpload, picture: Picture, given: Uploaded) -> None:
    upload.provider_name, upload.provider_url = given.name, given.url
    upload.expires_at = given.expires_at
    upload.due_at = None if given.expires_at is None else _renewal(given.expires_at, tx.now)
    upload.error_code = upload.error_text = ""
    _emit(tx, upload, picture, "given")


def _renewal(expires_at: datetime, now: datetime) -> datetime:
    """A day before it lapses; half way there when that is soon."""
    return max(expires_at - RENEWED, now + max((expires_at - now) / 2, SOONEST))


def _note_trouble(tx: Tx, upload: PictureUpload, picture: Picture, trouble: Trouble) -> None:
    if (upload.error_code, upload.error_text) != (trouble.code, trouble.text):
        upload.error_code, upload.error_text = trouble.code, trouble.text
        _emit(tx, upload, picture, "trouble", error=trouble.code)
    began = upload.created_at if upload.expires_at is None else upload.expires_at - RENEWED
    upload.due_at = tx.now + min(max(tx.now - began, SOONEST), LATEST)


def _emit(tx: Tx, upload: PictureUpload, picture: Picture, word: str, **data: str) -> None:
    tx.emit(
        upload.workspace_id,
        f"picture.{word}",
        upload.picture_id,
        name=picture.name,
        use=upload.use,
        account_id=str(upload.account_id),
        **data,
    )
