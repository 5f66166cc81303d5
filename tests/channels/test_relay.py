"""A company's own relay: the interface of docs/relay.md, and what each of its promises allows."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels import registry
from channels.adapters.relay import AskableRelay, Config, Relay, build
from channels.adapters.relay.account import REASONS
from channels.contract import BadCallback, Call, Callback, CanLookUp, Found, Receipt, Tried
from channels.vocabulary import (
    IdempotencyClass,
    Lookup,
    Reason,
    Result,
    Verdict,
)
from tests.channels.conformance import NOW, Case, Conformance, call, outgoing
from tests.channels.wire import plain_client, recorded

URL = "https://relay.example/naru"
STAMP = int(NOW.timestamp())
GIVEN = {"relay_url": URL + "/", "key": "relay-key-1", "signing_secret": "sign-secret-1"}


def config(**more: str) -> Config:
    return replace(Config.read({**GIVEN, **more}, None), clock=lambda: STAMP + 60.0)


def relay(client: httpx.AsyncClient, **more: str) -> Relay:
    return build(config(**more), client)


def askable(client: httpx.AsyncClient, kind: str = "look_up") -> AskableRelay:
    made = relay(client, idempotency=kind, dedupe_ttl_s="600")
    assert isinstance(made, AskableRelay)
    return made


def signed(body: Any, secret: str = "sign-secret-1", stamp: int = STAMP) -> Callback:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    mac = hmac.digest(secret.encode(), f"{stamp}.".encode() + raw, "sha256").hex()
    headers = {"x-relay-timestamp": str(stamp), "x-relay-signature": f"v1={mac}"}
    return Callback("results", headers, raw)


def accepts(asked: Call) -> dict[str, Any]:
    rows = [{"ref": m.ref, "status": "accepted", "id": f"i-{m.ref}"} for m in asked.messages]
    return {"request_id": "r-1", "results": rows}


GOOD = signed(recorded("relay/results"))


def case(route: str, **more: str) -> Case:
    return Case(
        build=lambda client: relay(client, **more),
        route=route,
        accepts=accepts,
        refuses=lambda code: {"code": code, "text": "no"},
        rows=("results",),
        codes=REASONS,
        callback=GOOD,
        strange=(
            replace(GOOD, body=GOOD.body + b" "),
            replace(GOOD, headers={}),
            replace(GOOD, headers={**GOOD.headers, "x-relay-timestamp": "soon"}),
            replace(GOOD, headers={**GOOD.headers, "x-relay-signature": "v1=\udcff"}),
            signed(recorded("relay/results"), "another secret"),
            signed(recorded("relay/results"), stamp=STAMP - 241),
            signed(recorded("relay/results"), stamp=STAMP + 361),
            signed(b"<html>"),
            signed([]),
            signed({"results": [7]}),
            signed({"results": [{"ref": "a", "status": "perhaps"}]}),
            signed({"results": [{"status": "delivered"}]}),
        ),
        secrets=("relay-key-1", "sign-secret-1"),
        headers={"Authorization": "Bearer relay-key-1"},
    )


class TestAlimtalk(Conformance):
    case = case("alimtalk")


class TestSms(Conformance):
    case = case("sms", idempotency="look_up")


class TestLms(Conformance):
    case = case("lms", idempotency="dedupe", dedupe_ttl_s="600")


async def test_the_documented_request(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{URL}/messages").respond(json=recorded("relay/send_answer"))
    async with plain_client() as client:
        answer = await relay(client).send(call("alimtalk"))
    assert orjson.loads(route.calls.last.request.content) == recorded("relay/send_request")
    (outcome,) = answer.outcomes
    assert (outcome.verdict, outcome.provider_id) == (Verdict.ACCEPTED, "r-81-1")
    assert answer.request_id == "r-81"


def ref_made(ago_s: float) -> str:
    ms = int((NOW - timedelta(seconds=ago_s)).timestamp() * 1000)
    return base64.b32encode(ms.to_bytes(6, "big") + bytes(10)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("kind", "ref", "verdict"),
    [
        ("dedupe", ref_made(599), Verdict.ACCEPTED),
        ("dedupe", ref_made(601), Verdict.UNKNOWN),
        ("dedupe", "no reference of ours", Verdict.UNKNOWN),
        ("look_up", ref_made(1), Verdict.UNKNOWN),
        ("blind", ref_made(1), Verdict.UNKNOWN),
    ],
)
async def test_a_duplicate_proves_something_only_where_it_is_promised(
    respx_mock: respx.MockRouter, kind: str, ref: str, verdict: Verdict
) -> None:
    """P09: and only as long (R6)."""
    row = {"ref": ref, "status": "rejected", "code": "duplicate"}
    respx_mock.post(f"{URL}/messages").respond(json={"request_id": "r", "results": [row]})
    asked = replace(call("sms"), messages=(replace(outgoing(), ref=ref),))
    async with plain_client() as client:
        made = relay(client, idempotency=kind, dedupe_ttl_s="600")
        (outcome,) = (await made.send(asked)).outcomes
    assert outcome.verdict is verdict
    assert outcome.reason == (None if verdict is Verdict.ACCEPTED else Reason.DUPLICATE)


def tried(n: int, text: str = "안녕하세요") -> Tried:
    one = outgoing(n)
    return Tried(one.ref, "sms", "call-17", NOW, to=one.to, text=text)


async def ask(respx_mock: respx.MockRouter, kind: str, asked: Tried, body: Any) -> Found:
    respx_mock.get(url__startswith=f"{URL}/messages").respond(json=body)
    async with plain_client() as client:
        (found,) = await askable(client, kind).look_up([asked], NOW)
    return found


async def test_looking_up_by_reference(respx_mock: respx.MockRouter) -> None:
    body = recorded("relay/messages")
    route = respx_mock.get(url__startswith=f"{URL}/messages").respond(json=body)
    async with plain_client() as client:
        found = await askable(client).look_up([tried(n) for n in (1, 2, 3, 4)], NOW)
    query = route.calls.last.request.url.params
    assert query.get_list("ref") == [tried(n).ref for n in (1, 2, 3, 4)]
    assert [one.state for one in found] == [
        Lookup.ACCEPTED, Lookup.REFUSED, Lookup.ACCEPTED, Lookup.ABSENT,
    ]  # fmt: skip
    assert found[1].reason is Reason.TOO_LONG
    assert found[2].receipt is not None
    assert (found[2].receipt.result, found[2].receipt.reason) == (
        Result.UNDELIVERED, Reason.PHONE_OFF,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [{"messages": []}, {"messages": [], "complete": False}, {"complete": True}, [], {"code": "x"}],
)
async def test_absent_only_when_the_list_is_complete(
    respx_mock: respx.MockRouter, body: Any
) -> None:
    assert (await ask(respx_mock, "look_up", tried(9), body)).state is Lookup.UNCLEAR


def listed(*rows: Mapping[str, str]) -> dict[str, Any]:
    return {"messages": list(rows), "complete": True}


async def test_looking_up_by_number_and_text(respx_mock: respx.MockRouter) -> None:
    mine = {"to": "01011112222", "text": "안녕하세요", "status": "accepted", "id": "r-1"}
    other = {**mine, "text": "안녕히 가세요"}
    for rows, state in (
        ((mine, other), Lookup.ACCEPTED),
        ((other,), Lookup.ABSENT),
        ((mine, mine), Lookup.UNCLEAR),
    ):
        found = await ask(respx_mock, "window_look_up", tried(1), listed(*rows))
        assert (found.ref, found.state) == (tried(1).ref, state)
    query = respx_mock.calls.last.request.url.params
    assert (query["route"], query["to"]) == ("sms", "01011112222")
    assert query["since"] == (NOW - timedelta(seconds=60)).isoformat()


async def test_polling(respx_mock: respx.MockRouter) -> None:
    body = {**recorded("relay/results"), "cursor": "next"}
    route = respx_mock.get(url__startswith=f"{URL}/results").respond(json=body)
    async with plain_client() as client:
        page = await relay(client).poll(NOW, NOW, "this")
    assert route.calls.last.request.url.params["cursor"] == "this"
    assert [one.result for one in page.receipts] == [
        Result.DELIVERED, Result.UNDELIVERED, Result.UNCERTAIN,
    ]  # fmt: skip
    assert (page.receipts[1].reason, page.cursor) == (Reason.NOT_REACHABLE, "next")


def test_the_class_is_the_accounts() -> None:
    client = plain_client()
    made = registry.build("relay", {**GIVEN, "idempotency": "dedupe", "dedupe_ttl_s": "9"}, client)
    assert made.routes["lms"].idempotency.ttl_s == 9
    assert isinstance(made, CanLookUp)
    blind = registry.build("relay", GIVEN, client)
    assert blind.routes["sms"].idempotency.kind is IdempotencyClass.BLIND
    assert not isinstance(blind, CanLookUp)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"idempotency": "always"}, "idempotency"),
        ({"level": "seen"}, "level"),
        ({"idempotency": "dedupe"}, "dedupe_ttl_s"),
        ({"idempotency": "dedupe", "dedupe_ttl_s": "0"}, "dedupe_ttl_s"),
        ({"idempotency": "window_look_up", "window_s": "a while"}, "window_s"),
    ],
)
def test_a_promise_that_is_none(given: dict[str, str], name: str) -> None:
    with pytest.raises(registry.BadCredential) as error:
        registry.build("relay", {**GIVEN, **given}, plain_client())
    assert error.value.names == (name,)


@pytest.mark.parametrize(
    ("level", "furthest"), [("", 2), ("delivered", 2), ("read", 3), ("acknowledged", 4)]
)
def test_how_far_it_reports_is_the_accounts(level: str, furthest: int) -> None:
    order = ("accepted", "delivered", "read", "acknowledged")
    for route in config(level=level).routes().values() if level else config().routes().values():
        assert route.levels == set(order[:furthest])
    assert (
        registry.routes("relay", {**GIVEN, "level": level})
        == config(**({"level": level} if level else {})).routes()
    )


@pytest.mark.parametrize("result", [Result.READ, Result.ACKNOWLEDGED])
async def test_read_and_acknowledged_are_results(result: Result) -> None:
    row = {"event_id": "e", "ref": "a" * 26, "status": str(result), "at": NOW.isoformat()}
    async with plain_client() as client:
        (receipt,) = relay(client, level="acknowledged").parse(signed({"results": [row]}))
    assert isinstance(receipt, Receipt)
    assert (receipt.result, receipt.reason) == (result, None)


def test_a_callback_of_this_second_is_fine() -> None:
    relay(plain_client()).verify(signed({"results": []}))
    with pytest.raises(BadCallback):
        relay(plain_client()).verify(Callback("results", {}, b""))
