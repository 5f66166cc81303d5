"""The connection that sends NOTIFY: words arrive whole, and it costs no durable commit."""

import asyncpg
import pytest

from app.db.notifier import Notifier
from tests.app.db.test_bells import until

WORDS = ['{"who":"김나루"}', "it's; DROP TABLE event --", "a\\b", "한" * 1_000]


async def test_words_arrive_as_they_were_said(postgres: str) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(postgres.replace("+asyncpg", ""))
    await listener.add_listener("words", lambda *said: heard.append(said[3]))
    notifier = Notifier(postgres)
    for words in (*WORDS, WORDS[0]):  # the same at once is one
        notifier.tell("words", words)
    await until(lambda: len(heard) == len(WORDS))
    assert heard == WORDS
    await notifier.close()
    await listener.close()


@pytest.mark.parametrize("words", ["nul \0 in it"])
async def test_what_no_text_can_hold_does_not_stop_it(postgres: str, words: str) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(postgres.replace("+asyncpg", ""))
    await listener.add_listener("words", lambda *said: heard.append(said[3]))
    notifier = Notifier(postgres)
    notifier.tell("words", words)
    await until(lambda: heard)
    assert heard == ["nul  in it"]
    await notifier.close()
    await listener.close()
