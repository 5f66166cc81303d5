"""Canned replies are found by what staff type, and filled without inventing anything."""

import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col

from app.db.models import CannedReply, Message, Thread
from app.errors import GatewayError, Invalid, NotFound
from app.ids import new_id
from app.services import canned, content
from app.services.callers import SCOPES, Caller
from tests.app.services.talks import Talk, talking


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        yield made


async def create(talk: Talk, shortcut: str, text: str = "네") -> CannedReply:
    async with talk.runtime.database.write() as tx:
        return await canned.create(tx, talk.workspace.id, shortcut, text)


async def found(talk: Talk, query: str, limit: int = 100) -> list[str]:
    async with talk.runtime.database.read() as session:
        rows = await canned.search(session, talk.workspace.id, query, limit)
    return [row.shortcut for row in rows]


@pytest.mark.parametrize(
    ("text", "values", "filled", "unknown"),
    [
        ("#{고객}님 안녕하세요", {"고객": "홍길동"}, "홍길동님 안녕하세요", ()),
        ("#{고객}님, #{주문번호}", {"고객": "홍"}, "홍님, #{주문번호}", ("주문번호",)),
        ("#{a}#{b}#{a}", {}, "#{a}#{b}#{a}", ("a", "b")),
        ("#{a}", {"a": "#{b}"}, "#{b}", ()),  # a value is never read again
        ("100% # {a}", {"a": "x"}, "100% # {a}", ()),
        ("", {}, "", ()),
    ],
)
def test_variables_are_filled_and_unknown_ones_reported(
    text: str, values: dict[str, str], filled: str, unknown: tuple[str, ...]
) -> None:
    assert canned.fill(text, values) == canned.Filled(filled, unknown)


@given(st.text(max_size=60))
def test_without_values_a_text_stays_as_it_is(text: str) -> None:
    with suppress(Invalid):  # a broken #{
        assert canned.fill(text, {}).text == text


async def test_shortcuts_first_then_words(talk: Talk) -> None:
    await create(talk, "/배송지연", "#{고객}님, 조금 늦어요")
    await create(talk, "배송완료", "문 앞에 두었어요")
    await create(talk, "인사", "배송 문의 감사해요")
    await create(talk, "Refund", "환불 처리했어요")
    assert await found(talk, "배송") == ["배송완료", "배송지연", "인사"]
    assert await found(talk, "/배송지") == ["배송지연"]
    assert await found(talk, "감사 문의") == ["인사"]
    assert await found(talk, "REF") == ["refund"]
    assert await found(talk, "환불 없음") == []
    assert await found(talk, "") == ["refund", "배송완료", "배송지연", "인사"]
    assert await found(talk, "", limit=1) == ["refund"]
    assert await found(talk, "%_") == []


async def test_a_shortcut_is_unique_and_plain(talk: Talk) -> None:
    reply = await create(talk, "배송")
    for shortcut, code in (
        ("/배송", "shortcut_exists"), ("", "bad_shortcut"), ("a b", "bad_shortcut"),
        ("가" * 31, "bad_shortcut"), ("a/b", "bad_shortcut"),
    ):  # fmt: skip
        with pytest.raises(GatewayError) as error:
            await create(talk, shortcut)
        assert (error.value.code, error.value.field) == (code, "shortcut")
    for text, code in (("", "empty_text"), ("가" * 1_001, "too_long"), ("#{", "bad_variable")):
        with pytest.raises(GatewayError) as error:
            await create(talk, "새것", text)
        assert error.value.code == code
    other = await create(talk, "환불")
    async with talk.runtime.database.write() as tx:
        with pytest.raises(GatewayError) as error:
            await canned.change(tx, talk.workspace.id, other.id, "배송", "네")
        assert error.value.code == "shortcut_exists"
    async with talk.runtime.database.write() as tx:
        await canned.change(tx, talk.workspace.id, reply.id, "배송", "내일이요")
        await canned.remove(tx, talk.workspace.id, other.id)
        with pytest.raises(NotFound):
            await canned.remove(tx, new_id(), reply.id)
    assert (await talk.only(CannedReply)).text == "내일이요"


async def test_there_are_not_endlessly_many(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canned, "MOST", 1)
    await create(talk, "하나")
    with pytest.raises(GatewayError) as error:
        await create(talk, "둘")
    assert error.value.code == "too_many_canned"


async def test_a_thread_knows_what_its_notice_said(talk: Talk) -> None:
    await talk.hear()
    thread, caller = await talk.only(Thread), talk.caller()

    async def values(agent: str = "김나루") -> dict[str, str]:
        async with talk.runtime.database.read() as session:
            return await canned.values_for(session, talk.runtime, caller, thread.id, agent)

    assert await values() == {"고객": "고객", "상담원": "김나루"}
    assert await values("") == {"고객": "고객"}
    notice, token = await talk.notice()
    frozen = {"variables": {"이름": "홍길동", "상품": "꽃"}}
    sealed = talk.runtime.sealer.seal(content.TABLE, talk.workspace.id, notice, frozen)
    await talk.change(Message, col(Message.id) == notice, sealed=sealed)
    await talk.press(token)
    await talk.apply()
    assert await values() == {
        "고객": "홍길동", "이름": "홍길동", "상품": "꽃", "상담원": "김나루", "주문번호": "order-1",
    }  # fmt: skip
    await talk.change(Message, col(Message.id) == notice, sealed=b"")  # its key was destroyed
    assert await values() == {"고객": "고객", "상담원": "김나루", "주문번호": "order-1"}
    caller = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    with pytest.raises(NotFound):
        await values()
