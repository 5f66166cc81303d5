"""Templates at NHN: registering one submits it for review.

Source: docs.nhncloud.com, "KakaoTalk Bizmessage > Alimtalk v2.3", 템플릿 (2026-06-23).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.asking import submit as send_form
from channels.adapters.nhn.codes import ALREADY_THERE, NOT_THERE
from channels.adapters.nhn.parts import bubble, filled
from channels.adapters.nhn.shapes import at, moment, number, rows, words
from channels.management import Comment, ProviderRefused, ProviderSilent, Review, TemplateForm
from channels.vocabulary import CommentKind, Inspection, ReviewAction

# there is no call to withdraw, stop, resume or release (guide of 2026-06)
ACTIONS = frozenset({ReviewAction.EDIT, ReviewAction.COMMENT, ReviewAction.DELETE})
COMMENTS: Mapping[str, CommentKind] = {
    "INQ": CommentKind.QUESTION,
    "REP": CommentKind.ANSWER,
    "APR": CommentKind.APPROVED,
    "REJ": CommentKind.REJECTED,
    "REQ": CommentKind.IN_REVIEW,
}
REVIEWERS = frozenset({CommentKind.ANSWER, CommentKind.APPROVED, CommentKind.REJECTED})
Line = tuple[tuple[datetime, int], Comment]  # when, and its number
STATUSES: Mapping[str, Inspection] = {
    "TSC01": Inspection.REGISTERED,
    "TSC02": Inspection.IN_REVIEW,
    "TSC03": Inspection.APPROVED,
    "TSC04": Inspection.REJECTED,
}


async def submit(
    client: httpx.AsyncClient, kakao: Product, sender: str, form: TemplateForm
) -> Review:
    """Register a template; one that is there already is only looked at."""
    try:
        await send_form(client, kakao, _path(sender), _body(form))
    except ProviderRefused as refused:
        if refused.code != str(ALREADY_THERE):
            raise
        try:
            return await review(client, kakao, sender, form.code)
        except ProviderRefused:  # another template has this name
            raise refused from None
    return Review(Inspection.REGISTERED)


async def review(client: httpx.AsyncClient, kakao: Product, sender: str, code: str) -> Review:
    """The state of one template (single GET, which alone tells of blocks and dormancy)."""
    body = await fetch(client, kakao, _path(sender, code), {})
    found = at(body, "templates")
    inspection = STATUSES.get(words(at(found, "status")))
    if inspection is None:
        raise ProviderSilent("a template without a known status")
    comments = rows(at(found, "comments")) or []
    return Review(
        inspection,
        provider_code=words(at(found, "kakaoTemplateCode")),
        blocked=at(found, "block") is True,
        dormant=at(found, "dormant") is True,
        comments=tuple(_comment(one) for one in comments if words(one.get("content"))),
    )


async def act(
    client: httpx.AsyncClient,
    kakao: Product,
    action: ReviewAction,
    place: tuple[str, str],
    form: TemplateForm | None,
    text: str,
) -> None:
    """One of :data:`ACTIONS` on the template at ``place`` (sender, code).

    Again: an edit is refused while the first one is reviewed (-3013), a comment that was not
    answered is not said twice, and what is gone stays so.
    """
    path = _path(*place)
    if action is ReviewAction.EDIT and form is not None:
        body = _body(form)
        del body["templateCode"]
        await send_form(client, kakao, path, body, "PUT")
    elif action is ReviewAction.COMMENT:
        if not _is_said(text, await _talk(client, kakao, path)):
            await send_form(client, kakao, f"{path}/comments", {"comment": text})
    elif action is ReviewAction.DELETE:
        await _delete(client, kakao, path)
    else:
        raise ValueError(f"no such action here: {action}")


async def _delete(client: httpx.AsyncClient, kakao: Product, path: str) -> None:
    try:
        await send_form(client, kakao, path, None, "DELETE")
    except ProviderRefused as refused:
        if refused.code != str(NOT_THERE):
            raise


async def _talk(client: httpx.AsyncClient, kakao: Product, path: str) -> list[Line]:
    """What was said, with its place in the order. Raises ProviderRefused, ProviderSilent.

    Times are whole seconds: two lines of one second are told apart by their numbers.
    """
    found = at(await fetch(client, kakao, path, {}), "templates")
    if words(at(found, "status")) not in STATUSES:
        raise ProviderSilent("a template without a known status")
    lines = []
    for row in rows(at(found, "comments")) or []:
        said = _comment(row)
        if said.text and said.at:
            lines.append(((said.at, number(row.get("id")) or 0), said))
    return lines


def _is_said(text: str, talk: Sequence[Line]) -> bool:
    """Whether it stands there since the reviewers last spoke; in doubt it does."""
    text = text.strip()
    ours = [place for place, said in talk if said.text.strip() == text]
    answered = [
        place for place, said in talk if said.kind in REVIEWERS and said.text.strip() != text
    ]
    return bool(ours) and (not answered or max(ours) >= max(answered))


def _path(sender: str, code: str | None = None) -> str:
    path = f"/senders/{quote(sender, safe='')}/templates"
    return path if code is None else f"{path}/{quote(code, safe='')}"


def _comment(row: Mapping[str, Any]) -> Comment:
    return Comment(
        words(row.get("content")),
        COMMENTS.get(words(row.get("status")), CommentKind.ANSWER),
        words(row.get("userName")),
        moment(row.get("createdAt") or row.get("createAt")),  # the guide spells it both ways
    )


def _body(form: TemplateForm) -> dict[str, Any]:
    image = form.image
    return {
        "templateCode": form.code,
        "templateName": form.name,
        "templateContent": form.content,
        "templateMessageType": form.message_type,
        "templateEmphasizeType": form.emphasis,
        "categoryCode": form.category,
        "securityFlag": form.security,
        **filled(
            {
                "templateTitle": form.title,
                "templateSubtitle": form.subtitle,
                "templateExtra": form.extra,
                "templateImageName": image.name if image else "",
                "templateImageUrl": image.url if image else "",
            }
        ),
        **bubble(form),
    }
