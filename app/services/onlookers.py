"""Who looks at a thread now, and who is writing in it: never stored, gone after seconds.

Every app process holds its own picture; a bell carries each word to the others.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db.bells import Bells

STAYS_S = {"viewing": 30.0, "reply": 6.0, "note": 6.0}  # a page says it again at half of that
GONE = "gone"  # they left the thread
WHAT = (*STAYS_S, GONE)
MOST = 5_000  # persons in threads at a time, in this process
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Word:
    """A person is in a thread. ``mode``: of the thread, a sandbox visitor hears of no live one."""

    workspace_id: UUID
    mode: str
    thread_id: UUID
    staff_id: UUID
    name: str
    what: str  # viewing | reply | note | gone

    def pack(self) -> str:
        """The words of a bell."""
        mine = (self.workspace_id, self.mode, self.thread_id, self.staff_id, self.name, self.what)
        return orjson.dumps([str(one) for one in mine]).decode()

    @classmethod
    def unpack(cls, words: str) -> "Word":
        """Raises ValueError for what is no word of ours."""
        workspace_id, mode, thread_id, staff_id, name, what = orjson.loads(words)
        if what not in WHAT:
            raise ValueError(what)
        return cls(UUID(workspace_id), mode, UUID(thread_id), UUID(staff_id), name, what)


@dataclass(slots=True)
class _There:
    """The person, and until when (monotonic)."""

    word: Word
    until: float


class Presence:
    """The picture of one process; ``changed`` is called with a workspace where it changed."""

    def __init__(self, bells: Bells, changed: Callable[[UUID], None]) -> None:
        self._bells, self._changed = bells, changed
        self._there: dict[UUID, dict[tuple[UUID, UUID], _There]] = {}  # workspace → thread, staff
        self._count = 0
        self._versions: Counter[UUID] = Counter()

    async def say(self, word: Word) -> None:
        """Tell every app process, this one too."""
        await self._bells.ring(word.pack())

    def hear(self, words: str) -> None:
        """A bell carried words; what is none of ours is ignored."""
        try:
            word = Word.unpack(words)
        except (ValueError, TypeError):
            return
        key = (word.thread_id, word.staff_id)
        people = self._there.setdefault(word.workspace_id, {})
        before = people.get(key)
        if word.what == GONE:
            people.pop(key, None)
        elif before is None and self._count >= MOST:
            return
        else:
            people[key] = _There(word, time.monotonic() + STAYS_S[word.what])
        self._count += (key in people) - (before is not None)
        if (before.word.what if before else GONE) != word.what:
            self._tell(word.workspace_id)

    def expire(self) -> None:
        """Forget who has not been heard of for a while."""
        now = time.monotonic()
        for workspace_id, people in list(self._there.items()):
            gone = [key for key, there in people.items() if there.until <= now]
            for key in gone:
                del people[key]
            self._count -= len(gone)
            if gone:
                self._tell(workspace_id)
            if not people:
                del self._there[workspace_id]

    def _tell(self, workspace_id: UUID) -> None:
        self._versions[workspace_id] += 1
        self._changed(workspace_id)

    def version(self, workspace_id: UUID) -> int:
        """Rises with every change that can be seen; 0 when there never was one."""
        return self._versions[workspace_id]

    def shown(self, workspace_id: UUID, mode: str) -> dict[str, list[Mapping[str, Any]]]:
        """By thread: ``[{"id", "name", "what"}]``, who came first first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for word in self._words(workspace_id):
            if word.mode == mode:
                one = {"id": str(word.staff_id), "name": word.name, "what": word.what}
                found.setdefault(str(word.thread_id), []).append(one)
        return found

    def _words(self, workspace_id: UUID) -> Iterator[Word]:
        for there in self._there.get(workspace_id, {}).values():
            yield there.word
