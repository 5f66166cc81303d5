"""NHN's lists: looking up our own reference, and polling results by the time they changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.receipts import receipt
from channels.adapters.nhn.shapes import at, minute, number, provider_id, reference, rows, second
from channels.contract import Found, Page, Receipt, Tried
from channels.management import ProviderRefused, ProviderSilent
from channels.vocabulary import Lookup

PAGE = 1000
MOST_PAGES = 5  # a call has at most 1,000 messages; more pages mean the filter was ignored
MOST_ALONE = 50  # asked for one by one in a round
A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
APART = timedelta(days=7)  # so far may NHN's clock and ours be from each other
LONGEST_SEARCH = timedelta(days=29)

LIST_PATHS = {
    "alimtalk": "/messages",
    "sms": "/sender/sms",
    "lms": "/sender/mms",
    "mms": "/sender/mms",
}

Row = Mapping[str, Any]


async def look_up(
    client: httpx.AsyncClient,
    product_of: Mapping[str, Product],
    tried: Sequence[Tried],
    now: datetime,
) -> Sequence[Found]:
    """Ask once per call: the list by our call key, with a week to spare on both sides.

    The list wants dates, and they are NHN's: with a clock off by more than was spared it would not
    show what it took, and that would be sent again. A key finds no more in a week than in a minute.
    """
    found: dict[tuple[str, str], Found] = {}
    calls: dict[tuple[str, str], list[Tried]] = {}
    alone = 0
    for one in tried:
        if one.call_key:
            calls.setdefault((one.route, one.call_key), []).append(one)
        elif (alone := alone + 1) <= MOST_ALONE:
            calls[one.route, one.ref] = [one]  # its call is not known: asked for by itself
        else:
            found[one.call_key, one.ref] = Found(one.ref, Lookup.UNCLEAR)  # in another round
    for (route, _), together in calls.items():
        product = product_of[route]
        try:
            listed, whole = await _sent_in(client, product, together, now)
        except (ProviderRefused, ProviderSilent):
            listed, whole = {}, False
        for one in together:
            row = listed.get(one.ref)
            found[one.call_key, one.ref] = _found(product, one.ref, row, whole)
    return [found[one.call_key, one.ref] for one in tried]


def _filter(one: Tried) -> dict[str, str]:
    """By the key of its call; without one, after a restore, by its own reference."""
    if one.call_key:
        return {"senderGroupingKey": one.call_key}
    return {"recipientGroupingKey": one.ref}


async def _sent_in(
    client: httpx.AsyncClient, product: Product, together: Sequence[Tried], now: datetime
) -> tuple[Mapping[str, Row], bool]:
    """The rows of one call by our reference, and whether the list was read to its end."""
    sent = [one.sent_at for one in together]
    start = min(sent) - APART
    end = min(max(now, *sent) + APART, start + LONGEST_SEARCH)
    written = minute if product.name == "alimtalk" else second
    query = {
        "startCreateDate": written(start),
        "endCreateDate": written(end + (A_MINUTE if written is minute else timedelta())),
        **_filter(together[0]),
        "pageSize": str(PAGE),
    }
    listed: dict[str, Row] = {}
    seen = 0
    for page in range(1, MOST_PAGES + 1):
        body = await fetch(
            client, product, LIST_PATHS[together[0].route], {**query, "pageNum": str(page)}
        )
        total, batch = counted(product, body)
        if total is None or batch is None:
            return listed, False
        seen += len(batch)
        for row in batch:
            listed.setdefault(reference(row), row)
        if seen >= total:
            return listed, True
    return listed, False


def counted(product: Product, body: Row) -> tuple[int | None, list[Row] | None]:
    """How many there are in all, and this page of them; None for what cannot be read."""
    if product.name == "sms":
        place, batch = at(body, "body"), at(body, "body", "data")
    else:
        place = at(body, "messageSearchResultResponse")
        batch = at(place, "messages")
    total = number(at(place, "totalCount"))
    return total, [] if total == 0 and batch is None else rows(batch)


def _found(product: Product, ref: str, row: Row | None, whole: bool) -> Found:
    if row is not None:
        final = receipt(product, row)
        return Found(ref, Lookup.ACCEPTED, provider_id(row), receipt=final)
    return Found(ref, Lookup.ABSENT if whole else Lookup.UNCLEAR)


async def poll(
    client: httpx.AsyncClient,
    both: Sequence[Product],
    since: datetime,
    until: datetime,
    cursor: str | None,
) -> Page:
    """One page of results; the cursor walks over product, day and page."""
    which, day, page = (int(part) for part in (cursor or "0:0:1").split(":"))
    product = both[which]
    start = since + day * A_DAY  # SMS lists at most one day of updates
    end = min(start + A_DAY, until)
    if product.name == "alimtalk":
        query = {"startUpdateDate": minute(start), "endUpdateDate": minute(end + A_MINUTE)}
    else:
        query = {"startUpdateDate": second(start), "endUpdateDate": second(end)}
    body = await fetch(
        client, product, "/message-results", {**query, "pageNum": str(page), "pageSize": str(PAGE)}
    )
    batch = _updates(product, body)
    receipts = tuple(read for row in batch if (read := _known(product, row)) is not None)
    if len(batch) >= PAGE:
        return Page(receipts, f"{which}:{day}:{page + 1}")
    if end < until:
        return Page(receipts, f"{which}:{day + 1}:1")
    return Page(receipts, f"{which + 1}:0:1" if which + 1 < len(both) else None)


def _known(product: Product, row: Row) -> Receipt | None:
    return receipt(product, row) if provider_id(row) or reference(row) else None


def _updates(product: Product, body: Row) -> list[Row]:
    """The rows of a page. The SMS guide names the list ``data`` and ``data.resultUpdateList``."""
    if product.name == "sms":
        data = at(body, "body", "data")
        listed = at(data, "resultUpdateList") if isinstance(data, Mapping) else data
    else:
        listed = body.get("messages")
    found = [] if listed is None else rows(listed)
    if found is None:
        raise ProviderSilent("a list of results that cannot be read")
    return found
