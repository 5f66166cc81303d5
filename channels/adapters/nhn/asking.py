"""One question to NHN with a readable answer, or the reason there is none."""

from collections.abc import Mapping
from typing import Any

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.shapes import header
from channels.management import Picture, ProviderRefused, ProviderSilent
from channels.multipart import post_file
from channels.transport import Reply, Trouble, call, deadline_in, get, judge, read
from channels.vocabulary import Reason, Verdict

PATIENCE_S = 15.0
UPLOADING_S = 30.0


async def fetch(
    client: httpx.AsyncClient, product: Product, path: str, params: Mapping[str, str]
) -> Mapping[str, Any]:
    """The body of a successful GET. Raises ProviderRefused, ProviderSilent."""
    return _successful(
        product,
        await get(client, product.url + path, params, product.headers, deadline_in(PATIENCE_S)),
    )


async def submit(
    client: httpx.AsyncClient,
    product: Product,
    path: str,
    form: Mapping[str, Any] | None,
    method: str = "POST",
) -> Mapping[str, Any]:
    """The body of a successful POST, PUT or DELETE. Raises ProviderRefused, ProviderSilent."""
    url, within = product.url + path, deadline_in(PATIENCE_S)
    return _successful(product, await call(client, method, url, form, product.headers, within))


async def give(
    client: httpx.AsyncClient, product: Product, path: str, picture: Picture
) -> Mapping[str, Any]:
    """The body of a successful upload. Raises ProviderRefused, ProviderSilent."""
    url, within = product.url + path, deadline_in(UPLOADING_S)
    return _successful(product, await post_file(client, url, picture, product.headers, within))


def _successful(product: Product, answer: Reply | Trouble) -> Mapping[str, Any]:
    body = read(answer)
    head = header(body)
    if head is None:
        judged = judge(answer)
        if judged.reason is Reason.MISCONFIGURED:
            raise ProviderRefused(judged.reason, judged.code, "")
        raise ProviderSilent(judged.code or str(judged.reason))
    if head.ok:
        success: Mapping[str, Any] = body
        return success
    verdict, reason = product.api_codes.get(head.code, (Verdict.REJECTED, Reason.UNMAPPED))
    if verdict is Verdict.UNKNOWN:
        raise ProviderSilent(f"{head.code} {head.text}")
    raise ProviderRefused(reason, str(head.code), head.text)
