"""NHN's lists as a whole: every message NHN took from us in a span of time, route by route.

Source: docs.nhncloud.com, "KakaoTalk Bizmessage > Alimtalk v2.3" and "SMS > v3.0" (2026-06-23):
GET /messages, /sender/sms and /sender/mms by creation date, 1,000 on a page, at most 30 days in one
question, kept for 90 days (Alimtalk) and 180 days (SMS, LMS, MMS). LMS and MMS share a list, where
``messageType`` tells them apart.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.lists import A_DAY, A_MINUTE, LIST_PATHS, PAGE, Row, counted
from channels.adapters.nhn.receipts import receipt
from channels.adapters.nhn.shapes import minute, moment, provider_id, reference, second, words
from channels.contract import Listed, Listing
from channels.management import ProviderSilent
from channels.vocabulary import Standing

ROUTES = ("alimtalk", "sms", "lms")  # one of each list


async def listed(
    client: httpx.AsyncClient,
    product_of: Mapping[str, Product],
    since: datetime,
    until: datetime,
    cursor: str | None,
) -> Listing:
    """One page; the cursor walks over route, day and page."""
    which, day, page = (int(part) for part in (cursor or "0:0:1").split(":"))
    route = ROUTES[which]
    product = product_of[route]
    start = since + day * A_DAY  # shorter questions have fewer pages
    end = min(start + A_DAY, until)
    query = {**_span(product, start, end), "pageNum": str(page), "pageSize": str(PAGE)}
    total, batch = counted(product, await fetch(client, product, LIST_PATHS[route], query))
    if total is None or batch is None or len(batch) < min(PAGE, total - (page - 1) * PAGE):
        raise ProviderSilent("a list that cannot be read whole")
    entries = tuple(_entry(product, route, row) for row in batch)
    if page * PAGE < total:
        return Listing(entries, f"{which}:{day}:{page + 1}")
    if end < until:
        return Listing(entries, f"{which}:{day + 1}:1")
    return Listing(entries, f"{which + 1}:0:1" if which + 1 < len(ROUTES) else None)


def _span(product: Product, start: datetime, end: datetime) -> Mapping[str, str]:
    """Both ends belong to it; Alimtalk knows minutes, texts know seconds."""
    if product.name == "alimtalk":
        return {"startCreateDate": minute(start), "endCreateDate": minute(end + A_MINUTE)}
    a_second = timedelta(seconds=1)
    return {"startCreateDate": second(start), "endCreateDate": second(end + a_second)}


def _entry(product: Product, route: str, row: Row) -> Listed:
    id_ = provider_id(row)
    if not id_:
        raise ProviderSilent("a list with a message that has no id")
    word = receipt(product, row)
    return Listed(
        route="mms" if words(row.get("messageType")) == "MMS" else route,
        provider_id=id_,
        state=Standing(word.result) if word else Standing.ACCEPTED,
        ref=reference(row),
        reason=word.reason if word else None,
        code=word.code if word else "",
        at=moment(row.get("createDate")) or moment(row.get("requestDate")),
        ended_at=word.at if word else None,
    )
