"""Recipient lists: CSV as spreadsheets write it, checked whole before the first row is sent.

Read twice, kept never: the first pass only remembers numbers and references.
"""

import csv
import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from app.cli.failures import BadUsage
from app.errors import Invalid
from app.services import numbers

TO_COLUMNS = ("to", "number", "전화번호", "휴대폰")
ENCODINGS = ("utf-8-sig", "cp949")  # what Excel writes as "CSV UTF-8" and as "CSV" in Korea
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
KEY_MOST = 200  # of the 255 characters an Idempotency-Key may have
CHUNK = 1 << 20
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: its encoding, and which column is what."""

    path: Path
    encoding: str
    header: tuple[str, ...]
    to: str
    reference: str | None
    digest: str  # of the whole file: names the rows of a file without references


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row, counted as a spreadsheet counts: the header is row 1."""

    row: int
    to: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    reference: str | None
    key: str  # its Idempotency-Key: the same in every run


@dataclass(slots=True)
class Checked:
    """What the first pass found: how many rows, and what is wrong with which."""

    rows: int = 0
    faults: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)


def open_list(path: Path, to: str | None, reference: str | None) -> Layout:
    """Recognise a file. Raises BadUsage when it is no CSV of ours."""
    encoding, digest = _recognise(path)
    header = _header(path, encoding)
    chosen = _column(header, (to,) if to else TO_COLUMNS, "--to-column")
    label = reference or ("reference" if "reference" in header else None)
    if label is not None:
        label = _column(header, (label,), "--reference-column")
    return Layout(path, encoding, header, chosen, label, digest)


def check(layout: Layout) -> Checked:
    """Read every row once: cells, numbers, and what appears twice."""
    found = Checked()
    first: dict[tuple[str, str], int] = {}
    for row, cells in _records(layout):
        found.rows += 1
        if len(cells) != len(layout.header):
            found.faults.append(
                f"{row}행: 칸이 {len(cells)}개예요. 머리행은 {len(layout.header)}개예요. "
                f"(row {row} has {len(cells)} cells, the header {len(layout.header)})"
            )
            continue
        values = dict(zip(layout.header, cells, strict=True))
        number = values[layout.to].strip()
        if not number:
            found.faults.append(f"{row}행: 번호가 비어 있어요. (row {row} has no number)")
        elif before := _seen(first, ("number", _same(number)), row):
            found.duplicates.append(f"{row}행 = {before}행 (rows {before} and {row}: same number)")
        label = values[layout.reference].strip() if layout.reference else ""
        if label and (before := _seen(first, ("reference", label), row)):
            found.faults.append(
                f"{row}행: reference 가 {before}행과 같아요. "
                f"(rows {before} and {row} have the same reference)"
            )
    return found


def recipients(layout: Layout, variables: Sequence[str]) -> Generator[Recipient, None, None]:
    """The rows of a checked file, one by one; ``variables`` are the columns to take along."""
    for row, cells in _records(layout):
        values = dict(zip(layout.header, cells, strict=True))
        label = values[layout.reference].strip() if layout.reference else ""
        yield Recipient(
            row=row,
            to=values[layout.to].strip(),
            values={name: values[name] for name in variables},
            reference=label or None,
            key=_key(label) if label else f"csv-{layout.digest}-{row}",
        )


def some(lines: Sequence[str]) -> str:
    """The first lines, and how many more there are."""
    more = len(lines) - SHOWN
    rest = [f"… 그 밖에 {more}개 (and {more} more)"] if more > 0 else []
    return "".join(f"\n  {line}" for line in [*lines[:SHOWN], *rest])


def _seen(first: dict[tuple[str, str], int], mark: tuple[str, str], row: int) -> int:
    """The earlier row with the same mark, 0 when this is the first."""
    before = first.setdefault(mark, row)
    return 0 if before == row else before


def _same(number: str) -> str:
    """One form for all spellings; what is no number stays as it is and is refused later."""
    try:
        return numbers.normalise(number)
    except Invalid:
        return number


def _key(label: str) -> str:
    """Headers carry ASCII: other letters are written as percent signs."""
    plain = quote(label, safe="!#$&'()*+,/:;=?@[]~")
    if len(plain) > KEY_MOST:
        plain = hashlib.sha256(label.encode()).hexdigest()
    return f"csv-{plain}"


def _column(header: Sequence[str], wanted: Sequence[str], option: str) -> str:
    for name in wanted:
        if name in header:
            return name
    raise BadUsage(
        f"{', '.join(wanted)} 열이 없어요. {option} 으로 알려 주세요. "
        f"(No such column; the header has: {', '.join(header)}.)"
    )


def _recognise(path: Path) -> tuple[str, str]:
    """Encoding and digest, from one look at the whole file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if _starts_wide(path):
        raise BadUsage(
            f"{path} 은(는) UTF-16 이에요. 'CSV UTF-8' 로 저장해 주세요. "
            "(It is UTF-16; save it as CSV UTF-8.)"
        )
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding, digest.hexdigest()[:16]
    raise BadUsage(
        f"{path} 의 글자를 읽을 수 없어요. 'CSV UTF-8' 로 저장해 주세요. "
        "(Neither UTF-8 nor cp949; save it as CSV UTF-8.)"
    )


def _starts_wide(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in WIDE_MARKS


def _header(path: Path, encoding: str) -> tuple[str, ...]:
    with _reading(path, encoding) as rows:
        header = tuple(cell.strip() for cell in next(rows, []))
    if not header:
        raise BadUsage(
            f"{path} 의 첫 행에 열 이름이 없어요. (The first row must name the columns.)"
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadUsage(
            f"열 이름이 두 번 있어요: {', '.join(twice)}. (A column name appears twice.)"
        )
    return header


def _records(layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells; empty rows are counted but not given."""
    with _reading(layout.path, layout.encoding) as rows:
        next(rows)
        for row, cells in enumerate(rows, 2):
            if any(cell.strip() for cell in cells):
                yield row, cells


@contextmanager
def _reading(path: Path, encoding: str) -> Iterator[Iterator[list[str]]]:
    try:
        with path.open(encoding=encoding, newline="") as text:
            yield csv.reader(text, strict=True)
    except csv.Error as error:
        raise BadUsage(f"{path} 은(는) CSV 가 아니에요. (It cannot be read: {error}.)") from None
