"""Which kills a round makes, drawn from its seed: named points, the clock, two schedulers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

# docs/delivery.md, "Crash points"
SENDING_POINTS = ("K03", "K04", "K05", "K06")
FALLBACK_POINT = "K08"
RESULT_POINT = "K11"
APP_POINTS = ("K01", "K02", RESULT_POINT)
EARLY_S = (0.05, 1.5)  # after the process was started
BUSY_S = (0.0, 3.0)  # after its first send
APP_S = (0.0, 1.0)  # after it answered
PASSINGS = (1, 12)  # of a point of the app: it dies in the middle of its work
FRESH = 0.4  # share of kills by the clock whose process was started by itself
FEWEST = 10  # kills that meet every point of sending


@dataclass(frozen=True)
class Kill:
    """One SIGKILL. Without a point by the clock: after the start, or when ``busy`` after a send."""

    who: str  # scheduler | app
    point: str = ""
    passing: int = 1  # which passing of the point
    after_s: float = 0.0
    busy: bool = False
    beside: bool = False  # another scheduler is alive meanwhile
    frozen: bool = False  # stopped with a call under way until its lease is over, then woken (C02)
    fresh: bool = False  # started by itself, not forked from a process that has imported all
    soon: bool = False  # results come at once; else only after the settle window

    def __str__(self) -> str:
        clock = "after a send" if self.busy else "by the clock"
        how = self.point or ("after it was frozen" if self.frozen else clock)
        return f"{self.who} {how}{' beside another' if self.beside else ''}"


def draw(
    count: int, dice: random.Random, *, freezes: bool = False
) -> tuple[list[Kill], list[Kill]]:
    """The kills of schedulers and of the app, in order: one in five is the app's.

    Half of a scheduler's are at named points. First results are late, so that recovery decides;
    then they come soon, and fallbacks and early receipts are met too.
    """
    apps = max(2, count // 5)
    schedulers = max(FEWEST, count) - apps
    named = schedulers // 2 - 1
    points = [_at(point, dice) for point in _some(SENDING_POINTS, max(4, named), dice)]
    fallbacks = [_at(FALLBACK_POINT, dice) for _ in range(max(1, schedulers // 10))]
    clock = [_by_clock(dice) for _ in range(schedulers - len(points) - len(fallbacks))]
    half, third = max(4, len(points) // 2), len(clock) // 3
    first = [*points[:half], *clock[:third]]
    beside = [replace(kill, beside=True) for kill in clock[third : 2 * third]]
    if freezes:
        beside.append(Kill("scheduler", busy=True, beside=True, frozen=True))
    last = [*points[half:], *fallbacks, *clock[2 * third :]]
    dice.shuffle(first)
    dice.shuffle(last)
    return [*first, *(replace(kill, soon=True) for kill in [*beside, *last])], _apps(apps, dice)


def _at(point: str, dice: random.Random) -> Kill:
    return Kill("scheduler", point, dice.choice((1, 1, 2)))


def _by_clock(dice: random.Random) -> Kill:
    busy, fresh = dice.random() < 0.6, dice.random() < FRESH
    after_s = dice.uniform(*(BUSY_S if busy else EARLY_S))
    return Kill("scheduler", after_s=after_s, busy=busy, fresh=fresh)


def _apps(count: int, dice: random.Random) -> list[Kill]:
    """The first by the clock: it meets a process that was started without a point."""
    named = [Kill("app", p, dice.randint(*PASSINGS)) for p in _some(APP_POINTS, count // 2, dice)]
    clock = [
        Kill("app", after_s=dice.uniform(*APP_S), fresh=dice.random() < FRESH)
        for _ in range(count - len(named) - 1)
    ]
    rest = [*named, *clock]
    dice.shuffle(rest)
    rest.sort(key=lambda kill: kill.point == RESULT_POINT)  # when results come, late in the round
    return [Kill("app", after_s=dice.uniform(*APP_S)), *rest]


def _some(points: Sequence[str], count: int, dice: random.Random) -> list[str]:
    """So many points, each as often as the others, in any order."""
    found: list[str] = []
    while len(found) < count:
        found += dice.sample(points, len(points))
    return found[:count]
