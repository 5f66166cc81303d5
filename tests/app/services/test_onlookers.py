"""Who is in which thread: told to all processes, gone after seconds, never across a fence."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.db.bells import Bells, Heard
from app.ids import new_id
from app.services import onlookers as module
from app.services.onlookers import Presence, Word

WORKSPACE, THREAD = new_id(), new_id()
KIM = Word(WORKSPACE, "sandbox", THREAD, new_id(), "김나루", "viewing")


class OneProcess(Bells):
    """Bells that reach every picture of this test at once."""

    def __init__(self) -> None:
        self.all: list[Heard] = []

    async def ring(self, words: str = "", *, own: bool = True) -> None:
        for heard in self.all:
            heard(words)

    async def listen(self, heard: Heard) -> None:
        self.all.append(heard)

    async def close(self) -> None:
        return


@pytest.fixture
async def two() -> tuple[Presence, Presence, list[UUID]]:
    bells, changed = OneProcess(), list[UUID]()
    made = Presence(bells, changed.append), Presence(bells, lambda _: None)
    for one in made:
        await bells.listen(one.hear)
    return *made, changed


def names(presence: Presence, mode: str = "sandbox") -> list[tuple[str, str]]:
    shown = presence.shown(WORKSPACE, mode)
    return [(one["name"], one["what"]) for one in shown.get(str(THREAD), [])]


async def test_every_process_shows_who_is_there(two: tuple[Presence, Presence, list[UUID]]) -> None:
    here, there, changed = two
    lee = replace(KIM, staff_id=new_id(), name="이나루")
    await here.say(KIM)
    await there.say(lee)
    await there.say(replace(lee, what="reply"))
    assert names(here) == names(there) == [("김나루", "viewing"), ("이나루", "reply")]
    version = here.version(WORKSPACE)
    await here.say(KIM)  # the same again is no change
    assert (here.version(WORKSPACE), changed) == (version, [WORKSPACE] * 3)
    await here.say(replace(KIM, what="gone"))
    assert names(there) == [("이나루", "reply")]


async def test_who_is_silent_is_gone(
    two: tuple[Presence, Presence, list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _, changed = two
    monkeypatch.setitem(module.STAYS_S, "reply", -1.0)
    await here.say(replace(KIM, what="reply"))
    here.expire()
    assert names(here) == []
    assert changed == [WORKSPACE, WORKSPACE]
    assert (here._there, here._count) == ({}, 0)


async def test_a_sandbox_visitor_hears_of_no_live_thread(
    two: tuple[Presence, Presence, list[UUID]],
) -> None:
    here, *_ = two
    await here.say(replace(KIM, mode="live"))
    assert names(here, "sandbox") == []
    assert names(here, "live") == [("김나루", "viewing")]
    assert here.shown(new_id(), "live") == {}


async def test_what_is_no_word_is_ignored(two: tuple[Presence, Presence, list[UUID]]) -> None:
    here, *_ = two
    for words in ("x", "[]", "[1,2,3,4,5,6]", KIM.pack().replace("viewing", "dancing")):
        here.hear(words)
    assert names(here) == []


async def test_memory_is_bounded(
    two: tuple[Presence, Presence, list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    here, *_ = two
    for _ in range(10):
        await here.say(replace(KIM, staff_id=new_id()))
    assert len(names(here)) == 3
