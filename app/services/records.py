"""Text of an uploaded list to records, as it comes: any line ends, any of three delimiters."""

import csv
import re
from collections.abc import Iterator

from app.errors import Invalid

DELIMITERS = (",", "\t", ";")
LONGEST = 1_000_000  # characters of one record: a quote nobody closed
END = re.compile(r"\r\n|\r|\n")

Record = list[str] | None  # None: quotes that cannot be read


class Records:
    """One list; ``delimiter`` is taken from the first line unless given."""

    def __init__(self, delimiter: str | None = None) -> None:
        self.delimiter = delimiter
        self._rest = ""  # a line that has not ended
        self._open: list[str] = []  # lines of a record whose quotes are still open
        self._length, self._quoted = 0, False

    def feed(self, text: str, *, last: bool = False) -> Iterator[Record]:
        """The records that are whole now. Raises Invalid ``unclosed_quote``."""
        known = max(0, len(self._rest) - 1)  # no line ends there, but a \r may have waited
        text = self._rest + text
        if last and text and not text.endswith(("\r", "\n")):
            text += "\n"
        end = len(text)
        if not last and text.endswith("\r"):
            end -= 1  # the other half of \r\n may follow
        done, whole = 0, []
        for match in END.finditer(text, known, end):
            line, done = text[done : match.end()], match.end()
            self._open.append(line)
            self._length += len(line)
            self._quoted ^= line.count('"') % 2 == 1
            if not self._quoted:
                whole += self._open
                self._open, self._length = [], 0
        self._rest = text[done:]
        if last:
            whole += self._open
        elif self._length + len(self._rest) > LONGEST:
            raise _unclosed()
        yield from self._read(whole)

    def _read(self, lines: list[str]) -> Iterator[Record]:
        if not lines:
            return
        if self.delimiter is None:
            self.delimiter = max(DELIMITERS, key=lines[0].count)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield None


def _unclosed() -> Invalid:
    return Invalid(
        "unclosed_quote",
        f'A quote (") is not closed within {LONGEST:,} characters. Close it, or double it inside '
        "a text.",
        field="rows",
        data={"limit": LONGEST},
    )
