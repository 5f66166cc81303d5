"""Receipts: what a webhook, a list of results or a look-up says became of a message."""

from collections.abc import Mapping
from typing import Any

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.shapes import moment, provider_id, reference, words
from channels.contract import Receipt
from channels.vocabulary import Reason, Result

# The provider's own final mark: words in results and webhooks, digits in the SMS list.
MARKS: Mapping[str, tuple[Result, Reason | None]] = {
    "COMPLETED": (Result.DELIVERED, None),
    "3": (Result.DELIVERED, None),
    "FAILED": (Result.UNDELIVERED, None),
    "0": (Result.UNDELIVERED, None),
    "CANCEL": (Result.UNDELIVERED, Reason.CANCELLED),
    "4": (Result.UNDELIVERED, Reason.CANCELLED),
    "DUPLICATED": (Result.UNDELIVERED, Reason.DUPLICATE),
    "5": (Result.UNDELIVERED, Reason.DUPLICATE),
    "FAILED_AD": (Result.UNDELIVERED, Reason.OUTSIDE_HOURS),
    "6": (Result.UNDELIVERED, Reason.OUTSIDE_HOURS),
}


def receipt(product: Product, row: Mapping[str, Any], event_id: str = "") -> Receipt | None:
    """None while the row says nothing final and nothing doubtful: the message is on its way."""
    code = words(row.get("resultCode"))
    mark = words(row.get("messageStatus")) or words(row.get("msgStatus"))
    if not code and mark not in MARKS:
        return None
    result, reason = _fate(product, code, mark)
    return Receipt(
        result,
        ref=reference(row),
        provider_id=provider_id(row),
        event_id=event_id,
        reason=reason,
        code=code or mark,
        text=words(row.get("resultCodeName")),
        at=moment(row.get("receiveDate")) or moment(row.get("resultDate")),
    )


def _fate(product: Product, code: str, mark: str) -> tuple[Result, Reason | None]:
    """The code decides where we know it; else the mark may say that it failed, never more."""
    known = product.delivery_codes.get(code)
    marked = MARKS.get(mark)
    if marked is not None and marked[1] is not None:
        return marked
    if known is not None and not _contradicts(known[0], marked):
        return known
    if known is None and marked is not None and marked[0] is Result.UNDELIVERED:
        return Result.UNDELIVERED, Reason.UNMAPPED
    return Result.UNCERTAIN, Reason.UNMAPPED


def _contradicts(result: Result, marked: tuple[Result, Reason | None] | None) -> bool:
    if marked is None or result is Result.UNCERTAIN:
        return False
    return marked[0] is not result
