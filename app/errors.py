"""What a caller did that we cannot do: one tree, answered as RFC 9457 problem+json.

GatewayError
├── Invalid 422        the request can be understood but not accepted
├── Malformed 400      the body is not JSON, a cursor is not ours
├── Refused 409        right request, wrong moment or state
├── Unauthorized 401 · Forbidden 403 · NotFound 404
├── TooLarge 413
└── TooMany 429 · Unavailable 503    carry ``retry_after_s``
"""

from collections.abc import Mapping
from typing import Any


class GatewayError(Exception):
    """Base of all; ``code`` is stable, ``detail`` says what, why and what to do."""

    status = 500
    title = "Internal error"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        data: Mapping[str, Any] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.field = code, detail, field
        self.data = dict(data or {})
        self.retry_after_s = retry_after_s

    def problem(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            body["field"] = self.field
        if self.data:
            body["data"] = self.data
        return body


class Malformed(GatewayError):
    """400: the body is not JSON, or not of the documented shape."""

    status, title = 400, "Malformed request"


class Unauthorized(GatewayError):
    """401: no key, or one we do not know."""

    status, title = 401, "Unauthorized"


class Forbidden(GatewayError):
    """403: a good key that may not do this."""

    status, title = 403, "Forbidden"


class NotFound(GatewayError):
    """404: not there, or not this workspace's; the two look the same."""

    status, title = 404, "Not found"


class Refused(GatewayError):
    """409: the state of things does not allow it now."""

    status, title = 409, "Conflict"


class TooLarge(GatewayError):
    """413: the body is larger than we read."""

    status, title = 413, "Too large"


class Invalid(GatewayError):
    """422: a field is wrong; ``field`` names it, ``data`` carries limits and counts."""

    status, title = 422, "Invalid request"


class TooMany(GatewayError):
    """429: slow down."""

    status, title = 429, "Too many requests"


class Unavailable(GatewayError):
    """503: we cannot keep what we would accept."""

    status, title = 503, "Unavailable"
