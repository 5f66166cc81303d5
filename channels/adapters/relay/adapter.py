"""The adapter of a company's own relay: send, look up, poll, signed callbacks (docs/relay.md)."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson

from channels.adapters.relay.account import DUPLICATE, REASONS, Config
from channels.adapters.relay.shapes import (
    Row,
    found,
    listed,
    made_at,
    readable,
    receipt,
    registered,
    review,
    rows,
    words,
    written,
)
from channels.contract import (
    Answer,
    BadCallback,
    Call,
    Callback,
    Found,
    Listing,
    Outcome,
    Page,
    Receipt,
    Route,
    Tried,
)
from channels.management import ProviderRefused, ProviderSilent, Review, TemplateForm
from channels.transport import (
    deadline_in,
    get,
    judge,
    one_for_all,
    post,
    read,
    with_evidence,
)
from channels.vocabulary import IdempotencyClass, Reason, ReviewAction, Verdict

PATIENCE_S = 15.0
OLDEST_S = 300.0
AT_ONCE = 100  # references of one question, so that the address stays short


class Relay:
    """One account at a relay that cannot be asked about a message."""

    name = "relay"

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client
        self.routes: Mapping[str, Route] = config.routes()
        self.review_actions = frozenset(ReviewAction)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def send(self, call: Call) -> Answer:
        """Send one call. A duplicate is accepted only where the relay promises what it means."""
        if not call.messages:
            return Answer(())
        messages = [written(message) for message in call.messages]
        form = {"key": call.key, "route": call.route, "messages": messages}
        answer = await post(self._client, self._url("/messages"), form, self._auth, call.deadline)
        body = read(answer)
        code = words(body.get("code")) if isinstance(body, Mapping) else ""
        if code:  # the whole request is refused, nothing of it was taken
            verdict, reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))
            text = words(body.get("text"))
            outcomes = tuple(Outcome(m.ref, verdict, reason, code, text) for m in call.messages)
            return with_evidence(outcomes, answer)
        results = rows(body, "results")
        if results is None:
            return one_for_all(call, judge(answer, call.now), answer)
        by_ref = {words(row.get("ref")): row for row in reversed(results)}
        outcomes = tuple(self._outcome(m.ref, by_ref.get(m.ref), call.now) for m in call.messages)
        return with_evidence(outcomes, answer, words(body.get("request_id")))

    def verify(self, callback: Callback) -> None:
        """Raise BadCallback unless HMAC-SHA256 over ``timestamp.body`` fits, at most 5 min old."""
        stamp = callback.headers.get("x-relay-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise BadCallback("no timestamp")
        signed = stamp.encode() + b"." + callback.body
        good = "v1=" + hmac.digest(self._config.signing_secret.encode(), signed, "sha256").hex()
        given = callback.headers.get("x-relay-signature", "")
        if not hmac.compare_digest(given.encode("utf-8", "backslashreplace"), good.encode()):
            raise BadCallback("wrong signature")
        if abs(self._config.clock() - int(stamp)) > OLDEST_S:
            raise BadCallback("too old")

    def parse(self, callback: Callback) -> Sequence[Receipt]:
        """The receipts of a callback."""
        try:
            results = rows(orjson.loads(callback.body), "results")
        except orjson.JSONDecodeError as error:
            raise BadCallback("not JSON") from error
        read_rows = [receipt(row) for row in results or ()]
        if results is None or None in read_rows:
            raise BadCallback("not in the documented shape")
        return [one for one in read_rows if one is not None]

    async def poll(self, since: datetime, until: datetime, cursor: str | None) -> Page:
        """Results updated in [since, until]. Raises ProviderRefused, ProviderSilent."""
        query = [("since", since.isoformat()), ("until", until.isoformat())]
        if cursor:
            query.append(("cursor", cursor))
        body = await self._get("/results", query)
        results = rows(body, "results")
        if results is None:
            raise ProviderSilent("no results")
        receipts = tuple(one for row in results if (one := receipt(row)))
        return Page(receipts, words(body.get("cursor")) or None)

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        """Register a template without pictures. Raises ProviderRefused, ProviderSilent."""
        asked = {"sender": sender, **registered(form)}
        within = deadline_in(PATIENCE_S)
        answer = await post(self._client, self._url("/templates"), asked, self._auth, within)
        return review(readable(answer))

    async def act(
        self,
        action: ReviewAction,
        sender: str,
        code: str,
        *,
        form: TemplateForm | None = None,
        text: str = "",
    ) -> None:
        """Any action. Raises ProviderRefused, ProviderSilent."""
        asked: dict[str, Any] = {"sender": sender, "code": code, "action": str(action)}
        if form is not None:
            asked["template"] = registered(form)
        if text:
            asked["text"] = text
        within, url = deadline_in(PATIENCE_S), self._url("/templates/actions")
        readable(await post(self._client, url, asked, self._auth, within))

    async def review(self, sender: str, code: str) -> Review:
        """The state of one template. Raises ProviderRefused, ProviderSilent."""
        return review(await self._get("/templates", [("sender", sender), ("code", code)]))

    async def _get(self, path: str, query: Sequence[tuple[str, str]]) -> Row:
        within = deadline_in(PATIENCE_S)
        return readable(await get(self._client, self._url(path), query, self._auth, within))

    def _url(self, path: str) -> str:
        return self._config.url + path

    @property
    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._config.key}"}

    def _outcome(self, ref: str, row: Row | None, now: datetime) -> Outcome:
        status = words(row.get("status")) if row else ""
        if row is None or status not in ("accepted", "rejected"):
            return Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE)
        code, text, id_ = (words(row.get(name)) for name in ("code", "text", "id"))
        if status == "accepted":
            return Outcome(ref, Verdict.ACCEPTED, code=code, text=text, provider_id=id_)
        if code == DUPLICATE:
            if self._recognises(ref, now):
                return Outcome(ref, Verdict.ACCEPTED, code=code, text=text, provider_id=id_)
            return Outcome(ref, Verdict.UNKNOWN, Reason.DUPLICATE, code, text)
        verdict, reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))
        return Outcome(ref, verdict, reason, code, text)

    def _recognises(self, ref: str, now: datetime) -> bool:
        """Whether a duplicate proves acceptance: class dedupe, and the reference young enough.

        A reference is a UUIDv7 and holds the time it was made, which is before its first request.
        """
        promise = self._config.idempotency
        if promise.kind is not IdempotencyClass.DEDUPE:
            return False
        made = made_at(ref)
        return made is not None and now <= made + timedelta(seconds=promise.ttl_s)


class AskableRelay(Relay):
    """A relay that can be asked for a reference, or for number, text and time."""

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """Absent only when the relay says that its list is complete."""
        if self._config.idempotency.kind is IdempotencyClass.WINDOW_LOOK_UP:
            return [await self._in_window(one, now) for one in tried]
        answers: list[Found] = []
        for start in range(0, len(tried), AT_ONCE):
            part = tried[start : start + AT_ONCE]
            there, whole = await self._there([("ref", one.ref) for one in part])
            for one in part:
                mine = [row for row in there if words(row.get("ref")) == one.ref]
                answers.append(found(one.ref, mine, whole))
        return answers

    async def _in_window(self, one: Tried, now: datetime) -> Found:
        around = timedelta(seconds=self._config.idempotency.window_s)
        there, whole = await self._there(
            [
                ("route", one.route),
                ("to", one.to),
                ("since", (one.sent_at - around).isoformat()),
                ("until", (now + around).isoformat()),
            ]
        )
        mine = [r for r in there if (r.get("to"), r.get("text")) == (one.to, one.text)]
        return found(one.ref, mine, whole)

    async def listed(self, since: datetime, until: datetime, cursor: str | None) -> Listing:
        """What the relay took in [since, until]. Raises ProviderRefused, ProviderSilent."""
        query = [("since", since.isoformat()), ("until", until.isoformat())]
        if cursor:
            query.append(("cursor", cursor))
        body = await self._get("/messages", query)
        messages = rows(body, "messages")
        # a relay that does not know this question has no cursor, and its list would mislead
        if messages is None or body.get("complete") is not True or "cursor" not in body:
            raise ProviderSilent("a list that is not said to be complete")
        entries = tuple(one for row in messages if (one := listed(row)))
        if len(entries) < len(messages):
            raise ProviderSilent("a list with a message in no documented shape")
        return Listing(entries, words(body.get("cursor")) or None)

    async def _there(self, query: Sequence[tuple[str, str]]) -> tuple[Sequence[Row], bool]:
        """What the relay lists, and whether that is all."""
        try:
            body = await self._get("/messages", query)
        except (ProviderRefused, ProviderSilent):
            return (), False
        messages = rows(body, "messages")
        return messages or (), messages is not None and body.get("complete") is True


def build(config: Config, client: httpx.AsyncClient) -> Relay:
    """The adapter of an account; a blind relay is never asked."""
    blind = config.idempotency.kind is IdempotencyClass.BLIND
    return (Relay if blind else AskableRelay)(config, client)
