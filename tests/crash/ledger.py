"""The judgement: what the sender was promised, against what lies on the phones.

Three witnesses that know nothing of each other: the sender's own list of orders it heard 202 for,
the phones' record of arrivals, and what the gateway says of its messages. Plain data in, names of
orders out; nothing here touches a process.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Copy = tuple[str, str]  # (phone, order number)


class Rule(StrEnum):
    """What may become of a message whose answer was lost."""

    RESOLVED = "resolved"  # the provider can be asked, or recognises repeats: exactly one arrives
    HOLD = "hold"  # it may stay unknown for all to see; never two
    RESEND = "resend"  # two may arrive where the timeline says so; never none


@dataclass(frozen=True)
class Arrival:
    """One line that appeared on a phone."""

    phone: str
    order: str
    app: str  # chat | sms


@dataclass(frozen=True)
class Evidence:
    """Everything the three witnesses say."""

    accepted: Mapping[str, str]  # order → phone
    arrived: Sequence[Arrival]
    states: Mapping[str, Sequence[str]]  # order → status of each message of it
    told: frozenset[str] = frozenset()  # orders whose timeline says that both may have arrived


@dataclass(frozen=True)
class Judgement:
    """Orders by what went wrong with them, and how many were judged."""

    accepted: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)  # over chat and SMS together
    unknown: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)  # doubled, and the timeline does not say so
    foreign: list[str] = field(default_factory=list)  # arrived, though nobody sent it there
    stored_twice: list[str] = field(default_factory=list)  # one order, two messages

    def broken(self, rule: Rule) -> list[str]:
        """What breaks the rule, in words; nothing when it holds."""
        wrong = {"lost": self.lost, "arrived, never sent": self.foreign}
        wrong["stored twice"] = self.stored_twice
        if rule is Rule.RESEND:
            wrong["doubled without a word"] = self.untold
        else:
            wrong["doubled"] = self.doubled
        if rule is not Rule.HOLD:
            wrong["still unknown"] = self.unknown
        return [f"{what}: {len(who)} ({', '.join(who[:5])})" for what, who in wrong.items() if who]


def judge(evidence: Evidence) -> Judgement:
    """Compare the witnesses, order by order."""
    copies = Counter((line.phone, line.order) for line in evidence.arrived)
    promised: dict[Copy, str] = {(to, order): order for order, to in evidence.accepted.items()}
    unknown = [o for o in evidence.accepted if "unknown" in evidence.states.get(o, ())]
    doubled = [order for copy, order in promised.items() if copies[copy] > 1]
    return Judgement(
        accepted=len(promised),
        lost=[o for c, o in promised.items() if not copies[c] and o not in unknown],
        doubled=doubled,
        unknown=unknown,
        untold=[order for order in doubled if order not in evidence.told],
        foreign=sorted({order for phone, order in copies if (phone, order) not in promised}),
        stored_twice=[o for o in promised.values() if len(evidence.states.get(o, ())) > 1],
    )
