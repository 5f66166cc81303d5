"""Kakao's ``#{name}`` and nothing more: parsed once into literals and names, filled by a join.

A name is everything between ``#{`` and the next ``}``: Korean, digits, spaces, ``09:50``. It is
kept exactly as written. Not a name, and refused: a blank one, one without its ``}`` on the same
line, one that holds ``#{`` again, one with ``@`` (NHN Cloud error -3347, guide of 2026-06).
A ``#`` or ``}`` elsewhere is plain text. Values are never parsed: ``#{x}`` in one stays as it is.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from templates.limits import STRICT
from templates.text import control_characters

SyntaxRule = Literal["unterminated", "empty", "nested", "at_sign", "too_long"]


class BadVariable(ValueError):
    """A ``#{`` at ``position`` (characters from 0) that begins no variable; ``rule`` says why."""

    def __init__(self, rule: SyntaxRule, position: int) -> None:
        super().__init__(f"{rule} at {position}")
        self.rule, self.position = rule, position

    @property
    def at(self) -> tuple[int, int]:
        """From where to where the ``#{`` is."""
        return self.position, self.position + 2


class VariableProblem(ValueError):
    """Values that do not fit; ``names`` lists every variable concerned."""

    code: ClassVar[str]

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"{self.code}: {', '.join(names)}")
        self.names = names


class MissingVariables(VariableProblem):
    """Variables of the template without a value (a blank value is one)."""

    code = "missing_variables"


class UnknownVariables(VariableProblem):
    """Values for variables the template does not have."""

    code = "unknown_variables"


class LongVariables(VariableProblem):
    """Values over 1,300 characters (NHN Cloud release note, 2026-02-24)."""

    code = "long_variables"
    limit = STRICT.variable


class SpoiltVariables(VariableProblem):
    """Values with control characters or lone surrogates."""

    code = "spoilt_variables"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text cut at its variables: literals at even places, names at odd ones."""

    parts: tuple[str, ...]
    literals: tuple[str, ...] = field(init=False)  # one more than slots
    between: tuple[tuple[str, int], ...] = field(init=False)  # all but the ends, with their sizes
    slots: tuple[str, ...] = field(init=False)  # one per place to fill, in order
    names: tuple[str, ...] = field(init=False)  # each once, in order of appearance

    def __post_init__(self) -> None:
        object.__setattr__(self, "literals", self.parts[::2])
        between = tuple((literal, len(literal)) for literal in self.literals[1:-1])
        object.__setattr__(self, "between", between)
        object.__setattr__(self, "slots", self.parts[1::2])
        object.__setattr__(self, "names", tuple(dict.fromkeys(self.slots)))

    @property
    def literal(self) -> str:
        """The fixed text alone: what is left when every value is blank."""
        return "".join(self.literals)

    @property
    def masked(self) -> str:
        """The text with NUL for every character of a variable: the places of all others stay."""
        if not self.slots:
            return self.parts[0]
        parts = list(self.parts)
        parts[1::2] = ["\0" * (len(name) + 3) for name in self.slots]
        return "".join(parts)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its values. Extra values are ignored. Raises MissingVariables."""
        return self.join(self.take(values)) if self.slots else self.parts[0]

    def take(self, values: Mapping[str, str]) -> list[str]:
        """The value of every place to fill, in order. Raises MissingVariables."""
        try:
            return [values[name] for name in self.slots]
        except KeyError:
            missing = tuple(name for name in self.names if name not in values)
            raise MissingVariables(missing) from None

    def join(self, taken: list[str]) -> str:
        """The text with a value for every place, as :meth:`take` gives them."""
        parts = list(self.parts)
        parts[1::2] = taken
        return "".join(parts)

    def fits(self, text: str) -> bool:
        """Whether ``text`` is this one filled with any values; blanks or nothing are values too.

        One pass from left to right, each literal where it is first met. A regular expression with
        a group per variable would try every way to share the text out among the variables:
        seconds, for a few hundred blanks.
        """
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if not self.slots:
            return text == self.parts[0]
        first, last = self.literals[0], self.literals[-1]
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return False
        for literal, size in self.between:
            at = text.find(literal, at, end)
            if at < 0:
                return False
            at += size
        return True


def parse(text: str) -> Compiled:
    """Cut ``text`` at its variables; linear time. Raises BadVariable at the first broken one."""
    parts: list[str] = []
    done = 0
    while (start := text.find("#{", done)) >= 0:
        end = text.find("}", start)
        name = text[start + 2 : end]
        if rule := "unterminated" if end < 0 or "\n" in name else _broken(name):
            raise BadVariable(rule, start)
        parts += text[done:start], name
        done = end + 1
    return Compiled((*parts, text[done:]))


def check(names: Set[str], values: Mapping[str, str]) -> tuple[VariableProblem, ...]:
    """Everything wrong with ``values`` for a template with ``names``; empty when they fit."""
    text = "".join(values.values())
    if values.keys() == names and len(text) <= STRICT.variable and not control_characters(text):
        return ()
    groups: tuple[tuple[type[VariableProblem], tuple[str, ...]], ...] = (
        (MissingVariables, tuple(sorted(names - values.keys()))),
        (UnknownVariables, tuple(sorted(values.keys() - names))),
        (LongVariables, tuple(n for n, v in values.items() if len(v) > STRICT.variable)),
        (SpoiltVariables, tuple(n for n, v in values.items() if control_characters(v))),
    )
    return tuple(problem(found) for problem, found in groups if found)


def _broken(name: str) -> SyntaxRule | None:
    if not name.strip():
        return "empty"
    if "#{" in name:
        return "nested"
    if "@" in name:
        return "at_sign"
    return "too_long" if len(name) > STRICT.variable else None
