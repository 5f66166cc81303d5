"""Accounts: saying the same twice changes nothing; two providers share a channel."""

from sandbox.accounts import Channel, NhnKeys, list_accounts, put_nhn
from sandbox.store import Store
from tests.sandbox.shop import APP, CALLER, KEY, settle_in


def test_putting_twice_is_putting_once(store: Store) -> None:
    before = list_accounts(store)
    settle_in(store)
    assert list_accounts(store) == before
    assert before["nhn"][0]["caller_numbers"] == [CALLER]
    assert [one["sender_key"] for one in before["consult"][0]["senders"]] == [KEY]


def test_no_secret_is_shown(store: Store) -> None:
    shown = str(list_accounts(store))
    assert all(secret not in shown for secret in ("s3", "s4", "s5", "sign-me"))


def test_a_channel_that_is_no_longer_named_is_let_go(store: Store) -> None:
    put_nhn(store, NhnKeys(APP, "s3"), [Channel("f" * 40)], [])
    nhn, consult = list_accounts(store)["nhn"][0], list_accounts(store)["consult"][0]
    assert [one["sender_key"] for one in nhn["senders"]] == ["f" * 40]
    assert nhn["caller_numbers"] == []
    assert [one["name"] for one in consult["senders"]] == ["한빛상회"]
