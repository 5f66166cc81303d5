"""Templates at SOLAPI: registered, then submitted for review, known by SOLAPI's own id.

Sources: npm solapi 6.0.1 (2026-04), kakao v2; github.com/solapi/documents (2022-09), of which the
request for review is taken: PUT …/inspection. In version 1 it named a dealer too; version 2 is
published only with its counterpart …/inspection/cancel, which names none.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from channels.adapters.solapi.account import Config
from channels.adapters.solapi.asking import fetch
from channels.adapters.solapi.asking import submit as send_form
from channels.adapters.solapi.codes import NOT_THERE
from channels.adapters.solapi.parts import CODE, buttons, not_carried
from channels.adapters.solapi.shapes import Row, moment, rows, words
from channels.management import Comment, ProviderRefused, ProviderSilent, Review, TemplateForm
from channels.vocabulary import CommentKind, Inspection, Reason, ReviewAction

PATH = "/kakao/v2/templates"
LONGEST_NAME = 150
ID = "KA01TP"  # how its ids begin
# nothing is published to comment, stop, resume or release
ACTIONS = frozenset({ReviewAction.EDIT, ReviewAction.WITHDRAW, ReviewAction.DELETE})
STATUSES: Mapping[str, Inspection] = {
    "PENDING": Inspection.REGISTERED,
    "INSPECTING": Inspection.IN_REVIEW,
    "APPROVED": Inspection.APPROVED,
    "REJECTED": Inspection.REJECTED,
}
# an edit changes only what it names, so that what a wording has no more is named too
_EMPTY: Mapping[str, Any] = {
    "emphasizeTitle": "",
    "emphasizeSubTitle": "",
    "extra": "",
    "buttons": [],
}


async def submit(
    client: httpx.AsyncClient, config: Config, sender: str, form: TemplateForm
) -> Review:
    """Register a template and ask for its review; one that is there already is asked for at most.

    SOLAPI keeps no code of ours, so the name it is given says which wording it is: by it a
    template whose registration was not answered is found again.
    """
    written = _written(form)
    if form.code.startswith(ID):
        row = await fetch(client, config, _path(form.code))
    else:
        name = _name(form, written)
        there = await _named(client, config, sender, name)
        asked = {"name": name, "channelId": sender, **written}
        row = there or await send_form(client, config, "POST", PATH, asked)
    if words(row.get("status")) == "PENDING":
        row = await _ask_for_review(client, config, words(row.get("templateId")))
    return _review(row)


async def review(client: httpx.AsyncClient, config: Config, code: str) -> Review:
    """The state of one template, by SOLAPI's id."""
    return _review(await fetch(client, config, _path(code)))


async def act(
    client: httpx.AsyncClient,
    config: Config,
    action: ReviewAction,
    code: str,
    form: TemplateForm | None,
) -> None:
    """One of :data:`ACTIONS`.

    Again: an edit is refused while the first one is reviewed, a withdrawal where nothing is
    reviewed, and what is gone stays so.
    """
    path = _path(code)
    if action is ReviewAction.EDIT and form is not None:
        written = _written(form)
        named = {"name": _name(form, written)}
        await send_form(client, config, "PUT", path, {**named, **_EMPTY, **written})
        await _ask_for_review(client, config, code)
    elif action is ReviewAction.WITHDRAW:
        await send_form(client, config, "PUT", f"{path}/inspection/cancel", {})
    elif action is ReviewAction.DELETE:
        await _delete(client, config, path)
    else:
        raise ValueError(f"no such action here: {action}")


async def _ask_for_review(client: httpx.AsyncClient, config: Config, id_: str) -> Row:
    if not id_:
        raise ProviderSilent("a template without an id")
    return await send_form(client, config, "PUT", f"{_path(id_)}/inspection", {})


async def _delete(client: httpx.AsyncClient, config: Config, path: str) -> None:
    try:
        await send_form(client, config, "DELETE", path)
    except ProviderRefused as refused:
        if refused.code != NOT_THERE:
            raise


async def _named(client: httpx.AsyncClient, config: Config, sender: str, name: str) -> Row | None:
    query = [("channelId", sender), ("name[eq]", name)]
    found = rows((await fetch(client, config, PATH, query)).get("templateList"))
    if found is None:
        raise ProviderSilent("a list of templates that cannot be read")
    return next((row for row in found if row.get("name") == name), None)


def _name(form: TemplateForm, written: Mapping[str, Any]) -> str:
    """The name with a digest of code and wording; a picture may be given again under another id."""
    wording = {name: value for name, value in written.items() if name != "imageId"}
    told = orjson.dumps([form.code, wording], option=orjson.OPT_SORT_KEYS)
    ending = f" ({hashlib.sha256(told).hexdigest()[:10]})"
    return form.name[: LONGEST_NAME - len(ending)] + ending


def _path(code: str) -> str:
    return f"{PATH}/{quote(code, safe='')}"


def _review(row: Row) -> Review:
    inspection, id_ = STATUSES.get(words(row.get("status"))), words(row.get("templateId"))
    if inspection is None or not id_:
        raise ProviderSilent("a template without an id or a known status")
    return Review(
        inspection,
        provider_code=words(row.get("code")),
        code=id_,
        comments=tuple(
            Comment(
                words(one.get("content")),
                CommentKind.ANSWER if one.get("isAdmin") is True else CommentKind.QUESTION,
                at=moment(one.get("dateCreated")),
            )
            for one in rows(row.get("comments")) or ()
            if words(one.get("content"))
        ),
    )


def _written(form: TemplateForm) -> dict[str, Any]:
    """The wording of a template, without its name.

    Raises ProviderRefused for one whose messages could not be sent whole.
    """
    if why := not_carried(form):
        raise ProviderRefused(Reason.REQUEST_REFUSED, CODE, why)
    optional = {
        "emphasizeTitle": form.title,
        "emphasizeSubTitle": form.subtitle,
        "extra": form.extra,
        "imageId": form.image.name if form.image else "",
        "buttons": buttons(form.buttons),
    }
    return {
        "content": form.content,
        "categoryCode": form.category,
        "messageType": form.message_type,
        "emphasizeType": form.emphasis,
        "securityFlag": form.security,
        **{name: value for name, value in optional.items() if value},
    }
