"""Where a template stands at one sender, in one word and in plain sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.errors import Refused

REPLACED = "replaced"  # an action of a registration: none any more, a later version is there
PICTURE = "waiting_for_picture"  # an error code: its picture is not at the provider yet

# The nearest to being sent first: state → Korean, English.
WORDS: dict[str, tuple[str, str]] = {
    "approved": ("승인되어 보낼 수 있습니다.", "It is approved and can be sent."),
    "in_review": (
        "검수 중입니다. 영업일 2일 안에 결과가 나옵니다.",
        "It is being reviewed; that takes up to two working days. Wait for the result.",
    ),
    "registered": (
        "등록되어 검수를 기다립니다. 검수를 취소했다면 고쳐서 다시 요청하세요.",
        "It is registered and waits to be reviewed. Wait for the result; after you withdrew it, "
        "submit it again or mend it with PUT.",
    ),
    "draft": (
        "곧 검수를 요청합니다.",
        "It will be submitted for review in a moment. Is the scheduler running?",
    ),
    "waiting_for_picture": (
        "그림을 사업자에게 올린 뒤 검수를 요청합니다.",
        "It waits until the provider was given its picture, then it is submitted for review.",
    ),
    "refused": (
        "등록이 거절되었습니다. 계정이나 발신 프로필을 고치거나, 템플릿을 고쳐 다시 올리세요(PUT).",
        "The provider refused to register it. Mend the account or the sender key, or mend the "
        "template with PUT, which makes its next version.",
    ),
    "rejected": (
        "반려되었습니다. 의견을 보고 고쳐서 다시 올리세요(PUT). 다음 버전으로 검수를 받습니다.",
        "It was rejected. Read the comments and mend it with PUT: its next version is reviewed.",
    ),
    "replaced": (
        "다음 버전으로 바뀌어 더 검수하지 않습니다.",
        "A later version took its place, so it is not reviewed any more.",
    ),
    "dormant": (
        "오래 쓰지 않아 휴면 상태입니다. 휴면을 해제하세요(release). "
        "사업자가 받지 않으면 사업자 콘솔에서 하세요.",
        "It is dormant after long disuse. Release it, in the provider's console where its API "
        "cannot.",
    ),
    "stopped": (
        "사업자에서 사용이 중지되었습니다. 다시 사용하도록 바꾸세요(resume). "
        "사업자가 받지 않으면 사업자 콘솔에서 하세요.",
        "Its use was stopped at the provider. Resume it, in the provider's console where its API "
        "cannot.",
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
    sender: Sender
    standing: Standing

    @property
    def works(self) -> bool:
        """Whether its account and sender are in use at all."""
        return self.sender.state == "active" and self.account.state != "disabled"

    @property
    def may_send(self) -> bool:
        """Whether messages may leave with it, through this sender."""
        return self.works and self.standing.is_sendable


def standing(registration: TemplateRegistration) -> Standing:
    """How the four axes of a registration read together."""
    state = _state(registration)
    korean, english = WORDS[state]
    words = (
        " ".join(comment["text"] for comment in registration.comments)
        if state == "rejected"
        else ""
    )
    if registration.error_code not in ("", PICTURE):
        words = f"{registration.error_code} {registration.error_text}".strip()
    if words:
        korean, english = f"{korean} ({words})", f"{english} ({words})"
    return Standing(state, english, korean)


def not_approved(code: str, mode: str, here: Sequence[Registered]) -> Refused:
    """The refusal to send a template: where it stands, the most hopeful first, and what to do."""
    best = min(here, key=lambda one: one.standing.rank, default=None)
    if best is None:
        where = (
            "It is registered at no active sender. Submit it again to have it registered; a "
            "template written for one provider's limits goes to that provider's accounts only."
        )
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


def is_draft(code: str, mode: str) -> Refused:
    """The refusal to send what was never submitted."""
    return Refused(
        "template_not_approved",
        f"The template {code} may not be sent in {mode} mode. It is a draft: submit it first "
        f"(POST /v1/templates/{code}/submit).",
        field="template",
        data={"mode": mode, "registrations": []},
    )


def stopped(code: str) -> Refused:
    """The refusal to send what was stopped by ourselves."""
    return Refused(
        "template_stopped",
        f"The template {code} was stopped. Resume it first (POST /v1/templates/{code}/resume).",
        field="template",
    )


def _state(registration: TemplateRegistration) -> str:
    for name, is_so in (
        ("blocked", registration.blocked),
        ("stopped", registration.usage == "stopped"),
        ("dormant", registration.dormant),
    ):
        if is_so:
            return name
    if registration.action == REPLACED and registration.inspection != "approved":
        return REPLACED
    if registration.inspection == "draft" and registration.error_code:
        return PICTURE if registration.error_code == PICTURE else "refused"
    return registration.inspection
