"""NHN's envelopes, result codes, dates (Seoul time) and request ids."""

import secrets
import string
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

KST = timezone(timedelta(hours=9))
MINUTE, SECOND = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"

# API results; {} is filled with the field and its limit.
ALIMTALK = {
    0: "SUCCESS",
    4: "The '{}' has an invalid type.",
    -1000: "Invalid appKey.",
    -1001: "Invalid secretKey.",
    -1005: "The same 'X-NC-API-IDEMPOTENCY-KEY' was used within the last 10 minute.",
    -1016: "It is not found any messages responding with that requestId or recipientSeq.",
    -1027: "The sender is blocked status.",
    -1031: "All of receivers are failed to send.",
    -2000: "The '{}' must be at less than or equal to {}.",
    -2001: "The '{}' must not be blank.",
    -2002: "The '{}' must not be null.",
    -2005: "The '{}' must be less than or equal to {}.",
    -2017: "Not exist plus friend.",
    -2018: "Button parameter is invalid.",
    -2019: "The content that is replaced by the template parameters"
    " can not exceed 1,300 characters.",
    -2025: "You can not send messages on past dates. Please check `requestDate` again.",
    -2026: "You can not send messages after 90 days. Please check `requestDate` again.",
    -2027: "The 'requestDate' has invalid format.",
    -2032: "The templateTitle that is replaced by the template parameters"
    " can not exceed 50 characters.",
    -2035: "The templateHeader that is replaced by the template parameters"
    " can not exceed 16 characters.",
    -2502: "Please set up plus-friend resend setting.",
    -2505: "The 'buttons' is too many. If you request the 'quickReplies',"
    " the buttons size muse be 2 or less.",
    -3000: "If template have a WL(webLink), must input linkMo",
    -3001: "Already exist templateCode or templateName.",
    -3002: "Field is not valid.",
    -3003: "Template does not exist.",
    -3004: "Please check template parameter.",
    -3005: "Please check template status.",
    -3006: "The linkMo/linkPc must include http:// or https://",
    -3007: "If there is an AL(appLink) in the template,"
    " at least two of schemeAndroid, schemeIos, linkMo must be entered.",
    -3008: "The button name can't include the replacement parameter.",
    -3009: "Not exist button name.",
    -3010: "The contents are not matched to template."
    " This message can be resend by sms service if the resend setting is on.",
    -3011: "The buttons or quickReplies are not matched to template."
    " This message can be resend by sms service if the resend setting is on.",
    -3016: "The Template which emphasizeType is 'TEXT' must have templateTitle, templateSubtitle.",
    -3018: "The Template which messageType is 'EX' must have templateExtra.",
    -3024: "The button of AC type can using only templateMessageType (AD/MI).",
    -3025: "AC type buttons should be located alone or on top.",
    -3028: "The Template which messageType is 'BA' can't have templateExtra.",
    -3042: "The templateHeader are not matched to template."
    " This message can be resend by sms service if the resend setting is on.",
    -3043: "The templateItem or templateItemHighlight are not matched to template."
    " This message can be resend by sms service if the resend setting is on.",
    -3046: "The templateRepresentLink is not matched to template."
    " This message can be resend by sms service if the resend setting is on.",
    -3048: "The template parameter's length can not exceed 1300 characters.",
    -3049: "The template parameter is not matched to template.",
    -3050: "The templateMessageType (AD/MI) must have button of AC type.",
    -4003: "Search is possible within 31 days.",
    -4016: "Not exist data.",
    -4103: "RequestId or startRequestDate/endRequestDate is invalid.",
    -5000: "RecipientNo is invalid.",
    -9996: "Only application/json Content-type is supported.",
    -9998: "Not exist API",
}
SMS = {
    0: "SUCCESS",
    -1000: "Invalid appKey.",
    -1001: "Service is not exist.",
    -1005: "Service parameter is invalid.",
    -2000: "Date format error.",
    -2001: "RecipientList can not be null.",
    -2008: "Invalid requestId.",
    -2011: "RequestId or start/endRequestDate or start/endCreateDate is required.",
    -2014: "The recipient can not be empty.",
    -2015: "Title or Body exceed maximum byte.",
    -2016: "The max recipient size is 1000.",
    -2018: "RecipientNo can not be empty.",
    -2019: "RecipientNo is invalid.",
    -2022: "requestDate is not before currentDate",
    -2023: "Unacceptable characters in title and body",
    -2024: "LMS/MMS Type is not sent to outside of Korea.",
    -2312: "Not regist sendno.",
    -4000: "Search is possible within one month.",
    -9996: "Only application/json Content-type is supported.",
    -9997: "Invalid API parameters.",
    -9998: "Not exist API.",
}
# Delivery results, by message; the same digits mean different things on the two products.
DELIVERED = {
    "alimtalk": {
        "1000": "성공",
        "3005": "메시지를 발송했으나 수신 확인이 안 됨",
        "3019": "카카오톡 사용자가 아님",
        "3020": "알림톡 수신을 차단함",
        "3026": "상담원/봇 전환 전송 정보가 유효하지 않음",
        "3028": "강조 표기 타이틀이 템플릿과 일치하지 않음",
    },
    "sms": {"1000": "성공", "2003": "단말기 전원 꺼짐"},
}


class Refused(Exception):
    """The whole request is refused: a header with this code and no body."""

    def __init__(self, code: int, message: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message, self.body = code, message, body or {}


def biz(code: int, *fill: object) -> Refused:
    """A refusal in the words of Bizmessage."""
    return Refused(code, ALIMTALK[code].format(*fill))


def sms(code: int) -> Refused:
    """A refusal in the words of SMS."""
    return Refused(code, SMS[code])


def answer(body: dict[str, Any], code: int = 0, message: str = "SUCCESS") -> Response:
    header = {"resultCode": code, "resultMessage": message, "isSuccessful": code == 0}
    return Response(orjson.dumps({"header": header, **body}), media_type="application/json")


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to a request that raised `Refused`."""
    if not isinstance(error, Refused):
        raise error
    return answer(error.body, error.code, error.message)


async def read_json(request: Request, wrong_type: Refused, unreadable: Refused) -> dict[str, Any]:
    """The body as an object. Raises one of the two refusals."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise wrong_type
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise unreadable from None
    if not isinstance(body, dict):
        raise unreadable
    return body


def new_request_id(now_ms: int) -> str:
    """25 characters: Seoul time to the second, then eleven letters and digits."""
    letters = string.ascii_letters + string.digits
    return seoul(now_ms, "%Y%m%d%H%M%S") + "".join(secrets.choice(letters) for _ in range(11))


def seoul(ms: int, form: str = SECOND) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(KST).strftime(form)


def stamp(ms: int | None) -> str | None:
    """`yyyy-MM-dd HH:mm:ss.S` as in the samples, None for a time that has not come."""
    return None if ms is None else seoul(ms) + f".{ms % 1000 // 100}"


def parse_time(text: str, form: str) -> int | None:
    """Milliseconds of a Seoul time, None when it is not of this form."""
    try:
        return int(datetime.strptime(text, form).replace(tzinfo=KST).timestamp() * 1000)
    except ValueError:
        return None
