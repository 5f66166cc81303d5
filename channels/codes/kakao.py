"""Kakao's own result codes, the same numbers at every dealer that hands them through.

Sources: github.com/lunasoft-org/kakao-bzm, alimtalk-api.md §6.1 (an official dealer that keeps
Kakao's names, 2025-12-26); 3019 to 3022 and 3024 from NHN Cloud, KakaoTalk Bizmessage > 오류 코드
(2026-05-26). A provider whose words differ has its own row, not a condition here.
"""

from channels.codes.meaning import Meanings, Words, meanings, reasons
from channels.vocabulary import Reason

_REASONS = reasons(
    (None, "0000"),
    (Reason.SENDER_STATE, "1002 1003 1006 1007 1011 1014 1016 1021 1022 1023 1024 1025 1027"),
    (Reason.REQUEST_REFUSED, "1001 1004 1012 1013 1015 1030 2006 3010 3011 3013 3024 3026 5000"),
    (Reason.BAD_ADDRESS, "1020 3008"),
    (Reason.NOT_REACHABLE, "2003 3018 3019 3021"),
    (Reason.OPTED_OUT, "3020"),
    (Reason.PROVIDER_DOWN, "2004 3000 3006 9998 9999"),
    (Reason.UNCERTAIN, "3005 4000 4001"),
    (Reason.DUPLICATE, "3012"),
    (Reason.TEMPLATE_STATE, "3015"),
    (Reason.TEMPLATE_MISMATCH, "3016 3027 3028 3030 3031 3033 3036 3038 3040"),
    (Reason.TOO_LONG, "3014 3025 3029 3032 3034 3035 3037 3039"),
    (Reason.OUTSIDE_HOURS, "3022"),
    (Reason.QUOTA, "5001"),
)

_WORDS: Words = {
    "0000": ("카카오가 보냄", "sent by Kakao"),
    "1001": ("요청이 JSON이 아님", "the request is no JSON"),
    "1002": ("허브 파트너 키가 맞지 않음", "the dealer's key is not valid"),
    "1003": ("발신프로필 키가 맞지 않음", "the sender key is not valid"),
    "1004": ("요청에 빠진 항목이 있음", "a field is missing in the request"),
    "1006": ("삭제된 발신프로필", "the sender profile was deleted"),
    "1007": ("차단된 발신프로필", "the sender profile is blocked"),
    "1011": ("계약 정보가 없음", "no contract was found"),
    "1012": ("사용자 키의 형식이 맞지 않음", "the user key has a wrong form"),
    "1013": ("앱 연결이 맞지 않음", "the app link is not valid"),
    "1014": ("사업자등록번호가 맞지 않음", "the business number is not valid"),
    "1015": ("앱 사용자 아이디가 맞지 않음", "the app user id is not valid"),
    "1016": ("사업자등록번호가 서로 다름", "the business numbers differ"),
    "1020": ("받는 번호가 없거나 맞지 않음", "the recipient is missing or not valid"),
    "1021": ("차단된 카카오톡 채널", "the channel is blocked"),
    "1022": ("닫힌 카카오톡 채널", "the channel is closed"),
    "1023": ("삭제된 카카오톡 채널", "the channel was deleted"),
    "1024": ("삭제를 기다리는 카카오톡 채널", "the channel is about to be deleted"),
    "1025": ("제재를 받는 카카오톡 채널", "the channel is under sanction"),
    "1027": ("메시지 제재를 받는 카카오톡 채널", "the channel may not send: under sanction"),
    "1030": ("요청 값이 잘못됨", "a wrong parameter"),
    "2003": ("시험 서버: 채널을 추가하지 않은 사람", "test server: has not added the channel"),
    "2004": ("템플릿을 견주다 생긴 내부 오류", "internal error while matching the template"),
    "2006": ("일련번호의 형식이 맞지 않음", "the serial number has a wrong form"),
    "3000": ("카카오의 예기치 않은 오류", "an unexpected error at Kakao"),
    "3005": (
        "보냈으나 수신 확인이 없음. 3일 안에 도착할 수 있음",
        "sent, not acknowledged; may arrive within three days",
    ),
    "3006": ("카카오의 내부 오류로 보내지 못함", "an internal error at Kakao; not sent"),
    "3008": ("전화번호가 잘못됨", "wrong phone number"),
    "3010": ("요청의 JSON을 읽을 수 없음", "the request's JSON cannot be read"),
    "3011": ("그런 메시지가 없음", "no such message"),
    "3012": ("이미 쓴 일련번호", "the serial number was used before"),
    "3013": ("글이 비어 있음", "the text is empty"),
    "3014": ("글이 템플릿의 한도나 1,000자보다 김", "longer than the template or 1,000 characters"),
    "3015": ("템플릿을 찾을 수 없음", "the template was not found"),
    "3016": ("글이 승인된 템플릿과 다름", "the text differs from the approved template"),
    "3018": (
        "보낼 수 없는 사람: 7일 동안 쓰지 않았거나, 유심의 번호가 다르거나, 제재 중",
        "cannot be sent to: unused for 7 days, another number in the phone, or sanctioned",
    ),
    "3019": ("카카오톡을 쓰지 않는 번호", "not a KakaoTalk user"),
    "3020": ("알림톡을 차단한 사람", "the recipient has blocked Alimtalk"),
    "3021": ("카카오톡 앱이 너무 오래됨", "the KakaoTalk app is too old"),
    "3022": ("광고를 보낼 수 있는 시각(08:00–20:50)이 아님", "outside 08:00–20:50 for advertising"),
    "3024": ("그림을 보낼 수 없음", "the image cannot be sent"),
    "3025": ("변수의 값이 한도보다 김", "a variable's value is too long"),
    "3026": (
        "버튼의 chat_extra, chat_event 가 잘못됨",
        "wrong chat_extra or chat_event of a button",
    ),
    "3027": (
        "버튼이나 바로연결이 템플릿과 다름",
        "buttons or quick replies differ from the template",
    ),
    "3028": ("강조 제목이 템플릿과 다름", "the emphasised title differs from the template"),
    "3029": ("강조 제목이 50자보다 김", "the emphasised title is over 50 characters"),
    "3030": ("메시지 유형과 강조 유형이 다름", "message type and emphasis type differ"),
    "3031": ("헤더가 템플릿과 다름", "the header differs from the template"),
    "3032": ("헤더가 16자보다 김", "the header is over 16 characters"),
    "3033": ("하이라이트가 템플릿과 다름", "the highlight differs from the template"),
    "3034": (
        "하이라이트 제목이 30자(그림이 있으면 21자)보다 김",
        "highlight title over 30 (21) characters",
    ),
    "3035": (
        "하이라이트 설명이 19자(그림이 있으면 13자)보다 김",
        "highlight text over 19 (13) characters",
    ),
    "3036": ("아이템 리스트가 템플릿과 다름", "the item list differs from the template"),
    "3037": ("아이템 설명이 23자보다 김", "an item's text is over 23 characters"),
    "3038": ("요약 정보가 템플릿과 다름", "the summary differs from the template"),
    "3039": ("요약 설명이 14자보다 김", "the summary's text is over 14 characters"),
    "3040": ("요약 설명에 쓸 수 없는 글자가 있음", "characters not allowed in the summary"),
    "4000": ("보낸 결과를 찾을 수 없음", "no result was found"),
    "4001": ("알 수 없는 메시지 상태", "an unknown message state"),
    "5000": ("시험 서버: 받을 수 있게 인증된 사람이 아님", "test server: not an authorised tester"),
    "5001": ("시험 서버: 하루 한도를 넘음", "test server: over the daily limit"),
    "9998": ("카카오 서비스가 멈춰 있음", "the service is not available"),
    "9999": ("카카오의 알 수 없는 오류", "an unknown error at Kakao"),
}

RESULTS: Meanings = meanings(_REASONS, _WORDS)


def renamed(pairs: str) -> Meanings:
    """Kakao's meanings under a dealer's own numbers: ``K105=3016 K108=3027``."""
    return {own: RESULTS[code] for own, code in (pair.split("=") for pair in pairs.split())}
