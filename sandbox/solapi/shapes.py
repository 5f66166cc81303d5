"""Groups and messages as SOLAPI answers them; the fields are those both of its SDKs insist on."""

import sqlite3
from typing import Any

import orjson

from sandbox.solapi.wire import iso
from sandbox.solapi.words import COUNTED, KINDS, NO_ROUTE, PRICES, STATUS
from sandbox.store import Store

COUNTS = (
    "SELECT count(*) AS total, coalesce(sum(sent_at IS NOT NULL), 0) AS sentTotal,"
    " coalesce(sum(sent_at IS NOT NULL AND result_at IS NOT NULL AND status_code <> '4000'), 0)"
    " AS sentFailed, coalesce(sum(status_code = '4000'), 0) AS sentSuccess,"
    " coalesce(sum(sent_at IS NOT NULL AND result_at IS NULL), 0) AS sentPending,"
    " coalesce(sum(replacement), 0) AS sentReplacement, coalesce(sum(refund > 0), 0) AS refund,"
    " coalesce(sum(status_code < '2000'), 0) AS registeredFailed,"
    " coalesce(sum(status_code >= '2000'), 0) AS registeredSuccess"
    " FROM solapi_message WHERE grp = ?"
)
MONEY = (
    "SELECT coalesce(sum(cost), 0) AS requested, coalesce(sum(extra), 0) AS replacement,"
    " coalesce(sum(refund), 0) AS refund FROM solapi_message WHERE grp = ? AND sent_at IS NOT NULL"
)
KAKAO = ("pfId", "templateId", "buttons", "imageId", "title", "adFlag", "variables")
NETWORKS = {"ATA": "KAKAO"}


def group_out(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    body = orjson.loads(row["body"])
    agent = body["agent"] if isinstance(body.get("agent"), dict) else {}
    told = {**agent, **{name: value for name, value in body.items() if name != "agent"}}
    price = {name.lower(): won for name, won in PRICES.items()}
    return {
        "count": _sums(store, COUNTS, row["id"]),
        "countForCharge": _charged(store, row["id"]),
        "balance": _money(store, row["id"]),
        "point": {"requested": 0, "replacement": 0, "refund": 0, "sum": 0},
        "app": {
            "profit": dict.fromkeys(COUNTED, 0),
            "appId": _text(told.get("appId")),
            "version": None,
        },
        "log": [
            {"createAt": iso(line["createAt"]), "message": line["message"]}
            for line in orjson.loads(row["log"])
        ],
        "status": row["status"],
        "groupId": row["id"],
        "_id": row["id"],
        "accountId": row["account"],
        "masterAccountId": None,
        "apiVersion": "4",
        "serviceMethod": "MT",
        "allowDuplicates": told.get("allowDuplicates") is True,
        "isRefunded": False,
        "flagUpdated": False,
        "prepaid": True,
        "strict": told.get("strict") is True,
        "price": {"82": price},
        "scheduledDate": iso(row["scheduled_at"]),
        "dateSent": iso(row["sent_at"]),
        "dateCompleted": iso(row["completed_at"]),
        "dateCreated": iso(row["created_at"]),
        "dateUpdated": iso(row["updated_at"]),
        "sdkVersion": _text(told.get("sdkVersion")),
        "osPlatform": _text(told.get("osPlatform")),
        "customFields": told.get("customFields") or {},
        "hint": None,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _sums(store: Store, sql: str, group_id: str) -> dict[str, Any]:
    row = store.one(sql, (group_id,))
    return dict(row) if row else {}


def _money(store: Store, group_id: str) -> dict[str, float]:
    won = _sums(store, MONEY, group_id)
    return {**won, "sum": won["requested"] + won["replacement"] - won["refund"]}


def _charged(store: Store, group_id: str) -> dict[str, dict[str, int]]:
    """Accepted messages by type and country."""
    charged: dict[str, dict[str, int]] = {name: {} for name in COUNTED}
    rows = store.all(
        "SELECT type, body ->> 'country' AS country, count(*) AS n FROM solapi_message"
        " WHERE grp = ? AND status_code >= '2000' GROUP BY 1, 2",
        (group_id,),
    )
    for row in rows:
        charged[row["type"].lower()][row["country"]] = row["n"]
    return charged


def added_out(row: sqlite3.Row) -> dict[str, Any]:
    """A message in the answer to a request that brought it."""
    body = orjson.loads(row["body"])
    fields = {"customFields": body["customFields"]} if body.get("customFields") else {}
    return {
        "to": body["to"],
        "from": body["from"],
        "type": row["type"],
        "country": body["country"],
        "messageId": row["id"],
        "statusCode": row["status_code"],
        "statusMessage": STATUS[row["status_code"]],
        "accountId": row["account"],
        **fields,
    }


def listed_out(row: sqlite3.Row) -> dict[str, Any]:
    """A message in the `messageList` of a send."""
    names = ("messageId", "statusCode", "statusMessage", "customFields")
    return {name: value for name, value in added_out(row).items() if name in names}


def message_out(row: sqlite3.Row) -> dict[str, Any]:
    """A stored message."""
    body = orjson.loads(row["body"])
    options = body.get("kakaoOptions")
    return {
        **{name: body.get(name) for name in ("to", "from", "text", "subject", "imageId")},
        "country": body["country"],
        "messageId": row["id"],
        "_id": row["id"],
        "groupId": row["grp"],
        "accountId": row["account"],
        "type": _type(row["type"]),
        "status": _status(row),
        "statusCode": row["status_code"],
        "reason": STATUS[row["status_code"]],
        "networkName": NETWORKS.get(row["type"], "ETC") if row["result_at"] else None,
        "networkCode": None,
        "customFields": body.get("customFields") or {},
        "autoTypeDetect": body["autoTypeDetect"],
        "replacement": bool(row["replacement"]),
        "resendCount": 0,
        "dateCreated": iso(row["created_at"]),
        "dateUpdated": iso(row["updated_at"]),
        "dateProcessed": iso(row["sent_at"]),
        "dateReported": iso(row["result_at"]),
        "dateReceived": iso(row["result_at"]) if row["status_code"] == "4000" else None,
        "kakaoOptions": _kakao(options) if options else None,
        "naverOptions": None,
        "rcsOptions": None,
        "replacements": body.get("replacements") or [],
        "log": [],
        "queues": [],
        "currentQueue": None,
    }


def _type(kind: str) -> str | None:
    """An unknown type, which was refused, is none: the SDKs read known ones only."""
    return kind if kind in KINDS or kind in NO_ROUTE else None


def _status(row: sqlite3.Row) -> str:
    if row["status_code"] == "2000":
        return "PENDING"
    if row["status_code"] == "3000":
        return "SENDING"
    return "COMPLETE" if row["status_code"] == "4000" else "FAILED"


def _kakao(options: dict[str, Any]) -> dict[str, Any]:
    """Normalised: the names of today beside those of the first version."""
    shown = {name: options[name] for name in KAKAO if options.get(name)}
    return {
        "senderKey": None,
        "templateCode": None,
        "buttonName": None,
        "buttonUrl": None,
        "disableSms": options.get("disableSms") is True,
        **shown,
    }
