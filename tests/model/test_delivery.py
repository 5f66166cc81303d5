"""The delivery protocol, row by row: what every rule prevents, and what is left."""

from __future__ import annotations

import pytest

from tests.model import delivery

SAFE: frozenset[str] = frozenset()
TABLE = {
    "Dedupe, all rules": SAFE,
    "Dedupe without the settle window (R4)": {"both"},
    "Dedupe without the lease guard (R3)": {"both"},
    "Dedupe without the fence (R5)": {"both"},
    "Dedupe with a new reference on retry (R2)": {"twice", "both"},
    "Dedupe, the provider forgets the key (ttl)": {"twice", "both"},
    "Dedupe, looks up once past the ttl (R6)": SAFE,
    "Dedupe, a refusal burns the key (R6)": {"false accept"},
    "LookUp, all rules": SAFE,
    "LookUp without the settle window (R4)": {"twice", "both"},
    "LookUp with a list that lags behind the window (R4)": {"twice", "both"},
    "LookUp without the lease guard (R3)": {"twice", "both"},
    "LookUp, row committed after sending (R1)": {"twice", "both"},
    "LookUp without the fence": SAFE,
    "Blind, hold": {"stuck"},
    "Blind, resend": {"twice", "both"},
    "Blind, fall_back": {"both"},
    "naive: requeue what is unfinished": {"twice", "both"},
    "Dedupe, frozen between lease check and write": {"both"},
    "LookUp, frozen between lease check and write": {"twice", "both"},
}


def test_every_variant_has_its_row() -> None:
    assert set(delivery.VARIANTS) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_variant_has_exactly_the_faults_of_its_row(name: str) -> None:
    seen = delivery.explore(delivery.VARIANTS[name])
    found = {fault: seen.trace(fault) for fault in seen.found}
    assert set(found) == TABLE[name], found
    assert len(seen.came) > 50  # the exploration did go somewhere


def test_a_trace_is_a_walk_through_the_model() -> None:
    protocol = delivery.VARIANTS["LookUp without the settle window (R4)"]
    seen = delivery.explore(protocol)
    state = delivery.State()
    for label in seen.trace("twice"):
        state = dict(delivery.steps(protocol, state))[label]
    assert state.phone == 2
