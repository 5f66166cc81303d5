"""The timeline as it is drawn: every event has a look, and what is awaited has words."""

from datetime import timedelta

import pytest

from app.console import statuses, story
from app.db.models.fields import now as clock
from app.services import exchanges, timeline
from app.services.states import AttemptStatus, MessageStatus
from tests.app.console.sent import World


def test_every_event_and_every_state_is_drawn() -> None:
    assert timeline.TITLES.keys() == story.LOOKS.keys()
    assert statuses.MESSAGES.keys() == set(MessageStatus)
    assert statuses.ATTEMPTS.keys() == set(AttemptStatus)
    assert statuses.of_message("new").words == "new"


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (2.84, "+2.8초", "+2.8 s"),
        (446, "+7분 26초", "+7 min 26 s"),
        (7_320, "+2시간 2분", "+2 h 2 min"),
        (180_000, "+2일 2시간", "+2 d 2 h"),
    ],
)
def test_how_long_it_took(seconds: float, korean: str, english: str) -> None:
    assert story.elapsed(seconds, "ko") == korean
    assert story.elapsed(seconds, "en") == english


def test_a_reason_is_what_and_then_why() -> None:
    entry = {
        "detail": "없는 번호예요. 둘째.",
        "action": "고치세요.",
        "code": "1",
        "code_meaning": "x",
    }
    why = story._why(entry)
    assert why is not None
    assert (why.what, why.because, why.next) == ("없는 번호예요.", "둘째.", "고치세요.")
    assert story._why({"detail": ""}) is None


async def test_what_is_awaited(world: World) -> None:
    async with world.runtime.database.read() as session:
        visit = await (await world.visitor("viewer")).visit()
        waits = {}
        for name in ("waiting", "unknown", "delivered"):
            message = await timeline.find(session, visit.caller, world.ids[name])
            tries = await exchanges.tried(session, message)
            waits[name] = story.waits_for(message, tries, None, None)
        message = await timeline.find(session, visit.caller, world.ids["delivered"])
        message.status, message.closed_at = "scheduled", None
        message.send_at = clock() + timedelta(hours=1)
        planned = story.waits_for(message, [], None, None)
        message.status = "held"
        held = story.waits_for(message, [], message.send_at, None)
    assert waits["delivered"] is None
    assert waits["waiting"] == story.Wait("차례를 기다리는 중", None, sure=False)
    assert waits["unknown"] is not None
    assert (waits["unknown"].tone, waits["unknown"].sure) == ("doubt", True)
    assert planned == story.Wait("예약한 시각을 기다리는 중", message.send_at, sure=False)
    assert held == story.Wait("보낼 수 있는 때를 기다리는 중", message.send_at, sure=False)
