"""What Google answers: errors in its outer shape, with FCM's own code among the details."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
# FCM's code → (HTTP status, canonical status, text)
CODES: Mapping[str, tuple[int, str, str]] = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "UNREGISTERED": (404, "NOT_FOUND", "Requested entity was not found."),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED", "SenderId mismatch"),
    "QUOTA_EXCEEDED": (
        429,
        "RESOURCE_EXHAUSTED",
        "Resource has been exhausted (e.g. check quota).",
    ),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"),
    "UNAVAILABLE": (503, "UNAVAILABLE", "The service is currently unavailable."),
    "INTERNAL": (500, "INTERNAL", "Internal error encountered."),
}
# said at the door, without a code of FCM
DOOR: Mapping[str, tuple[int, str]] = {
    "UNAUTHENTICATED": (
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login"
        " cookie or other valid authentication credential.",
    ),
    "PERMISSION_DENIED": (
        403,
        "Permission 'cloudmessaging.messages.create' denied on resource (or it may not exist).",
    ),
    "NOT_FOUND": (404, "Requested entity was not found."),
}
RETRY_AFTER_S = {"QUOTA_EXCEEDED": 5, "UNAVAILABLE": 5}  # ours: Google names no number
Json = Mapping[str, Any]
Violation = tuple[str, str]  # field ("" for the whole body), description


class Refused(Exception):
    """A refusal as Google writes it. fcm: whether the code is FCM's own."""

    def __init__(
        self,
        code: str,
        text: str = "",
        violations: Sequence[Violation] = (),
        fcm: bool = True,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.fcm = fcm and code not in DOOR
        if code in DOOR:
            self.status, said = DOOR[code]
            self.canonical = code
        else:
            self.status, self.canonical, said = CODES.get(code, CODES["INVALID_ARGUMENT"])
        self.text, self.violations = text or said, tuple(violations)


def malformed(violations: Sequence[Violation]) -> Refused:
    """What cannot even be read: no code of FCM stands beside it."""
    text = "\n".join(said for _, said in violations)
    return Refused("INVALID_ARGUMENT", text, violations, fcm=False)


def wrong(field: str, text: str) -> Refused:
    """What can be read, and FCM does not take."""
    return Refused("INVALID_ARGUMENT", text, [(field, text)])


async def tell_refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return refusal(error)


def refusal(error: Refused) -> Response:
    details: list[Json] = []
    if error.fcm:
        details.append({"@type": FCM_ERROR, "errorCode": error.code})
    if error.violations:
        found = [_violation(*one) for one in error.violations]
        details.append({"@type": BAD_REQUEST, "fieldViolations": found})
    body: dict[str, Any] = {
        "code": error.status,
        "message": error.text,
        "status": error.canonical,
    }
    if details:
        body["details"] = details
    wait_s = RETRY_AFTER_S.get(error.code)
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return answer({"error": body}, error.status, headers)


def _violation(field: str, text: str) -> Json:
    return {"field": field, "description": text} if field else {"description": text}


def answer(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type="application/json")
