"""Whether the disk has room for more: what is accepted must be kept until it has ended."""

import shutil

from app.errors import Unavailable
from app.services.runtime import Runtime

SHARE, BYTES = 0.05, 500_000_000  # below the smaller of both nothing new is accepted


def check(runtime: Runtime) -> None:
    """Refuse new messages while receipts and results of earlier ones still fit.

    A database server watches its own disk. Raises Unavailable ``disk_low``.
    """
    if not runtime.database.is_sqlite:
        return
    usage = shutil.disk_usage(runtime.settings.data)
    if usage.free < min(SHARE * usage.total, BYTES):
        raise Unavailable(
            "disk_low",
            "The disk of the gateway is nearly full, so nothing new is accepted. What was "
            "accepted goes on. Repeat the request with the same Idempotency-Key later.",
            data={"free_bytes": usage.free},
            retry_after_s=60,
        )
