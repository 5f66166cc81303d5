"""Results that come twice, late, in any order, or never; lists still tell the truth."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from sandbox.chaos.receipts import stir
from sandbox.chaos.rules import Rule
from sandbox.delivery import deliver_due
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.server import receive, serve
from tests.sandbox.shop import APP, HANA, SECRET, accept, notice, results, send, settle_in

NUMBERS = [f"0105500{n}" for n in range(1100, 1200)]


def arm(store: Store, *rules: dict[str, Any]) -> None:
    store.chaos.arm([Rule(**rule) for rule in rules], 3)


def report(store: Store, clock: Clock, *numbers: str) -> list[tuple[int, list[str]]]:
    """Accept and deliver; (milliseconds until it leaves, numbers in it) of every webhook."""
    settle_in(store, webhook_url="http://127.0.0.1:9/hook")
    accept(store, *numbers)
    clock.pass_s(1)
    deliver_due(store)
    rows = store.all("SELECT due_at, body FROM outbox ORDER BY due_at, id")
    return [
        (row["due_at"] - clock.ms, [h["recipientNo"] for h in orjson.loads(row["body"])["hooks"]])
        for row in rows
    ]


def test_without_a_rule_nothing_changes(store: Store, clock: Clock) -> None:
    assert report(store, clock, *NUMBERS) == [(0, NUMBERS)]
    assert stir(store.chaos, []) == [(0, [])]


def test_duplicates_follow_within_their_time(store: Store, clock: Clock) -> None:
    arm(store, {"effect": "receipt_duplicate", "times": 2, "seconds": 1})
    sent = report(store, clock, *NUMBERS)
    assert Counter(n for _, part in sent for n in part) == dict.fromkeys(NUMBERS, 3)
    assert sent[0][0] == 0
    assert max(wait for wait, _ in sent) <= 1000
    assert len(sent) > 5


def test_shuffled_results_leave_late_and_out_of_order(store: Store, clock: Clock) -> None:
    arm(store, {"effect": "receipt_shuffle", "seconds": 1})
    sent = report(store, clock, *NUMBERS)
    came = [n for _, part in sent for n in part]
    assert came != NUMBERS
    assert sorted(came) == NUMBERS


def test_dropped_results_are_still_listed(store: Store, clock: Clock) -> None:
    arm(store, {"effect": "receipt_drop", "probability": 0.5})
    ((_, told),) = report(store, clock, *NUMBERS)
    assert 25 < len(told) < 75
    assert set(results(store).values()) == {"1000"}
    assert store.chaos.armed[0].acted == 100 - len(told)


def test_a_delay_of_one_number_leaves_the_others_alone(store: Store, clock: Clock) -> None:
    arm(store, {"effect": "receipt_delay", "seconds": 4, "number": "1107", "count": 1})
    assert report(store, clock, "01055001107", "01055001108") == [
        (0, ["01055001108"]),
        (4000, ["01055001107"]),
    ]


def test_another_accounts_rule_does_not_hit(store: Store, clock: Clock) -> None:
    arm(store, {"effect": "receipt_drop", "account": "AK9"})
    assert report(store, clock, HANA) == [(0, [HANA])]


async def test_a_late_result_really_leaves_and_polling_is_not_late(tmp_path: Path) -> None:
    async with receive() as shop, serve(tmp_path / "s.db") as sandbox:
        settle_in(sandbox.store, webhook_url=f"{shop.url}/hook")
        sandbox.store.change_settings({"result_delay_s": 0})
        arm(sandbox.store, {"effect": "receipt_delay", "seconds": 0.5})
        sent = await send(sandbox.client, notice(HANA))
        await sandbox.until(lambda: results(sandbox.store)[HANA])
        path = f"/nhn/alimtalk/v2.3/appkeys/{APP}/messages"
        one = f"{path}/{sent['message']['requestId']}/1"
        listed = (await sandbox.client.get(one, headers=SECRET)).json()
        assert listed["message"]["resultCode"] == "1000"
        assert shop.got == []
        await shop.until(1)
