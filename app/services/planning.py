"""A call's plan before it is accepted: read, and checked against what the workspace can send."""

from collections.abc import Mapping, Sequence

from app.errors import Invalid, Refused
from app.services import numbers
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending
from app.services.ways import Way
from channels.vocabulary import Level
from templates import plan as plans
from templates.findings import TemplateProblem

MOST_CONTACTS = 10
MMS = "mms"


def plan_of(given: object, sending: Sending) -> plans.Plan:
    """The call's plan, else the template's. Raises Invalid ``bad_plan``."""
    if given is None:
        return sending.plan
    try:
        return plans.parse(given)
    except TemplateProblem as problem:
        found = problem.findings[0]
        raise Invalid(
            "bad_plan",
            found.message_en,
            field=found.field,
            data={
                "findings": [{"field": f.field, "message": f.message_en} for f in problem.findings]
            },
        ) from None


async def check(
    catalogue: Catalogue, caller: Caller, plan: plans.Plan, sending: Sending
) -> list[list[Way]]:
    """Every channel of every step must have an account and a sender; the ways of each step.

    Raises Refused ``template_not_approved``, ``no_live_account``, ``no_sandbox_account``,
    ``no_mms_route`` and Invalid ``level_unavailable``.
    """
    if plan.uses(plans.Channel.ALIMTALK) and not sending.reviewed:
        raise never_reviewed()
    ways: list[list[Way]] = []
    levels: dict[str, frozenset[Level]] = {}
    for index, step in enumerate(plan.steps):
        ways.append([])
        for channel in step.channels:
            way = await catalogue.way(
                caller.workspace_id, caller.mode, channel, sending, step.until
            )
            if way is None:
                raise await _nobody(catalogue, caller, sending, channel, index)
            levels[str(channel)] = way.levels
            ways[index].append(way)
    if gap := plans.check_levels(plan, levels):
        raise level_unavailable(gap)
    return ways


def never_reviewed() -> Refused:
    """Alimtalk is asked for, and no messenger was."""
    return Refused(
        "template_not_approved",
        "This template was registered for SMS only, so no messenger has approved it. "
        "Leave Alimtalk out of the plan, or register a template whose plan uses it.",
        field="plan",
    )


def level_unavailable(gap: plans.LevelGap) -> Invalid:
    """A step waits for what nobody will ever report."""
    reachable = ", ".join(sorted(gap.available)) or "nothing"
    names = " and ".join(gap.channels)
    return Invalid(
        "level_unavailable",
        f"Step {gap.index + 1} waits until `{gap.until}`, which {names} can never "
        f"report here: what can be reported is {reachable}. Choose one of these.",
        field=gap.field,
        data={"until": gap.until, "available": sorted(gap.available)},
    )


def contacts(plan: plans.Plan, given: Mapping[str, str]) -> dict[str, str]:
    """The numbers of the people a plan names with ``to``, normalised.

    Raises Invalid ``unknown_contact``, ``too_many_contacts``, ``unused_contact``, and those of a
    wrong number.
    """
    if len(given) > MOST_CONTACTS:
        raise Invalid(
            "too_many_contacts",
            f"{len(given)} contacts; at most {MOST_CONTACTS} can be given.",
            field="contacts",
            data={"limit": MOST_CONTACTS, "count": len(given)},
        )
    for index, step in enumerate(plan.steps):
        if step.to and step.to not in given:
            raise Invalid(
                "unknown_contact",
                f"Step {index + 1} goes to {step.to!r}, but the call names no such contact. "
                f'Give its number: "contacts": {{"{step.to}": "010-…"}}.',
                field=f"plan[{index}].to",
                data={"contacts": sorted(given)},
            )
    if unused := sorted(set(given) - plan.contacts):
        raise Invalid(
            "unused_contact",
            f"No step of the plan goes to {unused[0]!r}. Leave the contact out, or name it "
            "with `to` in a step.",
            field=f"contacts.{unused[0]}",
        )
    return {name: numbers.normalise(to, f"contacts.{name}") for name, to in given.items()}


async def _nobody(
    catalogue: Catalogue, caller: Caller, sending: Sending, channel: str, step: int
) -> Refused:
    """Whether nobody sends a step's channel at all, or nobody with the template's picture."""
    if sending.route(channel) == MMS and (
        able := await catalogue.carriers(caller.workspace_id, caller.mode, channel)
    ):
        return no_mms_route(able, step)
    return no_way(caller, channel, step)


def no_way(caller: Caller, channel: str, step: int) -> Refused:
    """Nobody of the workspace can send this step now."""
    where = "sandbox" if caller.mode == "sandbox" else "live"
    return Refused(
        f"no_{where}_account",
        f"Step {step + 1} of the plan asks for {channel}, but the workspace has no active {where} "
        f"account with a sender for it. Add one with `naru accounts add` and `naru senders add`, "
        "or leave the step out of the plan.",
        field=f"plan[{step}].channel",
    )


def no_mms_route(accounts: Sequence[str], step: int) -> Refused:
    """The template shows a picture, and no account that sends texts can carry one."""
    names = ", ".join(map(repr, accounts))
    return Refused(
        "no_mms_route",
        f"Step {step + 1} of the plan sends a text message with a picture (`sms_picture`), and "
        f"{names} cannot carry an MMS. Add an account of a provider that does, such as `naru "
        "accounts add nhn`, register the template without its picture, or leave the step out of "
        "the plan.",
        field=f"plan[{step}].channel",
        data={"accounts": list(accounts)},
    )
