"""Accounts, templates under review, settings, counters, requests, reset."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Depends, Query

from sandbox.accounts import (
    Channel,
    NhnKeys,
    RelayKeys,
    list_accounts,
    put_consult,
    put_nhn,
    put_relay,
)
from sandbox.desk.deps import store_of
from sandbox.desk.shapes import (
    ChannelIn,
    ConsultIn,
    NhnIn,
    RelayIn,
    SettingsIn,
    TemplateOut,
    VerdictIn,
    template_out,
)
from sandbox.problems import Problem, not_found
from sandbox.resets import reset
from sandbox.reviews import judge, list_templates
from sandbox.store import Store

router = APIRouter(prefix="/desk/api", tags=["desk"])
Verdict = Literal["approve", "reject", "stop"]


@router.put("/accounts/nhn/{app_key}", status_code=204)
async def put_nhn_account(app_key: str, body: NhnIn, store: Store = Depends(store_of)) -> None:
    """Make or replace an NHN Cloud account. Saying it twice changes nothing."""
    fields = ("secret_key", "sms_app_key", "sms_secret_key", "webhook_url", "webhook_signature")
    keys = NhnKeys(app_key, **{field: getattr(body, field) for field in fields})
    _need_address(body.webhook_url, "webhook_url")
    put_nhn(store, keys, _channels(body.senders), body.caller_numbers)


@router.put("/accounts/consult/{client_id}", status_code=204)
async def put_consult_account(
    client_id: str, body: ConsultIn, store: Store = Depends(store_of)
) -> None:
    """Make or replace a client of the consultation hub; webhooks go to receive_domain + path."""
    _need_address(body.receive_domain, "receive_domain")
    client = (client_id, body.client_secret, body.receive_domain)
    put_consult(store, client, _channels(body.senders))


@router.put("/accounts/relay/{key}", status_code=204)
async def put_relay_account(key: str, body: RelayIn, store: Store = Depends(store_of)) -> None:
    """Make or replace an account of the relay, with what it promises of repeated references."""
    _need_address(body.callback_url, "callback_url")
    keys = RelayKeys(
        key, body.signing_secret, body.idempotency, body.dedupe_ttl_s, body.callback_url
    )
    put_relay(store, keys, _channels(body.senders), body.caller_numbers)


@router.get("/accounts")
async def get_accounts(store: Store = Depends(store_of)) -> dict[str, list[dict[str, Any]]]:
    """Every account, without secrets."""
    return list_accounts(store)


@router.get("/templates")
async def get_templates(status: str = "", store: Store = Depends(store_of)) -> list[TemplateOut]:
    """Registered templates, the newest change first. status: TSC02, TSC03, TSC04 or none."""
    return [template_out(one) for one in list_templates(store, status)]


@router.post("/templates/{sender_key}/{code}/{verdict}")
async def judge_template(
    sender_key: str,
    code: str,
    verdict: Verdict,
    body: VerdictIn | None = None,
    store: Store = Depends(store_of),
) -> TemplateOut:
    """Approve, reject (with a comment the sender reads) or stop an approved template."""
    comment = body.comment if body else ""
    if verdict == "reject" and not comment:
        raise Problem(422, "invalid", "반려에는 의견이 있어야 합니다", "comment")
    template = judge(store, sender_key, code, verdict, comment)
    if template is None:
        raise not_found("템플릿이")
    return template_out(template)


@router.get("/settings")
async def get_settings(store: Store = Depends(store_of)) -> dict[str, Any]:
    return asdict(store.settings)


@router.patch("/settings")
async def change_settings(body: SettingsIn, store: Store = Depends(store_of)) -> dict[str, Any]:
    """Change some settings; the answer has all of them."""
    changed = store.change_settings(body.model_dump(exclude_none=True))
    store.results_due.set()
    store.mail_due.set()
    return asdict(changed)


@router.get("/counters")
async def get_counters(store: Store = Depends(store_of)) -> dict[str, Any]:
    """Counted as it happens, never by looking through messages."""
    counted = store.counters()
    requests = {
        name.removeprefix("requests "): value
        for name, value in counted.items()
        if name.startswith("requests ")
    }
    return {
        "requests": requests,
        "recipients": {
            "accepted": counted.get("recipients accepted", 0),
            "refused": counted.get("recipients refused", 0),
        },
        "arrived": {
            "chat": counted.get("arrived chat", 0),
            "sms": counted.get("arrived sms", 0),
        },
        "webhooks": {
            "sent": counted.get("webhooks sent", 0),
            "failed": counted.get("webhooks failed", 0),
            "given_up": counted.get("webhooks given up", 0),
        },
        "answers_lost": counted.get("answers lost", 0),
    }


@router.get("/requests")
async def get_requests(
    limit: int = Query(50, ge=1, le=200), store: Store = Depends(store_of)
) -> list[dict[str, Any]]:
    """The newest provider calls and our answers, newest first; status null: the answer was lost."""
    return [asdict(one) for one in list(store.exchanges)[-limit:][::-1]]


@router.post("/reset", status_code=204)
async def start_over(store: Store = Depends(store_of)) -> None:
    """Messages, requests and counters go; accounts, templates and named phones stay."""
    reset(store)


def _channels(senders: list[ChannelIn]) -> list[Channel]:
    return [Channel(**one.model_dump()) for one in senders]


def _need_address(url: str, field: str) -> None:
    if url and not url.startswith(("http://", "https://")):
        raise Problem(422, "invalid", "http:// 또는 https:// 로 시작해야 합니다", field)
