"""What stands in the place of a code when no provider spoke: the network's and HTTP's words.

They come from ``channels.transport`` and are the same for every provider.
"""

from channels.codes.meaning import Meaning, Meanings, Place, Table
from channels.vocabulary import Reason

_DOWN, _LOST, _ODD = Reason.PROVIDER_DOWN, Reason.NO_ANSWER, Reason.UNREADABLE

ANSWERS: Meanings = {
    "ConnectError": Meaning(
        _DOWN, "연결하지 못함: 아무것도 나가지 않음", "no connection; nothing left"
    ),
    "ConnectTimeout": Meaning(
        _DOWN, "연결이 제때 되지 않음", "no connection in time; nothing left"
    ),
    "PoolTimeout": Meaning(_DOWN, "빈 연결이 없어 보내지 않음", "no free connection; nothing left"),
    "deadline": Meaning(_DOWN, "보내기 전에 시간이 다 됨", "the time was over before it left"),
    "cut": Meaning(_LOST, "답을 받기 전에 연결이 끊김", "the connection broke before the answer"),
    "timeout": Meaning(_LOST, "제때 답이 오지 않음", "no answer in time"),
    "too large": Meaning(_ODD, "답이 너무 커서 읽지 않음", "the answer was too large to read"),
    "HTTP 200": Meaning(_ODD, "답의 내용을 읽을 수 없음", "the answer's body cannot be read"),
    "HTTP 400": Meaning(_ODD, "잘못된 요청이라는 답", "called a bad request"),
    "HTTP 401": Meaning(Reason.MISCONFIGURED, "키를 받지 않음", "the key is not accepted"),
    "HTTP 403": Meaning(Reason.MISCONFIGURED, "권한이 없다는 답", "access is refused"),
    "HTTP 404": Meaning(_ODD, "그런 주소가 없다는 답", "no such address"),
    "HTTP 413": Meaning(_ODD, "요청이 너무 크다는 답", "the request is called too large"),
    "HTTP 429": Meaning(Reason.THROTTLED, "너무 빨리 보냄", "too many requests"),
    "HTTP 500": Meaning(_ODD, "제공자 서버의 오류", "an error of the provider's server"),
    "HTTP 502": Meaning(
        _ODD, "제공자의 중간 서버가 답을 받지 못함", "a gateway there got no answer"
    ),
    "HTTP 503": Meaning(_ODD, "제공자 서비스가 쉬는 중", "the service is not available"),
    "HTTP 504": Meaning(
        _ODD, "제공자의 중간 서버가 제때 답을 받지 못함", "a gateway there timed out"
    ),
}

TABLE: Table = {Place.ANY_ANSWER: ANSWERS}
