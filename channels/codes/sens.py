"""Naver Cloud SENS: errors of the API gateway, and the codes of Alimtalk and text messages.

Sources: api.ncloud-docs.com, "API 공통 오류" and "SENS Alimtalk API v2" (2026-10). The public pages
hold no whole table of results; they say that failures carry Kakao's own numbers. Read in the
documents, not tried: there is no adapter yet.
"""

from channels.codes.kakao import RESULTS
from channels.codes.meaning import Meaning, Place, Table, Words, meanings, reasons
from channels.vocabulary import Reason

_GATEWAY_REASONS = reasons(
    (Reason.REQUEST_REFUSED, "100 300 430"),
    (Reason.MISCONFIGURED, "200 210"),
    (Reason.QUOTA, "400"),
    (Reason.THROTTLED, "410 420"),
    (Reason.PROVIDER_DOWN, "500"),
    (Reason.NO_ANSWER, "510"),
    (Reason.UNREADABLE, "900"),
)

_GATEWAY_WORDS: Words = {
    "100": ("잘못된 요청", "a bad request"),
    "200": ("인증에 실패함", "authentication failed"),
    "210": ("권한이 없음", "permission denied"),
    "300": ("그런 것이 없음", "not found"),
    "400": ("할당량을 다 씀", "the quota is used up"),
    "410": ("너무 빨리 보냄: 제한됨", "throttled"),
    "420": ("정해진 속도를 넘음", "over the rate limit"),
    "430": ("요청이 너무 큼", "the request is too large"),
    "500": ("제공자의 안쪽 서버에 닿지 못함", "the provider's inner server was not reached"),
    "510": ("제공자의 안쪽 서버가 제때 답하지 않음", "the provider's inner server timed out"),
    "900": ("예기치 않은 오류", "an unexpected error"),
}

_ACCEPTED = Meaning(None, "접수됨", "accepted")

TABLE: Table = {
    Place.ANY_ANSWER: meanings(_GATEWAY_REASONS, _GATEWAY_WORDS),
    Place.ALIMTALK_ANSWER: {"202": _ACCEPTED, "A000": _ACCEPTED},
    Place.ALIMTALK_RESULT: {
        **RESULTS,
        "0000": Meaning(None, "도착함", "delivered"),
        "3050": Meaning(
            Reason.REQUEST_REFUSED,
            "080 수신거부 번호 없이 N 타겟팅으로 보냄",
            "targeting N without an 080 opt-out number",
        ),
        "B004": Meaning(Reason.QUOTA, "할당량을 넘음", "over the quota"),
    },
    Place.TEXT_ANSWER: {"202": _ACCEPTED},
}
