"""What the witnesses of a round of consultation say, and the judgement."""

from collections import Counter
from dataclasses import dataclass, field


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

    def broken(self) -> list[str]:
        """Why this round is no success, in words."""
        found = []
        said = {line for lines in self.written.values() for line in lines}
        shown = Counter(line for lines in self.lines.values() for line in lines)
        found += [f"lost: {line}" for line in sorted(said - shown.keys())]
        found += [f"doubled in the thread: {line}" for line, n in shown.items() if n > 1]
        found += [
            f"out of order: {lines}" for lines in self.lines.values() if lines != sorted(lines)
        ]
        found += [f"sent twice: {one}" for one, n in self.arrived.items() if n > 1]
        for one in self.answered:
            status = self.statuses.get(one)
            if not self.arrived[one] and status not in ("unknown", "failed"):
                found.append(f"an answer is nowhere: {one} ({status})")
        found += [f"nobody sent it: {one}" for one in self.arrived if one not in self.statuses]
        for heard in self.heard:
            if heard != self.events:
                found.append(f"a listener heard {len(heard)} of {len(self.events)} events")
        return found

    def told(self) -> str:
        """One line."""
        written = sum(map(len, self.written.values()))
        unknown = sum(status == "unknown" for status in self.statuses.values())
        return (
            f"kills={self.kills.total()} lines={written} answers={len(self.answered)} "
            f"arrived={self.arrived.total()} unknown={unknown} events={len(self.events)} "
            f"cuts={self.cuts} broken={len(self.broken())}"
        )
