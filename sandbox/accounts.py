"""Provider accounts the desk sets up: keys, channels, caller numbers, callback addresses."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.fcm.accounts import list_fcm
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Channel:
    """A sender profile. channel_id: "@shop". blocked: Kakao blocked it (-1027)."""

    sender_key: str
    channel_id: str = ""
    name: str = ""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class NhnKeys:
    app_key: str
    secret_key: str
    sms_app_key: str = ""
    sms_secret_key: str = ""
    webhook_url: str = ""
    webhook_signature: str = ""


@dataclass(frozen=True, slots=True)
class RelayKeys:
    key: str
    signing_secret: str
    idempotency: str = "blind"
    dedupe_ttl_s: int = 600
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class SolapiKeys:
    """group_webhook_url: for reports about whole groups. report_shape: "wrapped" or "flat".

    balance in won; None leaves it, and gives a new account a million.
    """

    api_key: str
    api_secret: str
    webhook_url: str = ""
    group_webhook_url: str = ""
    report_shape: str = "wrapped"
    balance: float | None = None


def relay_id(key: str) -> str:
    """What an account of the relay is called where its key must not be shown."""
    return "relay-" + hashlib.sha256(key.encode()).hexdigest()[:12]


def put_relay(
    store: Store, keys: RelayKeys, channels: Iterable[Channel], callers: Iterable[str]
) -> None:
    """Make or replace an account of the relay."""
    channels = list(channels)
    senders = [one.sender_key for one in channels] + [one.replace("-", "") for one in callers]
    with store.tx():
        store.run(
            "INSERT INTO relay_account VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " signing_secret = excluded.signing_secret, idempotency = excluded.idempotency,"
            " dedupe_ttl_s = excluded.dedupe_ttl_s, senders = excluded.senders,"
            " callback_url = excluded.callback_url",
            (
                keys.key,
                relay_id(keys.key),
                keys.signing_secret,
                keys.idempotency,
                keys.dedupe_ttl_s,
                orjson.dumps(senders).decode(),
                keys.callback_url,
            ),
        )
        store.many(
            "INSERT INTO sender (sender_key, channel_id, name) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            ((one.sender_key, one.channel_id, one.name) for one in channels),
        )
    store.mail_due.set()


def change_relay(store: Store, name: str, changed: Mapping[str, str | int]) -> bool:
    """Change what a relay promises (`idempotency`, `dedupe_ttl_s`) from its next answer on.

    name: its key or its id. False when there is none. What it remembers stays.
    """
    with store.tx():
        found = store.run(
            "UPDATE relay_account SET idempotency = coalesce(?, idempotency),"
            " dedupe_ttl_s = coalesce(?, dedupe_ttl_s) WHERE key = ? OR id = ?",
            (changed.get("idempotency"), changed.get("dedupe_ttl_s"), name, name),
        )
    return found.rowcount > 0


def put_nhn(
    store: Store, keys: NhnKeys, channels: Iterable[Channel], callers: Iterable[str]
) -> None:
    """Make or replace an NHN account; channels it no longer names are let go."""
    with store.tx():
        store.run(
            "INSERT INTO nhn_account (app_key, secret_key, sms_app_key, sms_secret_key,"
            " webhook_url, webhook_signature) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (app_key) DO UPDATE SET"
            " secret_key = excluded.secret_key, sms_app_key = excluded.sms_app_key,"
            " sms_secret_key = excluded.sms_secret_key, webhook_url = excluded.webhook_url,"
            " webhook_signature = excluded.webhook_signature",
            (
                keys.app_key,
                keys.secret_key,
                keys.sms_app_key,
                keys.sms_secret_key,
                keys.webhook_url,
                keys.webhook_signature,
            ),
        )
        store.run("UPDATE sender SET app_key = NULL WHERE app_key = ?", (keys.app_key,))
        _put_channels(store, channels, "app_key", keys.app_key)
        _put_callers(store, keys.app_key, callers)
    store.mail_due.set()


def put_solapi(
    store: Store, keys: SolapiKeys, channels: Iterable[Channel], callers: Iterable[str]
) -> None:
    """Make or replace a SOLAPI account; channels it no longer names are let go."""
    digits = int(hashlib.sha256(keys.api_key.encode()).hexdigest(), 16)
    account_id = str(digits % 10**14).zfill(14)
    urls = (keys.webhook_url, keys.group_webhook_url, keys.report_shape)
    with store.tx():
        store.run(
            "INSERT INTO solapi_account VALUES (?, ?, ?, ?, ?, ?, coalesce(?, 1000000))"
            " ON CONFLICT (api_key) DO UPDATE SET api_secret = excluded.api_secret,"
            " webhook_url = excluded.webhook_url, group_webhook_url = excluded.group_webhook_url,"
            " report_shape = excluded.report_shape, balance = coalesce(?, balance)",
            (keys.api_key, account_id, keys.api_secret, *urls, keys.balance, keys.balance),
        )
        store.run("UPDATE sender SET solapi_id = NULL WHERE solapi_id = ?", (account_id,))
        _put_channels(store, channels, "solapi_id", account_id)
        _put_callers(store, account_id, callers)
    store.mail_due.set()


def put_consult(
    store: Store,
    client: tuple[str, str, str],
    channels: Iterable[Channel],
) -> None:
    """Make or replace a consultation client (id, secret, receive domain)."""
    with store.tx():
        store.run(
            "INSERT INTO consult_account VALUES (?, ?, ?) ON CONFLICT (client_id) DO UPDATE SET"
            " client_secret = excluded.client_secret, receive_domain = excluded.receive_domain",
            client,
        )
        store.run("UPDATE sender SET client_id = NULL WHERE client_id = ?", (client[0],))
        _put_channels(store, channels, "client_id", client[0])
    store.mail_due.set()


def _put_channels(store: Store, channels: Iterable[Channel], owner: str, key: str) -> None:
    """Names stay when the other provider's account gives none. owner: a column name of ours."""
    store.many(
        f"INSERT INTO sender (sender_key, channel_id, name, blocked, {owner}, created_at)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sender_key) DO UPDATE SET"
        " channel_id = CASE excluded.channel_id WHEN '' THEN channel_id"
        " ELSE excluded.channel_id END,"
        " name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END,"
        f" blocked = excluded.blocked, {owner} = excluded.{owner}",
        (
            (one.sender_key, one.channel_id, one.name, one.blocked, key, store.now())
            for one in channels
        ),
    )


def _put_callers(store: Store, key: str, numbers: Iterable[str]) -> None:
    store.run("DELETE FROM caller WHERE app_key = ?", (key,))
    store.many(
        "INSERT INTO caller VALUES (?, ?) ON CONFLICT DO NOTHING",
        ((key, number.replace("-", "")) for number in numbers),
    )


def list_accounts(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All accounts without their secrets."""
    nhn = [
        {
            "app_key": row["app_key"],
            "sms_app_key": row["sms_app_key"],
            "webhook_url": row["webhook_url"],
            "senders": _channels(store, "app_key", row["app_key"]),
            "caller_numbers": _callers(store, row["app_key"]),
        }
        for row in store.all("SELECT * FROM nhn_account ORDER BY app_key")
    ]
    consult = [
        {
            "client_id": row["client_id"],
            "receive_domain": row["receive_domain"],
            "senders": _channels(store, "client_id", row["client_id"]),
        }
        for row in store.all("SELECT * FROM consult_account ORDER BY client_id")
    ]
    relay = [_relay(row) for row in store.all("SELECT * FROM relay_account ORDER BY id")]
    solapi = [
        {
            "api_key": row["api_key"],
            "id": row["id"],
            "webhook_url": row["webhook_url"],
            "group_webhook_url": row["group_webhook_url"],
            "report_shape": row["report_shape"],
            "balance": row["balance"],
            "senders": _channels(store, "solapi_id", row["id"]),
            "caller_numbers": _callers(store, row["id"]),
        }
        for row in store.all("SELECT * FROM solapi_account ORDER BY api_key")
    ]
    found = {"nhn": nhn, "consult": consult, "relay": relay, "solapi": solapi}
    return found | {"fcm": list_fcm(store)}


def find_relay(store: Store, name: str) -> dict[str, Any]:
    """A relay's account by its key or its id, without its secret; empty when there is none."""
    row = store.one("SELECT * FROM relay_account WHERE key = ? OR id = ?", (name, name))
    return _relay(row) if row else {}


def _relay(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "idempotency": row["idempotency"],
        "dedupe_ttl_s": row["dedupe_ttl_s"],
        "senders": orjson.loads(row["senders"]),
        "callback_url": row["callback_url"],
    }


def _callers(store: Store, key: str) -> list[str]:
    rows = store.all("SELECT number FROM caller WHERE app_key = ? ORDER BY number", (key,))
    return [row["number"] for row in rows]


def _channels(store: Store, owner: str, key: str) -> list[dict[str, Any]]:
    rows = store.all(
        f"SELECT * FROM sender WHERE {owner} = ? ORDER BY sender_key",  # noqa: S608
        (key,),
    )
    return [
        {
            "sender_key": row["sender_key"],
            "channel_id": row["channel_id"],
            "name": row["name"],
            "blocked": bool(row["blocked"]),
        }
        for row in rows
    ]
