"""Identifiers: in order, and back from the reference a provider returns."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ids import REF_LENGTH, from_ref, new_id, new_token, to_ref


def test_ids_are_in_the_order_of_their_creation() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert all(one < two for one, two in pairwise(ids))
    assert {(id_.version, type(id_)) for id_ in ids} == {(7, UUID)}


@given(st.uuids())
def test_a_reference_leads_back(id_: UUID) -> None:
    ref = to_ref(id_)
    assert len(ref) == REF_LENGTH
    assert ref.isalnum()
    assert from_ref(ref) == id_


@given(st.uuids(), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_an_id_has_one_reference(id_: UUID, last: str) -> None:
    """A reference with another last character is not ours, though it decodes to our id."""
    ref = to_ref(id_)
    found = from_ref(ref[:-1] + last)
    assert found is None or to_ref(found) == ref[:-1] + last


@pytest.mark.parametrize(
    "ref", ["", "A" * 25, "A" * 27, "a" * 26, "1" * 26, "가" * 26, "A" * 25 + "=", "A" * 25 + " "]
)
def test_strange_references_are_nobodys(ref: str) -> None:
    assert from_ref(ref) is None


@given(st.text(min_size=26, max_size=26))
def test_no_reference_raises(ref: str) -> None:
    found = from_ref(ref)
    assert found is None or to_ref(found) == ref


def test_tokens_are_32_hex_digits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in tokens)
