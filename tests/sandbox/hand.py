"""A runner of scenarios whose clock and deliveries a test moves by hand."""

from dataclasses import asdict
from typing import Any

from sandbox.delivery import deliver_due
from sandbox.phones import get_phone
from sandbox.scenarios.library import Known
from sandbox.scenarios.run import Runner
from sandbox.scenarios.shape import parse
from sandbox.store import Store
from tests.sandbox.conftest import Clock

HEAD = """
title = "시험"
settle_s = 5
patience_s = 10
[traffic]
template = "order_shipped"
count = 4
"""
ALL_ONCE = """
[[expect]]
what = "arrived"
is = 1
[[expect]]
what = "doubled"
is = 0
[[expect]]
what = "lost"
is = 0
[[expect]]
what = "receipts_pending"
is = 0
"""
PEOPLE = ["01055550001", "01055550002", "01055550003", "01055550004"]


def known(more: str = ALL_ONCE, head: str = HEAD) -> Known:
    return Known("trial", parse(head + more), head + more, own=True)


class Hand:
    """A runner, the clock and the deliveries by hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock, self.runner = store, clock, Runner(store)

    def pass_s(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_s(1)
            deliver_due(self.store)
            self.runner.tick()

    def states(self) -> dict[str, str]:
        assert self.runner.run
        return {one.what: one.state for one in self.runner.run.checks}

    @property
    def state(self) -> str:
        assert self.runner.run
        return self.runner.run.state


def traits_now(store: Store, number: str) -> dict[str, Any]:
    phone = get_phone(store, number)
    assert phone
    return asdict(phone)
