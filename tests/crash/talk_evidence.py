"""What the witnesses of a round of consultation say, and the judgement."""

import re
from collections import Counter
from dataclasses import dataclass, field

POINT = re.compile(r"^scheduler C\d\d$")
TOLD = ("unknown", "failed")  # what the thread says of an answer that need not have come


@dataclass
class Evidence:
    """What the witnesses say."""

    written: dict[str, list[str]] = field(default_factory=dict)  # by phone, in order
    answered: dict[str, str] = field(default_factory=dict)  # answer → phone, heard with a 202
    arrived: Counter[str] = field(default_factory=Counter)  # answers on phones
    lines: dict[str, list[str]] = field(default_factory=dict)  # customers' lines in each thread
    statuses: dict[str, str] = field(default_factory=dict)  # answer → what the thread shows
    events: list[int] = field(default_factory=list)  # all there are
    heard: list[list[int]] = field(default_factory=list)  # by each listener
    kills: Counter[str] = field(default_factory=Counter)
    cuts: int = 0  # how often listeners began
    loose: int = 0  # customers' lines without a thread or a case

    def lost(self) -> list[str]:
        """Lines that were written and are in no thread."""
        return sorted(self._written() - self._shown().keys())

    def doubled(self) -> list[str]:
        """Lines that are in a thread more than once."""
        return [line for line, n in self._shown().items() if n > 1]

    def repeated(self) -> list[str]:
        """Answers that are on a phone more than once."""
        return [one for one, n in self.arrived.items() if n > 1]

    def nowhere(self) -> list[str]:
        """Answers that were accepted, never came, and are not said to be unknown or failed."""
        missing = {one: self.statuses.get(one) for one in self.answered if not self.arrived[one]}
        return [f"{one} ({is_})" for one, is_ in missing.items() if is_ not in TOLD]

    def broken(self) -> list[str]:
        """Why this round is no success, in words."""
        found = [f"lost: {line}" for line in self.lost()]
        found += [f"doubled in the thread: {line}" for line in self.doubled()]
        found += [
            f"out of order: {lines}" for lines in self.lines.values() if lines != sorted(lines)
        ]
        found += [f"{self.loose} lines without a thread or a case"] if self.loose else []
        found += [f"sent twice: {one}" for one in self.repeated()]
        found += [f"an answer is nowhere: {one}" for one in self.nowhere()]
        found += [f"nobody sent it: {one}" for one in self.arrived if one not in self.statuses]
        for heard in self.heard:
            if heard != self.events:
                found.append(f"a listener heard {len(heard)} of {len(self.events)} events")
        if not self.arrived or not any(POINT.search(kill) for kill in self.kills):
            found.append("tested nothing: no answer came, or nobody died at a point")
        return found

    def told(self) -> str:
        """One line."""
        unknown = sum(status == "unknown" for status in self.statuses.values())
        return (
            f"crash: kills={self.kills.total()} lines={len(self._written())} "
            f"lost={len(self.lost())} doubled={len(self.doubled())} "
            f"replies={len(self.answered)} repeated={len(self.repeated())} unknown={unknown} "
            f"events={len(self.events)} cuts={self.cuts}"
        )

    def _written(self) -> set[str]:
        return {line for lines in self.written.values() for line in lines}

    def _shown(self) -> Counter[str]:
        return Counter(line for lines in self.lines.values() for line in lines)
