"""What the relay reports: its words for every fate, and callbacks signed as they leave."""

import hashlib
import hmac

import orjson

from sandbox.accounts import RelayKeys, put_relay
from sandbox.delivery import deliver_due
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.outbox import address
from sandbox.store import Store
from sandbox.waits import set_clock
from tests.sandbox.conftest import Clock


async def test_results_are_reported_and_signed(store: Store, clock: Clock) -> None:
    put_relay(store, RelayKeys("k1", "s1", callback_url="http://here/results"), [], [])
    row = store.one("SELECT id FROM relay_account")
    assert row is not None
    batch = Batch(row["id"], "chat", "alimtalk", "c" * 40, "r1", provider="relay")
    numbers = ("01000001001", "01000003019", "01000003020", "01000003005")
    drafts = [Draft(n, to, "안녕하세요", ref=to) for n, to in enumerate(numbers, 1)]
    assert take(store, batch, drafts, 0) is False
    clock.pass_s(1)
    deliver_due(store)
    (mail,) = store.all("SELECT * FROM outbox")
    told = {r["ref"]: (r["status"], r["code"]) for r in orjson.loads(mail["body"])["results"]}
    assert list(told.values()) == [
        ("delivered", "delivered"),
        ("undelivered", "not_reachable"),
        ("undelivered", "opted_out"),
        ("uncertain", "uncertain"),
    ]
    set_clock(store, clock.ms + 86_400_000)
    url, headers = address(store, mail)
    assert headers["X-Relay-Timestamp"] == str(clock.ms // 1000)  # whom we call lives in real time
    assert url == "http://here/results"
    signed = headers["X-Relay-Timestamp"].encode() + b"." + mail["body"]
    good = hmac.new(b"s1", signed, hashlib.sha256).hexdigest()
    assert headers["X-Relay-Signature"] == f"v1={good}"
