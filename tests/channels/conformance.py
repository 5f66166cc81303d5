"""What every adapter promises. A provider's test subclasses this once per route with a Case."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.contract import Adapter, Answer, BadCallback, Call, Callback, Outgoing
from channels.vocabulary import Reason, Verdict
from tests.channels.bubbles import PARTS, said
from tests.channels.wire import plain_client

NOW = datetime(2026, 11, 22, 1, 15, tzinfo=UTC)
PRIVATE = ("01011112222", "김하나", "0123456789abcdef0123456789abcdef01234567")
LONG_TEXTS = ("lms", "mms")
# of a push: what the app is handed, and until when it is of use
PUSH: Mapping[str, Any] = {
    "address_kind": "fid",
    "data": (("naru_id", "01JDMESSAGE"), ("naru_ask", "acknowledge")),
    "expires_at": NOW + timedelta(hours=1),
}
UNREADABLE = [b"", b"<html>busy</html>", b"[]", b"{}", b"null", b"0", b'"ok"', b'{"header":[]}']


@dataclass(frozen=True)
class Case:
    """One route of one provider."""

    build: Callable[[httpx.AsyncClient], Adapter]
    route: str
    accepts: Callable[[Call], dict[str, Any]]  # the answer that takes every message
    refuses: Callable[[str], dict[str, Any]]  # the answer that refuses the request with a code
    rows: tuple[str, ...]  # path to the list of per-recipient results; () when there is none
    codes: Mapping[str, tuple[Verdict, Reason]]
    callback: Callback
    strange: tuple[Callback, ...]
    secrets: tuple[str, ...]
    unlisted: str = "-7777"
    headers: Mapping[str, str] = field(default_factory=dict)  # what every request must carry
    parts: Mapping[str, Any] = field(default_factory=lambda: PARTS)  # of a notice, that it carries
    status: Callable[[str], int] = lambda _: 200  # of the answer that refuses with a code
    prepare: Callable[[respx.MockRouter], object] = lambda _: None  # other addresses it asks first
    signed: bool = True  # False: the provider calls nobody back, the callback is the gateway's own


def outgoing(n: int = 1) -> Outgoing:
    return Outgoing(
        ref=f"01JDREF{n:019d}",
        to=f"0101111{2221 + n:04d}",
        sender=PRIVATE[2],
        text="김하나님, 상품이 출발했습니다.",
        template="ORDER_SHIPPED",
        title="출고 안내",
    )


FULL = replace(outgoing(), **PARTS)


def call(route: str, count: int = 1, within_s: float = 5.0) -> Call:
    messages = tuple(outgoing(n) for n in range(1, count + 1))
    if route == "mms":
        messages = tuple(replace(message, picture="4321") for message in messages)
    if route == "push":
        messages = tuple(replace(message, **PUSH) for message in messages)
    return Call("call-17", route, messages, NOW, time.monotonic() + within_s)


def rows_of(answer: dict[str, Any], path: tuple[str, ...]) -> list[dict[str, Any]]:
    found: Any = answer
    for key in path:
        found = found[key]
    assert isinstance(found, list)
    return found


def _read(adapter: Adapter, callback: Callback) -> None:
    adapter.verify(callback)
    adapter.parse(callback)


class Conformance:
    """Items 1 to 7; that the same holds over real sockets is a journey's to show."""

    case: Case

    @pytest.fixture
    async def adapter(self) -> AsyncIterator[Adapter]:
        async with plain_client() as client:
            yield self.case.build(client)

    @pytest.fixture
    def wire(self) -> Any:
        with respx.mock(assert_all_called=False) as router:
            self.case.prepare(router)
            yield router.post(url__regex=r".*")

    def many(self) -> int:
        return min(3, self.batch)

    @property
    def batch(self) -> int:
        return self.case.build(plain_client()).routes[self.case.route].batch

    async def ask(self, adapter: Adapter, count: int = 1) -> Answer:
        asked = call(self.case.route, count)
        answer = await adapter.send(asked)
        assert [o.ref for o in answer.outcomes] == [m.ref for m in asked.messages]
        assert all((o.reason is None) == (o.verdict is Verdict.ACCEPTED) for o in answer.outcomes)
        return answer

    async def test_a_good_answer_accepts_everyone(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        good = self.case.accepts(call(self.case.route, self.many()))
        wire.respond(200, json=good)
        answer = await self.ask(adapter, self.many())
        assert {o.verdict for o in answer.outcomes} == {Verdict.ACCEPTED}
        assert answer.http_status == 200
        assert orjson.loads(answer.raw) == good
        for name, value in self.case.headers.items():
            assert wire.calls.last.request.headers[name] == value

    async def test_every_part_leaves(self, adapter: Adapter, wire: respx.Route) -> None:
        """A notice is compared with its template: a part left out is a mismatch."""
        (plain,) = call(self.case.route).messages
        told = {"to", "text"} | ({"title", "picture"} if self.case.route in LONG_TEXTS else set())
        told |= {"title", "data"} if self.case.route == "push" else set()
        if self.case.route == "alimtalk":
            parts = self.case.parts
            plain, told = replace(plain, **parts), {*told, "template", *parts}
        wire.respond(200, json={})
        await adapter.send(replace(call(self.case.route), messages=(plain,)))
        sent = orjson.loads(wire.calls.last.request.content)
        whole = asdict(plain) | {"data": dict(plain.data)}
        assert said([whole[name] for name in told]) - said(sent) == set()

    async def test_what_would_lose_a_part_does_not_leave(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        """The provider's interface may know less than Kakao does: then it is refused in words."""
        (plain,) = call(self.case.route).messages
        wire.respond(200, json={})
        for name in PARTS if self.case.route == "alimtalk" else ():
            before = wire.call_count
            message = replace(plain, **{"title": "", name: PARTS[name]})
            answer = await adapter.send(replace(call(self.case.route), messages=(message,)))
            if wire.call_count > before:
                sent = orjson.loads(wire.calls.last.request.content)
                assert said(asdict(message)[name]) - said(sent) == set()
                continue
            (outcome,) = answer.outcomes
            assert (outcome.verdict, outcome.reason) == (Verdict.REJECTED, Reason.REQUEST_REFUSED)
            assert outcome.code
            assert outcome.text
            assert self.case.parts.get(name) != PARTS[name]

    @pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500, 503])
    async def test_no_body_breaks_it(
        self, adapter: Adapter, wire: respx.Route, status: int
    ) -> None:
        """P04, P07: 5xx and garbage are no answer, whatever the class."""
        expected = {
            401: (Verdict.DEFERRED, Reason.MISCONFIGURED),
            403: (Verdict.DEFERRED, Reason.MISCONFIGURED),
            429: (Verdict.DEFERRED, Reason.THROTTLED),
        }.get(status, (Verdict.UNKNOWN, Reason.UNREADABLE))
        for body in UNREADABLE:
            wire.respond(status, content=body)
            answer = await self.ask(adapter, self.many())
            assert {(o.verdict, o.reason) for o in answer.outcomes} == {expected}
            assert (answer.http_status, answer.raw) == (status, body)

    async def test_short_long_and_shuffled_answers(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        """P08: whom an answer does not name is in doubt."""
        if not self.case.rows:
            assert self.batch == 1
            return
        asked = call(self.case.route, 3)
        short, long, shuffled = (self.case.accepts(asked) for _ in range(3))
        del rows_of(short, self.case.rows)[1]
        rows = rows_of(long, self.case.rows)
        rows.append({**rows[0], "recipientSeq": 4, "recipientGroupingKey": "someone else"})
        rows_of(shuffled, self.case.rows).reverse()
        got = []
        for body in (short, long, shuffled):
            wire.respond(200, json=body)
            got.append((await self.ask(adapter, 3)).outcomes)
        yes, no = Verdict.ACCEPTED, Verdict.UNKNOWN
        assert [[o.verdict for o in outcomes] for outcomes in got] == [
            [yes, no, yes],
            [yes, yes, yes],
            [yes, yes, yes],
        ]
        assert got[1] == got[2]

    async def test_what_surely_did_not_leave_is_deferred(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        """P01: of every adapter."""
        for error in (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            wire.side_effect = error("no")
            (outcome,) = (await self.ask(adapter)).outcomes
            assert (outcome.verdict, outcome.reason) == (Verdict.DEFERRED, Reason.PROVIDER_DOWN)

    async def test_what_may_have_left_is_unknown(self, adapter: Adapter, wire: respx.Route) -> None:
        """P02, P03: of every adapter."""
        for error in (httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.DecodingError):
            before = wire.call_count
            wire.side_effect = error("lost")
            (outcome,) = (await self.ask(adapter)).outcomes
            assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.NO_ANSWER)
            assert wire.call_count == before + 1

    async def test_throttled_says_when(self, adapter: Adapter, wire: respx.Route) -> None:
        """P05: Retry-After is passed on."""
        wire.respond(429, headers={"Retry-After": "7"})
        (outcome,) = (await self.ask(adapter)).outcomes
        assert outcome.retry_after_s == 7.0

    async def test_every_code_of_the_table_arrives(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        assert self.case.codes
        for code, expected in self.case.codes.items():
            wire.respond(self.case.status(code), json=self.case.refuses(code))
            for outcome in (await self.ask(adapter, self.many())).outcomes:
                assert (outcome.verdict, outcome.reason, outcome.code) == (*expected, code)

    async def test_an_unlisted_code_is_kept(self, adapter: Adapter, wire: respx.Route) -> None:
        unlisted = self.case.unlisted
        wire.respond(self.case.status(unlisted), json=self.case.refuses(unlisted))
        (outcome,) = (await self.ask(adapter)).outcomes
        assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, Reason.UNMAPPED)
        assert outcome.code == self.case.unlisted

    async def test_callbacks(self, adapter: Adapter) -> None:
        """P11, P16: forged ones are refused, the same one says the same."""
        if self.case.signed:
            adapter.verify(self.case.callback)
        else:
            with pytest.raises(BadCallback):
                adapter.verify(self.case.callback)
        first = adapter.parse(self.case.callback)
        assert first
        assert first == adapter.parse(replace(self.case.callback))
        for strange in self.case.strange:
            with pytest.raises(BadCallback):
                _read(adapter, strange)

    async def test_an_empty_call_asks_nothing_and_a_full_one_asks_once(
        self, adapter: Adapter, wire: respx.Route
    ) -> None:
        assert (await adapter.send(call(self.case.route, 0))).outcomes == ()
        assert wire.call_count == 0
        wire.respond(200, json=self.case.accepts(call(self.case.route, self.batch)))
        answer = await self.ask(adapter, self.batch)
        assert {o.verdict for o in answer.outcomes} == {Verdict.ACCEPTED}
        assert wire.call_count == 1

    async def test_nothing_private_is_told(
        self, adapter: Adapter, wire: respx.Route, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        wire.respond(200, json=self.case.accepts(call(self.case.route)))
        answer = await self.ask(adapter)
        wire.side_effect = httpx.ReadError("lost")
        lost = await self.ask(adapter)
        parsed = adapter.parse(self.case.callback)
        told = f"{caplog.text} {adapter!r} {answer!r} {lost!r} {parsed!r} {call(self.case.route)!r}"
        for secret in (*self.case.secrets, *PRIVATE):
            assert secret not in told
