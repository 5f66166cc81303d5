"""Counting as it happens: what became of everything a run has accepted.

One thing to tell is one *reference*. A text message that stands in for a notice comes with a
reference of its own; it counts with a notice to its number that has no text message yet, one that
did not arrive if there is one. So a person who got both is seen, whatever the sender calls them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

CHAT, SMS, FAILED, HELD, DOUBLED = 1, 2, 4, 8, 16
ARRIVED = CHAT | SMS


@dataclass(frozen=True, slots=True)
class Sent:
    """One accepted message. own: what it is known by without a reference."""

    number: str
    app: str
    ref: str
    own: str

    @property
    def name(self) -> int:
        """What is kept of its reference: 400,000 of them must stay small."""
        return hash(self.ref or self.own)


@dataclass(slots=True)
class Tally:
    """`real`: real ms, to know since when nothing has happened. About 250 bytes a message."""

    real: Callable[[], int]
    changed_at: int = 0
    accepted: int = 0
    arrived: int = 0
    arrived_chat: int = 0
    arrived_sms: int = 0
    doubled: int = 0
    failed: int = 0
    held: int = 0
    _flags: bytearray = field(default_factory=bytearray)
    _places: dict[int, int] = field(default_factory=dict)  # reference → place in _flags
    _alone: dict[int, tuple[int, ...]] = field(default_factory=dict)  # number → notices' places

    @property
    def open(self) -> int:
        """Neither arrived nor failed, and not waiting for a phone to be switched on."""
        return self.accepted - self.arrived - self.failed - self.held

    def take(self, accepted: Iterable[Sent]) -> None:
        """New messages of a request. A reference that is known already is the same again."""
        for one in accepted:
            if one.name not in self._places:
                self._places[one.name] = self._place(one)
        self.changed_at = self.real()

    def _place(self, one: Sent) -> int:
        number = int(one.number)
        alone = self._alone.get(number, ())
        if one.app == "sms" and alone:
            place = next((at for at in alone if not self._flags[at] & ARRIVED), alone[0])
            self._alone[number] = tuple(at for at in alone if at != place)
            return place
        self._flags.append(0)
        self.accepted += 1
        place = len(self._flags) - 1
        if one.app == "chat":
            self._alone[number] = (*alone, place)
        return place

    def settle(self, one: Sent, arrives: bool, held: bool) -> None:
        """A message has fallen due: it arrives, waits on for its phone, or fails."""
        place = self._places.get(one.name)
        if place is None:
            return  # from before the run
        if arrives:
            self._arrive(place, CHAT if one.app == "chat" else SMS)
        elif not self._flags[place] & ARRIVED:
            self._become(place, HELD if held else FAILED)
        self.changed_at = self.real()

    def _arrive(self, place: int, how: int) -> None:
        flags = self._flags[place]
        self._become(place, 0)
        if flags & ARRIVED:
            self.doubled += not flags & DOUBLED
            self._flags[place] |= DOUBLED
        else:
            self.arrived += 1
        if not flags & how:
            self.arrived_chat += how == CHAT
            self.arrived_sms += how == SMS
        self._flags[place] |= how

    def _become(self, place: int, state: int) -> None:
        """Put one of HELD and FAILED, or none, in place of what is there."""
        flags = self._flags[place]
        self.held += bool(state & HELD) - bool(flags & HELD)
        self.failed += bool(state & FAILED) - bool(flags & FAILED)
        self._flags[place] = flags & ~(HELD | FAILED) | state
