"""What a run changes, as it was before: the dial, the settings, the clock, the town."""

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError

from sandbox.chaos.rules import Rule
from sandbox.clock import Line
from sandbox.scenarios.townsfolk import end_town
from sandbox.store import Store
from sandbox.waits import lay_clock


@dataclass(frozen=True, slots=True)
class Before:
    """As it is kept in the store. settings: JSON as the store keeps it."""

    settings: str
    seed: int
    rules: list[dict[str, Any]]
    clock: dict[str, Any]


def remember(store: Store) -> Before:
    chaos = store.chaos
    rules = [one.rule.model_dump(exclude_unset=True) for one in chaos.armed]
    return Before(store.kept_settings(), chaos.seed, rules, asdict(store.clock.line))


def _readable(rules: list[dict[str, Any]]) -> list[Rule]:
    """None of them when another version wrote them: the sandbox must start all the same."""
    try:
        return [Rule.model_validate(rule) for rule in rules]
    except ValidationError:
        return []


def give_back(store: Store, before: Before) -> None:
    """Everything as it was. The rules of the dial begin anew, with fresh dice and counters."""
    store.put_settings(before.settings)
    store.chaos.arm(_readable(before.rules), before.seed)
    end_town(store)
    line = Line(**before.clock)
    if line != store.clock.line:
        lay_clock(store, line)
    store.results_due.set()
    store.mail_due.set()
