"""Template reviews: ask what is due, outside any transaction, and note what is heard."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
from sqlalchemy import update
from sqlmodel import col, select

from app.config import Settings
from app.db.models import ProviderAccount, Sender, Template, TemplateRegistration, TemplateVersion
from app.db.session import Tx
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts, picture_uploads
from app.services.registrations import SUBMIT
from app.services.runtime import Runtime
from app.services.standing import PICTURE, REPLACED
from channels.management import CanReview, Uploaded
from channels.vocabulary import Inspection
from scheduler.asking import EDIT, SILENT, Due, End, Heard, Trouble, ask
from scheduler.verdicts import Notes
from templates.reading import read_template

AT_ONCE = 50
LEASE = timedelta(minutes=2)  # a process that dies leaves the rest to the next one
LIVE_POLL_S, LIVE_CHECK_S = 60.0, 3600.0
SANDBOX_CHECK_S = 30.0
MOST_SILENT = 2
SLOWING = 10  # wait a tenth of the age, so that a long review is asked less and less

log = logger("review")


async def review_due(runtime: Runtime, client: httpx.AsyncClient) -> int:
    """Submit or ask about every registration that is due; how many were looked at.

    Accounts are asked side by side, each one thing at a time, outside any transaction.
    """
    due = await _take(runtime)
    by_account: dict[UUID, list[Due]] = {}
    for one in due:
        by_account.setdefault(one.account.id, []).append(one)
    async with asyncio.TaskGroup() as group:
        for part in by_account.values():
            group.create_task(_review_account(runtime, client, part))
    return len(due)


async def _take(runtime: Runtime) -> list[Due]:
    """What is due, put aside for as long as the asking may take."""
    async with runtime.database.write() as tx:
        rows = await tx.session.exec(
            select(TemplateRegistration, ProviderAccount, Sender, TemplateVersion)
            .join(ProviderAccount, col(ProviderAccount.id) == TemplateRegistration.account_id)
            .join(Sender, col(Sender.id) == TemplateRegistration.sender_id)
            .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
            .where(
                col(TemplateRegistration.due_at) <= tx.now,
                col(TemplateRegistration.action) != REPLACED,
                col(ProviderAccount.state) == "active",
                col(Sender.state) == "active",
            )
            .order_by(col(TemplateRegistration.due_at))
            .limit(AT_ONCE)
            .with_for_update(of=TemplateRegistration, skip_locked=True)
        )
        found = rows.all()
        ids = {version.template_id for _, _, _, version in found}
        known = await tx.session.exec(select(Template).where(col(Template.id).in_(ids)))
        template_of = {template.id: template for template in known}
        due = []
        for registration, account, sender, version in found:
            template = template_of[version.template_id]
            pictures: dict[str, Uploaded] = {}
            if registration.action in (SUBMIT, EDIT):
                form = read_template(version.body)
                pictures = await picture_uploads.given(
                    tx.session, account.workspace_id, account.id, form, tx.now
                )
            due.append(Due(registration, account, sender, version, template, pictures))
            registration.due_at = tx.now + LEASE
            tx.session.add(registration)
    return due


async def _review_account(runtime: Runtime, client: httpx.AsyncClient, due: Sequence[Due]) -> None:
    try:
        adapter = accounts.adapter_of(runtime, due[0].account, client)
    except (Unsealable, ValueError) as error:
        log.error("account unusable", account=str(due[0].account.id), error=str(error))
        trouble = Trouble("account_unusable", "The account's credentials cannot be used.")
        for one in due:
            await _keep(runtime, one, Heard(trouble=trouble))
        return
    silent = 0
    for one in due:
        if isinstance(adapter, CanReview):
            heard = await ask(adapter, one, partial(_begin_edit, runtime, one))
        else:
            heard = Heard(trouble=Trouble("no_review", f"{adapter.name} registers no templates."))
        await _keep(runtime, one, heard)
        silent = silent + 1 if heard.trouble and heard.trouble.code == SILENT else 0
        if silent == MOST_SILENT:
            break  # nobody is there: the rest comes round when it was put aside for


async def _begin_edit(runtime: Runtime, one: Due) -> bool:
    """Write down that an edit is being asked; False when a later version took the place."""
    async with runtime.database.write() as tx:
        begun = await tx.session.exec(
            update(TemplateRegistration)
            .where(
                col(TemplateRegistration.workspace_id) == one.registration.workspace_id,
                col(TemplateRegistration.id) == one.registration.id,
                col(TemplateRegistration.action) == SUBMIT,
            )
            .values(action=EDIT)
        )
    return begun.rowcount == 1


async def _keep(runtime: Runtime, one: Due, heard: Heard) -> None:
    async with runtime.database.write() as tx:
        notes = await _locked(tx, one)
        if notes is None or notes.row.action == REPLACED:
            return
        row, was = notes.row, notes.row.inspection
        is_other = row.action not in (one.registration.action, EDIT)  # asked for meanwhile
        await notes.write(one, heard)
        if heard.end is not End.GONE:
            wait_s = _wait_s(runtime.settings, one.account.mode, row, tx.now)
            at_once = is_other or heard.end is End.ANEW
            row.due_at = tx.now if at_once else tx.now + timedelta(seconds=wait_s)
            row.checked_at = tx.now
            tx.session.add(row)
    log.info(
        "template asked",
        template=row.code,
        account=str(row.account_id),
        asked=one.registration.action,
        was=was,
        inspection=row.inspection,
        error=row.error_code,
    )


async def _locked(tx: Tx, one: Due) -> Notes | None:
    """The template first, as everybody does who changes one; None for what is gone."""
    template = (
        await tx.session.exec(
            select(Template).where(col(Template.id) == one.template.id).with_for_update()
        )
    ).first()
    found = await tx.session.exec(
        select(TemplateRegistration, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
        .where(
            col(TemplateRegistration.workspace_id) == one.registration.workspace_id,
            col(TemplateRegistration.id) == one.registration.id,
        )
        .with_for_update(of=TemplateRegistration)
    )
    row = found.first()
    return None if template is None or row is None else Notes(tx, template, row[1], row[0])


def _wait_s(
    settings: Settings, mode: str, registration: TemplateRegistration, now: datetime
) -> float:
    """Seconds until it is asked about again."""
    sandbox = mode == "sandbox"
    least = settings.review_poll_s if sandbox else LIVE_POLL_S
    most = max(least, SANDBOX_CHECK_S if sandbox else LIVE_CHECK_S)
    if registration.action not in ("", SUBMIT) or registration.error_code == PICTURE:
        return least
    if registration.inspection in (Inspection.APPROVED, Inspection.REJECTED):
        return most
    age_s = (now - registration.created_at).total_seconds()
    return min(max(least, age_s / SLOWING), most)
