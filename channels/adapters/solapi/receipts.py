"""Receipts: what a webhook or the list says became of a message.

Sources: PyPI solapi 5.0.3 (reports wrapped in ``data``) and the example of npm solapi 6.0.1
(2026-04, reports as they are): both shapes are read. Neither names a signature of these calls.
"""

from collections.abc import Sequence

import orjson

from channels.adapters.solapi.codes import fate
from channels.adapters.solapi.shapes import Row, moment, reference, rows, words
from channels.contract import BadCallback, Callback, Receipt


def receipt(row: Row, event_id: str = "") -> Receipt | None:
    """None while the row says nothing final and nothing doubtful, or names no message."""
    code, ref, id_ = words(row.get("statusCode")), reference(row), words(row.get("messageId"))
    found = fate(code)
    if found is None or not (ref or id_):
        return None
    result, reason = found
    times = (moment(row.get(name)) for name in ("dateReceived", "dateReported", "dateProcessed"))
    return Receipt(
        result,
        ref=ref,
        provider_id=id_,
        event_id=event_id,
        reason=reason,
        code=code,
        text=words(row.get("statusMessage")) or words(row.get("reason")),
        at=next((at for at in times if at), None),
    )


def verify(callback: Callback) -> None:
    """No signature is published: an account is guarded by its secret path. Only a list passes."""
    if not callback.body.lstrip().startswith(b"["):
        raise BadCallback("not a list of reports")


def parse(callback: Callback) -> Sequence[Receipt]:
    """Receipts of single reports; a report of a group says nothing of one message."""
    try:
        reports = rows(orjson.loads(callback.body))
    except orjson.JSONDecodeError as error:
        raise BadCallback("not JSON") from error
    if reports is None:
        raise BadCallback("not a list of reports")
    return [one for report in reports if (one := _read(report)) is not None]


def _read(report: Row) -> Receipt | None:
    row = report.get("data", report)
    found = rows([row])
    if found is None:
        raise BadCallback("a report that is not an object")
    (row,) = found
    code, id_ = words(row.get("statusCode")), words(row.get("messageId"))
    if not id_:
        if words(row.get("groupId")):
            return None
        raise BadCallback("a report of no message")
    if not code:
        raise BadCallback("a report without a status")
    return receipt(row, words(report.get("eventDataId")) or f"{id_}:{code}")
