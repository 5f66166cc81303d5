"""The vocabulary: frozen, silent about people, and every route honest about itself."""

from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime

import pytest

from channels.bubble import Button
from channels.contract import (
    Answer,
    Call,
    Callback,
    Found,
    Inbound,
    Outcome,
    Outgoing,
    Page,
    Receipt,
    Route,
    Tried,
)
from channels.registry import PROVIDERS
from channels.vocabulary import (
    IdempotencyClass,
    InboundKind,
    Level,
    Lookup,
    Reason,
    Result,
    Verdict,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OUTGOING = Outgoing(
    "r", "01011112222", "sender", "text", title="title", buttons=(Button("WL", "n"),)
)
SAMPLES = [
    OUTGOING,
    Call("k", "sms", (OUTGOING,), NOW, 1.0),
    Outcome("r", Verdict.ACCEPTED),
    Answer((Outcome("r", Verdict.ACCEPTED),), raw=b"01011112222"),
    Tried("r", "sms", "k", NOW, to="01011112222", text="text"),
    Receipt(Result.DELIVERED),
    Found("r", Lookup.ABSENT),
    Page(()),
    Callback("", {"x-secret": "01011112222"}, b"01011112222"),
    Inbound(InboundKind.MESSAGE, "sender", "01011112222", "d", text="text", content={"a": "text"}),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: type(one).__name__)
def test_frozen_and_silent(sample: object) -> None:
    first = fields(sample)[0].name  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        setattr(sample, first, None)
    for private in ("01011112222", "'sender'", "'text'", "'title'"):
        assert private not in repr(sample)


ROUTES = [
    pytest.param(route, id=f"{provider.name}-{route.name}")
    for provider in PROVIDERS.values()
    for route in provider.routes.values()
]


@pytest.mark.parametrize("route", ROUTES)
def test_routes(route: Route) -> None:
    assert route.batch >= 1
    assert route.settle_s >= route.deadline_s + 1  # rule R4
    assert Level.ACCEPTED in route.levels
    assert route.receipts == (Level.DELIVERED in route.levels)
    assert route.receipt_window_s > route.settle_s
    assert route.same <= {one.name for one in fields(Outgoing)}
    assert (route.idempotency.kind is IdempotencyClass.DEDUPE) == (route.idempotency.ttl_s > 0)


def test_words_are_their_own_values() -> None:
    for words in (Verdict, Reason, Level, IdempotencyClass, Lookup, Result, InboundKind):
        assert [str(word) for word in words] == [word.name.lower() for word in words]
