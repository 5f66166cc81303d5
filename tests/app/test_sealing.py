"""Sealed values open where they belong and nowhere else."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import Secrets
from app.ids import new_id
from app.sealing import HEAD, Sealer, Unsealable

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32
WORKSPACE, ROW = new_id(), new_id()
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)


def sealer(*keys: bytes, index: bytes = INDEX) -> Sealer:
    return Sealer(Secrets({i + 1: key for i, key in enumerate(keys)}, index))


@settings(max_examples=50)
@given(JSON)
def test_a_value_comes_back(value: object) -> None:
    sealing = sealer(OLD)
    blob = sealing.seal("message", WORKSPACE, ROW, value)
    assert sealing.open("message", WORKSPACE, ROW, blob) == value


def test_nothing_of_it_can_be_read_and_equal_values_differ() -> None:
    sealing = sealer(OLD)
    one, two = (sealing.seal("message", WORKSPACE, ROW, {"to": "01012345678"}) for _ in range(2))
    assert one != two
    assert b"0101234" not in one


@pytest.mark.parametrize(
    ("table", "workspace", "row"),
    [
        ("call", WORKSPACE, ROW),
        ("message", new_id(), ROW),
        ("message", WORKSPACE, new_id()),
        ("message", ROW, WORKSPACE),
        ("", WORKSPACE, ROW),
    ],
)
def test_a_moved_value_stays_shut(table: str, workspace: UUID, row: UUID) -> None:
    sealing = sealer(OLD)
    blob = sealing.seal("message", WORKSPACE, ROW, "text")
    with pytest.raises(Unsealable):
        sealing.open(table, workspace, row, blob)


def test_every_damaged_byte_is_seen() -> None:
    sealing = sealer(OLD)
    blob = sealing.seal("message", WORKSPACE, ROW, "text")
    for place in range(len(blob)):
        damaged = bytearray(blob)
        damaged[place] ^= 1
        with pytest.raises(Unsealable):
            sealing.open("message", WORKSPACE, ROW, bytes(damaged))


def test_every_cut_is_seen() -> None:
    sealing = sealer(OLD)
    blob = sealing.seal("message", WORKSPACE, ROW, "text")
    for length in range(len(blob)):
        with pytest.raises(Unsealable):
            sealing.open("message", WORKSPACE, ROW, blob[:length])
    with pytest.raises(Unsealable):
        sealing.open("message", WORKSPACE, ROW, blob + b"\0")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before, after = sealer(OLD), sealer(OLD, NEW)
    old = before.seal("message", WORKSPACE, ROW, "old")
    new = after.seal("message", WORKSPACE, ROW, "new")
    assert (old[1], new[1]) == (1, 2)
    assert after.open("message", WORKSPACE, ROW, old) == "old"
    assert after.open("message", WORKSPACE, ROW, new) == "new"
    with pytest.raises(Unsealable, match="master key 2"):
        before.open("message", WORKSPACE, ROW, new)


def test_another_installations_key_opens_nothing() -> None:
    blob = sealer(OLD).seal("message", WORKSPACE, ROW, "text")
    with pytest.raises(Unsealable):
        sealer(NEW).open("message", WORKSPACE, ROW, blob)


def test_the_largest_key_number_fits() -> None:
    sealing = Sealer(Secrets({1: OLD, 255: NEW}, INDEX))
    blob = sealing.seal("message", WORKSPACE, ROW, "text")
    assert sealing.open("message", WORKSPACE, ROW, blob) == "text"


def test_rows_of_one_month_share_a_key_and_of_others_not() -> None:
    sealing, month = sealer(OLD), 30 * 86_400_000
    rows = [UUID(int=(month * n + extra) << 80) for n, extra in ((0, 0), (0, month - 1), (1, 0))]
    months = [sealing.seal("message", WORKSPACE, row, "x")[2:HEAD] for row in rows]
    assert months[0] == months[1] != months[2]


def test_hashes_differ_by_workspace_kind_and_installation() -> None:
    one, other, workspace = sealer(OLD), sealer(OLD, index=b"j" * 32), new_id()
    number = "5678"  # whole number and its last four digits are the same text
    hashes = [
        made
        for sealing in (one, other)
        for made in (
            sealing.number_hash(WORKSPACE, number),
            sealing.number_hash(workspace, number),
            sealing.last4_hash(WORKSPACE, number),
            sealing.last4_hash(workspace, number),
            sealing.key_hash(number),
        )
    ]
    assert len({made[:16] for made in hashes}) == len(hashes)


def test_hashes_stay_when_the_master_key_changes() -> None:
    before, after = sealer(OLD), sealer(OLD, NEW)
    assert before.number_hash(WORKSPACE, "01012345678") == after.number_hash(
        WORKSPACE, "01012345678"
    )
    assert before.last4_hash(WORKSPACE, "01012345678") == after.last4_hash(WORKSPACE, "01099995678")
    assert before.key_hash("secret") == after.key_hash("secret")


def test_a_sealer_prints_no_key() -> None:
    assert "ooooo" not in repr(vars(sealer(OLD)))


@settings(max_examples=20)
@given(st.binary(max_size=500))
def test_bytes_come_back_as_they_are(data: bytes) -> None:
    sealing = sealer(OLD)
    blob = sealing.seal_bytes("attachment_data", WORKSPACE, ROW, data)
    assert sealing.open_bytes("attachment_data", WORKSPACE, ROW, blob) == data
    assert len(blob) == len(data) + HEAD + 12 + 16
    with pytest.raises(Unsealable):
        sealing.open_bytes("attachment_data", new_id(), ROW, blob)
    with pytest.raises(Unsealable):
        sealing.open_bytes("attachment_data", WORKSPACE, ROW, blob[:-1])


def test_letter_pairs_are_found_again_in_one_workspace_with_one_key() -> None:
    sealing = sealer(OLD)
    one = sealing.gram_hash(WORKSPACE, "배송")
    assert len(one) == 8
    assert one == sealer(NEW).gram_hash(WORKSPACE, "배송")  # a new master key loses no search
    assert one != sealing.gram_hash(new_id(), "배송")
    assert one != sealer(OLD, index=b"j" * 32).gram_hash(WORKSPACE, "배송")
    assert one != sealing.number_hash(WORKSPACE, "배송")[:8]
