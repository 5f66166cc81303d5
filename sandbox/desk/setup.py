"""Accounts, settings, counters, reset."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from sandbox.accounts import (
    Channel,
    NhnKeys,
    RelayKeys,
    SolapiKeys,
    change_relay,
    find_relay,
    list_accounts,
    put_consult,
    put_nhn,
    put_relay,
    put_solapi,
)
from sandbox.desk.deps import runner_of, shows, store_of
from sandbox.desk.shapes import (
    ChannelIn,
    ConsultIn,
    FcmIn,
    NhnIn,
    RelayChangeIn,
    RelayIn,
    SolapiIn,
)
from sandbox.fcm.accounts import new_key_file, public_of, put_fcm
from sandbox.problems import Problem, not_found
from sandbox.resets import reset
from sandbox.scenarios.run import Runner
from sandbox.settings_changes import SettingsIn
from sandbox.store import Settings, Store

router = APIRouter(prefix="/desk/api", tags=["desk"])
ACCOUNTS: dict[str, Any] = {
    "nhn": [
        {
            "app_key": "my-app-key",
            "sms_app_key": "my-sms-app-key",
            "webhook_url": "",
            "senders": [{"sender_key": "my-channel", "channel_id": "@shop", "name": "한빛상회",
                         "blocked": False}],
            "caller_numbers": ["0220410100"],
        }
    ],
    "consult": [],
    "relay": [],
    "solapi": [],
    "fcm": [{"project_id": "my-app", "client_email": "naru@my-app.iam.gserviceaccount.com",
             "devices": 2}],
}  # fmt: skip
KEY_FILE = {
    "type": "service_account",
    "project_id": "my-app",
    "private_key_id": "8f3b2c1d0e9f8a7b6c5d",
    "private_key": "-----BEGIN PRIVATE KEY-----…",
    "client_email": "naru@my-app.iam.gserviceaccount.com",
    "client_id": "104567890123456789012",
    "token_uri": "http://127.0.0.1:8001/fcm/token",
    "universe_domain": "googleapis.com",
}
COUNTERS: dict[str, Any] = {
    "requests": {"POST /nhn/alimtalk/v2.3/appkeys/{app_key}/raw-messages": 2},
    "recipients": {"accepted": 2, "refused": 0},
    "arrived": {"chat": 1, "sms": 0, "push": 0},
    "webhooks": {"sent": 2, "failed": 0, "given_up": 0, "forged": 0},
    "answers_lost": 0,
}


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


@router.patch("/accounts/relay/{name}")
async def change_relay_account(
    name: str, body: RelayChangeIn, store: Store = Depends(store_of)
) -> dict[str, Any]:
    """Change what a relay, by its key or its id, promises of repeated references."""
    if not change_relay(store, name, body.model_dump(exclude_none=True)):
        raise not_found("중계 계정이")
    return find_relay(store, name)


@router.put("/accounts/solapi/{api_key}", status_code=204)
async def put_solapi_account(
    api_key: str, body: SolapiIn, store: Store = Depends(store_of)
) -> None:
    """Make or replace a SOLAPI account; `sender_key` of a sender is SOLAPI's pfId."""
    for field in ("webhook_url", "group_webhook_url"):
        _need_address(getattr(body, field), field)
    keys = SolapiKeys(api_key, **body.model_dump(exclude={"senders", "caller_numbers"}))
    put_solapi(store, keys, _channels(body.senders), body.caller_numbers)


@router.put("/accounts/fcm/{project_id}", status_code=204)
async def put_fcm_account(project_id: str, body: FcmIn, store: Store = Depends(store_of)) -> None:
    """Make or replace a Firebase project: whose assertions it takes. Its access tokens end."""
    given = body.service_account
    email, pem = (
        (body.client_email, body.public_key)
        if given is None
        else (str(given.get("client_email", "")), str(given.get("private_key", "")))
    )
    if "@" not in email:
        raise Problem(422, "invalid", "서비스 계정의 주소가 아닙니다", "client_email")
    try:
        public = public_of(pem)
    except ValueError:
        raise Problem(422, "invalid", "읽을 수 있는 RSA 키가 아닙니다", "public_key") from None
    put_fcm(store, project_id, email, public)


@router.post("/accounts/fcm/{project_id}/key", responses=shows(KEY_FILE))
async def make_fcm_key(
    project_id: str, request: Request, store: Store = Depends(store_of)
) -> dict[str, str]:
    """A service account with a new key, as Google's console hands it out; the last one ends."""
    made = new_key_file(project_id, f"{str(request.base_url).rstrip('/')}/fcm/token")
    put_fcm(store, project_id, made["client_email"], public_of(made["private_key"]))
    return made


@router.get("/accounts", responses=shows(ACCOUNTS))
async def get_accounts(store: Store = Depends(store_of)) -> dict[str, list[dict[str, Any]]]:
    """Every account, without secrets."""
    return list_accounts(store)


@router.get("/settings")
async def get_settings(store: Store = Depends(store_of)) -> Settings:
    """The settings in force."""
    return store.settings


@router.patch("/settings")
async def change_settings(body: SettingsIn, store: Store = Depends(store_of)) -> Settings:
    """Change some settings; the answer has all of them."""
    changed = store.change_settings(body.model_dump(exclude_none=True))
    store.results_due.set()
    store.mail_due.set()
    return changed


@router.get("/counters", responses=shows(COUNTERS))
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
            "push": counted.get("arrived push", 0),
        },
        "webhooks": {
            "sent": counted.get("webhooks sent", 0),
            "failed": counted.get("webhooks failed", 0),
            "given_up": counted.get("webhooks given up", 0),
            "forged": counted.get("webhooks forged", 0),
        },
        "answers_lost": counted.get("answers lost", 0),
    }


@router.post("/reset", status_code=204)
async def start_over(store: Store = Depends(store_of), runner: Runner = Depends(runner_of)) -> None:
    """Messages, requests and counters go; accounts, templates and named phones stay.

    A scenario that runs is stopped first; the clock stays as it is.
    """
    runner.stop("reset")
    reset(store)


def _channels(senders: list[ChannelIn]) -> list[Channel]:
    return [Channel(**one.model_dump()) for one in senders]


def _need_address(url: str, field: str) -> None:
    if url and not url.startswith(("http://", "https://")):
        raise Problem(422, "invalid", "http:// 또는 https:// 로 시작해야 합니다", field)
