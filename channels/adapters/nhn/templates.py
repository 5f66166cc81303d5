"""Templates at NHN: registering one submits it for review."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.asking import submit as send_form
from channels.adapters.nhn.codes import ALREADY_THERE
from channels.adapters.nhn.sending import buttons
from channels.adapters.nhn.shapes import at, rows, words
from channels.management import ProviderRefused, ProviderSilent, Review, TemplateForm
from channels.vocabulary import Inspection

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
    body = await fetch(client, kakao, f"{_path(sender)}/{quote(code, safe='')}", {})
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
        comments=tuple(text for one in comments if (text := words(one.get("content")))),
    )


def _path(sender: str) -> str:
    return f"/senders/{quote(sender, safe='')}/templates"


def _body(form: TemplateForm) -> dict[str, Any]:
    optional = {
        "templateTitle": form.title,
        "templateSubtitle": form.subtitle,
        "templateExtra": form.extra,
        "buttons": buttons(form.buttons),
    }
    return {
        "templateCode": form.code,
        "templateName": form.name,
        "templateContent": form.content,
        "templateMessageType": form.message_type,
        "templateEmphasizeType": form.emphasis,
        "categoryCode": form.category,
        "securityFlag": form.security,
    } | {name: value for name, value in optional.items() if value}
