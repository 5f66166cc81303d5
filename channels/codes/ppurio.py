"""BizPPurio: 7 for Kakao, 4 for SMS, 6 for LMS and MMS; its answer to a request is 1000.

Source: github.com/BizMsg/WebAPI, status-code/ and api/ (2023-08). Read there, not tried: there is
no adapter yet. RCS (8xxx) is not told: Naru has no such route.
"""

from channels.codes.kakao import renamed
from channels.codes.meaning import Meaning, Place, Table, Words, meanings, reasons
from channels.vocabulary import Reason

# the same as Kakao's, under other numbers
_KAKAOS = renamed(
    "7103=1003 7106=1006 7107=1007 7108=1021 7109=1022 7110=1023 7204=3016 7306=3006 7308=3008"
    " 7311=3011 7314=3014 7315=3015 7322=3022 7325=3025 7326=3026 7327=3027 7328=3028 7329=3029"
    " 7330=3030 7331=3031 7332=3032 7333=3033 7334=3034 7335=3035 7336=3036 7337=3037 7338=3038"
    " 7339=3039 7340=3040"
)

_KAKAO_REASONS = reasons(
    (None, "7000"),
    (Reason.REQUEST_REFUSED, "7101 7323 7324"),
    (Reason.SENDER_STATE, "7105"),
    (Reason.NOT_REACHABLE, "7203 7318"),
    (Reason.PROVIDER_DOWN, "7300"),
    (Reason.UNCERTAIN, "7305"),
    (Reason.EXPIRED, "7421"),
)

_KAKAO_WORDS: Words = {
    "7000": ("도착함", "delivered"),
    "7101": ("형식이 맞지 않음", "a wrong format"),
    "7105": ("없는 발신프로필 키", "no such sender key"),
    "7203": ("채널의 친구가 아님", "not a friend of the channel"),
    "7300": ("다른 오류", "another error"),
    "7305": (
        "보냈으나 수신 확인이 없음. 30일 안에 도착할 수 있음",
        "sent, not acknowledged; may arrive within 30 days",
    ),
    "7318": (
        "보낼 수 없는 사람: 쓰지 않음, 오래 쓰지 않음, 차단",
        "cannot be sent to: not a user, long inactive, or blocked",
    ),
    "7323": ("메시지 그룹이 없음", "the message group was not found"),
    "7324": ("다시 보낼 메시지가 없음", "the message to resend does not exist"),
    "7421": ("제때 보내지 못함", "timed out"),
}

_TEXT_REASONS = reasons(
    (None, "4100 6600"),
    (
        Reason.PHONE_OFF,
        "4400 4401 4402 4403 4404 4405 4425 4427 6602 6603 6604 6605 6608 6614 6615 6616",
    ),
    (Reason.BAD_ADDRESS, "4410 4414 6606 6622"),
    (Reason.NOT_REACHABLE, "4411 4422 4424 6607 6613 6625"),
    (Reason.OPTED_OUT, "4412 4423 4431 6609 6626 6627"),
    (Reason.CONTENT_REFUSED, "4430 6617 6618 6619"),
    (Reason.EXPIRED, "4421 4426 6601"),
    (Reason.SENDER_STATE, "4432 4433 4434 4435 4436 6628 6629 6630 6631 6632 6633"),
    (Reason.TOO_LONG, "6621"),
    (Reason.QUOTA, "6620"),
    (Reason.REQUEST_REFUSED, "4413 6611 6612 6623 6624 6670"),
    (Reason.PROVIDER_DOWN, "4420 4428 6610"),
)

_TEXT_WORDS: Words = {
    "4100": ("도착함", "delivered"),
    "4400": ("음영 지역", "no coverage"),
    "4401": ("전화기가 꺼짐", "the phone is off"),
    "4402": ("전화기의 메시지함이 가득 참", "the phone's inbox is full"),
    "4403": ("통신사가 지움", "deleted by the carrier"),
    "4404": ("전화기의 위치를 알 수 없음", "the phone's place is not known"),
    "4405": ("전화기가 바쁨", "the phone is busy"),
    "4410": ("잘못된 번호", "a wrong number"),
    "4411": ("번호 이동 데이터베이스 오류", "an error of the portability list"),
    "4412": ("착신 거절", "refused by the phone"),
    "4413": ("통신사에 넘긴 형식이 잘못됨", "a wrong format for the carrier"),
    "4414": ("가입자가 없거나 정지된 번호", "no subscriber, or suspended"),
    "4420": ("다른 오류", "another error"),
    "4421": ("제때 보내지 못함", "timed out"),
    "4422": ("일시 정지된 번호", "the number is suspended"),
    "4423": ("받는 사람이 거부함", "refused by the recipient"),
    "4424": ("주소가 든 문자를 받지 못하는 전화기", "the phone cannot take addresses"),
    "4425": ("통화 중", "in a call"),
    "4426": ("다시 보내는 한도를 넘음", "over the number of tries"),
    "4427": ("전화기의 다른 문제", "another trouble of the phone"),
    "4428": ("시스템 오류", "a system error"),
    "4430": ("스팸으로 걸림", "refused as spam"),
    "4431": ("발송 제한 수신거부에 등록된 번호", "the recipient has opted out"),
    "4432": ("막힌 발신번호(개인)", "the caller number is blocked (person)"),
    "4433": ("막힌 발신번호(기업)", "the caller number is blocked (company)"),
    "4434": ("미리 등록하지 않은 발신번호", "the caller number was not registered before"),
    "4435": ("스팸으로 신고된 발신번호", "the caller number was reported as spam"),
    "4436": ("규칙에 맞지 않는 발신번호", "a caller number against the numbering rules"),
    "6600": ("도착함", "delivered"),
    "6601": ("제때 보내지 못함", "timed out"),
    "6602": ("통화 중", "in a call"),
    "6603": ("음영 지역", "no coverage"),
    "6604": ("전화기가 꺼짐", "the phone is off"),
    "6605": ("전화기의 메시지함이 가득 참", "the phone's inbox is full"),
    "6606": ("잘못된 번호", "a wrong number"),
    "6607": ("일시 정지된 번호", "the number is suspended"),
    "6608": ("전화기의 다른 문제", "another trouble of the phone"),
    "6609": ("착신 거절", "refused by the phone"),
    "6610": ("다른 오류", "another error"),
    "6611": ("통신사에 넘긴 형식이 잘못됨", "a wrong format for the carrier"),
    "6612": ("중계 서버에 넘긴 형식이 잘못됨", "a wrong format for the gateway"),
    "6613": ("받지 못하는 전화기", "the phone is not supported"),
    "6614": ("통화할 수 없는 상태의 전화기", "the phone cannot be called"),
    "6615": ("통신사가 지움", "deleted by the carrier"),
    "6616": ("통신사의 대기열이 가득 참", "the carrier's queue is full"),
    "6617": ("통신사가 스팸으로 거절함", "refused as spam by the carrier"),
    "6618": ("당국의 스팸 목록에 걸림", "refused as spam by the authorities' list"),
    "6619": ("중계 서버가 스팸으로 거절함", "refused as spam by the gateway"),
    "6620": ("발송 수를 넘음", "over the number that may be sent"),
    "6621": ("글이 한도보다 김", "the text is too long"),
    "6622": ("번호의 형식이 잘못됨", "the number has a wrong form"),
    "6623": ("자료의 형식이 잘못됨", "the data has a wrong form"),
    "6624": ("MMS의 내용을 찾을 수 없음", "the MMS was not found"),
    "6625": ("번호 이동 데이터베이스 오류", "an error of the portability list"),
    "6626": ("080으로 수신을 거부한 번호", "opted out through 080"),
    "6627": ("발송 제한 수신거부에 등록된 번호", "the recipient has opted out"),
    "6628": ("막힌 발신번호(개인)", "the caller number is blocked (person)"),
    "6629": ("막힌 발신번호(기업)", "the caller number is blocked (company)"),
    "6630": ("쓸 수 없는 번호", "the number cannot be used"),
    "6631": ("미리 등록하지 않은 발신번호", "the caller number was not registered before"),
    "6632": ("스팸으로 신고된 발신번호", "the caller number was reported as spam"),
    "6633": ("규칙에 맞지 않는 발신번호", "a caller number against the numbering rules"),
    "6670": ("첨부 파일이 60KB를 넘음", "an attachment is over 60 KB"),
}

TABLE: Table = {
    Place.ANY_ANSWER: {"1000": Meaning(None, "접수됨", "accepted")},
    Place.ALIMTALK_RESULT: dict(
        sorted({**_KAKAOS, **meanings(_KAKAO_REASONS, _KAKAO_WORDS)}.items())
    ),
    Place.TEXT_RESULT: meanings(_TEXT_REASONS, _TEXT_WORDS),
}
