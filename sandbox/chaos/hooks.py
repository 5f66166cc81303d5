"""What chaos does to webhooks of the consultation hub and to what apps tell of pushes.

They come late, twice, out of order, or never.
"""

from sandbox.chaos.receipts import some_ms
from sandbox.chaos.rules import Armed, Chaos
from sandbox.chaos.sending import ends

HUB = "consult"
ROUTES = {"fcm": "push"}


def stirred(chaos: Chaos, account: str, number: str, provider: str = HUB) -> list[tuple[int, bool]]:
    """When each copy leaves, in ms from now, and whether it waits for its turn; [] when dropped.

    Only rules that name the provider act: the others are about results of notices.
    """
    wait_ms, copies, in_turn = 0, [0], True
    for one in chaos.receipts:
        if not _fits(one, provider, account, number) or not one.draw():
            continue
        effect = one.rule.effect
        if effect == "receipt_drop":
            return []
        if effect == "receipt_duplicate":
            copies += [some_ms(one) for _ in range(one.rule.times)]
        elif effect == "receipt_shuffle":
            wait_ms, in_turn = wait_ms + some_ms(one), False
        else:
            wait_ms += int(one.rule.pause_s * 1000)
    # a copy holds up nobody: only the first waits for its turn
    return [(wait_ms + copy, in_turn and not n) for n, copy in enumerate(copies)]


def forged(chaos: Chaos, account: str, number: str, provider: str = HUB) -> list[tuple[int, str]]:
    """What leaves beside the true webhook: after how many ms, and forged in which way.

    `reference`: of a channel that nobody has, or with a token nobody gave, as is `signature`;
    `result`: a body cut in half.
    """
    rules = (one for one in chaos.receipts if one.rule.effect == "receipt_forge")
    return [
        (int(one.rule.pause_s * 1000), one.rule.forge or "result")
        for one in rules
        if _hits(one, provider, account, number) and one.draw()
    ]


def _fits(one: Armed, provider: str, account: str, number: str) -> bool:
    return one.rule.effect != "receipt_forge" and _hits(one, provider, account, number)


def _hits(one: Armed, provider: str, account: str, number: str) -> bool:
    rule = one.rule
    if rule.provider != provider or not rule.hits(provider, account, ROUTES.get(provider, ""), ""):
        return False
    return rule.number is None or ends(number, rule.number)
