"""Who calls: app keys and secrets of both products, sender profiles, caller numbers."""

import hmac
import sqlite3
from dataclasses import dataclass

from fastapi import Request

from sandbox.nhn.wire import biz, sms
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Account:
    """app_key: the key of the Alimtalk product, under which both products' messages are kept."""

    app_key: str
    sms_app_key: str


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def alimtalk_account(request: Request, app_key: str) -> Account:
    """Raises -1000 for an unknown app key, -1001 for a wrong secret."""
    row = store_of(request).one("SELECT * FROM nhn_account WHERE app_key = ?", (app_key,))
    if row is None:
        raise biz(-1000)
    if not _knows(request, row["secret_key"]):
        raise biz(-1001)
    return _account(row)


def sms_account(request: Request, app_key: str) -> Account:
    """Raises -1001 for an unknown app key, -1000 for a wrong secret."""
    row = store_of(request).one(
        "SELECT * FROM nhn_account WHERE sms_app_key = ? AND sms_app_key <> ''", (app_key,)
    )
    if row is None:
        raise sms(-1001)
    if not _knows(request, row["sms_secret_key"]):
        raise sms(-1000)
    return _account(row)


def need_sender(store: Store, account: Account, sender_key: str) -> sqlite3.Row:
    """The channel of this account. Raises -2017."""
    row = store.one(
        "SELECT * FROM sender WHERE sender_key = ? AND app_key = ?", (sender_key, account.app_key)
    )
    if row is None:
        raise biz(-2017)
    return row


def _knows(request: Request, secret: str) -> bool:
    given = request.headers.get("x-secret-key", "")
    return hmac.compare_digest(given.encode(), secret.encode())


def _account(row: sqlite3.Row) -> Account:
    return Account(row["app_key"], row["sms_app_key"])
