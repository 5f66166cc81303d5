"""What the sandbox forges, read by the real adapters: what a protocol can tell is not believed."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from channels.contract import BadCallback, Callback, Receipt
from channels.registry import PROVIDERS
from channels.vocabulary import Result
from sandbox.accounts import Channel, NhnKeys, RelayKeys, put_nhn, put_relay
from sandbox.chaos.rules import Rule
from sandbox.delivery import deliver_due
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.outbox import address, settle
from sandbox.solapi.reports import report_body
from sandbox.store import Store
from tests.channels.wire import plain_client
from tests.sandbox import solapi_shop

HANA, REF = "01000001001", "AGJQTEST"
HERE = "http://127.0.0.1:9/hook"
GIVEN = {
    "nhn": {
        "app_key": "AK1",
        "secret_key": "k",
        "sms_app_key": "SK1",
        "sms_secret_key": "s",
        "webhook_signature": "sign-me",
    },
    "relay": {
        "relay_url": "http://127.0.0.1:9",
        "key": "k1",
        "signing_secret": "s1",
        "idempotency": "blind",
    },
    "solapi": {"api_key": "K", "api_secret": "S"},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "sandbox.db")
    opened.change_settings({"result_delay_s": 0})
    yield opened
    opened.close()


def send(store: Store, provider: str) -> None:
    """One notice that arrives."""
    account = "AK1"
    if provider == "nhn":
        put_nhn(store, NhnKeys("AK1", "k", "SK1", "s", HERE, "sign-me"), [Channel("c")], [])
    else:
        put_relay(store, RelayKeys("k1", "s1", "blind", 600, HERE), [Channel("c")], [])
        (row,) = store.all("SELECT id FROM relay_account")
        account = row["id"]
    batch = Batch(account, "chat", "alimtalk", "c", "20261127101500aB3dE5fG7h0", provider=provider)
    take(store, batch, [Draft(1, HANA, "안녕하세요", ref=REF)], 0)


def told(store: Store, provider: str) -> list[Receipt | None]:
    """What the adapter makes of every webhook in the order they leave; None: refused."""
    adapter = PROVIDERS[provider].build(GIVEN[provider], plain_client(), None)
    found: list[Receipt | None] = []
    for row in store.all("SELECT * FROM outbox WHERE path <> 'group_webhook_url' ORDER BY id"):
        _, headers = address(store, row)
        body = report_body(row) if provider == "solapi" else row["body"]
        lower = {name.lower(): value for name, value in headers.items()}
        callback = Callback("", lower, body)
        read = len(found)
        with suppress(BadCallback):
            adapter.verify(callback)
            found += [one for one in adapter.parse(callback) if isinstance(one, Receipt)]
        found += [None] * (len(found) == read)
    return found


@pytest.mark.parametrize("provider", ["nhn", "relay"])
@pytest.mark.parametrize("forge", ["signature", "reference", "result"])
def test_beside_the_truth_a_forgery(store: Store, provider: str, forge: str) -> None:
    store.chaos.arm([Rule.model_validate({"effect": "receipt_forge", "forge": forge})], 1)
    send(store, provider)
    deliver_due(store)
    forged, true = told(store, provider)
    assert true
    assert (true.result, true.ref) == (Result.DELIVERED, REF)
    if forge == "signature":
        assert forged is None
    elif forge == "reference":
        assert forged
        assert forged.ref not in ("", REF)
        assert (forged.provider_id == true.provider_id, forged.event_id == true.event_id) == (
            False,
            False,
        )
    else:  # the provider's own signature under another result: no protocol tells it
        assert forged
        assert (forged.result, forged.ref) == (Result.UNDELIVERED, REF)
    assert store.chaos.armed[0].acted == 1


async def test_solapi_signs_nothing_but_a_stranger_s_message_has_no_name_of_ours(
    store: Store,
) -> None:
    solapi_shop.settle_in(store, webhook_url=HERE)
    key = {"effect": "receipt_forge", "account": solapi_shop.KEY}
    rules = [{**key, "forge": forge} for forge in ("signature", "reference", "result")]
    store.chaos.arm([Rule.model_validate(rule) for rule in rules], 1)
    async with solapi_shop.open_solapi(store) as shop:
        (message,) = (await shop.send(solapi_shop.notice()))["messageList"]
        sent = message["messageId"]
    deliver_due(store)
    found = [one for one in told(store, "solapi") if one]
    assert [one.result for one in found] == [
        Result.DELIVERED,
        Result.UNDELIVERED,
        Result.DELIVERED,
    ]
    assert [one.provider_id == sent for one in found] == [False, True, True]
    assert [one.acted for one in store.chaos.armed] == [0, 1, 1]


def test_a_wrong_signature_is_tried_once(store: Store) -> None:
    store.chaos.arm([Rule(effect="receipt_forge", forge="signature", seconds=2)], 1)
    send(store, "nhn")
    deliver_due(store)
    true, forged = store.all("SELECT * FROM outbox ORDER BY due_at")
    assert 1_900 < forged["due_at"] - true["due_at"] < 3_000
    settle(store, forged, delivered=False)
    assert store.number("SELECT count(*) FROM outbox") == 1
    counted = store.counters()
    assert (counted["webhooks forged"], counted.get("webhooks failed", 0)) == (1, 0)


def test_an_account_without_a_signature_is_not_forged(store: Store) -> None:
    """There its secret address alone proves who speaks."""
    store.chaos.arm([Rule(effect="receipt_forge", forge="signature")], 1)
    send(store, "nhn")
    put_nhn(store, NhnKeys("AK1", "k", "SK1", "s", HERE), [Channel("c")], [])
    deliver_due(store)
    assert store.number("SELECT count(*) FROM outbox") == 1
