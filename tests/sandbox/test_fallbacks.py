"""Which text messages came in place of a notice, and which only look like it."""

from collections.abc import Sequence

import pytest

from sandbox.delivery import deliver_due
from sandbox.fallbacks import WITHIN_MS, Fallback, find_fallbacks
from sandbox.inbox import list_messages
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.phone import Traits, set_traits
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import APP, BLOCKS, CALLER, HANA, NO_KAKAO, accept
from tests.sandbox.solapi_shop import Caller
from tests.sandbox.solapi_shop import notice as solapi_notice

OTHER = "another-account"


def text(store: Store, clock: Clock, number: str, account: str = APP) -> None:
    """A text message, delivered at once."""
    batch = Batch(account=account, app="sms", kind="sms", sender=CALLER, request_id="S1")
    take(store, batch, [Draft(1, number, "[한빛상회] 안내")], 0)
    clock.pass_s(1)
    deliver_due(store)


def notice(store: Store, clock: Clock, number: str) -> None:
    accept(store, number)
    clock.pass_s(1)
    deliver_due(store)


def found(store: Store, number: str) -> Sequence[Fallback | None]:
    """What explains each text message of a phone, in their order."""
    lines = list_messages(store, number, "sms")
    by_id = find_fallbacks(store, number, lines)
    return [by_id.get(line.id) for line in lines]


@pytest.mark.parametrize(("number", "code"), [(NO_KAKAO, "3019"), (BLOCKS, "3020")])
def test_a_text_after_a_failed_notice_tells_its_code(
    store: Store, clock: Clock, number: str, code: str
) -> None:
    notice(store, clock, number)
    text(store, clock, number)
    assert found(store, number) == [Fallback(code, code, sure=False)]


def test_one_notice_explains_one_text(store: Store, clock: Clock) -> None:
    text(store, clock, NO_KAKAO)  # it was there before
    notice(store, clock, NO_KAKAO)
    for _ in range(2):
        text(store, clock, NO_KAKAO)
    assert [one is not None for one in found(store, NO_KAKAO)] == [False, True, False]


def test_what_only_looks_like_a_fallback(store: Store, clock: Clock) -> None:
    notice(store, clock, NO_KAKAO)
    text(store, clock, NO_KAKAO, OTHER)  # another account knows nothing of that notice
    notice(store, clock, HANA)
    text(store, clock, HANA)  # its notice arrived
    clock.pass_s(WITHIN_MS / 1000)
    text(store, clock, NO_KAKAO)  # long after
    assert found(store, NO_KAKAO) == [None, None]
    assert found(store, HANA) == [None]
    set_traits(store, HANA, Traits(on=False))
    notice(store, clock, HANA)  # 3005, and it waits: nothing has failed yet
    set_traits(store, HANA, Traits(on=True))
    text(store, clock, HANA)
    assert found(store, HANA) == [None, None]


async def test_the_providers_own_replacement_is_sure(solapi: Caller, store: Store) -> None:
    await solapi.send(solapi_notice(NO_KAKAO))
    solapi.deliver()
    solapi.deliver()
    assert found(store, NO_KAKAO) == [Fallback("3104", "3019", sure=True)]


def test_a_phone_asks_once_and_by_an_index(store: Store, clock: Clock) -> None:
    for _ in range(3):
        notice(store, clock, NO_KAKAO)
        text(store, clock, NO_KAKAO)
    lines = list_messages(store, NO_KAKAO, "sms")
    asked: list[str] = []
    store.db.set_trace_callback(asked.append)
    assert len(find_fallbacks(store, NO_KAKAO, lines)) == 3
    assert find_fallbacks(store, HANA, []) == {}
    store.db.set_trace_callback(None)
    (question,) = asked
    plan = store.all(f"EXPLAIN QUERY PLAN {question}")
    assert [row["detail"] for row in plan if "SCAN" in row["detail"]] == []
