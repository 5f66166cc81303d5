"""FCM's error codes, Google's canonical ones and OAuth's: what each means for us, and in words.

Sources: firebase.google.com, cloud-messaging/error-codes and reference/fcm/rest/v1/ErrorCode
(2026-11); firebase-admin 7.7.0 (2026-09-23) for APNS_AUTH_ERROR; RFC 6749 §5.2 for the token's.
"""

from collections.abc import Mapping

from channels.codes.app import REPORTS
from channels.codes.meaning import Place, Table, Words, meanings
from channels.vocabulary import Reason, Verdict

Ruling = tuple[Verdict, Reason]

INVALID_ARGUMENT = "INVALID_ARGUMENT"
# the device's address is dead for this project, whatever is sent there
GONE = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
# Google's own credential is fine, the one of Apple or of web push in the project is not: a new
# access token would change nothing
THIRD_PARTY = frozenset({"THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"})

_KEYS: Ruling = Verdict.DEFERRED, Reason.MISCONFIGURED
_DOWN: Ruling = Verdict.DEFERRED, Reason.PROVIDER_DOWN
_BUSY: Ruling = Verdict.DEFERRED, Reason.THROTTLED
_DEAD: Ruling = Verdict.REJECTED, Reason.NOT_REACHABLE
REASONS: Mapping[str, Ruling] = {
    INVALID_ARGUMENT: (Verdict.REJECTED, Reason.REQUEST_REFUSED),
    **dict.fromkeys(sorted(GONE), _DEAD),
    **dict.fromkeys(sorted(THIRD_PARTY), _KEYS),
    "QUOTA_EXCEEDED": _BUSY,
    "UNAVAILABLE": _DOWN,
    "INTERNAL": _DOWN,
    "UNSPECIFIED_ERROR": (Verdict.UNKNOWN, Reason.UNMAPPED),
    # without a code of FCM: what guards its door says
    "UNAUTHENTICATED": _KEYS,
    "PERMISSION_DENIED": _KEYS,
    "NOT_FOUND": _KEYS,
    "RESOURCE_EXHAUSTED": _BUSY,
}
# of the exchange of the assertion for an access token
TOKEN_REASONS = dict.fromkeys(
    (
        "invalid_grant",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    ),
    Reason.MISCONFIGURED,
)

_WORDS: Words = {
    INVALID_ARGUMENT: (
        "요청의 값이나 기기 주소가 맞지 않음",
        "a value of the request, or the device's address, is not valid",
    ),
    "UNREGISTERED": (
        "앱이 지워졌거나 등록이 끝난 기기",
        "the app was removed, or its registration has ended",
    ),
    "SENDER_ID_MISMATCH": ("다른 프로젝트의 기기", "the device belongs to another project"),
    "THIRD_PARTY_AUTH_ERROR": (
        "프로젝트에 넣은 APNs 키나 웹 푸시 키가 맞지 않음",
        "the project's key for APNs or web push is not valid",
    ),
    "APNS_AUTH_ERROR": (
        "프로젝트에 넣은 APNs 키가 맞지 않음",
        "the project's key for APNs is not valid",
    ),
    "QUOTA_EXCEEDED": (
        "프로젝트나 기기의 속도 한도를 넘음",
        "over the rate of the project or of the device",
    ),
    "UNAVAILABLE": ("구글 서버가 쉬는 중이거나 붐빔", "Google's server is down or busy"),
    "INTERNAL": ("구글 서버의 오류", "an error of Google's server"),
    "UNSPECIFIED_ERROR": ("까닭을 알 수 없는 오류", "an error without a reason"),
    "UNAUTHENTICATED": ("접근 토큰을 받지 않음", "the access token is not accepted"),
    "PERMISSION_DENIED": (
        "서비스 계정에 권한이 없거나 FCM API가 꺼져 있음",
        "the service account may not send, or the FCM API is off",
    ),
    "NOT_FOUND": ("그런 프로젝트가 없음", "there is no such project"),
    "RESOURCE_EXHAUSTED": ("할당량을 넘음", "over the quota"),
}
_TOKEN_WORDS: Words = {
    "invalid_grant": (
        "서비스 계정의 서명을 받지 않음: 키가 지워졌거나 시계가 틀림",
        "the signature is not accepted: the key was deleted, or the clock is wrong",
    ),
    "invalid_client": ("없는 서비스 계정", "there is no such service account"),
    "invalid_request": ("접근 토큰 요청의 값이 빠짐", "a value of the token request is missing"),
    "invalid_scope": ("허락되지 않은 범위", "the scope is not allowed"),
    "unauthorized_client": (
        "접근 토큰을 받을 수 없는 서비스 계정",
        "the service account may not have an access token",
    ),
    "unsupported_grant_type": ("모르는 인증 방식", "an unknown grant"),
}

CODES: Table = {
    Place.PUSH_ANSWER: meanings(
        {code: reason for code, (_, reason) in REASONS.items()} | TOKEN_REASONS,
        {**_WORDS, **_TOKEN_WORDS},
    ),
    Place.PUSH_RESULT: REPORTS,
}
