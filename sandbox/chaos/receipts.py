"""What chaos does to results on their way out; what lists say is a matter of their own calls."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sandbox.chaos.rules import Armed, Chaos
from sandbox.chaos.sending import ends

STEP_MS = 50  # results whose times are this close leave together
# the code of a message that arrived, and what a forger says of it; others are forged as arrived
ARRIVED = {"solapi": "4000"}
FAILED = {"alimtalk": "3019"}
SOLAPI_FAILED = {"alimtalk": "3104"}

Result = tuple[sqlite3.Row, str]


def stir(
    chaos: Chaos, results: Sequence[Result], names: Mapping[str, str] | None = None
) -> list[tuple[int, list[Result]]]:
    """Results by how many milliseconds later they leave, in the order they leave in.

    names: what rules call an account whose messages are kept under another name.
    """
    if not chaos.receipts:
        return [(0, list(results))]
    rules = [one for one in chaos.receipts if one.rule.effect != "receipt_forge"]
    later: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        for wait_ms in _times(rules, result[0], names or {}):
            later[wait_ms].append(result)
    for one in rules:
        if one.rule.effect == "receipt_shuffle":
            for part in later.values():
                one.dice.shuffle(part)
    return sorted(later.items())


def forge(
    chaos: Chaos, results: Sequence[Result], names: Mapping[str, str] | None = None
) -> list[tuple[int, str, list[Result]]]:
    """What leaves beside the true results: after how many milliseconds, forged in which way, and
    the rows with what is said of them. All but `reference` contradict the truth.
    """
    forged: dict[tuple[int, str], list[Result]] = defaultdict(list)
    for one in chaos.receipts:
        if one.rule.effect != "receipt_forge":
            continue
        kind = one.rule.forge or "result"
        for row, code in results:
            unsigned = kind == "signature" and row["provider"] == "solapi"
            if unsigned or not _fits(one, row, names or {}) or not one.draw():
                continue
            said = code if kind == "reference" else contrary(row, code)
            forged[int(one.rule.pause_s * 1000), kind].append((row, said))
    return [(wait_ms, kind, part) for (wait_ms, kind), part in sorted(forged.items())]


def contrary(row: sqlite3.Row, code: str) -> str:
    """A delivery code that says the opposite."""
    arrived = ARRIVED.get(row["provider"], "1000")
    if code != arrived:
        return arrived
    if row["provider"] == "solapi":
        return SOLAPI_FAILED.get(row["kind"], "3043")
    return FAILED.get(row["kind"], "2003")


def _times(rules: Sequence[Armed], row: sqlite3.Row, names: Mapping[str, str]) -> list[int]:
    """When each copy of one result leaves; none when it is dropped. All rules that act count."""
    waits, copies = 0, [0]
    for one in rules:
        if not _fits(one, row, names) or not one.draw():
            continue
        if one.rule.effect == "receipt_drop":
            return []
        if one.rule.effect == "receipt_duplicate":
            copies += [some_ms(one) for _ in range(one.rule.times)]
        else:
            held = one.rule.effect == "receipt_shuffle"
            waits += some_ms(one) if held else int(one.rule.pause_s * 1000)
    return [waits + copy for copy in copies]


def some_ms(one: Armed) -> int:
    """A time within the rule's seconds."""
    return one.dice.randint(0, int(one.rule.pause_s * 1000)) // STEP_MS * STEP_MS


def _fits(one: Armed, row: sqlite3.Row, names: Mapping[str, str]) -> bool:
    rule, account = one.rule, names.get(row["account"], row["account"])
    if not rule.hits(row["provider"], account, row["kind"], row["template_code"]):
        return False
    return rule.number is None or ends(row["number"], rule.number)
