"""What a relay's codes mean in words; ``account.py`` says what follows from each.

Source: docs/relay.md, version 1 (2026-11), which is Naru's own.
"""

from channels.adapters.relay.account import DUPLICATE, REASONS
from channels.codes.meaning import Place, Table, Words, meanings
from channels.vocabulary import Reason

_WORDS: Words = {
    "not_reachable": ("메신저로 받을 수 없는 번호", "not reachable on the messenger"),
    "opted_out": ("차단하거나 수신을 거부한 사람", "the recipient has blocked or opted out"),
    "bad_address": ("없는 번호", "no such number"),
    "phone_off": ("전화기에 닿지 못함", "the phone was not reached"),
    "template_mismatch": (
        "글이 승인된 템플릿과 다름",
        "the text differs from the approved template",
    ),
    "template_state": ("쓸 수 없는 템플릿", "the template cannot be used"),
    "too_long": ("글이 한도보다 김", "the text is too long"),
    "content_refused": ("스팸이나 금지어로 거절됨", "refused as spam or for a forbidden word"),
    "sender_state": (
        "쓸 수 없는 발신프로필이나 발신번호",
        "the sender key or caller number cannot be used",
    ),
    "outside_hours": ("광고를 보낼 수 없는 시각", "outside the hours for advertising"),
    "quota": ("한도를 다 씀", "the quota is used up"),
    "expired": ("보관 시간이 지남", "it was kept too long"),
    "cancelled": ("중계 서버에서 취소됨", "cancelled at the relay"),
    "request_refused": ("요청이 거절됨", "the request was refused"),
}
_LATER: Words = {
    "throttled": ("너무 빨리 보냄", "too many requests"),
    "provider_down": ("중계 서버의 뒤편에 닿지 못함", "what is behind the relay was not reached"),
    "misconfigured": ("중계 서버의 설정이 잘못됨", "the relay is set up wrongly"),
}
_SEEN: Words = {DUPLICATE: ("이미 받은 참조", "the reference was accepted before")}

_REASONS = {code: reason for code, (_, reason) in REASONS.items()}
_RESULTS = {code: _REASONS[code] for code in _WORDS}

CODES: Table = {
    Place.ANY_ANSWER: meanings(
        {**_REASONS, DUPLICATE: Reason.DUPLICATE}, {**_WORDS, **_LATER, **_SEEN}
    ),
    Place.ANY_RESULT: meanings(_RESULTS, _WORDS),
}
