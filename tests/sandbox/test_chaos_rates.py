"""A bucket of tokens: what fits in a second, what waits, and debts."""

import pytest

from sandbox.chaos.rates import Bucket


def test_a_second_of_tokens_is_there_at_once_and_comes_back() -> None:
    bucket = Bucket(10, 100.0)
    assert [bucket.take(1, 100.0) for _ in range(10)] == [0.0] * 10
    assert bucket.take(1, 100.0) == pytest.approx(0.1)
    assert bucket.take(1, 100.1) == 0.0
    assert bucket.take(1, 100.1) == pytest.approx(0.1)
    assert [bucket.take(1, 500.0) for _ in range(11)].count(0.0) == 10


def test_less_than_one_a_second_lets_one_through() -> None:
    bucket = Bucket(0.5, 0.0)
    assert bucket.take(1, 0.0) == 0.0
    assert bucket.take(1, 0.0) == pytest.approx(2.0)
    assert bucket.take(1, 2.0) == 0.0


def test_what_is_larger_than_the_bucket_leaves_a_debt() -> None:
    bucket = Bucket(100, 0.0)
    assert bucket.take(1_000, 0.0) == 0.0
    assert bucket.take(1, 0.0) == pytest.approx(9.01)
    assert bucket.take(100, 9.5) == pytest.approx(0.5)
    assert bucket.take(100, 10.0) == 0.0
