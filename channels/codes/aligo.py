"""Aligo: what its two hosts answer; results of an Alimtalk are Kakao's own numbers.

Sources: npm aligoapi 1.1.3 (Aligo's own client) and public clients that agree with it (2026-11);
Aligo's own pages hold no table of codes. Read there, not tried: there is no adapter yet. The
hosts mark success differently: 0 for Alimtalk, 1 for text messages.
"""

from channels.codes.kakao import RESULTS
from channels.codes.meaning import Meaning, Place, Table
from channels.vocabulary import Reason

TABLE: Table = {
    Place.ALIMTALK_ANSWER: {
        "0": Meaning(None, "접수됨. 도착은 아직 모름", "accepted; arrival is not known yet"),
        "-101": Meaning(Reason.MISCONFIGURED, "인증에 실패함", "authentication failed"),
        "-99": Meaning(Reason.REQUEST_REFUSED, "잘못된 요청", "a bad request"),
        "509": Meaning(Reason.REQUEST_REFUSED, "잘못된 요청", "a bad request"),
    },
    Place.ALIMTALK_RESULT: {**RESULTS, "0000": Meaning(None, "도착함", "delivered")},
    Place.TEXT_ANSWER: {"1": Meaning(None, "접수됨", "accepted")},
}
