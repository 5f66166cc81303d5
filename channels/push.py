"""What all push adapters share: how a device is addressed, and what its app reports back.

No public push service proves delivery: "accepted" is all Google and Apple ever say. What is known
beyond it comes from the app itself, which posts receipts (docs/push.md). They are checked by the
gateway against the token in the push, and kept like a provider's callback of kind ``app``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from channels.contract import BadCallback, Callback, Receipt
from channels.vocabulary import Result

# What a device is addressed by. FCM names installations since 2026-10-23 (``fid``) and still takes
# registration tokens meanwhile.
FID, TOKEN = "fid", "token"
ADDRESS_KINDS = (FID, TOKEN)

APP = "app"  # kind of the callback that holds receipts of apps
# what an app reports → what it means; ``shown`` proves no more than that it arrived
WHAT = {
    "received": Result.DELIVERED,
    "shown": Result.DELIVERED,
    "read": Result.READ,
    "acknowledged": Result.ACKNOWLEDGED,
}
LARGEST_PAYLOAD = 4_096  # bytes, keys and values: FCM, ErrorCode INVALID_ARGUMENT; APNs 413


def parse_app(callback: Callback) -> Sequence[Receipt]:
    """Receipts of apps as the gateway keeps them: ``[{"ref", "what", "at"}, …]``.

    Raises BadCallback.
    """
    try:
        rows: Any = orjson.loads(callback.body)
        if not isinstance(rows, list):
            raise TypeError(rows)
        return [
            Receipt(
                result=WHAT[row["what"]],
                ref=row["ref"],
                code=row["what"],
                at=datetime.fromisoformat(row["at"]),
            )
            for row in rows
        ]
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
        raise BadCallback("not the receipts of apps") from None
