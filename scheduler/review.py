"""Template reviews: submit what is new, ask about what waits, notice what the messenger changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from sqlmodel import col, select

from app.config import Settings
from app.db.models import ProviderAccount, Sender, TemplateRegistration, TemplateVersion
from app.db.session import Tx
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts
from app.services.runtime import Runtime
from channels.management import CanReview, ProviderRefused, ProviderSilent, Review
from channels.vocabulary import Inspection
from templates.template import Template

AT_ONCE = 50
LEASE = timedelta(minutes=2)  # a process that dies leaves the rest to the next one
LIVE_POLL_S, LIVE_CHECK_S = 60.0, 3600.0
SANDBOX_CHECK_S = 30.0
SILENT, MOST_SILENT = "no_answer", 2
SLOWING = 10  # wait a tenth of the age, so that a long review is asked less and less

log = logger("review")


@dataclass(frozen=True, slots=True)
class Due:
    """A registration to submit or to ask about, with what that takes."""

    registration: TemplateRegistration
    account: ProviderAccount
    sender: Sender
    version: TemplateVersion


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the provider gave no review."""

    code: str
    text: str


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
                col(ProviderAccount.state) == "active",
                col(Sender.state) == "active",
            )
            .order_by(col(TemplateRegistration.due_at))
            .limit(AT_ONCE)
            .with_for_update(of=TemplateRegistration, skip_locked=True)
        )
        due = [Due(*row) for row in rows.all()]
        for one in due:
            one.registration.due_at = tx.now + LEASE
            tx.session.add(one.registration)
    return due


async def _review_account(runtime: Runtime, client: httpx.AsyncClient, due: Sequence[Due]) -> None:
    try:
        adapter = accounts.adapter_of(runtime, due[0].account, client)
    except (Unsealable, ValueError) as error:
        log.error("account unusable", account=str(due[0].account.id), error=str(error))
        trouble = Trouble("account_unusable", "The account's credentials cannot be used.")
        for one in due:
            await _keep(runtime, one, trouble)
        return
    silent = 0
    for one in due:
        result: Review | Trouble
        if isinstance(adapter, CanReview):
            result = await _ask(adapter, one)
        else:
            result = Trouble("no_review", f"{adapter.name} registers no templates.")
        await _keep(runtime, one, result)
        silent = silent + 1 if isinstance(result, Trouble) and result.code == SILENT else 0
        if silent == MOST_SILENT:
            break  # nobody is there: the rest comes round when it was put aside for


async def _ask(adapter: CanReview, one: Due) -> Review | Trouble:
    try:
        if one.registration.inspection == "draft":
            form = Template.from_mapping(one.version.body).form()
            return await adapter.submit(one.sender.value, form)
        return await adapter.review(one.sender.value, one.registration.code)
    except ProviderRefused as refused:
        return Trouble(refused.code or str(refused.reason), refused.text)
    except ProviderSilent as silent:
        return Trouble(SILENT, str(silent))


async def _keep(runtime: Runtime, one: Due, result: Review | Trouble) -> None:
    async with runtime.database.write() as tx:
        found = await tx.session.exec(
            select(TemplateRegistration, TemplateVersion)
            .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
            .where(
                col(TemplateRegistration.workspace_id) == one.registration.workspace_id,
                col(TemplateRegistration.id) == one.registration.id,
            )
            .with_for_update()
        )
        row = found.first()
        if row is None:
            return
        registration, version = row
        was = registration.inspection
        if isinstance(result, Trouble):
            _note_trouble(tx, registration, version, result)
        else:
            _note_review(tx, registration, version, result)
        registration.checked_at = tx.now
        wait_s = _wait_s(runtime.settings, one.account.mode, registration, tx.now)
        registration.due_at = tx.now + timedelta(seconds=wait_s)
        tx.session.add(registration)
    log.info(
        "template asked",
        template=registration.code,
        account=str(registration.account_id),
        was=was,
        inspection=registration.inspection,
        error=registration.error_code,
    )


def _note_review(
    tx: Tx, registration: TemplateRegistration, version: TemplateVersion, review: Review
) -> None:
    approved = review.inspection is Inspection.APPROVED
    usage = "stopped" if review.stopped else "normal" if approved else "waiting"
    changes = [
        (registration.inspection != review.inspection, str(review.inspection)),
        (registration.blocked != review.blocked, "blocked" if review.blocked else "unblocked"),
        (registration.dormant != review.dormant, "dormant" if review.dormant else "released"),
        (
            (registration.usage == "stopped") != review.stopped,
            "stopped" if review.stopped else "resumed",
        ),
    ]
    if registration.inspection == "draft" and version.submitted_at is None:
        version.submitted_at = tx.now
        tx.session.add(version)
    registration.inspection, registration.usage = str(review.inspection), usage
    registration.blocked, registration.dormant = review.blocked, review.dormant
    registration.provider_code = review.provider_code or registration.provider_code
    registration.comments = list(review.comments)
    registration.error_code = registration.error_text = ""
    for has_changed, word in changes:
        if has_changed:
            _emit(tx, registration, version, word)


def _note_trouble(
    tx: Tx, registration: TemplateRegistration, version: TemplateVersion, trouble: Trouble
) -> None:
    if (registration.error_code, registration.error_text) != (trouble.code, trouble.text):
        registration.error_code, registration.error_text = trouble.code, trouble.text
        _emit(tx, registration, version, "trouble", error=trouble.code)


def _emit(
    tx: Tx, registration: TemplateRegistration, version: TemplateVersion, word: str, **data: str
) -> None:
    tx.emit(
        registration.workspace_id,
        f"template.{word}",
        version.template_id,
        code=registration.code,
        account_id=str(registration.account_id),
        registration_id=str(registration.id),
        **data,
    )


def _wait_s(
    settings: Settings, mode: str, registration: TemplateRegistration, now: datetime
) -> float:
    """Seconds until it is asked about again."""
    sandbox = mode == "sandbox"
    least = settings.review_poll_s if sandbox else LIVE_POLL_S
    most = max(least, SANDBOX_CHECK_S if sandbox else LIVE_CHECK_S)
    if registration.inspection in (Inspection.APPROVED, Inspection.REJECTED):
        return most
    age_s = (now - registration.created_at).total_seconds()
    return min(max(least, age_s / SLOWING), most)
