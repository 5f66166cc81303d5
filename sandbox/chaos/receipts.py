"""What chaos does to results on their way out. Lists and polled results go on telling the truth."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from sandbox.chaos.rules import Armed, Chaos
from sandbox.chaos.sending import ends

STEP_MS = 50  # results whose times are this close leave together

Result = tuple[sqlite3.Row, str]


def stir(chaos: Chaos, results: Sequence[Result]) -> list[tuple[int, list[Result]]]:
    """Results by how many milliseconds later they leave, in the order they leave in."""
    if not chaos.receipts:
        return [(0, list(results))]
    later: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        for wait_ms in _times(chaos.receipts, result[0]):
            later[wait_ms].append(result)
    for one in chaos.receipts:
        if one.rule.effect == "receipt_shuffle":
            for part in later.values():
                one.dice.shuffle(part)
    return sorted(later.items())


def _times(rules: Sequence[Armed], row: sqlite3.Row) -> list[int]:
    """When each copy of one result leaves; none when it is dropped. All rules that act count."""
    waits, copies = 0, [0]
    for one in rules:
        if not _fits(one, row) or not one.draw():
            continue
        if one.rule.effect == "receipt_drop":
            return []
        if one.rule.effect == "receipt_duplicate":
            copies += [_some_ms(one) for _ in range(one.rule.times)]
        else:
            held = one.rule.effect == "receipt_shuffle"
            waits += _some_ms(one) if held else int(one.rule.pause_s * 1000)
    return [waits + copy for copy in copies]


def _some_ms(one: Armed) -> int:
    """A time within the rule's seconds."""
    return one.dice.randint(0, int(one.rule.pause_s * 1000)) // STEP_MS * STEP_MS


def _fits(one: Armed, row: sqlite3.Row) -> bool:
    rule = one.rule
    if not rule.hits(row["provider"], row["account"], row["kind"], row["template_code"]):
        return False
    return rule.number is None or ends(row["number"], rule.number)
