"""Reasons in plain words: what happened, and what to do, in Korean and English."""

from channels.vocabulary import Reason

# reason → (Korean, English); each says what, why, and what to do where there is something to do
EXPLANATIONS: dict[str, tuple[str, str]] = {
    Reason.NOT_REACHABLE: (
        "카카오톡으로 받을 수 없는 번호예요. 카카오톡을 쓰지 않거나 오래 쓰지 않았어요.",
        "The number cannot be reached on KakaoTalk: not a user, or long inactive.",
    ),
    Reason.OPTED_OUT: (
        "받는 사람이 이 채널을 차단했어요.",
        "The recipient has blocked this channel.",
    ),
    Reason.BAD_ADDRESS: (
        "없는 번호예요. 고객 정보에서 번호를 고쳐 주세요.",
        "No such number. Correct it in the customer's record.",
    ),
    Reason.PHONE_OFF: (
        "전화기가 꺼져 있거나 신호가 닿지 않았어요.",
        "The phone was off or out of reach.",
    ),
    Reason.TEMPLATE_MISMATCH: (
        "보낸 글이 승인된 템플릿과 달라요. 템플릿의 현재 버전과 검수 상태를 보세요.",
        "The text differs from the approved template. Check its version and review state.",
    ),
    Reason.TEMPLATE_STATE: (
        "템플릿이 승인되지 않았거나 중지되었어요. 검수 상태를 보세요.",
        "The template is not approved, or was stopped. Check its review state.",
    ),
    Reason.TOO_LONG: (
        "글이 제공자의 한도보다 길어요. 값을 줄이거나 짧은 문안을 두세요.",
        "Longer than the provider allows. Shorten the values, or add a shorter text.",
    ),
    Reason.CONTENT_REFUSED: (
        "스팸이나 금지어로 걸렸어요. 문안을 고쳐 주세요.",
        "Refused as spam or for a forbidden word. Change the wording.",
    ),
    Reason.SENDER_STATE: (
        "발신프로필이나 발신번호를 쓸 수 없어요. 제공자 콘솔에서 등록과 차단 상태를 보세요.",
        "The sender key or caller number cannot be used. Check it at the provider's console.",
    ),
    Reason.OUTSIDE_HOURS: (
        "광고를 보낼 수 없는 시각이에요.",
        "Outside the hours in which advertising may be sent.",
    ),
    Reason.NO_CHAT_SESSION: (
        "열린 상담이 없어요. 대신 알림을 보내세요.",
        "The chat is not open. Send a notice instead.",
    ),
    Reason.QUOTA: (
        "제공자 계정의 한도를 다 썼어요. 한도를 늘리거나 내일까지 기다려야 해요.",
        "The account's quota at the provider is used up. Raise it, or wait.",
    ),
    Reason.THROTTLED: (
        "제공자가 속도를 줄여 달라고 했어요. 저절로 다시 보내요.",
        "The provider asked us to slow down. It is tried again by itself.",
    ),
    Reason.PROVIDER_DOWN: (
        "제공자에 연결되지 않았어요. 저절로 다시 보내요.",
        "The provider could not be reached. It is tried again by itself.",
    ),
    Reason.MISCONFIGURED: (
        "제공자가 계정의 키를 받지 않아요. 계정을 멈췄어요. 키를 고치면 이어서 보내요.",
        "The provider refuses the account's keys; it is paused. Correct them and sending goes on.",
    ),
    Reason.DUPLICATE: (
        "제공자가 이미 받은 요청이라고 해요. 두 번 가지 않도록 물어보는 중이에요.",
        "The provider says it knows this request. We ask instead of resending.",
    ),
    Reason.UNCERTAIN: (
        "보냈지만 도착했는지 아직 몰라요. 전화기가 켜지면 도착할 수 있어요.",
        "Sent; arrival is not confirmed yet. It may arrive when the phone is on.",
    ),
    Reason.EXPIRED: ("통신망에서 보관 시간이 지났어요.", "The network kept it too long."),
    Reason.CANCELLED: ("제공자에서 취소되었어요.", "Cancelled at the provider."),
    Reason.REQUEST_REFUSED: (
        "제공자가 요청을 거절했어요. 원본 응답을 개발자에게 보여 주세요.",
        "The provider refused the request. Show the raw answer to a developer.",
    ),
    Reason.UNREADABLE: (
        "제공자의 답을 읽을 수 없어요. 두 번 가지 않도록 물어보는 중이에요.",
        "The provider's answer could not be read. We ask instead of resending.",
    ),
    Reason.NO_ANSWER: (
        "보냈는지 아직 몰라요. 두 번 가지 않도록 물어보는 중이에요.",
        "We do not know yet whether it left. We ask instead of resending.",
    ),
    Reason.UNMAPPED: (
        "처음 보는 코드예요. 제공자에게 뜻을 물어보세요.",
        "A code we do not know. Ask the provider what it means.",
    ),
    "in_doubt": (
        "먼저 보낸 요청의 답이 없어, 제공자가 알아보는 같은 참조로 되풀이해요. 두 번 가지 않아요.",
        "The first request got no answer; it is repeated with the same reference, "
        "which the provider recognises.",
    ),
    "step_deadline": (
        "정한 시간 안에 보내지 못해 다음 단계로 넘어갔어요.",
        "It could not leave in the time the plan gave; the next step follows.",
    ),
    "message_expired": (
        "유효 시간이 지나 보내지 않았어요.",
        "Its time was over before it could leave; nothing was sent.",
    ),
    "template_stopped": (
        "템플릿이 더는 승인 상태가 아니라서 막았어요.",
        "Blocked: the template is no longer approved.",
    ),
    "no_way": (
        "이 단계를 보낼 계정이나 발신번호가 없어요. 계정과 발신번호를 보세요.",
        "No account or sender can carry this step. Check accounts and senders.",
    ),
    "stopped_account": (
        "보내던 계정이 꺼졌고 대신할 계정이 없어요.",
        "Its account was switched off and no other can take it over.",
    ),
    "outside_window": (
        "보내도 되는 시간이 아니라서 기다려요. 시간이 되면 저절로 보내요.",
        "Outside its sending hours; it waits and leaves by itself when they open.",
    ),
    "parked": (
        "거듭 실패해서 세워 두었어요. 원인을 고친 뒤 다시 줄에 세우세요.",
        "It failed again and again, so it was parked. Mend the cause, then requeue it.",
    ),
    "unreadable_content": (
        "저장된 내용을 열 수 없어요. secrets.toml의 키를 보세요.",
        "The stored content cannot be opened. Check the keys in secrets.toml.",
    ),
}


def explain(reason: str | None, lang: str = "ko") -> str:
    """The sentence for a reason; empty when there is none."""
    words = EXPLANATIONS.get(reason or "")
    return words[lang == "en"] if words else ""
