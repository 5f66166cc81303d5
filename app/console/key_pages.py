"""API keys: made, shown once, listed without their secret, revoked."""

import json
import shlex
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.addresses import site
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import mark
from app.db.models.fields import now as clock
from app.errors import GatewayError, Invalid
from app.services import access, keys
from app.services.callers import KINDS, SCOPES
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/keys", include_in_schema=False, route_class=PageRoute)
Admin = Annotated[Visit, Depends(visit("admin"))]
LONGEST_NAME = 100
SCOPE = "scope:"  # before a scope, in the form
KIND_WORDS = {
    "test": (mark("연습 키"), mark("연습 계정으로만 보내요. 실제 전화기에는 닿지 않아요.")),
    "live": (mark("실제 키"), mark("누구에게나 실제로 보내고 비용이 들어요.")),
    "team": (mark("팀 키"), mark("실제로 보내지만 구성원과 손님의 번호로만 보내요.")),
}
SCOPE_WORDS = {
    "messages:write": mark("메시지를 보내고 취소해요."),
    "messages:read": mark("메시지와 결과를 봐요."),
    "templates:write": mark("템플릿을 만들고 검수를 요청해요."),
    "templates:read": mark("템플릿과 검수 결과를 봐요."),
    "consultations:write": mark("상담에 답해요."),
    "consultations:read": mark("상담을 봐요."),
    "people:write": mark("사람과 기기를 등록하고 고쳐요."),
    "people:read": mark("등록된 사람과 기기를 봐요."),
    "admin": mark("계정, 발신 정보, 웹훅을 바꿔요. 꼭 필요할 때만 주세요."),
}
DAYS = (
    ("30", mark("30일")),
    ("90", mark("90일")),
    ("365", mark("1년")),
    ("", mark("폐기할 때까지")),
)


@router.get("")
async def show_list(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """All keys, and the form for one more."""
    return await _page(request, runtime, who, {})


@router.post("")
async def create(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """A new key: its plain text is on this one page and nowhere else."""
    form = await read_form(request)
    try:
        async with runtime.database.write() as tx:
            days = _days(form.get("days", ""))
            key, plain = await keys.create(
                tx,
                runtime.sealer,
                who.workspace_id,
                form.get("kind", ""),
                _name(form.get("name", "")),
                [one for one in SCOPES if form.get(SCOPE + one)],
                tx.now + timedelta(days=days) if days else None,
            )
            await access.note(tx, who, "key.created", key.id, f"{key.kind} {key.prefix}")
    except GatewayError as error:
        return await _page(request, runtime, who, form, error)
    return await _page(request, runtime, who, {}, made=plain)


@router.post("/{key_id}/revoke")
async def revoke(request: Request, runtime: RuntimeDep, who: Admin, key_id: UUID) -> Response:
    """End a key."""
    async with runtime.database.write() as tx:
        key = await keys.revoke(tx, who.workspace_id, key_id)
        await access.note(tx, who, "key.revoked", key.id, f"{key.kind} {key.prefix}")
    return see("/console/keys")


async def _page(
    request: Request,
    runtime: Runtime,
    who: Visit,
    form: dict[str, str],
    error: GatewayError | None = None,
    made: str = "",
) -> Response:
    async with runtime.database.read() as session:
        found = await keys.list_keys(session, who.workspace_id)
    now = clock()
    values: dict[str, Any] = {
        "here": "keys",
        "keys": [(key, _state(key, now)) for key in reversed(found)],
        "form": form,
        "scopes": SCOPES,
        "chosen": {one for one in SCOPES if form.get(SCOPE + one) or (not form and one != "admin")},
        "kinds": [(kind, *KIND_WORDS[kind]) for kind in ("test", "live", "team") if kind in KINDS],
        "kind_words": KIND_WORDS,
        "scope_words": SCOPE_WORDS,
        "days": DAYS,
        "made": made,
        "curl": _curl(site(request, runtime), made) if made else "",
        "error": error,
        "why": explained(error, language_of(request, who)) if error else "",
    }
    return await page(request, who, "keys.html", values, error.status if error else 200)


def _state(key: Any, now: Any) -> tuple[str, str, str]:
    if key.revoked_at is not None:
        return "", "x", mark("폐기함")
    if key.expires_at is not None and key.expires_at <= now:
        return "", "clock", mark("끝남")
    return "ok", "check", mark("사용 중")


def _name(text: str) -> str:
    """Raises Invalid ``bad_key_name``."""
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise Invalid(
            "bad_key_name",
            f"Say what the key is for, in 1 to {LONGEST_NAME} characters.",
            field="name",
            data={"limit": LONGEST_NAME, "count": len(plain)},
        )
    return plain


def _days(text: str) -> int:
    known = {days for days, _ in DAYS}
    if text not in known:
        raise Invalid("bad_expiry", "Choose one of the times of the list.", field="days")
    return int(text or 0)


def _curl(base: str, plain: str) -> str:
    body = {"template": "order_shipped", "to": "010-0000-1001", "variables": {}}
    words = ["curl", f"{base}/v1/messages", "-H", f"Authorization: Bearer {plain}"]
    words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    return shlex.join(words)
