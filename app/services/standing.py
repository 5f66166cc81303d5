"""Where a template stands at one sender, in one word and in plain sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.models import ProviderAccount, TemplateRegistration
from app.errors import Refused

# The nearest to being sent first: state → Korean, English.
WORDS: dict[str, tuple[str, str]] = {
    "approved": ("승인되어 보낼 수 있습니다.", "It is approved and can be sent."),
    "in_review": (
        "검수 중입니다. 영업일 2일 안에 결과가 나옵니다.",
        "It is being reviewed; that takes up to two working days. Wait for the result.",
    ),
    "registered": (
        "등록되어 검수를 기다립니다.",
        "It is registered and waits to be reviewed. Wait for the result.",
    ),
    "draft": (
        "곧 검수를 요청합니다.",
        "It will be submitted for review in a moment. Is the scheduler running?",
    ),
    "refused": (
        "등록이 거절되었습니다. 계정이나 발신 프로필을 고치거나 새 코드로 다시 만드세요.",
        "The provider refused to register it. Mend the account or the sender key, or create "
        "it anew under another code.",
    ),
    "rejected": (
        "반려되었습니다. 의견을 보고 고친 뒤 새 코드로 다시 만드세요.",
        "It was rejected. Read the comments and create a mended one under another code.",
    ),
    "dormant": (
        "오래 쓰지 않아 휴면 상태입니다. 사업자 콘솔에서 휴면을 해제하세요.",
        "It is dormant after long disuse. Release it in the provider's console.",
    ),
    "stopped": (
        "사용이 중지되었습니다. 사업자 콘솔에서 다시 사용하도록 바꾸세요.",
        "Its use was stopped. Resume it in the provider's console.",
    ),
    "blocked": (
        "차단되었습니다. 사업자에게 문의하세요.",
        "The messenger blocked it. Ask the provider.",
    ),
}
RANKS = {state: rank for rank, state in enumerate(WORDS)}


@dataclass(frozen=True, slots=True)
class Standing:
    """One word, one of ``WORDS``, and sentences that say what to do."""

    state: str
    detail: str
    detail_ko: str

    @property
    def is_sendable(self) -> bool:
        """Whether messages may leave with it."""
        return self.state == "approved"

    @property
    def rank(self) -> int:
        """0 for one that can be sent, more the farther away it is."""
        return RANKS[self.state]


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, its account, and how it stands there."""

    registration: TemplateRegistration
    account: ProviderAccount
    standing: Standing


def standing(registration: TemplateRegistration) -> Standing:
    """How the four axes of a registration read together."""
    state = _state(registration)
    korean, english = WORDS[state]
    words = " ".join(registration.comments) if state == "rejected" else ""
    if registration.error_code:
        words = f"{registration.error_code} {registration.error_text}".strip()
    if words:
        korean, english = f"{korean} ({words})", f"{english} ({words})"
    return Standing(state, english, korean)


def not_approved(code: str, mode: str, here: Sequence[Registered]) -> Refused:
    """The refusal to send a template: where it stands, the most hopeful first, and what to do."""
    best = min(here, key=lambda one: one.standing.rank, default=None)
    if best is None:
        where = "It is registered at no active sender. Create it again to have it registered."
    elif best.standing.is_sendable:
        where = f"Its sender at the account {best.account.name} is not active."
    else:
        where = f"At the account {best.account.name}: {best.standing.detail}"
    return Refused(
        "template_not_approved",
        f"The template {code} may not be sent in {mode} mode. {where}",
        field="template",
        data={
            "mode": mode,
            "registrations": [
                {"account": one.account.name, "state": one.standing.state} for one in here
            ],
        },
    )


def _state(registration: TemplateRegistration) -> str:
    for name, is_so in (
        ("blocked", registration.blocked),
        ("stopped", registration.usage == "stopped"),
        ("dormant", registration.dormant),
    ):
        if is_so:
            return name
    if registration.inspection == "draft" and registration.error_code:
        return "refused"
    return registration.inspection
