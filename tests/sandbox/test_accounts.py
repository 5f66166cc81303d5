"""Accounts: saying the same twice changes nothing; two providers share a channel."""

from sandbox.accounts import Channel, NhnKeys, SolapiKeys, list_accounts, put_nhn, put_solapi
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


def test_a_solapi_account_shares_the_channel_and_keeps_its_balance(store: Store) -> None:
    keys = SolapiKeys("NCS1", "s6", "http://127.0.0.1:9/hook", report_shape="flat")
    for _ in range(2):
        put_solapi(store, keys, [Channel(KEY)], ["02-0000-2041"])
    accounts = list_accounts(store)
    (solapi,) = accounts["solapi"]
    assert (solapi["api_key"], solapi["report_shape"]) == ("NCS1", "flat")
    assert len(solapi["id"]) == 14
    assert solapi["caller_numbers"] == ["0200002041"]
    assert [(one["sender_key"], one["name"]) for one in solapi["senders"]] == [(KEY, "한빛상회")]
    assert [one["sender_key"] for one in accounts["nhn"][0]["senders"]] == [KEY]
    assert "s6" not in str(accounts)

    store.run("UPDATE solapi_account SET balance = 7")
    put_solapi(store, keys, [], [])
    (solapi,) = list_accounts(store)["solapi"]
    assert (solapi["balance"], solapi["senders"], solapi["caller_numbers"]) == (7, [], [])
    put_solapi(store, SolapiKeys("NCS1", "s6", balance=500), [], [])
    assert list_accounts(store)["solapi"][0]["balance"] == 500
