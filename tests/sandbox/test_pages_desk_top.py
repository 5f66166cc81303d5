"""The head of the desk without a script: what the clock shows, and its buttons."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.pages.clock import apart_words
from sandbox.pages.moment import seoul
from sandbox.pages.words import speaker
from sandbox.waits import set_clock
from tests.sandbox.received import Pages, open_pages, receive

DAY = 86_400_000


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        opened.client.follow_redirects = True
        yield opened


async def push(pages: Pages, do: str, **more: str) -> str:
    answer = await pages.client.post("/desk/clock", data={"do": do, **more})
    assert answer.status_code == 200
    return answer.text


async def test_the_clock_is_in_the_top_bar_only_when_it_is_not_real(pages: Pages) -> None:
    for address in ("/", "/desk"):
        assert "가상 시계" not in (await pages.client.get(address)).text
    assert 'value="real"' not in (await pages.client.get("/desk")).text
    set_clock(pages.store, pages.store.now() + DAY, 0)
    when = seoul(pages.store.now()).strftime("%H:%M:%S")
    for address in ("/", "/desk", "/desk?lang=en"):
        text = (await pages.client.get(address)).text
        top = re.search(r'id="top-clock".*?</a>', text, re.DOTALL)
        assert top
        assert when in top[0]
        assert ("standing still" if "en" in address else "멈춤") in top[0]


async def test_every_button_does_what_it_says(pages: Pages) -> None:
    store = pages.store
    text = await push(pages, "pause")
    assert store.clock.rate == 0
    assert re.search(r'value="pause" aria-pressed="true"', text)
    standing = store.now()
    assert "5분" in await push(pages, "minutes")
    await push(pages, "day")
    assert store.now() == standing + 300_000 + DAY
    for rate in (60.0, 3600.0, 1.0):
        text = await push(pages, f"rate {rate:g}")
        assert store.clock.rate == rate
        assert f'value="rate {rate:g}" aria-pressed="true"' in text
    at = (seoul(store.now()) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S")
    await push(pages, "at", at=at)
    assert seoul(store.now()).strftime("%Y-%m-%dT%H:%M") == at[:16]
    await push(pages, "real")
    assert store.clock.is_real


async def test_to_what_falls_due_next(pages: Pages) -> None:
    store = pages.store
    text = (await pages.client.get("/desk")).text
    assert 'id="clock-next" name="do" value="next" disabled' in text
    receive(store, "안내")
    due = store.now() + 1000 * DAY
    store.run("UPDATE message SET state = 'held', due_at = ?", (due,))
    await push(pages, "next")
    assert 0 <= store.now() - due < 5_000


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "at", "at": "2001-01-01T00:00:00"}, 409),
        ({"do": "at", "at": "soon"}, 422),
        ({"do": "at"}, 422),
        ({"do": "rate 7"}, 422),
        ({"do": "rate nan"}, 422),
        ({"do": "sideways"}, 422),
        ({}, 422),
    ],
)
async def test_what_no_clock_does_is_told(pages: Pages, form: dict[str, str], status: int) -> None:
    answer = await pages.client.post("/desk/clock", data=form)
    assert answer.status_code == status
    assert 'id="problem"' in answer.text
    assert pages.store.clock.is_real


async def test_another_site_moves_nothing(pages: Pages) -> None:
    answer = await pages.client.post(
        "/desk/clock", data={"do": "day"}, headers={"Origin": "https://elsewhere.test"}
    )
    assert answer.status_code == 403
    assert pages.store.clock.is_real


async def test_the_counters_say_what_they_are_made_of(pages: Pages) -> None:
    pages.store.count("recipients accepted", 1_234)
    pages.store.count("answers lost", 2)
    receive(pages.store, "안내")
    receive(pages.store, "문자", app="sms")
    text = (await pages.client.get("/desk")).text
    assert "수신자 접수 1,234 · 거절 0 · 잃은 답 2" in text
    assert "톡 1 · 문자 1" in text


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "실제 시각"),
        (999, "실제 시각"),
        (-61_000, "실제보다 1분 1초 뒤"),
        (12 * 3_600_000 + 21 * 60_000 + 5_000, "실제보다 12시간 21분 앞"),
        (2 * DAY + 5_000, "실제보다 2일 5초 앞"),
    ],
)
def test_how_far_from_real_time(ms: int, words: str) -> None:
    assert apart_words(ms, speaker("ko")) == words
