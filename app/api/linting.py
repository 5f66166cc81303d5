"""The linter over HTTP: findings about a template that is not stored yet."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.api.deps import Answer, caller_with
from app.api.problems import responses, too_large
from app.services.callers import Caller
from templates.findings import Finding, Severity
from templates.lint.linter import counts, lint

router = APIRouter(prefix="/v1/templates", tags=["templates"])
ReaderDep = Annotated[Caller, Depends(caller_with("templates:read"))]

MOST_BYTES = 262_144  # many times the largest template there can be
MOST_SHOWN = 1_000

NOTICE = {
    "code": "order_shipped",
    "name": "배송 시작",
    "content": "#{이름}님, 주문하신 #{상품}의 배송이 시작되었습니다.",
    "buttons": [{"kind": "DS", "name": "배송 조회"}],
    "sample": {"이름": "김나루", "상품": "들기름"},
    "lengths": {"상품": 40},
}


class FindingOut(BaseModel):
    """One thing to mend; the same fields as in `data.findings` of a refusal."""

    rule: str = Field(examples=["no_courier"], description="stable; all are in docs/linter.md")
    severity: Severity = Field(
        description="error: it cannot be stored; warning: reviewers or phones will probably mind; "
        "hint: worth knowing"
    )
    field: str = Field(examples=["content"], description="a path such as `buttons[1].url_mobile`")
    start: int | None = Field(description="characters from 0 in the field's text, if known")
    end: int | None
    limit: int | None
    count: int | None
    message_ko: str
    message_en: str
    fix_ko: str = Field(description="what to do about it")
    fix_en: str


class CountsOut(BaseModel):
    """How many findings of each severity."""

    error: int
    warning: int
    hint: int


class LintOut(Answer):
    """All findings, errors first, then fields in their order."""

    findings: list[FindingOut] = Field(description="the first 1,000")
    counts: CountsOut = Field(description="of all findings")


@router.post(
    "/lint",
    summary="Check a template before it is created",
    responses=responses(400, 401, 403, 413, 422),
)
async def lint_template(
    caller: ReaderDep, data: Annotated[dict[str, Any], Body(examples=[NOTICE])], request: Request
) -> LintOut:
    """Everything that can be said about a template; nothing is stored, and errors are no refusal.

    The body is that of `POST /v1/templates` and may hold beside it `sample`, a value for every
    variable, and `lengths`, the most characters a variable's value will have: then what could
    overflow is found too.
    """
    if len(await request.body()) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    form = {name: value for name, value in data.items() if name not in ("sample", "lengths")}
    found = await run_in_threadpool(
        lint, form, sample=data.get("sample"), lengths=data.get("lengths")
    )
    return LintOut(
        findings=[_out(one) for one in found[:MOST_SHOWN]],
        counts=CountsOut(**counts(found)),
        simulated=caller.simulated,
    )


def _out(found: Finding) -> FindingOut:
    return FindingOut(**{name: getattr(found, name) for name in FindingOut.model_fields})
