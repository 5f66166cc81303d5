"""The chaos dial: which calls and results fail, and how often they did."""

from fastapi import APIRouter, Depends
from pydantic import Field

from sandbox.chaos.rules import MOST_RULES, Rule
from sandbox.desk.deps import store_of
from sandbox.desk.shapes import Body
from sandbox.store import Store

router = APIRouter(prefix="/desk/api", tags=["desk"])


class DialIn(Body):
    """The same `seed` and the same calls in the same order fail in the same way."""

    seed: int = 0
    rules: list[Rule] = Field([], max_length=MOST_RULES)


class RuleOut(Rule):
    acted: int


class DialOut(Body):
    seed: int
    rules: list[RuleOut]


@router.put("/chaos")
async def put_chaos(body: DialIn, store: Store = Depends(store_of)) -> DialOut:
    """These rules in place of all others; their counters and dice begin anew."""
    store.chaos.arm(body.rules, body.seed)
    return _shown(store)


@router.get("/chaos")
async def get_chaos(store: Store = Depends(store_of)) -> DialOut:
    """The rules in force; `acted` counts the calls or results each has hit."""
    return _shown(store)


@router.delete("/chaos", status_code=204)
async def delete_chaos(store: Store = Depends(store_of)) -> None:
    """Nothing fails any more; results held back already still leave late."""
    store.chaos.arm([], 0)


def _shown(store: Store) -> DialOut:
    rules = [
        RuleOut(**one.rule.model_dump(exclude_unset=True), acted=one.acted)
        for one in store.chaos.armed
    ]
    return DialOut(seed=store.chaos.seed, rules=rules)
