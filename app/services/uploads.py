"""A campaign's list as it is uploaded: every row rendered once, kept under seal in chunks.

Each chunk commits by itself under an upload id of its own; only the last transaction makes the
upload the campaign's. What a broken upload leaves behind is removed by a job.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.db.models import Campaign, CampaignMistake
from app.db.session import Tx
from app.errors import GatewayError, Invalid
from app.ids import new_id
from app.services import numbers, rendering, team
from app.services.callers import Caller
from app.services.catalogue import Sending
from app.services.decoding import Decoder
from app.services.records import Record, Records
from app.services.runtime import Runtime
from templates import plan as plans

TABLE = "campaign_chunk"  # the sealed rows are bound to this name
CHUNK = 1_000
KEPT = 10_000  # mistakes
SLICE = 50  # rows rendered before other requests get their turn
TO_COLUMNS = ("to", "number", "전화번호", "휴대폰")
REFERENCE = "reference"
MOBILE = re.compile("010[0-9]{8}")
LONGEST_REFERENCE = 100
CHUNK_COLUMNS = (
    "campaign_id",
    "upload",
    "number",
    "workspace_id",
    "id",
    "first_row",
    "rows",
    "state",
    "sealed",
)


@dataclass(frozen=True, slots=True)
class Heading:
    """Which column is what: positions of number, reference and the template's variables."""

    width: int
    to: int
    reference: int | None
    variables: tuple[tuple[str, int], ...]


def read_heading(
    cells: Sequence[str], given: Mapping[str, str], variables: Sequence[str]
) -> Heading:
    """The first record; ``given`` names columns otherwise. Raises Invalid.

    Codes ``no_heading``, ``duplicate_column`` and ``missing_columns``.
    """
    names = [given.get(cell.strip(), cell.strip()) for cell in cells]
    if not any(names):
        raise _bad("no_heading", "The first row must name the columns.")
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise _bad("duplicate_column", f"A column is there twice: {', '.join(twice)}.", names=twice)
    to = next((name for name in TO_COLUMNS if name in names), None)
    missing = [name for name in variables if name not in names]
    if to is None or missing:
        wanted = [*([] if to else ["to"]), *missing]
        raise _bad(
            "missing_columns",
            f"Columns are missing: {', '.join(wanted)}. Name them in the first row, or say in "
            "the campaign's `columns` which column is which.",
            missing=wanted,
        )
    return Heading(
        len(names),
        names.index(to),
        names.index(REFERENCE) if REFERENCE in names else None,
        tuple((name, names.index(name)) for name in variables),
    )


class Seen:
    """Numbers met so far. A mobile one is a bit: a hundred million of them need 12.5 MB at most."""

    def __init__(self) -> None:
        self._bits = bytearray(10**8 // 8)  # only what is touched takes memory
        self._others: set[str] = set()

    def add(self, number: str) -> bool:
        """Remember a normalised number; False when it was there already."""
        if not MOBILE.fullmatch(number):
            is_new = number not in self._others
            self._others.add(number)
            return is_new
        place, bit = divmod(int(number[3:]), 8)
        is_new = not self._bits[place] >> bit & 1
        self._bits[place] |= 1 << bit
        return is_new


@dataclass
class Upload:
    """One list on its way into the store."""

    runtime: Runtime
    caller: Caller
    campaign: Campaign
    sending: Sending
    plan: plans.Plan
    allow_duplicates: bool = False
    id: UUID = field(default_factory=new_id)
    rows: int = 0
    refused: int = 0
    routes: Counter[str] = field(default_factory=Counter)  # rows that would leave so, by a step
    encoding: str | None = None
    delimiter: str | None = None
    _heading: Heading | None = None
    _row: int = 0
    _chunk: list[list[Any]] = field(default_factory=list)
    _number: int = 0
    _mistakes: list[CampaignMistake] = field(default_factory=list)
    _seen: Seen = field(default_factory=Seen)

    async def receive(self, body: AsyncIterator[bytes], encoding: str | None) -> None:
        """Read the whole list. Raises Invalid for what no row alone is to blame for."""
        decoder, records = Decoder(encoding), Records()
        async for piece in body:
            await self._take(records.feed(decoder.feed(piece)))
        await self._take(records.feed(decoder.feed(b"", last=True), last=True))
        self.encoding, self.delimiter = decoder.encoding or "utf-8", records.delimiter
        if not self.rows:
            raise _bad("no_rows", "There is no row below the first, which names the columns.")
        await self._flush()

    async def _take(self, records: Any) -> None:
        for record in records:
            self._row += 1
            if self._heading is None:
                names = sorted(self.sending.compiled.names)
                self._heading = read_heading(record or (), self.campaign.columns, names)
            elif record is None or any(map(str.strip, record)):
                await self._keep(self._heading, record)
            if self._row % SLICE == 0:
                await asyncio.sleep(0)

    async def _keep(self, heading: Heading, record: Record) -> None:
        self.rows += 1
        try:
            self._chunk.append(await self._checked(heading, record))
        except GatewayError as error:
            self.refused += 1
            if self.refused <= KEPT:
                self._mistakes.append(self._mistake(error))
        if len(self._chunk) == CHUNK or len(self._mistakes) == CHUNK:
            await self._flush()

    async def _checked(self, heading: Heading, record: Record) -> list[Any]:
        """[row, number, reference, values] of one row. Raises GatewayError."""
        cells = _readable(heading, record)
        number = numbers.normalise(cells[heading.to], "to")
        values = {name: cells[i] for name, i in heading.variables}
        tokens = dict.fromkeys(self.sending.compiled.token_buttons, "0" * 32)
        by_text = self.plan.uses(plans.Channel.SMS)
        made = rendering.fill(self.sending, values, tokens, sms=by_text)
        number_hash = self.runtime.sealer.number_hash(self.caller.workspace_id, number)
        await team.check(self.runtime, self.caller, number_hash)
        if not self._seen.add(number) and not self.allow_duplicates:
            raise _wrong("duplicate_number", "The number is in an earlier row already.", "to")
        reference = "" if heading.reference is None else _reference(cells[heading.reference])
        if self.plan.uses(plans.Channel.ALIMTALK):
            self.routes["alimtalk"] += 1
        if made.sms_route is not None:
            self.routes[made.sms_route] += 1
        return [self._row, number, reference, list(values.values())]

    def _mistake(self, error: GatewayError) -> CampaignMistake:
        return CampaignMistake(
            campaign_id=self.campaign.id,
            upload=self.id,
            row=self._row,
            workspace_id=self.campaign.workspace_id,
            code=error.code,
            field=error.field or "",
            detail=error.detail,
        )

    async def _flush(self) -> None:
        """One chunk in a transaction of its own."""
        rows, self._chunk = self._chunk, []
        mistakes, self._mistakes = self._mistakes, []
        async with self.runtime.database.write() as tx:
            tx.session.add_all(mistakes)
            if rows:
                await self._store(tx, rows)
            await tx.sql.trim(tx.conn)

    async def _store(self, tx: Tx, rows: list[list[Any]]) -> None:
        self._number += 1
        campaign, id_ = self.campaign, new_id()
        assert self._heading is not None
        value = {"names": [name for name, _ in self._heading.variables], "rows": rows}
        sealed = self.runtime.sealer.seal(TABLE, campaign.workspace_id, id_, value)
        row = (
            campaign.id, self.id, self._number, campaign.workspace_id, id_,
            rows[0][0], len(rows), "waiting", sealed,
        )  # fmt: skip
        await tx.sql.insert(tx.conn, TABLE, CHUNK_COLUMNS, [row])


def _readable(heading: Heading, record: Record) -> list[str]:
    if record is None:
        raise _wrong("bad_quotes", 'Its quotes (") cannot be read. Double one inside a text.')
    if len(record) != heading.width:
        raise _wrong("wrong_width", f"{len(record)} cells; the first row has {heading.width}.")
    try:
        "".join(record).encode()
    except UnicodeEncodeError:
        raise _wrong(
            "not_decodable", "It holds bytes that are no character of the list's encoding."
        ) from None
    return record


def _reference(cell: str) -> str:
    label = cell.strip()
    if len(label) > LONGEST_REFERENCE or any(ch < " " or ch == "\x7f" for ch in label):
        raise _wrong(
            "bad_reference",
            f"A reference has at most {LONGEST_REFERENCE} characters, none of them invisible.",
            REFERENCE,
        )
    return label


def _wrong(code: str, detail: str, field_: str | None = None) -> Invalid:
    return Invalid(code, detail, field=field_)


def _bad(code: str, detail: str, **data: Any) -> Invalid:
    return Invalid(code, detail, field="rows", data=data)
