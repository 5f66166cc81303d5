"""kakao v2: templates made, asked for, edited, submitted, taken back, deleted."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox import moves, reviews
from sandbox.pictures import PATH
from sandbox.reviews import Template
from sandbox.solapi.files import find_file
from sandbox.solapi.searching import PAGE
from sandbox.solapi.signing import Account, caller
from sandbox.solapi.template_words import STATUSES, form_of, shown
from sandbox.solapi.wire import (
    Json,
    Refused,
    answer,
    invalid,
    new_id,
    not_found,
    parse_ms,
    read_body,
)
from sandbox.store import Store

router = APIRouter(prefix="/solapi/kakao/v2/templates", include_in_schema=False)
EDITABLE = (reviews.REGISTERED, reviews.REJECTED)


@router.post("")
async def create(request: Request) -> Response:
    """It waits for its submission (PENDING)."""
    store, account = caller(request)
    body = await read_body(request)
    channel = body.get("channelId")
    if not channel or not _owns(store, account, str(channel)):
        raise invalid("channelId: 내 채널이 아닙니다 (no channel of this account)")
    form = form_of(body, new_id("KA01TP", store.now()))
    _show_pictures(store, account, form, {})
    if not reviews.register(store, str(channel), form, submit=False):
        raise invalid("name: 이미 있는 템플릿 이름입니다 (this name is taken)")
    return _shown(store, account, form["templateCode"])


@router.get("")
async def list_all(request: Request) -> Response:
    store, account = caller(request)
    query = request.query_params
    found = [one for one in _all(store, account) if _matches(one, query)]
    size = query.get("limit") or str(PAGE)
    if not size.isascii() or not size.isdecimal() or int(size) < 1:
        raise invalid("limit: 1 이상이어야 합니다 (from 1)")
    start = query.get("startKey")
    ids = [one.code for one in found]
    first = ids.index(start) if start in ids else 0
    page, rest = found[first : first + int(size)], ids[first + int(size) :]
    told = {"limit": int(size), "startKey": start, "nextKey": rest[0] if rest else None}
    return answer({**told, "templateList": [shown(one, account.id) for one in page]})


@router.get("/{template_id}")
async def show(request: Request, template_id: str) -> Response:
    store, account = caller(request)
    return _shown(store, account, template_id)


@router.put("/{template_id}")
async def edit(request: Request, template_id: str) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    template = _need(store, account, template_id)
    if template.status not in EDITABLE:
        raise _not_now(template)
    # what the request does not name stays
    form = form_of({**shown(template, account.id), **body}, template.code)
    _need_free_name(store, template, form["templateName"])
    _show_pictures(store, account, form, template.body)
    changed = _renewed(store, template, form)
    reviews.keep(store, replace(changed, status=reviews.REGISTERED, queued_at=None))
    return _shown(store, account, template_id)


@router.put("/{template_id}/name")
async def rename(request: Request, template_id: str) -> Response:
    """In any state."""
    store, account = caller(request)
    body = await read_body(request)
    template = _need(store, account, template_id)
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name: 이름이 있어야 합니다 (a name is needed)")
    _need_free_name(store, template, name)
    renamed = replace(template, name=name, body={**template.body, "templateName": name})
    reviews.keep(store, replace(renamed, updated_at=store.now()))
    return _shown(store, account, template_id)


@router.put("/{template_id}/inspection")
async def submit(request: Request, template_id: str) -> Response:
    """Also of a rejected one."""
    store, account = caller(request)
    template = _need(store, account, template_id)
    if template.status == reviews.REJECTED:
        template = replace(template, status=reviews.REGISTERED)
    return _move(store, account, template, "inspect")


@router.put("/{template_id}/inspection/cancel")
async def withdraw(request: Request, template_id: str) -> Response:
    store, account = caller(request)
    return _move(store, account, _need(store, account, template_id), "withdraw")


@router.delete("/{template_id}")
async def delete(request: Request, template_id: str) -> Response:
    store, account = caller(request)
    template = _need(store, account, template_id)
    if template.status not in EDITABLE:
        raise _not_now(template)
    last = shown(template, account.id)
    reviews.delete(store, template)
    return answer(last)


def _move(store: Store, account: Account, template: Template, move: str) -> Response:
    try:
        moves.act(store, template, move)
    except moves.NotNow:
        raise _not_now(template) from None
    return _shown(store, account, template.code)


def _renewed(store: Store, template: Template, form: dict[str, Any]) -> Template:
    """Another text in place of the former one."""
    return replace(
        template,
        name=form["templateName"],
        body=form,
        version=template.version + 1,
        former=(template.current, *template.former),
        updated_at=store.now(),
    )


def _show_pictures(store: Store, account: Account, form: dict[str, Any], former: Json) -> None:
    """Put the addresses of its pictures into a form; those of a former text are kept.

    Raises ValidationError.
    """
    image = form.get("templateImageName")
    if image:
        kept = former.get("templateImageUrl") if former.get("templateImageName") == image else ""
        form["templateImageUrl"] = _address(store, account, image) or kept or _no_picture(image)
    highlight, old = form.get("templateItemHighlight"), former.get("templateItemHighlight") or {}
    if highlight and (image := highlight["imageId"]):
        kept = old.get("imageUrl") if old.get("imageId") == image else ""
        highlight["imageUrl"] = _address(store, account, image) or kept or _no_picture(image)


def _address(store: Store, account: Account, file_id: object) -> str:
    file = find_file(store, account.id, str(file_id))
    return PATH + str(file["saveFileName"]) if file else ""


def _no_picture(file_id: object) -> str:
    raise invalid(f"imageId: 그런 파일이 없습니다 (no such file): {file_id}")


def _not_now(template: Template) -> Refused:
    state = STATUSES[template.status]
    return Refused("InvalidStatus", f"지금 상태에서는 할 수 없습니다 (not while {state})")


def _owns(store: Store, account: Account, channel: str) -> bool:
    return bool(
        store.one(
            "SELECT 1 FROM sender WHERE sender_key = ? AND solapi_id = ?", (channel, account.id)
        )
    )


def _all(store: Store, account: Account) -> list[Template]:
    rows = store.all("SELECT sender_key FROM sender WHERE solapi_id = ?", (account.id,))
    return [one for row in rows for one in reviews.list_templates(store, "", row["sender_key"])]


def _need(store: Store, account: Account, template_id: str) -> Template:
    """Raises ResourceNotFound."""
    found = (one for one in _all(store, account) if one.code == template_id)
    template = next(found, None)
    if template is None:
        raise not_found("template")
    return template


def _need_free_name(store: Store, template: Template, name: str) -> None:
    if reviews.is_taken(store, template.sender_key, name, template.code):
        raise invalid("name: 이미 있는 템플릿 이름입니다 (this name is taken)")


def _shown(store: Store, account: Account, template_id: str) -> Response:
    return answer(shown(_need(store, account, template_id), account.id))


def _matches(template: Template, query: Json) -> bool:
    wanted = {
        "channelId": template.sender_key,
        "templateId": template.code,
        "status": STATUSES[template.status],
        "isHidden": "false",
        "name[eq]": template.name,
    }
    if any(query.get(name) not in (None, "", is_) for name, is_ in wanted.items()):
        return False
    name = template.name
    if query.get("name[like]", "") not in name or query.get("name[ne]") == name:
        return False
    since, until = query.get("dateCreated[gte]"), query.get("dateCreated[lte]")
    return not (
        (since and template.created_at < parse_ms(since))
        or (until and template.created_at > parse_ms(until))
    )
