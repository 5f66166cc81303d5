"""Where a customer stands: their own thread, its open chat and its newest case, in two reads."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col

from app.db.models import Case, ChatSession, InboundEvent, Sender
from app.services import whereabouts
from tests.app.services.talks import CUSTOMER, PAST, SENDER_KEY, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def test_a_customer_is_found_with_what_is_theirs(talk: Talk) -> None:
    await talk.hear("하나")
    (case,) = await talk.all(Case)
    event = (await talk.all(InboundEvent))[0]
    async with talk.runtime.database.write() as tx:
        thread = await whereabouts.held(tx, talk.runtime.sealer, event, SENDER_KEY, CUSTOMER)
        assert thread is not None
        standing = await whereabouts.of(tx, thread)
        assert standing.case is not None
        assert standing.session is not None
        assert standing.case.id == case.id
        for sender, customer in ((SENDER_KEY, "somebody"), ("b" * 40, CUSTOMER)):
            found = await whereabouts.held(tx, talk.runtime.sealer, event, sender, customer)
            assert found is None


async def test_an_ended_chat_is_none_and_the_newest_case_counts(talk: Talk) -> None:
    await talk.hear("하나")
    (old,) = await talk.all(Case)
    await talk.change(ChatSession, ended_at=PAST)
    await talk.change(Case, state="resolved", resolved_at=PAST)
    await talk.hear("둘")
    event = (await talk.all(InboundEvent))[0]
    newest = max(await talk.all(Case), key=lambda one: one.number)
    await talk.change(ChatSession, ended_at=PAST)
    async with talk.runtime.database.write() as tx:
        thread = await whereabouts.held(tx, talk.runtime.sealer, event, SENDER_KEY, CUSTOMER)
        assert thread is not None
        standing = await whereabouts.of(tx, thread)
    assert standing.session is None
    assert standing.case is not None
    assert standing.case.id == newest.id != old.id


async def test_a_channel_of_another_kind_has_no_threads(talk: Talk) -> None:
    await talk.hear("하나")
    event = (await talk.all(InboundEvent))[0]
    await talk.change(Sender, col(Sender.kind) == "chat", kind="alimtalk")
    async with talk.runtime.database.write() as tx:
        sealer = talk.runtime.sealer
        assert await whereabouts.held(tx, sealer, event, SENDER_KEY, CUSTOMER) is None
