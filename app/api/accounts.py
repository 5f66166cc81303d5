"""Provider accounts over HTTP: add, list, check. What is secret is never given back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.deps import Answer, Body, Line, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import ProviderAccount
from app.db.models.fields import now as clock
from app.errors import Refused, Unavailable
from app.sealing import Unsealable
from app.services import accounts, eta
from app.services.callers import Caller
from app.services.credentials import NewAccount

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
AdminDep = Annotated[Caller, Depends(caller_with("admin"))]


class AccountIn(Body):
    """An account at a provider. Limits left out are the provider's own; durations in seconds."""

    name: Line = Field(min_length=1, max_length=100, examples=["NHN sandbox"])
    adapter: str = Field(max_length=50, examples=["nhn"])
    mode: str = Field(
        max_length=20, examples=["sandbox"], description="`live`, or `sandbox` for rehearsals"
    )
    credentials: dict[str, Annotated[str, Field(max_length=4000)]] = Field(
        max_length=30,
        examples=[{"app_key": "…", "secret_key": "…", "sms_app_key": "…", "sms_secret_key": "…"}],
    )
    batch: int | None = Field(None, ge=1, le=10_000, description="messages of one request")
    deadline_s: float | None = Field(None, gt=0, le=300, description="total time of one request")
    settle_s: float | None = Field(
        None, gt=0, le=3600, description="after it no request can still arrive; ≥ deadline_s + 1"
    )
    rate_per_s: float | None = Field(None, gt=0, le=100_000, description="messages per second")
    weight: int | None = Field(
        None, ge=0, le=100, description="share among accounts of the same channel; 100 if left out"
    )
    prices: dict[str, Annotated[float, Field(ge=0, le=1_000_000)]] = Field(
        default_factory=dict,
        max_length=20,
        examples=[{"alimtalk": 6.5, "sms": 9, "lms": 27, "mms": 85}],
        description="won per message by route, with at most two decimals",
    )


class AccountOut(Answer):
    """An account without its secrets."""

    id: UUID
    name: str
    adapter: str
    mode: str
    state: str = Field(description="active, paused or disabled")
    paused_reason: str | None
    paused_until: datetime | None
    batch: int | None
    deadline_s: float | None
    settle_s: float | None
    rate_per_s: float | None
    weight: int
    weight_now: int = Field(description="after failures, drifting back to `weight`")
    breaker_until: datetime | None = Field(
        description="calls failed: nothing is sent until then, then one call tries"
    )
    prices: dict[str, float]
    created_at: datetime


class AccountAddedOut(AccountOut):
    """A new account with the address to register at the provider, shown this once."""

    callback_url: str


class AccountListedOut(AccountOut):
    """An account and what waits at it."""

    queued: int = Field(description="messages that wait and may leave now")
    rate_per_s_now: float | None = Field(description="measured in the last minute")
    eta: datetime | None = Field(
        description="when they will have left at that rate; null when nobody knows"
    )


class AccountsOut(Answer):
    """All accounts the key may see."""

    items: list[AccountListedOut]


class HealthOut(Answer):
    """What the provider said to the credentials."""

    ok: bool
    problems: list[str]
    details: dict[str, str]


@router.get("", summary="List accounts", responses=responses(401, 403))
async def list_accounts(runtime: RuntimeDep, caller: AdminDep) -> AccountsOut:
    """All accounts, the oldest first; a test key sees those of the sandbox."""
    mode = caller.mode if caller.simulated else None
    async with runtime.database.read() as session:
        found = await accounts.list_accounts(session, caller.workspace_id, mode)
        queues = [await eta.of_account(session, account, clock()) for account in found]
    items = [
        AccountListedOut.model_validate(
            _facts(account, caller)
            | {"queued": queue.queued, "rate_per_s_now": queue.rate_per_s, "eta": queue.eta}
        )
        for account, queue in zip(found, queues, strict=True)
    ]
    return AccountsOut(items=items, simulated=caller.simulated)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add an account",
    responses=responses(400, 401, 403, 409, 413, 422),
)
async def add_account(runtime: RuntimeDep, caller: AdminDep, body: AccountIn) -> AccountAddedOut:
    """Seal the credentials and make a callback address. A test key adds sandbox accounts only."""
    if caller.simulated and body.mode == "live":
        raise Refused(
            "test_key_stays_in_sandbox",
            "A test key cannot add a live account. Use a live key, or mode `sandbox`.",
            field="mode",
        )
    async with runtime.database.write() as tx:
        account, _ = await accounts.add(
            tx, runtime, caller.workspace_id, NewAccount(**body.model_dump())
        )
    url = accounts.callback_url(runtime, account)
    return AccountAddedOut.model_validate(_facts(account, caller) | {"callback_url": url})


@router.post(
    "/{account_id}/check",
    summary="Check the credentials of an account",
    responses=responses(401, 403, 404, 503),
)
async def check_account(runtime: RuntimeDep, caller: AdminDep, account_id: UUID) -> HealthOut:
    """Ask the provider, at no cost. A test key cannot see a live account."""
    mode = caller.mode if caller.simulated else None
    async with runtime.database.read() as session:
        account = await accounts.get(session, caller.workspace_id, account_id, mode)
    try:
        health = await accounts.check(runtime, account)
    except (Unsealable, ValueError) as error:
        raise Unavailable(
            "account_unusable",
            "The stored credentials cannot be used. Is secrets.toml the one they were stored "
            "with? If not, add the account again.",
        ) from error
    return HealthOut(
        ok=health.ok,
        problems=list(health.problems),
        details=dict(health.details),
        simulated=account.mode == "sandbox",
    )


def _facts(account: ProviderAccount, caller: Caller) -> dict[str, object]:
    names = set(AccountOut.model_fields) - {"simulated"}
    return {name: getattr(account, name) for name in names} | {"simulated": caller.simulated}
