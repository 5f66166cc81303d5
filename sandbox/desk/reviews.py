"""The reviewers' side of templates, for tests and scripts."""

from typing import Literal

from fastapi import APIRouter, Depends

from sandbox import moves
from sandbox.desk.deps import store_of
from sandbox.desk.shapes import SaidIn, TemplateOut, template_out
from sandbox.problems import Problem, not_found, refusals
from sandbox.reviews import Template, get_template, list_templates
from sandbox.store import Store

# what a reviewer may do; `comment` and edits are the sender's, by the provider's own calls
Act = Literal[
    "inspect",
    "approve",
    "reject",
    "withdraw",
    "answer",
    "stop",
    "resume",
    "dormant",
    "release",
    "block",
    "unblock",
]

router = APIRouter(prefix="/desk/api/templates", tags=["desk"])


@router.get("")
async def get_templates(status: str = "", store: Store = Depends(store_of)) -> list[TemplateOut]:
    """Registered templates, the newest change first. status: TSC01 to TSC04, or none for all."""
    return [template_out(one) for one in list_templates(store, status)]


@router.get("/{sender_key}/{code}", responses=refusals("not_found"))
async def get_one(sender_key: str, code: str, store: Store = Depends(store_of)) -> TemplateOut:
    """One template with its talk, and with a newer text that waits beside the approved one."""
    return template_out(_need(store, sender_key, code))


@router.post("/{sender_key}/{code}/{act}", responses=refusals("not_found", "state", "invalid"))
async def do(
    sender_key: str,
    code: str,
    act: Act,
    body: SaidIn | None = None,
    store: Store = Depends(store_of),
) -> TemplateOut:
    """One step of a review. `reject` and `answer` need a `comment`, which the sender reads.

    What the template's state does not allow is a 409; `acts` of a template lists what it does.
    """
    template = _need(store, sender_key, code)
    comment = body.comment.strip() if body else ""
    if act in moves.NEED_WORDS and not comment:
        raise Problem(422, "invalid", "반려와 답변에는 의견이 있어야 합니다", "comment")
    try:
        return template_out(moves.act(store, template, act, comment))
    except moves.NotNow as refused:
        detail = f"지금 상태에서는 할 수 없습니다 ({refused})"
        raise Problem(409, "state", detail) from None


def _need(store: Store, sender_key: str, code: str) -> Template:
    template = get_template(store, sender_key, code)
    if template is None:
        raise not_found("템플릿이")
    return template
