"""What NHN Cloud's numbers mean, one table per place where they appear.

The same digits mean different things in each: -1001 is a wrong secret key for Bizmessage and an
unknown app key for SMS; 3018 is an unreachable person at Kakao and a forged caller number at a
carrier. Sources: docs.nhncloud.com, Notification, "KakaoTalk Bizmessage > 오류 코드" and "SMS >
결과 코드" (both 2026-06-23).
"""

from collections.abc import Mapping

from channels.vocabulary import Reason, Result, Verdict

Ruling = tuple[Verdict, Reason]
Fate = tuple[Result, Reason | None]

ALL_FAILED = -1031  # the request's header: read what is said of each recipient
ALREADY_THERE = -3001  # a template with this code or name exists
NOT_THERE = -3003  # no such template


def _rulings(*rows: tuple[Verdict, Reason, str]) -> Mapping[int, Ruling]:
    return {
        int(code): (verdict, reason) for verdict, reason, codes in rows for code in codes.split()
    }


def _fates(*rows: tuple[Result, Reason | None, str]) -> Mapping[str, Fate]:
    return {code: (result, reason) for result, reason, codes in rows for code in codes.split()}


_NO, _LATER, _ASK = Verdict.REJECTED, Verdict.DEFERRED, Verdict.UNKNOWN

KAKAO_API = _rulings(
    # app key, secret key, disabled, owner not verified, wrong address
    (_LATER, Reason.MISCONFIGURED, "-1000 -1001 -4004 -4005 -1030 -9998"),
    (_ASK, Reason.DUPLICATE, "-1005"),  # this idempotency key within ten minutes; proves nothing
    (_ASK, Reason.PROVIDER_DOWN, "-7000 -8010 -9999"),  # -8010: of a picture given
    (
        _NO,
        Reason.SENDER_STATE,
        "-1006 -1010 -1013 -1014 -1018 -1022 -1023 -1024 -1025 -1026 -1027 -1029 -2017",
    ),
    # the vendor's own SMS fallback; we never ask for it
    (_NO, Reason.REQUEST_REFUSED, "-1002 -1003 -1019 -2502 -4200"),
    (
        _NO,
        Reason.REQUEST_REFUSED,
        "4 -2001 -2002 -2003 -2004 -2005 -3002 -4000 -9992 -9993 -9994 -9996 -9997",
    ),
    # not approved, unknown, being edited, dormant …
    (
        _NO,
        Reason.TEMPLATE_STATE,
        "-3003 -3005 -3012 -3013 -3034 -3100 -4024 -4027 -4028",
    ),
    (
        _NO,
        Reason.TEMPLATE_MISMATCH,
        "-3004 -3010 -3011 -3033 -3042 -3043 -3046 -3049",
    ),
    # buttons, items, links, quick replies that no template could have
    (
        _NO,
        Reason.REQUEST_REFUSED,
        "-2018 -2033 -2034 -2036 -2504 -2505 -3000 -3001 -3006 -3007 -3008 -3009 -3016 -3017"
        " -3018 -3019 -3020 -3021 -3024 -3025 -3026 -3027 -3028 -3030 -3032 -3035 -3036 -3037"
        " -3038 -3039 -3040 -3041 -3044 -3045 -3047 -3050 -3051 -3052 -3053 -3101 -3102 -3103",
    ),
    # -1028: a variable of a new sender may fill only 14 characters
    (_NO, Reason.TOO_LONG, "-1028 -2000 -2019 -2032 -2035 -2037 -3048"),
    (_NO, Reason.REQUEST_REFUSED, "-2025 -2026 -2027"),  # reservation dates
    (
        _NO,
        Reason.REQUEST_REFUSED,
        "-1016 -2028 -2029 -4003 -4016 -4017 -4101 -4103 -4104",  # searching
    ),
    (_NO, Reason.REQUEST_REFUSED, "-1031"),  # all failed, and nothing was said of this one
    (_NO, Reason.BAD_ADDRESS, "-4019 -5000"),
    (_NO, Reason.OPTED_OUT, "-3301"),
    (_NO, Reason.CONTENT_REFUSED, "-8006 -8008"),
    (
        _NO,
        Reason.REQUEST_REFUSED,
        "-3300 -4007 -4009 -4010 -4018 -4020 -4021 -4025 -4029"
        " -8000 -8001 -8002 -8003 -8004 -8005 -8007 -8011",
    ),
)

SMS_API = _rulings(
    (_LATER, Reason.MISCONFIGURED, "-1000 -1001 -1002 -1003 -1004 -1007 -1008 -9995 -9998"),
    (_LATER, Reason.QUOTA, "-2047 -2052 -2053"),  # abroad in all, a month's, a country's day
    (_ASK, Reason.PROVIDER_DOWN, "-2009 -2021 -9999"),  # -2009: of a picture given
    (
        _NO,
        Reason.REQUEST_REFUSED,
        "4 -1005 -1006 -2000 -2001 -2008 -2011 -2012 -2014 -2016 -2017 -2018 -2022 -2024 -4000"
        " -9996 -9997",
    ),
    (_NO, Reason.TOO_LONG, "-2015 -2048"),
    (_NO, Reason.BAD_ADDRESS, "-2019"),
    (_NO, Reason.CONTENT_REFUSED, "-2023 -6003 -6004 -8000"),
    # abroad: no such country, blocked by us, conversion
    (_NO, Reason.REQUEST_REFUSED, "-2044 -2045 -2046 -2050 -2051"),
    (_NO, Reason.REQUEST_REFUSED, "-2002 -2003 -2004 -2005 -2010 -2043"),  # attachments
    (_NO, Reason.SENDER_STATE, "-2312 -2313"),
    (
        _NO,
        Reason.TEMPLATE_STATE,
        "-2006 -2100 -2101 -2102 -2103 -2104 -2105 -2106 -2107 -2108 -2109 -2110 -2111 -2112"
        " -2113 -2114 -2115 -2116 -2117",
    ),
    (_NO, Reason.REQUEST_REFUSED, "-6000"),
    (_NO, Reason.OPTED_OUT, "-6001"),
)

_FAILED, _OPEN = Result.UNDELIVERED, Result.UNCERTAIN

KAKAO_DELIVERY = _fates(
    (Result.DELIVERED, None, "1000"),
    # sent without a word from the phone (may arrive for three days), not found, still at work
    (_OPEN, Reason.UNCERTAIN, "3005 4000 4001 4122 4161"),
    (_OPEN, Reason.DUPLICATE, "4131"),
    (_FAILED, Reason.NOT_REACHABLE, "2003 3018 3019 3021"),
    (_FAILED, Reason.OPTED_OUT, "3020"),
    (_FAILED, Reason.BAD_ADDRESS, "1020 3008 4121"),
    (
        _FAILED,
        Reason.TEMPLATE_MISMATCH,
        "3016 3027 3028 3030 3031 3033 3036 3038 3040 3042 4132",
    ),
    (_FAILED, Reason.TEMPLATE_STATE, "3015 4102 4133 4134"),
    (_FAILED, Reason.TOO_LONG, "3014 3025 3029 3032 3034 3035 3037 3039 4144"),
    (
        _FAILED,
        Reason.SENDER_STATE,
        "1002 1003 1006 1007 1011 1014 1016 1021 1022 1023 1024 1025 1027 4103 4104",
    ),
    (_FAILED, Reason.OUTSIDE_HOURS, "3022"),
    (_FAILED, Reason.QUOTA, "4156"),
    (_FAILED, Reason.EXPIRED, "4143"),
    (
        _FAILED,
        Reason.PROVIDER_DOWN,
        "2001 2005 3000 3006 3010 3012 4120 4137 4139 4140 4141 4142 9998 9999",
    ),
    (
        _FAILED,
        Reason.REQUEST_REFUSED,
        "1001 1004 1012 1013 1015 1028 1030 1033 3011 3013 3023 3024 3026 3041 3043 3044 3045 3046"
        " 3047 3048 3050 3051 3052 3053 3054 3055 3056 3057 3058 4100 4101 4110 4130 4138",
    ),
)

SMS_DELIVERY = _fates(
    (Result.DELIVERED, None, "1000"),
    (_FAILED, Reason.EXPIRED, "1019 2000"),
    # network gave up: radio, handset off, buffer full, no coverage, deleted, fault, in a call
    (_FAILED, Reason.PHONE_OFF, "2001 2002 2003 2004 2005 2006 2007 3005 3008"),
    (_FAILED, Reason.BAD_ADDRESS, "1002 3001 3003"),
    (_FAILED, Reason.NOT_REACHABLE, "3000 3002 3004 3007 3010 3014 3015"),
    (_FAILED, Reason.OPTED_OUT, "3006 3013"),
    (_FAILED, Reason.CONTENT_REFUSED, "3012"),
    (_FAILED, Reason.SENDER_STATE, "1003 3017 3018 3019"),
    (_FAILED, Reason.REQUEST_REFUSED, "3009 3016 E911 E913"),
    (_FAILED, Reason.PROVIDER_DOWN, "1001 3011 E900 E999"),
    (_FAILED, Reason.DUPLICATE, "E915"),
    (_FAILED, Reason.OUTSIDE_HOURS, "E919"),
    # abroad
    (_FAILED, Reason.SENDER_STATE, "4001 4002"),
    (_FAILED, Reason.BAD_ADDRESS, "4003 4005"),
    (_FAILED, Reason.PHONE_OFF, "4004 4009"),
    (_FAILED, Reason.NOT_REACHABLE, "4006 4007"),
    (_FAILED, Reason.CONTENT_REFUSED, "4008 4010"),
)
