"""SOLAPI (formerly CoolSMS): errors of its API and the status codes of messages.

Source: github.com/solapi/documents, API reference and "상태 코드" (2022-09, the newest public
list). Read in the documents, tried at nobody's but our own sandbox.
"""

from channels.codes.meaning import Place, Table, Words, meanings, reasons
from channels.vocabulary import Reason

_ANSWER_REASONS = reasons(
    (None, "2000"),
    (
        Reason.MISCONFIGURED,
        "InvalidAPIKey SignatureDoesNotMatch RequestTimeTooSkewed Forbidden"
        " InactiveApp InvalidAppId BlockedApp InDevelopment",
    ),
    # the same request was there a moment ago: whether it was taken is to be looked up
    (Reason.DUPLICATE, "DuplicatedSignature"),
    (Reason.QUOTA, "NotEnoughBalance 1030"),
    (
        Reason.REQUEST_REFUSED,
        "ValidationError InvalidStatusCode InvalidScheduledDate DeletedGroup FailedGroup"
        " InvalidStatus NotOperationalStatus ResourceNotFound GroupInProcessing ScheduledGroup"
        " AlreadySent RecipientsTooMany"
        " 1010 1011 1013 1021 1022 1023 1025 1026 1032 1033 1034 1044 1045 1047 1048 1049 1050"
        " 1051 1052 1053 1058",
    ),
    (Reason.TOO_LONG, "1014 1031"),
    (Reason.SENDER_STATE, "1020 1041 1062"),
    (Reason.PROVIDER_DOWN, "1024"),
    (Reason.CONTENT_REFUSED, "1027 1028 1029 1064"),
    (Reason.TEMPLATE_STATE, "1042"),
    (Reason.TEMPLATE_MISMATCH, "1043 1046"),
    (Reason.OPTED_OUT, "1060 1061"),
)

_ANSWER_WORDS: Words = {
    "2000": ("접수됨", "accepted"),
    "InvalidAPIKey": ("없는 API 키", "no such API key"),
    "SignatureDoesNotMatch": ("서명이 맞지 않음", "the signature does not match"),
    "RequestTimeTooSkewed": ("시각이 15분 넘게 다름", "the clock is off by more than 15 minutes"),
    "DuplicatedSignature": (
        "15분 안에 같은 서명을 다시 씀",
        "the same signature within 15 minutes",
    ),
    "Forbidden": ("권한이 없음", "not allowed"),
    "InactiveApp": ("꺼진 앱", "the app is inactive"),
    "InvalidAppId": ("앱 아이디가 맞지 않음", "the app id is not valid"),
    "BlockedApp": ("차단된 앱", "the app is blocked"),
    "InDevelopment": ("개발 중인 앱", "the app is still in development"),
    "NotEnoughBalance": ("잔액이 모자람", "the balance is too low"),
    "ValidationError": ("요청의 값이 맞지 않음", "a value of the request is not valid"),
    "InvalidStatusCode": (
        "한 건이 그 상태 코드로 거절됨",
        "the one message was refused by its code",
    ),
    "InvalidScheduledDate": (
        "예약이 과거이거나 6개월 뒤를 넘음",
        "scheduled in the past or past 6 months",
    ),
    "DeletedGroup": ("삭제된 그룹", "the group was deleted"),
    "FailedGroup": ("실패한 그룹", "the group has failed"),
    "InvalidStatus": ("보낼 수 있는 상태의 그룹이 아님", "the group is not pending"),
    "NotOperationalStatus": ("지울 수 있는 상태의 그룹이 아님", "the group cannot be deleted now"),
    "ResourceNotFound": ("그런 그룹이 없음", "no such group"),
    "GroupInProcessing": ("이미 처리하는 그룹", "the group is being processed"),
    "ScheduledGroup": ("이미 예약된 그룹", "the group is scheduled"),
    "AlreadySent": ("이미 보낸 그룹", "the group was sent already"),
    "RecipientsTooMany": ("한 번에 10,000명을 넘음", "more than 10,000 recipients at once"),
    "1010": ("빠진 항목이 있음", "a field is missing"),
    "1011": ("값의 형식이 맞지 않음", "a value has a wrong format"),
    "1013": ("SMS에 제목이 있음", "a subject on an SMS"),
    "1014": ("제목이 40바이트보다 김", "the subject is over 40 bytes"),
    "1020": ("계정에 문제가 있음", "trouble with the account"),
    "1021": ("그런 메시지가 없음", "no such message"),
    "1022": ("그런 그룹이 없음", "no such group"),
    "1023": ("그런 그림이 없음", "no such image"),
    "1024": ("제공자 서버의 오류", "an error of the provider's server"),
    "1025": ("모르는 메시지 유형", "an unknown message type"),
    "1026": ("한 요청에 같은 번호가 두 번 있음", "the same recipient twice in one request"),
    "1027": ("글자의 인코딩이 잘못됨", "wrong encoding"),
    "1028": ("보이지 않는 글자가 있음", "characters that cannot be printed"),
    "1029": ("EUC-KR에 없는 글자가 있음", "characters outside EUC-KR"),
    "1030": ("잔액이 모자람", "the balance is too low"),
    "1031": ("글이 한도보다 김", "the text is too long"),
    "1032": ("customFields 가 잘못됨", "wrong customFields"),
    "1033": ("카카오 설정을 쓸 수 없는 유형", "kakaoOptions on a type that has none"),
    "1034": ("그림 아이디가 없음", "the image id is missing"),
    "1041": ("채널이 맞지 않음", "the channel is not valid"),
    "1042": ("없는 템플릿", "no such template"),
    "1043": ("글이 템플릿과 다름", "the text differs from the template"),
    "1044": ("버튼이 잘못됨", "a wrong button"),
    "1045": ("버튼의 주소가 잘못됨", "a wrong address of a button"),
    "1046": ("템플릿의 버튼이 빠짐", "the template's buttons are missing"),
    "1047": ("템플릿에 없는 버튼이 있음", "buttons that the template does not have"),
    "1048": ("버튼의 주소가 한도보다 김", "a button's address is too long"),
    "1049": ("버튼의 이름이 한도보다 김", "a button's name is too long"),
    "1050": ("버튼이 너무 많음", "too many buttons"),
    "1051": ("그림 아이디가 잘못됨", "a wrong image id"),
    "1052": ("버튼의 순서가 잘못됨", "a wrong order of buttons"),
    "1053": ("친구톡에는 배송조회 버튼을 쓸 수 없음", "no delivery button on a friend talk"),
    "1058": ("보낼 길이 없음", "there is no route"),
    "1060": ("막아 둔 번호", "the number is on the block list"),
    "1061": ("080으로 수신을 거부한 번호", "opted out through 080"),
    "1062": ("등록하지 않은 발신번호", "the caller number is not registered"),
    "1064": ("한국인터넷진흥원이 막음", "blocked by KISA"),
}

# after the intake, whatever the route
_RESULT_REASONS = reasons(
    (None, "3000 4000"),
    (Reason.REQUEST_REFUSED, "2011 3011"),
    (Reason.PROVIDER_DOWN, "2024 3012 3024"),
    (Reason.OPTED_OUT, "2060 2061"),
    (Reason.SENDER_STATE, "2062 2063 3013"),
    (Reason.CONTENT_REFUSED, "2064 2254"),
    (Reason.QUOTA, "2230"),
    (Reason.BAD_ADDRESS, "3010"),
    (Reason.UNMAPPED, "3014"),
)

_RESULT_WORDS: Words = {
    "3000": ("통신사에 넘김, 결과를 기다림", "handed to the carrier; the result is awaited"),
    "4000": ("도착함", "delivered"),
    "2011": ("형식이 맞지 않음", "a wrong format"),
    "2024": ("제공자 서버의 오류", "an error of the provider's server"),
    "2060": ("막아 둔 번호", "the number is on the block list"),
    "2061": ("080으로 수신을 거부한 번호", "opted out through 080"),
    "2062": ("등록하지 않은 발신번호", "the caller number is not registered"),
    "2063": ("차단된 계정", "the account is blocked"),
    "2064": ("한국인터넷진흥원이 막음", "blocked by KISA"),
    "2230": ("잔액이 모자람", "the balance is too low"),
    "2254": ("제공자의 스팸 거름에 걸림", "stopped by the provider's spam filter"),
    "3010": ("받는 번호가 잘못됨", "the recipient's number is wrong"),
    "3011": ("형식이 맞지 않음", "a wrong format"),
    "3012": ("앞선 서버의 오류", "an error of an upstream server"),
    "3013": ("발신번호의 형식이 맞지 않음", "the caller number has a wrong format"),
    "3014": ("알 수 없는 오류", "an unknown error"),
    "3024": ("제공자 서버의 오류", "an error of the provider's server"),
}

_ALIMTALK_REASONS = reasons(
    (Reason.SENDER_STATE, "3101 3106"),
    (Reason.NOT_REACHABLE, "3102 3104 3107"),
    (Reason.TEMPLATE_MISMATCH, "3103"),
    (Reason.TEMPLATE_STATE, "3105"),
    (Reason.OUTSIDE_HOURS, "3108"),
)

_ALIMTALK_WORDS: Words = {
    "3101": ("발신프로필 키가 맞지 않음", "the sender key is not valid"),
    "3102": ("채널의 친구가 아님", "not a friend of the channel"),
    "3103": ("글이 템플릿과 다름", "the text differs from the template"),
    "3104": ("카카오톡을 쓰지 않는 번호", "not a KakaoTalk user"),
    "3105": ("등록하지 않은 템플릿", "the template is not registered"),
    "3106": ("채널이 맞지 않음", "the channel is not valid"),
    "3107": (
        "72시간 동안 쓰지 않았거나 알림톡을 차단함",
        "unused for 72 hours, or Alimtalk is blocked",
    ),
    "3108": ("보낼 수 있는 시각(08:00–20:00)이 아님", "outside 08:00–20:00"),
}

_TEXT_REASONS = reasons(
    (Reason.NOT_REACHABLE, "3031 3045 3050 3051 3052 3058 3060"),
    (Reason.BAD_ADDRESS, "3032"),
    (Reason.EXPIRED, "3040"),
    (Reason.PHONE_OFF, "3041 3042 3043 3044 3046 3053 3056 3057"),
    (Reason.OPTED_OUT, "3047 3055"),
    (Reason.UNMAPPED, "3048"),
    (Reason.CONTENT_REFUSED, "3054"),
    (Reason.SENDER_STATE, "3059"),
)

_TEXT_WORDS: Words = {
    "3031": ("보낼 수 없음", "cannot be delivered"),
    "3032": ("가입자가 아닌 번호", "not a subscriber"),
    "3040": ("통신사의 시간이 다 됨", "timed out at the carrier"),
    "3041": ("통화 중", "in a call"),
    "3042": ("음영 지역", "no coverage"),
    "3043": ("전화기가 꺼짐", "the phone is off"),
    "3044": ("전화기의 메시지함이 가득 참", "the phone's inbox is full"),
    "3045": ("일시 정지된 번호", "the number is suspended"),
    "3046": ("전화기의 다른 문제", "another trouble of the phone"),
    "3047": ("받는 사람이 거부함", "refused by the recipient"),
    "3048": ("알 수 없는 오류", "an unknown error"),
    "3050": ("문자를 받지 못하는 전화기", "the phone cannot take text messages"),
    "3051": ("걸 수 없는 번호", "the number cannot be called"),
    "3052": ("통신사가 지움", "removed by the carrier"),
    "3053": ("통신사의 대기열이 가득 참", "the carrier's queue is full"),
    "3054": ("스팸으로 걸림", "refused as spam"),
    "3055": ("스팸 거부에 등록된 번호", "the number is on the no-spam list"),
    "3056": ("무선망의 오류", "an error of the radio network"),
    "3057": ("망과 전화기 사이의 오류", "an error between network and phone"),
    "3058": ("보낼 길이 없음", "there is no route"),
    "3059": ("변작된 발신번호", "a forged caller number"),
    "3060": ("성인 인증에 실패함", "the age check failed"),
}

TABLE: Table = {
    Place.ANY_ANSWER: meanings(_ANSWER_REASONS, _ANSWER_WORDS),
    Place.ANY_RESULT: meanings(_RESULT_REASONS, _RESULT_WORDS),
    Place.ALIMTALK_RESULT: meanings(_ALIMTALK_REASONS, _ALIMTALK_WORDS),
    Place.TEXT_RESULT: meanings(_TEXT_REASONS, _TEXT_WORDS),
}
