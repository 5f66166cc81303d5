"""Search finds what was said, newest first, in one's own workspace and mode, and nothing else."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import ChatGram, ChatMessage, ProviderAccount, Thread
from app.errors import Invalid
from app.ids import new_id
from app.services import grams, search, threads
from app.services.callers import SCOPES, Caller
from app.services.search import Found
from app.services.threads import Line
from tests.app.services.talks import Talk, talking

NUMBER = "01012344821"


@pytest.fixture
async def talk(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Talk]:
    """On SQLite, or on what the test was parametrized with."""
    url = ""
    if getattr(request, "param", "sqlite") == "postgres":
        url = request.getfixturevalue("postgres")
    else:
        shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path, database_url=url) as made:
        await made.hear("첫 인사예요")
        yield made


on_both = pytest.mark.parametrize("talk", ["sqlite", "postgres"], indirect=True)


async def say(talk: Talk, *texts: str, author: str = "customer", kind: str = "text") -> None:
    """Lines of the only thread."""
    async with talk.runtime.database.write() as tx:
        found = await talk.only(Thread)
        thread = await threads.lock(tx, found.workspace_id, found.id)
        for text in texts:
            threads.add_line(tx, talk.runtime.sealer, thread, Line(author, kind, text))


async def find(
    talk: Talk, query: str, caller: Caller | None = None, limit: int = 20
) -> list[str | None]:
    """What every page says, in their order."""
    found, before = [], None
    while True:
        page = await look(talk, query, caller, before, limit)
        assert len(page.hits) <= limit
        found += [hit.line.text for hit in page.hits]
        if page.next is None:
            return found
        before = page.next


async def look(talk, query, caller=None, before=None, limit=20) -> Found:  # type: ignore[no-untyped-def]
    async with talk.runtime.database.read() as session:
        who = caller or talk.caller()
        return await search.search(session, talk.runtime, who, query, before, limit)


@on_both
async def test_words_are_found_newest_first_and_false_hits_are_not_shown(talk: Talk) -> None:
    await say(talk, "배송 언제 와요", "송배라는 말", "가나 나다", "환불과 배송", "네")
    await say(talk, "배송 메모", author="agent", kind="note")
    await say(talk, "배송 봇이에요", author="bot")
    await say(talk, "배송 안내", author="system", kind="event")
    assert await find(talk, "배송") == [
        "배송 봇이에요",
        "배송 메모",
        "환불과 배송",
        "배송 언제 와요",
    ]
    assert await find(talk, "배송 환불") == ["환불과 배송"]
    assert await find(talk, '"배송 환불"') == []
    assert await find(talk, "가나다") == []
    assert await find(talk, "없는말") == []
    assert await find(talk, "네") == ["네"]
    assert await find(talk, "인사") == ["첫 인사예요"]
    first = (await look(talk, "인사")).hits[0]
    assert (first.thread_id, first.customer[:4]) == ((await talk.only(Thread)).id, "고객 *")


async def test_pages_have_no_end_of_age_and_repeat_nothing(talk: Talk) -> None:
    texts = [f"배송 {n:02}" if n % 3 else f"배와 송배 배송품{n:02}" for n in range(30)]
    await say(talk, *texts)
    wanted = [text for text in reversed(texts) if "배송" in text]
    for limit in (1, 7, 30, 100):
        assert await find(talk, "배송", limit=limit) == wanted
    assert await find(talk, "배송품", limit=3) == [t for t in wanted if "배송품" in t]


async def test_a_page_ends_even_when_nothing_of_it_is_a_hit(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of candidates whose texts do not fit: short pages with a next one, no long wait."""
    monkeypatch.setattr(search, "MOST_LOOKED", 4)
    await say(talk, "가나다 예요", *["가나 나다"] * 10)
    page = await look(talk, "가나다", limit=1)
    assert (page.hits, page.next is None) == ([], False)
    assert await find(talk, "가나다", limit=1) == ["가나다 예요"]


async def test_nobody_else_finds_it(talk: Talk) -> None:
    await say(talk, "비밀 배송")
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    assert await find(talk, "배송", stranger) == []
    assert await find(talk, "배송", talk.caller("live")) == ["비밀 배송"]
    await talk.change(ProviderAccount, mode="live")
    assert await find(talk, "배송", talk.caller("test")) == []
    assert await find(talk, "배송", talk.caller("live")) == ["비밀 배송"]


async def test_what_is_stored_says_nothing_by_itself(talk: Talk) -> None:
    await say(talk, "배송 배송 배송")
    rows = await talk.all(ChatGram)
    lines = {line.id for line in await talk.lines()}
    assert {row.line_id for row in rows} == lines
    assert all(len(row.gram) == 8 for row in rows)
    delivery = talk.runtime.sealer.gram_hash(talk.workspace.id, "배송")
    assert [row.gram for row in rows].count(delivery) == 1
    other = talk.runtime.sealer.gram_hash(new_id(), "배송")
    assert other not in {row.gram for row in rows}


@on_both
async def test_added_words_are_found_and_adding_twice_is_harmless(talk: Talk) -> None:
    (line,) = await talk.lines()
    for _ in range(2):
        async with talk.runtime.database.write() as tx:
            row = await tx.session.get_one(ChatMessage, line.id)
            sealed = {"text": "첫 인사예요 그리고 환불", "content": {}}
            sealer = talk.runtime.sealer
            row.sealed = sealer.seal(threads.LINES, row.workspace_id, row.id, sealed)
            await grams.add(tx, sealer, row, "첫 인사예요 그리고 환불")
            await grams.add(tx, sealer, row, "")
    assert await find(talk, "환불") == ["첫 인사예요 그리고 환불"]


@pytest.mark.parametrize("query", ["", "  ", "?!", "가" * 101])
async def test_a_query_needs_something_to_look_for(talk: Talk, query: str) -> None:
    with pytest.raises(Invalid) as error:
        await look(talk, query)
    assert (error.value.code, error.value.field) == ("bad_query", "q")


@on_both
async def test_threads_by_number_case_and_reference(talk: Talk) -> None:
    sealer, home = talk.runtime.sealer, talk.workspace.id
    _, token = await talk.notice({"to": NUMBER})
    hashes = {
        "number_hash": sealer.number_hash(home, NUMBER),
        "last4_hash": sealer.last4_hash(home, NUMBER),
    }
    assert (await look(talk, "4821")).threads == []
    await talk.press(token)
    await talk.apply()
    await talk.hear("다른 손님", user_key="another-customer")
    mine, other = sorted(await talk.all(Thread), key=lambda thread: thread.created_at)
    assert (mine.number_hash, mine.last4_hash) == tuple(hashes.values())
    for query in (NUMBER, "010-1234-4821", "+82 10-1234-4821", "4821", "#1", "1", "order-1"):
        assert (await look(talk, query)).threads == [mine.id], query
    assert (await look(talk, "2")).threads == [other.id]
    for query in ("01012344822", "4822", "#3", "order-2"):
        assert (await look(talk, query)).threads == [], query
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    assert (await look(talk, NUMBER, stranger)).threads == []
    assert (await look(talk, "4821", before=new_id())).threads == []  # the first page says it
    await talk.change(ProviderAccount, mode="live")
    for query in (NUMBER, "4821", "#1", "order-1"):
        assert (await look(talk, query, talk.caller("test"))).threads == [], query
