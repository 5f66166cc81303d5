"""Actions: what may be asked of a provider for a registered template, when, and by whom."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from app.db.models import ProviderAccount, TemplateRegistration
from app.db.session import Tx
from app.errors import NotFound, Refused
from app.services.credentials import MODES
from app.services.registrations import offers
from app.services.standing import REPLACED, Registered
from app.services.versions import Stored
from channels import registry
from channels.vocabulary import ReviewAction


@dataclass(frozen=True, slots=True)
class Reach:
    """What a call may touch: accounts of these modes; ``account``: only that one, name or id."""

    modes: Collection[str] = MODES
    account: str = ""

    def holds(self, one: Registered) -> bool:
        """Whether a registration is within it."""
        named = self.account in ("", one.account.name, str(one.account.id))
        return named and one.account.mode in self.modes


EVERYWHERE = Reach()


@dataclass(frozen=True, slots=True)
class Rule:
    """When an action makes sense; else it is refused as ``code``, with what to do."""

    fits: Callable[[TemplateRegistration], bool]
    code: str
    refusal: str
    instead: str  # where the provider's API has no such call
    newest_only: bool = False  # of the versions it fits, the newest is meant


RULES: Mapping[ReviewAction, Rule] = {
    ReviewAction.WITHDRAW: Rule(
        lambda row: row.inspection == "in_review",
        "not_in_review",
        "Nothing of it is being reviewed, so there is nothing to take back.",
        "Wait for the result, or ask in the provider's console.",
        newest_only=True,
    ),
    ReviewAction.COMMENT: Rule(
        lambda row: row.inspection in ("in_review", "rejected"),
        "not_in_review",
        "Reviewers read comments while they review and after they rejected it only.",
        "Write to the reviewers in the provider's console.",
        newest_only=True,
    ),
    ReviewAction.STOP: Rule(
        lambda row: row.inspection == "approved" and row.usage != "stopped",
        "not_in_use",
        "It is not in use there. Only what is approved can be stopped.",
        "Stop the template here (without an account), which holds for every provider.",
    ),
    ReviewAction.RESUME: Rule(
        lambda row: row.usage == "stopped" or row.action == ReviewAction.STOP,
        "not_stopped",
        "It is not stopped there.",
        "Resume it in the provider's console.",
    ),
    ReviewAction.RELEASE: Rule(
        lambda row: row.dormant,
        "not_dormant",
        "It is not dormant, so there is nothing to release.",
        "Release it in the provider's console; dormant templates are deleted after a year.",
    ),
}
STOPS = {str(ReviewAction.STOP), str(ReviewAction.RESUME)}  # the later one counts


def every(found: Stored) -> list[Registered]:
    """Its registrations, the newest version first."""
    return [one for version in found.versions for one in version.registered]


def aimed_at(found: Stored, action: ReviewAction, reach: Reach) -> list[Registered]:
    """Where the action makes sense and is offered. Raises Refused."""
    rule = RULES[action]
    fits: list[Registered] = []
    for version in found.versions:
        fits += [
            one
            for one in version.registered
            if reach.holds(one)
            and one.registration.action != REPLACED
            and rule.fits(one.registration)
        ]
        if fits and rule.newest_only:
            break
    if not fits:
        raise Refused(rule.code, rule.refusal)
    aimed = [one for one in fits if action in offers(one.account.adapter)]
    if not aimed:
        raise not_offered(action, fits)
    return aimed


def ask(tx: Tx, action: ReviewAction, aimed: Sequence[Registered], text: str = "") -> None:
    for one in aimed:
        row = one.registration
        if row.action == action and row.action_text == text:
            continue
        if row.action and not {row.action, str(action)} <= STOPS:
            raise Refused(
                "action_waiting",
                f"The provider of {one.account.name} is still to be asked to {row.action}. "
                "Wait until that is done.",
                data={"account": one.account.name, "action": row.action},
            )
        put(tx, row, action, text)


def put(tx: Tx, row: TemplateRegistration, action: str, text: str = "") -> None:
    row.action, row.action_text, row.due_at = str(action), text, tx.now
    row.error_code = row.error_text = ""
    tx.session.add(row)
    tx.wake = True


def check_own(found: Stored, reach: Reach, verb: str) -> None:
    """A test key changes nothing that is live. Raises Refused ``live_template``."""
    if "live" in reach.modes:
        return
    is_live = any(one.account.mode == "live" for one in every(found)) or any(
        one.version.submitted_at and not one.is_reviewed for one in found.versions
    )
    if is_live:
        raise Refused(
            "live_template",
            f"The template is used at live accounts, so a test key may not {verb} it. "
            "Use a live key, or name a sandbox account.",
        )


async def account_of(tx: Tx, workspace_id: UUID, reach: Reach) -> ProviderAccount | None:
    """The account that is named. Raises NotFound ``unknown_account``."""
    if not reach.account:
        return None
    rows = await tx.session.exec(
        select(ProviderAccount).where(
            col(ProviderAccount.workspace_id) == workspace_id,
            col(ProviderAccount.mode).in_(reach.modes),
        )
    )
    for account in rows:
        if reach.account in (account.name, str(account.id)):
            return account
    raise NotFound(
        "unknown_account", "There is no such account. List the accounts.", field="account"
    )


def not_offered(action: ReviewAction, fits: Sequence[Registered]) -> Refused:
    adapters = sorted({one.account.adapter for one in fits})
    names = ", ".join(registry.PROVIDERS[name].title_en for name in adapters) or "Nobody here"
    return Refused(
        "not_offered_by_provider",
        f"{names}: the API has no call to {action} a template. {RULES[action].instead}",
        data={
            "action": str(action),
            "providers": {name: sorted(map(str, offers(name))) for name in adapters},
        },
    )
