"""What would become of a batch: how many go which way, what it costs, and who would be refused.

Nothing is stored and no key of idempotency is taken. What is wrong for all of them is raised, as
accept raises it; what is wrong with one is listed, and the others are counted.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import GatewayError, Invalid
from app.services import hours, numbers, planning, rendering, team
from app.services.batch import SHARED, SLICE
from app.services.branches import Branch, branches
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending
from app.services.drafts import Draft
from app.services.messages import NewMessage, times_of
from app.services.preview import TOKEN
from app.services.runtime import Runtime
from templates import plan as plans

COUNTED = ("count", "limit", "unit")  # of a refusal's data


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages by the route of their text message (``""``: none), and those refused by index."""

    texts: Counter[str]
    refused: list[tuple[int, GatewayError]]


async def preview(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    messages: Sequence[NewMessage],
    now: datetime,
) -> dict[str, Any]:
    """Routes, prices and refusals of a batch that shares everything but people and values.

    Raises what accept raises for all of them: Invalid, Refused, Forbidden.
    """
    first = messages[0]
    sending = await catalogue.sending(caller.workspace_id, first.template, caller.mode)
    plan = planning.plan_of(first.plan, sending)
    await planning.check(catalogue, caller, plan, sending)
    for number in planning.contacts(plan, first.contacts).values():
        known = runtime.sealer.number_hash(caller.workspace_id, number)
        await team.check(runtime, caller, known, "contacts")
    window = hours.chosen(first.send_window, sending.send_window, sending.category)
    times_of(runtime, first, now, window, sending.category)
    found = await branches(runtime, catalogue, caller, plan, Draft(sending, "approved"))
    tally = await _tally(runtime, caller, sending, plan, messages)
    steps = [_step(one, tally) for one in found]
    return {
        "messages": len(messages),
        "refused": len(tally.refused),
        "steps": steps,
        "first_step_cost": _sum([s["cost"] for s in steps if s["step"] == 0]),
        "highest_cost": _sum([s["cost"] for s in steps]),
        "refusals": [_shown(index, error) for index, error in tally.refused],
    }


async def _tally(
    runtime: Runtime,
    caller: Caller,
    sending: Sending,
    plan: plans.Plan,
    messages: Sequence[NewMessage],
) -> Tally:
    tokens = dict.fromkeys(sending.compiled.token_buttons, TOKEN)
    by_text, tally = plan.uses(plans.Channel.SMS), Tally(Counter(), [])
    for index, message in enumerate(messages):
        if index % SLICE == SLICE - 1:
            await asyncio.sleep(0)  # others get their turn
        try:
            number = numbers.normalise(message.to, "to")
            known = runtime.sealer.number_hash(caller.workspace_id, number)
            await team.check(runtime, caller, known)
            made = rendering.fill(sending, message.variables, tokens, sms=by_text)
        except GatewayError as error:
            if not isinstance(error, Invalid) or (error.field or "").startswith(SHARED):
                raise
            tally.refused.append((index, error))
        else:
            tally.texts[made.sms_route or ""] += 1
    return tally


def _step(one: Branch, tally: Tally) -> dict[str, Any]:
    """One channel of one step, if every message came so far."""
    routes = {one.channel.value: tally.texts.total()}
    if one.channel is plans.Channel.SMS:
        routes = {route: count for route, count in sorted(tally.texts.items()) if route}
    prices = {route: one.price(route) for route in routes}
    return {
        "step": one.index,
        "branch": one.branch,
        "channel": one.channel.value,
        "to": one.step.to or "recipient",
        "account": one.account.name if one.account else None,
        "routes": routes,
        "prices": prices,
        "cost": _sum([None if (p := prices[r]) is None else p * n for r, n in routes.items()]),
    }


def _sum(costs: Sequence[float | None]) -> float | None:
    """Won; None as soon as one of them is not known."""
    known = [cost for cost in costs if cost is not None]
    return round(sum(known), 2) if len(known) == len(costs) else None


def _shown(index: int, error: GatewayError) -> dict[str, Any]:
    counted = {name: error.data.get(name) for name in COUNTED}
    return {"index": index, "code": error.code, "field": error.field, "detail": error.detail} | (
        counted
    )
