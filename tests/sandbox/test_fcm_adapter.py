"""The gateway's own adapter at the sandbox, over real sockets."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import outlet, registry
from channels.contract import Call, Outcome
from channels.vocabulary import Reason, Verdict
from sandbox.chaos.rules import Rule
from sandbox.fcm.devices import Device, install, remove, renew
from sandbox.inbox import list_received
from tests.channels.conformance import PUSH, outgoing
from tests.sandbox.firebase import phone_app, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA
from tests.service_accounts import key_file


@pytest.fixture
async def adapter(running: Running) -> AsyncIterator[Any]:
    settle_in(running.store)
    async with outlet.connect() as client:
        given = {"service_account": key_file()}
        yield registry.build("fcm", given, client, f"{running.url}/fcm")


async def send(adapter: Any, device: Device, **changed: Any) -> Outcome:
    now = datetime.now(UTC)
    message = replace(
        outgoing(),
        **{**PUSH, "to": device.fid, "expires_at": now + timedelta(hours=1), **changed},
    )
    asked = Call("call-1", "push", (message,), now, time.monotonic() + 20)
    (outcome,) = (await adapter.send(asked)).outcomes
    return outcome  # type: ignore[no-any-return]


async def test_a_push_goes_all_the_way(running: Running, adapter: Any) -> None:
    device = phone_app(running.store, HANA)
    outcome = await send(adapter, device)
    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.provider_id.startswith("projects/naru-shop/messages/0:")
    await running.until(lambda: list_received(running.store))
    (got,) = list_received(running.store)
    assert (got.title, got.text) == ("출고 안내", "김하나님, 상품이 출발했습니다.")
    assert got.data == dict(PUSH["data"])


async def test_the_registration_token_leads_there_too(running: Running, adapter: Any) -> None:
    device = phone_app(running.store, HANA)
    outcome = await send(adapter, device, address_kind="token", to=device.token)
    assert outcome.verdict is Verdict.ACCEPTED


async def test_dead_addresses_are_told_apart(running: Running, adapter: Any) -> None:
    store = running.store
    device = phone_app(store, HANA)
    newer = renew(store, device)
    outcomes = [await send(adapter, device)]
    remove(store, newer)
    outcomes.append(await send(adapter, newer))
    settle_in(store, "another", "other@example")
    outcomes.append(await send(adapter, install(store, HANA, "another", "앱")))
    outcomes.append(await send(adapter, newer, to="no-address"))
    assert {(one.verdict, one.reason, one.gone) for one in outcomes} == {
        (Verdict.REJECTED, Reason.NOT_REACHABLE, True)
    }
    assert [one.code for one in outcomes] == [
        "UNREGISTERED",
        "UNREGISTERED",
        "SENDER_ID_MISMATCH",
        "INVALID_ARGUMENT",
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"effect": "error_code", "code": "QUOTA_EXCEEDED"}, ("deferred", "throttled", 5.0)),
        ({"effect": "error_code", "code": "UNAVAILABLE"}, ("deferred", "provider_down", 5.0)),
        ({"effect": "error_code", "code": "INTERNAL"}, ("deferred", "provider_down", None)),
        ({"effect": "error_code", "code": "THIRD_PARTY_AUTH_ERROR"},
         ("deferred", "misconfigured", None)),
        ({"effect": "throttle", "retry_after_s": 7}, ("deferred", "throttled", 7.0)),
        ({"effect": "http_status", "status": 502}, ("unknown", "unreadable", None)),
        ({"effect": "http_status", "status": 503, "retry_after_s": 9},
         ("deferred", "provider_down", 9.0)),
        ({"effect": "garbage", "body": "cut_json"}, ("unknown", "unreadable", None)),
        ({"effect": "timeout_after", "seconds": 0}, ("unknown", "no_answer", None)),
    ],
)  # fmt: skip
async def test_what_the_dial_does_is_understood(
    running: Running, adapter: Any, rule: dict[str, Any], expected: tuple[str, str, float | None]
) -> None:
    device = phone_app(running.store, HANA)
    running.store.chaos.arm([Rule(**{"provider": "fcm", **rule})], 1)
    outcome = await send(adapter, device)
    assert (outcome.verdict, outcome.reason, outcome.retry_after_s) == expected
    assert not outcome.gone
    running.store.chaos.arm([], 1)
    assert (await send(adapter, device)).verdict is Verdict.ACCEPTED


async def test_a_token_that_ended_is_renewed_within_the_call(
    running: Running, adapter: Any
) -> None:
    device = phone_app(running.store, HANA)
    assert (await send(adapter, device)).verdict is Verdict.ACCEPTED
    running.store.clock.set(running.store.now() + 3_600_000, None)
    assert (await send(adapter, device)).verdict is Verdict.ACCEPTED
    paths = [one.path.rsplit("/", 1)[1] for one in running.store.exchanges]
    assert paths == ["token", "messages:send", "messages:send", "token", "messages:send"]


async def test_the_check_of_an_account(running: Running, adapter: Any) -> None:
    health = await adapter.check()
    assert (health.ok, health.problems) == (True, ())
    assert running.store.number("SELECT count(*) FROM message") == 0
    settle_in(running.store, email="somebody@else.example")
    assert not (await adapter.check()).ok
