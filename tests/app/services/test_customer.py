"""The side panel: whose notices, which numbers, what it is perhaps about."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col

from app.db.models import Case, Message, Thread
from app.errors import NotFound
from app.ids import new_id
from app.services import customer
from app.services.callers import SCOPES, Caller
from app.services.customer import PERHAPS, CustomerView
from tests.app.services.talks import Talk, talking
from tests.app.services.test_ties import NUMBER, frozen


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        yield made


async def panel(talk: Talk, caller: Caller | None = None) -> CustomerView:
    thread = await talk.only(Thread)
    async with talk.runtime.database.read() as session:
        return await customer.panel(session, talk.runtime, caller or talk.caller(), thread.id)


async def test_a_stranger_has_nothing(talk: Talk) -> None:
    await talk.notice(frozen())
    await talk.hear()
    shown = await panel(talk)
    assert (shown.number, shown.about, shown.notices) == (None, None, [])
    assert [case.state for case in shown.cases] == ["queued"]


async def test_a_pressed_button_shows_all_their_notices(talk: Talk) -> None:
    variables = {"주문번호": "A-17", "이름": "김하나", "증권 번호": "77-1"}
    older, _ = await talk.notice(
        frozen(variables=variables), reference="A-17", status="failed", reason="not_reachable"
    )
    await talk.notice(frozen(number="01033334444"))
    live, _ = await talk.notice(frozen())
    await talk.change(Message, col(Message.id) == live, mode="live")
    pressed, token = await talk.notice(frozen(), status="delivered")
    await talk.press(token)
    await talk.apply()
    shown = await panel(talk)
    assert shown.number == "010-****-2222"
    assert NUMBER not in repr(shown)
    assert shown.about is not None
    assert (shown.about.notice_id, shown.about.how, shown.about.confidence) == (
        pressed,
        "button",
        1.0,
    )
    assert [one.id for one in shown.notices] == [pressed, older]
    last = shown.notices[-1]
    assert last.numbers == {"주문번호": "A-17", "증권 번호": "77-1"}
    assert (last.reference, last.status) == ("A-17", "failed")
    assert last.explanation


async def test_perhaps_is_shown_and_kept_nowhere(talk: Talk) -> None:
    _, token = await talk.notice(frozen())
    await talk.press(token)
    await talk.apply()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    await talk.change(Case, state="resolved", resolved_at=long_ago)
    newest, _ = await talk.notice(frozen("아주 다른 알림의 본문이에요. 감사합니다."))
    await talk.hear("그거 언제 와요")
    shown = await panel(talk)
    assert shown.about is not None
    assert (shown.about.notice_id, shown.about.how) == (newest, "perhaps")
    assert (await talk.lines())[-1].notice_id is None
    assert sorted(case.number for case in shown.cases) == [1, 2]
    old = datetime.now(UTC) - PERHAPS - timedelta(minutes=1)
    await talk.change(Message, accepted_at=old)
    assert (await panel(talk)).about is None


async def test_a_guess_shows_only_that_notice(talk: Talk) -> None:
    """An earlier token names a notice, but not whose chat this is."""
    tied, token = await talk.notice(frozen())
    await talk.notice(frozen())
    await talk.press(last=token)
    await talk.apply()
    shown = await panel(talk)
    assert [one.id for one in shown.notices] == [tied]
    assert shown.number is None


async def test_nobody_elses_customer(talk: Talk) -> None:
    await talk.hear()
    with pytest.raises(NotFound):
        await panel(talk, Caller(new_id(), new_id(), "live", frozenset(SCOPES)))
