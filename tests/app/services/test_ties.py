"""Which notice a customer answers: by token, by what they say, and whose number that tells."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col

from app.db.models import Attempt, Case, ChatMessage, Message, Thread
from app.ids import new_id
from app.services import ties
from tests.app.services.talks import Talk, talking

NUMBER = "01011112222"
BODY = "김하나님, 주문하신 상품이 오늘 출발했습니다. 내일 오전에 도착할 예정입니다."
LONG = "보험 계약 안내입니다. " * 60
BUTTONS = [{"kind": "MD", "name": "문의하기"}, {"kind": "WL", "name": "주문 보기"}]
QUICK = [{"kind": "BK", "name": "배송 조회"}]


def frozen(text: str = BODY, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    part = {"text": text, "title": "", "buttons": BUTTONS, "quick_replies": QUICK}
    return {"to": number, "contacts": {}, "variables": {}, "alimtalk": part} | more


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        yield made


async def met(talk: Talk) -> UUID:
    """The customer pressed a button long ago: their number is known, the case is closed."""
    notice, token = await talk.notice(frozen("처음 알림의 본문입니다. 감사합니다."))
    await talk.press(token)
    await talk.apply()
    await talk.change(Case, state="resolved", resolved_at=datetime(2026, 1, 1, tzinfo=UTC))
    return notice


async def last(talk: Talk) -> tuple[UUID | None, str, float | None]:
    line = (await talk.lines())[-1]
    return line.notice_id, line.link_how, line.link_confidence


@pytest.mark.parametrize("pressed_first", [True, False])
async def test_an_exact_tie_tells_the_number(talk: Talk, pressed_first: bool) -> None:
    notice, token = await talk.notice(frozen())
    if not pressed_first:
        await talk.hear("언제 와요")
        assert (await talk.only(Thread)).number_hash is None
    await talk.press(token)
    await talk.apply()
    if pressed_first:
        await talk.hear("언제 와요")
    thread = await talk.only(Thread)
    assert thread.number_hash == talk.runtime.sealer.number_hash(talk.workspace.id, NUMBER)
    assert ties.number_of(talk.runtime.sealer, thread) == NUMBER
    assert NUMBER.encode() not in thread.sealed
    assert {(one.notice_id, one.link_how) for one in await talk.lines()} == {(notice, "button")}


async def test_a_guess_tells_no_number(talk: Talk) -> None:
    notice, token = await talk.notice(frozen())
    await talk.press(last=token)
    await talk.apply()
    assert await last(talk) == (notice, "earlier", 0.8)
    assert (await talk.only(Thread)).number_hash is None


@pytest.mark.parametrize(
    ("names", "learnt"), [(["guardian"], "01099998888"), (["", "guardian"], None), ([""], NUMBER)]
)
async def test_the_number_is_that_of_who_got_the_button(
    talk: Talk, names: list[str], learnt: str | None
) -> None:
    notice, token = await talk.notice(frozen(contacts={"guardian": "01099998888"}))
    async with talk.runtime.database.write() as tx:
        for n, name in enumerate(names):
            tx.session.add(
                Attempt(
                    id=new_id(),
                    message_id=notice,
                    workspace_id=talk.workspace.id,
                    account_id=talk.account.id,
                    step=n,
                    n=1,
                    channel="alimtalk",
                    route="alimtalk",
                    to_name=name,
                    to_hash=b"1",
                    sender_id=talk.sender.id,
                    status="accepted",
                )
            )
    await talk.press(token)
    await talk.apply()
    number = ties.number_of(talk.runtime.sealer, await talk.only(Thread))
    assert number == (learnt or "")


async def test_a_forwarded_body_ties_to_its_notice(talk: Talk) -> None:
    await met(talk)
    notice, _ = await talk.notice(frozen())
    await talk.notice(frozen("다른 알림의 본문은 이렇게 생겼습니다."))
    await talk.hear(f"문의하기\n{BODY.replace(' ', chr(10))}")
    assert await last(talk) == (notice, "forwarded", 0.9)
    case = (await talk.all(Case))[-1]
    assert (case.notice_id, case.opened_by) == (notice, "notice")
    await talk.hear("언제 오나요")
    assert await last(talk) == (notice, "forwarded", 0.9)  # what follows is about it too


async def test_a_long_body_is_known_by_its_beginning(talk: Talk) -> None:
    await met(talk)
    notice, _ = await talk.notice(frozen(LONG))
    cut = f"문의하기\n{LONG[:400]}"
    await talk.hear(cut)
    assert (await last(talk))[1] == ""
    await talk.hear(cut, attachment={"url": "https://hub.example/t/1.txt"})
    assert await last(talk) == (notice, "forwarded", 0.9)


async def test_a_label_ties_to_the_newest_notice_alone(talk: Talk) -> None:
    await met(talk)
    older = frozen()
    older["alimtalk"]["quick_replies"] = [{"kind": "BK", "name": "예약 변경"}]
    await talk.notice(older)
    newest, _ = await talk.notice(frozen())
    for text, expected in (
        ("예약 변경", (None, "", None)),  # of an older one
        ("주문 보기", (None, "", None)),  # a link says nothing
        ("배송 조회요", (None, "", None)),
        (" 배송 조회 ", (newest, "label", 0.7)),
    ):
        await talk.hear(text)
        assert await last(talk) == expected


async def test_what_is_said_never_replaces_a_pressed_button(talk: Talk) -> None:
    await met(talk)
    await talk.notice(frozen())
    pressed, token = await talk.notice(frozen("지금 누른 알림의 본문입니다. 감사합니다."))
    await talk.press(token)
    await talk.hear(f"문의하기\n{BODY}")
    assert await last(talk) == (pressed, "button", 1.0)
    assert (await talk.all(Case))[-1].notice_id == pressed


async def test_a_press_replaces_what_was_said(talk: Talk) -> None:
    await met(talk)
    said, _ = await talk.notice(frozen())
    pressed, token = await talk.notice(frozen("지금 누른 알림의 본문입니다. 감사합니다."))
    await talk.hear(f"문의하기\n{BODY}")
    assert (await last(talk))[0] == said
    await talk.press(token)
    await talk.hear("언제요")
    assert await last(talk) == (pressed, "button", 1.0)


async def test_nothing_is_guessed_of_another_person_or_workspace(talk: Talk) -> None:
    await met(talk)
    await talk.notice(frozen(number="01033334444"))
    other, _ = await talk.notice(frozen())
    await talk.change(Message, col(Message.id) == other, mode="live")
    old, _ = await talk.notice(frozen())
    long_ago = datetime.now(UTC) - ties.RECENT - timedelta(days=1)
    await talk.change(Message, col(Message.id) == old, accepted_at=long_ago)
    await talk.hear(f"문의하기\n{BODY}")
    assert await last(talk) == (None, "", None)


async def test_a_live_notice_is_never_tied_to_a_rehearsal(talk: Talk) -> None:
    notice, token = await talk.notice(frozen())
    await talk.change(Message, mode="live")
    await talk.press(token)
    await talk.apply()
    assert await talk.all(Case) == []
    assert (await talk.only(ChatMessage)).notice_id is None
    assert notice


async def test_short_bodies_and_empty_texts_tie_nothing(talk: Talk) -> None:
    await met(talk)
    await talk.notice(frozen("네"))
    await talk.hear("네, 알겠어요")
    await talk.hear("")
    assert await last(talk) == (None, "", None)
