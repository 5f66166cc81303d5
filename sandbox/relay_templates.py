"""Templates at the relay: registered with all their fields, asked for, and its seven actions.

The interface is docs/relay.md. What the state of a template does not allow is a 409 that names it.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox import moves, reviews
from sandbox.relay_parts import misshapen, parts_of
from sandbox.relay_wire import Refusal, answer, caller, iso, need_sender, read_body
from sandbox.reviews import Template
from sandbox.store import Store

INSPECTIONS = {"TSC01": "registered", "TSC02": "in_review", "TSC03": "approved"}
COMMENTS = {"INQ": "question", "REP": "answer", "APR": "approved", "REJ": "rejected"}
ACTIONS = ("edit", "withdraw", "comment", "stop", "resume", "release", "delete")
LONGEST_TEXT = 1_300
LONGEST_COMMENT = 500

router = APIRouter(prefix="/relay/templates", include_in_schema=False)


@router.post("")
async def add_template(request: Request) -> Response:
    """Registers and submits; a code that is there is only looked at, or submitted again."""
    store, account = caller(request)
    body = await read_body(request)
    sender, form = _sender(body), form_of(body)
    need_sender(account, sender)
    code = form["templateCode"]
    found = reviews.get_template(store, sender, code)
    if found is None and not reviews.register(store, sender, form):
        raise Refusal(409, "request_refused", "this name is taken")
    if found and found.status == reviews.REGISTERED and found.queued_at is None:
        moves.edit(store, found, form)  # withdrawn before, and now asked for again
    return _state(_need(store, sender, code))


@router.get("")
async def show_template(request: Request) -> Response:
    store, account = caller(request)
    sender, code = (request.query_params.get(name, "") for name in ("sender", "code"))
    need_sender(account, sender)
    return _state(_need(store, sender, code))


@router.post("/actions")
async def act(request: Request) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    sender, action = _sender(body), body.get("action")
    need_sender(account, sender)
    if action not in ACTIONS:
        raise Refusal(400, "request_refused", f"no such action: {action}")
    template = _need(store, sender, str(body.get("code")))
    try:
        changed = _act(store, template, str(action), body)
    except moves.NotNow as refused:
        raise Refusal(409, "template_state", str(refused)) from None
    return _state(changed) if changed else answer({})


def _act(store: Store, template: Template, action: str, body: dict[str, Any]) -> Template | None:
    """The template afterwards, None when it is gone. Raises NotNow, Refusal."""
    if action == "delete":
        if template.newest.status == reviews.IN_REVIEW:
            raise moves.NotNow(template, action)
        reviews.delete(store, template)
        return None
    if action == "edit":
        return _edit(store, template, body)
    if action != "comment":
        return moves.act(store, template, action)
    text = body.get("text")
    if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_COMMENT:
        raise Refusal(400, "request_refused", f"text: 1 to {LONGEST_COMMENT} characters")
    if _was_said(template, text):
        return template
    return moves.act(store, template, action, text)


def _edit(store: Store, template: Template, body: dict[str, Any]) -> Template:
    """The same text again changes nothing."""
    given = body.get("template")
    if not isinstance(given, dict):
        raise Refusal(400, "request_refused", "template: the whole template")
    form = form_of({**given, "code": template.code})
    if reviews.is_taken(store, template.sender_key, form["templateName"], template.code):
        raise Refusal(409, "request_refused", "this name is taken")
    if form == template.newest.body and template.newest.status == reviews.IN_REVIEW:
        return template
    return moves.edit(store, template, form)


def form_of(body: dict[str, Any]) -> dict[str, Any]:
    """A registration in the words it is kept in. Raises Refusal 400."""
    code, content = body.get("code"), body.get("content")
    name = body.get("name") or code
    for field, value in (("code", code), ("name", name), ("content", content)):
        if not isinstance(value, str) or not value.strip():
            raise Refusal(400, "request_refused", f"{field}: a text is needed")
    if len(str(content)) > LONGEST_TEXT:
        raise Refusal(400, "request_refused", f"content: at most {LONGEST_TEXT} characters")
    if part := misshapen(body):
        raise Refusal(400, "request_refused", f"{part}: not in the documented shape")
    form = {"templateCode": code, "templateName": name, "templateContent": content}
    return {**form, **parts_of(body)}


def _was_said(template: Template, text: str) -> bool:
    """Whether our last word since the reviewers spoke is this one."""
    ours = [line["content"] for line in template.comments[-1:] if line["status"] == "INQ"]
    return text in ours


def _sender(body: dict[str, Any]) -> str:
    return str(body.get("sender"))


def _need(store: Store, sender: str, code: str) -> Template:
    found = reviews.get_template(store, sender, code)
    if found is None:
        raise Refusal(404, "template_state", "no such template")
    return found


def _state(template: Template) -> Response:
    comments = [
        {
            "text": line["content"],
            "kind": COMMENTS.get(line["status"], "answer"),
            "author": line["userName"],
            "at": iso(line["createdAt"]),
        }
        for line in template.comments
    ]
    return answer(
        {
            "code": template.code,
            "inspection": INSPECTIONS.get(template.status, "rejected"),
            "blocked": template.block,
            "stopped": template.stop,
            "dormant": template.dormant,
            "comments": comments,
        }
    )
