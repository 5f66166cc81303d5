"""SOLAPI's list of messages: looking up our references, polling results, and all it took.

Source: github.com/solapi/documents, messages v4 "메시지 조회" (2022-09), and npm solapi 6.0.1:
GET /messages/v4/list by ``dateType`` CREATED or UPDATED, kept for six months, on by ``nextKey``.
Each message is listed with the ``customFields`` it was sent with. They cannot be searched, so a
span of time is read to its end and our reference looked for: it is our own, unlike a number and a
text, and so this is looking up and no guess within a window.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import httpx

from channels.adapters.solapi.account import Config
from channels.adapters.solapi.asking import fetch
from channels.adapters.solapi.codes import refusal
from channels.adapters.solapi.receipts import receipt
from channels.adapters.solapi.sending import TYPES
from channels.adapters.solapi.shapes import Row, iso, moment, reference, rows, words
from channels.contract import Found, Listed, Listing, Page, Tried
from channels.management import ProviderRefused, ProviderSilent
from channels.vocabulary import Lookup, Standing, Verdict

PATH = "/messages/v4/list"
PAGE = 500
MOST_PAGES = 40  # of one span
MOST_ALONE = 20  # asked for by their numbers in a round
A_MINUTE = timedelta(minutes=1)
APART = timedelta(minutes=16)  # a clock that is off by more than 15 is refused everything
A_SECOND = timedelta(seconds=1)
CREATED, UPDATED = "CREATED", "UPDATED"
_ROUTE_OF = {type_: route for route, type_ in TYPES.items()}

Query = Sequence[tuple[str, str]]


async def look_up(
    client: httpx.AsyncClient, config: Config, tried: Sequence[Tried], now: datetime
) -> Sequence[Found]:
    """Few of a call by their numbers, many by the time since it; what is left in another round."""
    calls: dict[tuple[str, str], list[Tried]] = {}
    for one in tried:
        calls.setdefault((one.route, one.call_key or one.ref), []).append(one)
    found: dict[str, Found] = {}
    alone: list[Tried] = []
    for together in calls.values():
        if len(together) <= MOST_ALONE and all(one.to for one in together):
            alone += together
            continue
        found |= await _in_bulk(client, config, together, now)
        unclear = [one for one in together if found[one.ref].state is Lookup.UNCLEAR]
        alone += [one for one in unclear if one.to]
    for one in alone[:MOST_ALONE]:
        found |= await _alone(client, config, one, now)
        if found[one.ref].state is Lookup.UNCLEAR:
            break  # nobody answers, or not readably: the others would wait for nothing
    return [found.get(one.ref) or Found(one.ref, Lookup.UNCLEAR) for one in tried]


async def _in_bulk(
    client: httpx.AsyncClient, config: Config, together: Sequence[Tried], now: datetime
) -> Mapping[str, Found]:
    """Attempts that left in one call, looked for in all that was taken since.

    The dates are SOLAPI's. Where its clock is behind ours, what it took stands before the span, so
    absence is believed only after a question for one of them by its number has said so too.
    """
    sent = [one.sent_at for one in together]
    span = _span(CREATED, min(sent) - A_MINUTE, max(now, *sent) + APART)
    found = dict(await _read(client, config, together, span))
    absent = [one for one in together if found[one.ref].state is Lookup.ABSENT and one.to]
    if absent and not await _is_absent(client, config, absent[0], now):
        found |= {one.ref: Found(one.ref, Lookup.UNCLEAR) for one in absent}
    return found


async def _alone(
    client: httpx.AsyncClient, config: Config, one: Tried, now: datetime
) -> Mapping[str, Found]:
    """Few messages have its number, so the span may be wide."""
    span = _span(CREATED, one.sent_at - APART, max(now, one.sent_at) + APART)
    return await _read(client, config, [one], [*span, ("to", one.to)])


async def _is_absent(client: httpx.AsyncClient, config: Config, one: Tried, now: datetime) -> bool:
    found = await _alone(client, config, one, now)
    return found[one.ref].state is Lookup.ABSENT


async def _read(
    client: httpx.AsyncClient, config: Config, together: Sequence[Tried], asked: Query
) -> Mapping[str, Found]:
    """What the list says of them; read until all of them are found."""
    missing = {one.ref for one in together}
    listed: dict[str, list[Row]] = {}
    cursor: str | None = None
    whole = False
    for _ in range(MOST_PAGES):
        try:
            page, cursor = await _page(client, config, asked, cursor)
        except (ProviderRefused, ProviderSilent):
            break
        for row in page:
            listed.setdefault(reference(row), []).append(row)
            if refusal(words(row.get("statusCode"))) is None:
                missing.discard(reference(row))
        whole = cursor is None
        if whole or not missing:
            break
    return {one.ref: _found(one.ref, listed.get(one.ref, ()), whole) for one in together}


async def _page(
    client: httpx.AsyncClient, config: Config, query: Query, cursor: str | None
) -> tuple[list[Row], str | None]:
    """One page and where the next one starts. Raises ProviderRefused, ProviderSilent."""
    asked = [*query, ("limit", str(PAGE)), *([("startKey", cursor)] if cursor else [])]
    body = await fetch(client, config, PATH, asked)
    by_id = body.get("messageList")
    page = rows(list(by_id.values())) if isinstance(by_id, Mapping) else None
    if page is None:
        raise ProviderSilent("a list that cannot be read")
    after = words(body.get("nextKey")) or None
    if after is not None and after == cursor:
        raise ProviderSilent("a list that does not go on")
    limit = body.get("limit")
    least = limit if isinstance(limit, int) else PAGE
    if after is None and "nextKey" not in body and len(page) >= min(least, PAGE):
        raise ProviderSilent("a full page without a word of the next")
    return page, after


def _span(date_type: str, start: datetime, end: datetime) -> Query:
    """Both ends belong to it, whole seconds."""
    dates = [("startDate", iso(start)), ("endDate", iso(end + A_SECOND))]
    return [("dateType", date_type), *dates]


def _found(ref: str, mine: Sequence[Row], whole: bool) -> Found:
    """Of several the one that was taken: earlier refusals for want of balance stay listed.

    A refusal that was put off (no balance, an error of theirs) says nothing of a later request.
    """
    refused: Found | None = None
    for row in mine:
        code, id_ = words(row.get("statusCode")), words(row.get("messageId"))
        ruling = refusal(code)
        if ruling is None:
            return Found(ref, Lookup.ACCEPTED, id_, code=code, receipt=receipt(row))
        if ruling[0] is Verdict.REJECTED:
            refused = Found(ref, Lookup.REFUSED, id_, ruling[1], code)
    return refused or Found(ref, Lookup.ABSENT if whole else Lookup.UNCLEAR)


async def poll(
    client: httpx.AsyncClient,
    config: Config,
    since: datetime,
    until: datetime,
    cursor: str | None,
) -> Page:
    """One page of results. Raises ProviderRefused, ProviderSilent."""
    page, after = await _page(client, config, _span(UPDATED, since, until), cursor)
    return Page(tuple(one for row in page if (one := receipt(row))), after)


async def listed(
    client: httpx.AsyncClient,
    config: Config,
    since: datetime,
    until: datetime,
    cursor: str | None,
) -> Listing:
    """One page of what was taken, or refused for good. Raises ProviderRefused, ProviderSilent."""
    page, after = await _page(client, config, _span(CREATED, since, until), cursor)
    return Listing(tuple(one for row in page if (one := _entry(row))), after)


def _entry(row: Row) -> Listed | None:
    """None for a refusal that was put off: the same message was asked for again."""
    id_, code = words(row.get("messageId")), words(row.get("statusCode"))
    if not id_:
        raise ProviderSilent("a list with a message that has no id")
    ruling = refusal(code)
    if ruling is not None and ruling[0] is not Verdict.REJECTED:
        return None
    word = receipt(row)
    state = Standing(word.result) if word else Standing.ACCEPTED
    type_ = words(row.get("type"))
    return Listed(
        route=_ROUTE_OF.get(type_, type_.lower() or "unknown"),
        provider_id=id_,
        state=Standing.REJECTED if ruling else state,
        ref=reference(row),
        reason=ruling[1] if ruling else word.reason if word else None,
        code=code if ruling else word.code if word else "",
        at=moment(row.get("dateCreated")),
        ended_at=word.at if word else None,
    )
