"""Letter pairs of conversations: lines are found by their words though nobody can read them.

Korean words of two syllables are the rule (배송, 환불), and endings stick to them, so every pair of
neighbouring letters of a word is kept, as a keyed hash; a word of one letter is kept as it is. What
has all the pairs of a query is a candidate; its opened text decides. What the hashes tell somebody
who steals the database is in docs/consultation-search.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from app.db.models import ChatGram, ChatMessage
from app.db.session import Tx
from app.sealing import Sealer

MOST = 2_000  # pairs of one line: a text of 1,000 characters has at most 999
COLUMNS = ("workspace_id", "gram", "line_id")
AUTHORS = ("customer", "agent", "bot")  # what the system says is the same in every thread
WORD = re.compile(r"[^\W_]+")
PHRASE = re.compile(r'"([^"]*)"')


def normal(text: str) -> str:
    """Text as it is compared: composed, lower case, every space one blank."""
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def of_text(text: str) -> list[str]:
    """The pairs of a text's words, each once, in their order, at most MOST."""
    found: dict[str, None] = {}
    for word in WORD.findall(normal(text)):
        found.update(dict.fromkeys(_pairs(word)))
        if len(found) >= MOST:
            break
    return list(found)[:MOST]


def _pairs(word: str) -> Iterator[str]:
    if len(word) == 1:
        yield word
    for at in range(len(word) - 1):
        yield word[at : at + 2]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: ``pairs`` every hit has, ``parts`` its text must hold, each whole."""

    pairs: tuple[str, ...]
    parts: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Whether an opened text is a hit indeed."""
        plain = normal(text)
        return all(part in plain for part in self.parts)


def read(query: str) -> Query:
    """A query: words in any order, and what stands in quotes as one; no pairs: nothing to find."""
    phrases = [normal(phrase) for phrase in PHRASE.findall(query)]
    words = WORD.findall(normal(PHRASE.sub(" ", query)))
    parts = dict.fromkeys(part for part in (*phrases, *words) if part)
    return Query(tuple(of_text(" ".join(parts))), tuple(parts))


def hashes(sealer: Sealer, workspace_id: UUID, pairs: Iterable[str]) -> list[bytes]:
    """The keyed hashes of pairs, in their order."""
    return [sealer.gram_hash(workspace_id, pair) for pair in pairs]


def index(tx: Tx, sealer: Sealer, line: ChatMessage, text: str) -> None:
    """Have a new line found by its words; written with it."""
    if line.author_kind in AUTHORS:
        tx.later("chat_gram", COLUMNS, _rows(sealer, line, text))


async def add(tx: Tx, sealer: Sealer, line: ChatMessage, text: str) -> None:
    """Have a line found by words that it has got later, too."""
    insert = sqlite.insert if tx.conn.dialect.name == "sqlite" else postgresql.insert
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in _rows(sealer, line, text)]
    if rows:
        statement = insert(ChatGram).on_conflict_do_nothing()
        await tx.conn.execute(statement, rows)


def _rows(sealer: Sealer, line: ChatMessage, text: str) -> list[tuple[UUID, bytes, UUID]]:
    found = dict.fromkeys(hashes(sealer, line.workspace_id, of_text(text)))
    return [(line.workspace_id, one, line.id) for one in found]
