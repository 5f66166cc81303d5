"""Reasons in plain words: what happened, and what to do now, in Korean and English."""

from channels.vocabulary import Reason

_BY_ITSELF = ("할 일이 없어요. 저절로 이어져요.", "Nothing: it goes on by itself.")
_NEXT_STEP = (
    "할 일이 없어요. 계획에 다음 단계가 있으면 저절로 이어져요.",
    "Nothing: the plan's next step, if it has one, follows by itself.",
)
_WAIT = (
    "기다려 주세요. 끝내 모르면 다시 보낼지 정하세요. 두 번 갈 수 있어요.",
    "Wait. If it stays unknown, decide whether to send it again; both may arrive.",
)

# reason → (Korean, English): what happened and why
EXPLANATIONS: dict[str, tuple[str, str]] = {
    Reason.NOT_REACHABLE: (
        "카카오톡으로 받을 수 없는 번호예요. 카카오톡을 쓰지 않거나 오래 쓰지 않았어요.",
        "The number cannot be reached on KakaoTalk: not a user, or long inactive.",
    ),
    Reason.OPTED_OUT: (
        "받는 사람이 차단했거나 수신을 거부했어요.",
        "The recipient has blocked this sender or opted out.",
    ),
    Reason.BAD_ADDRESS: ("없는 번호예요.", "No such number."),
    Reason.PHONE_OFF: (
        "전화기가 꺼져 있거나 신호가 닿지 않았어요.",
        "The phone was off or out of reach.",
    ),
    Reason.TEMPLATE_MISMATCH: (
        "글이나 버튼이 승인된 템플릿과 달라요.",
        "Its text or buttons differ from the approved template.",
    ),
    Reason.TEMPLATE_STATE: (
        "템플릿이 승인되지 않았거나 중지되었어요.",
        "The template is not approved, or was stopped.",
    ),
    Reason.TOO_LONG: ("글이 제공자의 한도보다 길어요.", "Longer than the provider allows."),
    Reason.CONTENT_REFUSED: (
        "스팸이나 쓸 수 없는 말로 걸렸어요.",
        "Refused as spam, or for a forbidden word or character.",
    ),
    Reason.SENDER_STATE: (
        "발신프로필이나 발신번호를 쓸 수 없어요.",
        "The sender key or caller number cannot be used.",
    ),
    Reason.OUTSIDE_HOURS: (
        "광고를 보낼 수 없는 시각이에요.",
        "Outside the hours in which advertising may be sent.",
    ),
    Reason.NO_CHAT_SESSION: ("열린 상담이 없어요.", "The chat is not open."),
    Reason.QUOTA: (
        "제공자 계정의 한도를 다 썼어요.",
        "The account's quota at the provider is used up.",
    ),
    Reason.THROTTLED: (
        "제공자가 속도를 줄여 달라고 했어요.",
        "The provider asked us to slow down.",
    ),
    Reason.PROVIDER_DOWN: (
        "제공자에 닿지 않았거나 제공자에 장애가 있어요.",
        "The provider could not be reached, or has an outage.",
    ),
    Reason.MISCONFIGURED: (
        "제공자가 계정의 키를 받지 않아서 계정을 멈췄어요.",
        "The provider refuses the account's keys, so the account is paused.",
    ),
    Reason.DUPLICATE: (
        "제공자가 이미 받은 요청이라고 해요. 갔다는 증거는 아니라서 물어보는 중이에요.",
        "The provider says it knows this request. That proves nothing, so we ask.",
    ),
    Reason.UNCERTAIN: (
        "보냈지만 도착했는지 아직 몰라요. 전화기가 켜지면 도착할 수 있어요.",
        "Sent; arrival is not confirmed yet. It may arrive when the phone is on.",
    ),
    Reason.EXPIRED: ("통신망에서 보관 시간이 지났어요.", "The network kept it too long."),
    Reason.CANCELLED: ("제공자에서 취소되었어요.", "Cancelled at the provider."),
    Reason.REQUEST_REFUSED: ("제공자가 요청을 거절했어요.", "The provider refused the request."),
    Reason.UNREADABLE: (
        "제공자의 답을 읽을 수 없어요. 두 번 가지 않도록 물어보는 중이에요.",
        "The provider's answer could not be read. We ask instead of resending.",
    ),
    Reason.NO_ANSWER: (
        "보냈는지 아직 몰라요. 두 번 가지 않도록 물어보는 중이에요.",
        "We do not know yet whether it left. We ask instead of resending.",
    ),
    Reason.UNMAPPED: ("처음 보는 코드예요.", "A code we do not know."),
    "in_doubt": (
        "먼저 보낸 요청의 답이 없어, 제공자가 알아보는 같은 참조로 되풀이해요. 두 번 가지 않아요.",
        "The first request got no answer; it is repeated with the same reference, "
        "which the provider recognises.",
    ),
    "step_deadline": (
        "정한 시간 안에 보내지 못했어요.",
        "It could not leave in the time the plan gave.",
    ),
    "message_expired": (
        "유효 시간이 지나 보내지 않았어요.",
        "Its time was over before it could leave; nothing was sent.",
    ),
    "template_stopped": (
        "템플릿이 중지되었거나 더는 승인 상태가 아니라서 막았어요.",
        "Blocked: the template was stopped, or is no longer approved.",
    ),
    "no_way": (
        "이 단계를 보낼 계정이나 발신번호가 없어요.",
        "No account or sender can carry this step.",
    ),
    "stopped_account": (
        "보내던 계정이 꺼졌고 대신할 계정이 없어요.",
        "Its account was switched off and no other can take it over.",
    ),
    "outside_window": (
        "보내도 되는 시간이 아니라서 기다려요.",
        "Outside its sending hours, so it waits.",
    ),
    "no_picture": (
        "보여 줄 그림을 제공자가 받지 않아서 보내지 않았어요.",
        "The provider does not take the picture it shows, so it was not sent.",
    ),
    "picture_awaited": (
        "보여 줄 그림을 제공자에 올리는 동안 기다려요.",
        "It waits until the provider has been given the picture it shows.",
    ),
    "parked": (
        "거듭 실패해서 세워 두었어요.",
        "It failed again and again, so it was parked.",
    ),
    "unreadable_content": (
        "저장된 내용을 열 수 없어요.",
        "The stored content cannot be opened.",
    ),
}

# reason → (Korean, English): what somebody should do now
ACTIONS: dict[str, tuple[str, str]] = {
    Reason.NOT_REACHABLE: _NEXT_STEP,
    Reason.OPTED_OUT: (
        "할 일이 없어요. 꼭 알려야 하면 다른 방법으로 알리세요.",
        "Nothing. If they must know, tell them another way.",
    ),
    Reason.BAD_ADDRESS: (
        "고객 정보에서 번호를 고치고 다시 보내세요.",
        "Correct the number in the customer's record and send it again.",
    ),
    Reason.PHONE_OFF: _NEXT_STEP,
    Reason.TEMPLATE_MISMATCH: (
        "템플릿의 현재 버전을 승인된 것과 견주어 고치세요.",
        "Compare the template's current version with the approved one, and mend it.",
    ),
    Reason.TEMPLATE_STATE: (
        "`naru templates show 코드`로 검수 상태를 보고, 승인된 뒤 다시 보내세요.",
        "Look at its review with `naru templates show CODE`; send again once it is approved.",
    ),
    Reason.TOO_LONG: (
        "값을 줄이거나 템플릿에 더 짧은 글을 두세요.",
        "Shorten the values, or give the template a shorter text.",
    ),
    Reason.CONTENT_REFUSED: (
        "걸린 말이나 글자를 바꾼 뒤 다시 보내세요.",
        "Change the wording or the character, then send it again.",
    ),
    Reason.SENDER_STATE: (
        "제공자 콘솔에서 발신프로필이나 발신번호의 등록과 차단을 보세요.",
        "Check its registration and blocks at the provider's console.",
    ),
    Reason.OUTSIDE_HOURS: (
        "보낼 수 있는 시각에 다시 보내세요.",
        "Send it again within the hours.",
    ),
    Reason.NO_CHAT_SESSION: (
        "대신 알림을 보내세요. 고객이 상담을 다시 열 수 있어요.",
        "Send a notice instead; from it the customer can open the chat again.",
    ),
    Reason.QUOTA: (
        "제공자에서 한도나 잔액을 늘리거나 새 한도를 기다리세요.",
        "Raise the quota or the balance at the provider, or wait for a new one.",
    ),
    Reason.THROTTLED: _BY_ITSELF,
    Reason.PROVIDER_DOWN: (
        "접수 전이면 저절로 다시 보내요. 오래 가면 제공자의 장애 공지를 보세요.",
        "Before acceptance it is tried again by itself. If it lasts, see the provider's notices.",
    ),
    Reason.MISCONFIGURED: (
        "`naru accounts set`으로 키를 고치세요. 그러면 이어서 보내요.",
        "Correct the keys with `naru accounts set`; then sending goes on.",
    ),
    Reason.DUPLICATE: _WAIT,
    Reason.UNCERTAIN: _WAIT,
    Reason.EXPIRED: _NEXT_STEP,
    Reason.CANCELLED: (
        "제공자에서 누가 취소했는지 확인하고, 필요하면 다시 보내세요.",
        "Find out who cancelled it at the provider; send it again if it is needed.",
    ),
    Reason.REQUEST_REFUSED: (
        "코드와 이 메시지를 개발자에게 보여 주세요.",
        "Show the code and this message to a developer.",
    ),
    Reason.UNREADABLE: _WAIT,
    Reason.NO_ANSWER: _WAIT,
    Reason.UNMAPPED: (
        "제공자에게 코드의 뜻을 물어보세요.",
        "Ask the provider what the code means.",
    ),
    "in_doubt": _WAIT,
    "step_deadline": _NEXT_STEP,
    "message_expired": (
        "아직 필요하면 다시 보내세요.",
        "Send it again if it is still needed.",
    ),
    "template_stopped": (
        "템플릿을 보세요. 중지했다면 다시 사용하고(resume), 아니면 승인된 뒤에 다시 보내세요.",
        "Resume it if it was stopped, else wait until it is approved; then send again.",
    ),
    "no_way": (
        "`naru accounts`와 `naru senders`로 계정과 발신번호를 보세요.",
        "Check accounts and senders with `naru accounts` and `naru senders`.",
    ),
    "stopped_account": (
        "계정을 다시 켜거나 대신할 계정과 발신번호를 더하세요.",
        "Switch the account on again, or add another with a sender.",
    ),
    "outside_window": (
        "할 일이 없어요. 시간이 되면 저절로 보내요.",
        "Nothing: it leaves by itself when the hours open.",
    ),
    "no_picture": (
        "`naru pictures list`로 까닭을 보고, 템플릿에 다른 그림을 쓰세요.",
        "See why with `naru pictures list`, and show another picture in the template.",
    ),
    "picture_awaited": _BY_ITSELF,
    "parked": (
        "원인을 고친 뒤 다시 줄에 세우세요.",
        "Mend the cause, then requeue it.",
    ),
    "unreadable_content": (
        "secrets.toml에 전에 쓰던 키가 있는지 보세요.",
        "See whether secrets.toml still holds the keys used before.",
    ),
}


# {field}: which field of a message our own guard stopped
STOPPED = (
    "승인된 템플릿과 다른 곳({field})이 있어 보내기 전에 막았어요.",
    "Stopped before it left: its {field} is not what was approved.",
)
STOPPED_ACTION = (
    "보관된 내용이 접수한 뒤 바뀌었어요. 새로 보내고, 또 막히면 운영자에게 알리세요.",
    "What was stored has changed since it was accepted. Send it anew; if it is stopped again, "
    "tell the operator.",
)


def explain(reason: str | None, lang: str = "ko") -> str:
    """The sentence for a reason; empty when there is none."""
    return _words(EXPLANATIONS, reason, lang)


def action(reason: str | None, lang: str = "ko") -> str:
    """What to do about a reason now; empty when there is none."""
    return _words(ACTIONS, reason, lang)


def explain_stop(field: str, lang: str = "ko") -> tuple[str, str]:
    """What our own guard stopped, and what to do; ``field``: a path as ``buttons[0].name``."""
    return STOPPED[lang == "en"].format(field=field), STOPPED_ACTION[lang == "en"]


def _words(table: dict[str, tuple[str, str]], reason: str | None, lang: str) -> str:
    words = table.get(reason or "")
    return words[lang == "en"] if words else ""
