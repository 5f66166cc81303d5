"""BizM (bizmsg.kr): E and R for requests, K for Kakao, M for text messages.

Source: the vendor's list alimtalk-api.bizmsg.kr/codeList.html as quoted in
github.com/el-ground/bizmsg-alimtalk-node-sdk (2023-05). The first four characters of ``message``
are the code. Read there, not tried: there is no adapter yet.
"""

from channels.codes.kakao import renamed
from channels.codes.meaning import Place, Table, Words, meanings, reasons
from channels.vocabulary import Reason

_REQUEST_REASONS = reasons(
    (None, "R000"),
    (
        Reason.REQUEST_REFUSED,
        "E100 E101 E103 E106 E107 E108 E110 E111 E113 E121 E124 E125",
    ),
    (Reason.SENDER_STATE, "E102 E105 E114 E115 E116 E117 E118 E119 E120"),
    (Reason.BAD_ADDRESS, "E104"),
    (Reason.DUPLICATE, "E109 R109"),
    (Reason.TOO_LONG, "E112 E122 E123"),
    (Reason.THROTTLED, "E998"),
    (Reason.PROVIDER_DOWN, "E999"),
)

_REQUEST_WORDS: Words = {
    "R000": ("예약이 접수됨", "the reservation was accepted"),
    "R109": ("이미 쓴 메시지 아이디", "the message id was used before"),
    "E100": ("요청이 JSON 배열이 아님", "the request is no JSON array"),
    "E101": ("요청의 JSON을 읽을 수 없음", "the request's JSON cannot be read"),
    "E102": ("발신프로필 키가 없거나 맞지 않음", "the sender key is missing or not valid"),
    "E103": ("템플릿 코드가 없음", "the template code is missing"),
    "E104": ("받는 번호가 잘못됨", "the recipient's number is wrong"),
    "E105": ("문자 발신번호가 잘못됨", "the caller number is wrong"),
    "E106": ("글이 비어 있음", "the text is empty"),
    "E107": ("대신 보낼 문자의 글이 비어 있음", "the fallback text is empty"),
    "E108": ("예약 일시가 잘못됨", "a wrong date of reservation"),
    "E109": ("이미 쓴 메시지 아이디", "the message id was used before"),
    "E110": ("그런 메시지 아이디가 없음", "no such message id"),
    "E111": ("그림의 주소가 없음", "the image's address is missing"),
    "E112": ("글이 한도보다 김", "the text is too long"),
    "E113": (
        "메시지 아이디가 없거나 20자를 넘음",
        "the message id is missing or over 20 characters",
    ),
    "E114": ("삭제된 발신프로필", "the sender profile was deleted"),
    "E115": ("차단된 발신프로필", "the sender profile is blocked"),
    "E116": ("차단된 카카오톡 채널", "the channel is blocked"),
    "E117": ("닫힌 카카오톡 채널", "the channel is closed"),
    "E118": ("삭제된 카카오톡 채널", "the channel was deleted"),
    "E119": ("삭제를 기다리는 카카오톡 채널", "the channel is about to be deleted"),
    "E120": ("발신프로필에 문자 설정이 없음", "the profile is not set up for text messages"),
    "E121": ("아이템 리스트의 JSON이 잘못됨", "the item list's JSON is wrong"),
    "E122": ("아이템 리스트가 1,000자를 넘음", "the item list is over 1,000 characters"),
    "E123": ("헤더가 16자보다 김", "the header is over 16 characters"),
    "E124": ("버튼 가운데 JSON 객체가 아닌 것이 있음", "a button is no JSON object"),
    "E125": ("문자 종류(smsKind)가 잘못됨", "a wrong smsKind"),
    "E998": ("한 번에 받는 요청 수를 넘음", "too many requests"),
    "E999": ("제공자의 오류", "an error of the provider"),
}

# the same as Kakao's, under other numbers
_KAKAOS = renamed(
    "K000=0000 K102=3008 K103=3014 K104=3015 K105=3016 K106=3024 K107=1015 K108=3027 K109=3028"
    " K110=3029 K111=3030 K112=1012 K113=1013 K114=1014 K115=3013 K131=3031 K132=3032 K133=3033"
    " K134=3034 K135=3035 K136=3036 K137=3037 K138=3038 K139=3039 K140=3040 K200=1003 K201=1006"
    " K202=1007 K203=1021 K204=1022 K205=1023 K206=1024 K207=1027 K209=1004 K220=1020 K301=2003"
    " K302=2004 K303=3022 K304=3025 K306=3026 K401=4001 K500=5000 K501=5001 K999=9999"
)

_KAKAO_REASONS = reasons(
    (Reason.NOT_REACHABLE, "K101"),
    (Reason.REQUEST_REFUSED, "K208"),
    (Reason.UNCERTAIN, "K997"),
    (Reason.PROVIDER_DOWN, "K998"),
)

_KAKAO_WORDS: Words = {
    "K101": (
        "받을 수 없는 사람: 차단, 연결 없음, 7일 동안 쓰지 않음, 번호가 다름",
        "cannot receive: blocked, not connected, unused for 7 days, or another number",
    ),
    "K208": ("링크 버튼의 형식이 잘못됨", "a link button has a wrong form"),
    "K997": ("기다리는 시간이 지남: 갔는지 모름", "the wait is over; it may have arrived"),
    "K998": ("다른 오류로 보내지 못함", "not sent for another error"),
}

_TEXT_REASONS = reasons(
    (None, "M000 M001"),
    (Reason.PHONE_OFF, "M105 M507 M508 M511"),
    (Reason.BAD_ADDRESS, "M102 M203 M505 M805"),
    (Reason.OPTED_OUT, "M103"),
    (Reason.NOT_REACHABLE, "M509 M510 M512 M513 M520"),
    (Reason.CONTENT_REFUSED, "M104 M121 M122 M207 M409 M514 M804"),
    (Reason.TOO_LONG, "M106 M204 M205 M403 M806"),
    (Reason.SENDER_STATE, "M107 M306 M307 M308 M309 M515 M516 M517 M518 M803 M808"),
    (
        Reason.REQUEST_REFUSED,
        "M108 M120 M200 M201 M202 M206 M208 M209 M210 M211 M305 M407 M800 M801 M807 M809",
    ),
    (Reason.MISCONFIGURED, "M703 M704 M706 M707 M708 M709 M712 M713 M714 M811 M812 M813"),
    (Reason.THROTTLED, "M212"),
    (Reason.QUOTA, "M300 M301 M303"),
    (Reason.OUTSIDE_HOURS, "M302"),
    (Reason.DUPLICATE, "M304"),
    (Reason.EXPIRED, "M406 M504 M900 M990"),
    (Reason.UNCERTAIN, "M405 M901 M998"),
    (
        Reason.PROVIDER_DOWN,
        "M101 M128 M129 M400 M404 M408 M519 M701 M705 M710 M711 M999",
    ),
)

_TEXT_WORDS: Words = {
    "M000": ("문자를 보냄", "sent as a text message"),
    "M001": ("문자를 보내는 중", "the text message is on its way"),
    "M101": ("보낼 수 없음: 연결되지 않음", "cannot be sent: no connection"),
    "M102": ("전화번호가 잘못됨", "wrong phone number"),
    "M103": ("받는 사람이 거부함", "refused by the recipient"),
    "M104": ("스팸으로 등록된 번호", "the number is listed as spam"),
    "M105": ("전화기가 꺼짐", "the phone is off"),
    "M106": ("글이 한도(90, 2,000바이트)보다 김", "over the limit of 90 or 2,000 bytes"),
    "M107": ("등록하지 않은 발신번호", "the caller number is not registered"),
    "M108": ("그림의 주소가 없음", "the image's address is missing"),
    "M120": ("빠진 항목이 있음", "a field is missing"),
    "M121": ("글에 이모지가 있음", "an emoji in the text"),
    "M122": ("제목에 이모지가 있음", "an emoji in the subject"),
    "M128": ("문자 서버의 내부 오류", "an internal error of the text server"),
    "M129": ("문자 서버의 알 수 없는 오류", "an unknown error of the text server"),
    "M200": ("헤더가 잘못됨", "a wrong header"),
    "M201": ("내용이 잘못됨", "a wrong body"),
    "M202": ("규격에 맞지 않음", "not by the specification"),
    "M203": ("보내거나 받는 번호가 잘못됨", "the caller's or the recipient's number is wrong"),
    "M204": ("내용의 크기가 잘못됨", "a wrong size of the content"),
    "M205": ("내용이 너무 큼", "the content is too large"),
    "M206": ("첨부 파일의 수가 잘못됨", "a wrong number of attachments"),
    "M207": ("쓸 수 없는 내용이 있음", "content that is not supported"),
    "M208": ("내용의 다른 문제", "another trouble of the content"),
    "M209": ("일련번호가 잘못됨", "a wrong serial number"),
    "M210": ("메시지 유형이 잘못됨", "a wrong message type"),
    "M211": ("한 번에 받는 사람이 너무 많음", "too many recipients at once"),
    "M212": ("초당 건수를 넘음", "over the rate per second"),
    "M300": ("하루 발송량을 넘음", "over the day's quota"),
    "M301": ("한 달 발송량을 넘음", "over the month's quota"),
    "M302": ("발송이 제한된 시각", "outside the hours allowed"),
    "M303": ("잔액이 모자람", "the balance is too low"),
    "M304": ("같은 일련번호와 번호로 이미 보냄", "serial number and recipient were used before"),
    "M305": ("요청 시각이 잘못됨", "a wrong time of the request"),
    "M306": ("세칙에 맞지 않는 발신번호", "a caller number against the numbering rules"),
    "M307": ("미리 등록하지 않은 발신번호", "the caller number was not registered before"),
    "M308": ("변작으로 등록된 발신번호", "the caller number is listed as forged"),
    "M309": ("번호 도용 차단에 가입된 발신번호", "the caller number is protected from misuse"),
    "M400": ("보낼 길이 없음", "there is no route"),
    "M403": ("메시지가 너무 큼", "the message is too large"),
    "M404": ("실시간 전송에 실패함", "sending at once failed"),
    "M405": ("중계 서버의 시간이 다 됨: 결과를 받지 못함", "timed out at the gateway: no report"),
    "M406": ("중계 서버의 시간이 다 됨: 보내지 못함", "timed out at the gateway: not sent"),
    "M407": ("첨부 파일에 문제가 있음", "trouble with an attachment"),
    "M408": ("중계 서버의 다른 오류", "another error of the gateway"),
    "M409": ("스팸으로 걸린 발신번호", "the caller number counts as spam"),
    "M504": ("통신사의 보관 시간이 지남", "the carrier kept it too long"),
    "M505": ("가입자가 없는 번호", "no subscriber"),
    "M507": ("음영 지역", "no coverage"),
    "M508": ("전화기의 메시지함이 가득 참", "the phone's inbox is full"),
    "M509": ("MMS를 받지 못하는 전화기", "the phone cannot take an MMS"),
    "M510": ("받지 못하는 전화기", "the phone is not supported"),
    "M511": ("받지 않거나 통화 중", "no answer or in a call"),
    "M512": ("번호 이동 중", "the number is being moved"),
    "M513": ("번호 이동 데이터베이스에 없는 번호", "the number is not in the portability list"),
    "M514": ("통신사가 내용을 거절함", "the carrier refuses the content"),
    "M515": ("통신사: 세칙에 맞지 않는 발신번호", "carrier: caller number against the rules"),
    "M516": ("통신사: 미리 등록하지 않은 발신번호", "carrier: caller number not registered"),
    "M517": ("통신사: 변작으로 등록된 발신번호", "carrier: caller number listed as forged"),
    "M518": ("통신사: 번호 도용 차단에 가입된 발신번호", "carrier: caller number is protected"),
    "M519": ("통신사의 다른 오류", "another error of the carrier"),
    "M520": ("일시 정지된 번호", "the number is suspended"),
    "M701": ("잠시 용량을 넘음", "over the capacity for a moment"),
    "M703": ("중지된 고객", "the customer is stopped"),
    "M704": ("등록하지 않은 고객", "the customer is not registered"),
    "M705": ("이미 연결됨", "connected already"),
    "M706": ("지원하지 않는 버전", "a version that is not supported"),
    "M707": ("SMS를 보낼 권한이 없음", "not allowed to send SMS"),
    "M708": ("MMS를 보낼 권한이 없음", "not allowed to send MMS"),
    "M709": ("국제 SMS를 보낼 권한이 없음", "not allowed to send SMS abroad"),
    "M710": ("망의 오류", "a network error"),
    "M711": ("연결되지 않음", "not bound"),
    "M712": ("암호화 오류", "an error of encryption"),
    "M713": ("복호화 오류", "an error of decryption"),
    "M714": ("보낼 권한이 없음", "not allowed to send"),
    "M800": ("첨부할 수 없는 확장자", "an attachment of a wrong kind"),
    "M801": ("첨부 파일이 비었거나 너무 큼", "an attachment is empty or too large"),
    "M803": ("차단 목록에 있는 발신번호", "the caller number is on the block list"),
    "M804": ("한글 인코딩 오류", "wrong encoding of Korean letters"),
    "M805": ("받는 번호가 맞지 않음", "the recipient's number is not valid"),
    "M806": ("글이 비었거나 2,000바이트를 넘음", "the text is empty or over 2,000 bytes"),
    "M807": ("첨부 파일을 가져오지 못함", "an attachment could not be fetched"),
    "M808": ("회신 번호가 없음", "the caller number is missing"),
    "M809": ("첨부 파일이 3개를 넘음", "more than three attachments"),
    "M811": ("받는 번호의 복호화 오류", "the recipient's number could not be decrypted"),
    "M812": ("발신번호의 복호화 오류", "the caller number could not be decrypted"),
    "M813": ("내용의 복호화 오류", "the content could not be decrypted"),
    "M900": ("정한 시각보다 늦은 요청", "the request came later than its time"),
    "M901": ("정한 시간 안에 결과가 오지 않음", "no report in the time allowed"),
    "M990": ("정한 시각보다 늦은 요청", "the request came later than its time"),
    "M998": ("통신사의 결과가 제때 오지 않음", "no report of the carrier in time"),
    "M999": ("다른 시스템 오류", "another system error"),
}

_KAKAO = dict(sorted({**_KAKAOS, **meanings(_KAKAO_REASONS, _KAKAO_WORDS)}.items()))
_TEXT = meanings(_TEXT_REASONS, _TEXT_WORDS)

TABLE: Table = {
    Place.ANY_ANSWER: meanings(_REQUEST_REASONS, _REQUEST_WORDS),
    Place.ALIMTALK_ANSWER: {"K000": _KAKAO["K000"]},
    Place.ALIMTALK_RESULT: _KAKAO,
    Place.TEXT_RESULT: _TEXT,
}
