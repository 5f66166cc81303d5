"""A person decides about lines nobody knows the fate of: again, arrived, or not."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.db.models import ChatMessage
from app.errors import GatewayError, Invalid, NotFound, Refused
from app.ids import new_id
from app.services import unsettled
from app.services.cases import Agent
from app.services.lines import LineView
from app.services.unsettled import Again
from tests.app.services.talks import NO_SESSION, Talk, reply, talking

ME = Agent("김나루")


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    """An answer whose fate nobody knows."""
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        await made.post("네")
        made.answers.append(reply("oops", 500))
        await made.send()
        yield made


async def last(talk: Talk) -> ChatMessage:
    return [line for line in await talk.lines() if line.kind != "event"][-1]


async def retry(talk: Talk, again: Again, line_id: UUID | None = None) -> LineView:
    line = await last(talk)
    async with talk.runtime.database.write() as tx:
        ids = (line.thread_id, line_id or line.id)
        return await unsettled.retry(tx, talk.runtime, talk.caller(), ids, again)


async def dismiss(talk: Talk, arrived: bool) -> LineView:
    line = await last(talk)
    async with talk.runtime.database.write() as tx:
        ids = (line.thread_id, line.id)
        return await unsettled.dismiss(tx, talk.runtime, talk.caller(), ids, arrived)


async def refused(talk: Talk, again: Again, kind: type[GatewayError] = Refused) -> str:
    with pytest.raises(kind) as found:
        await retry(talk, again)
    return found.value.code


async def test_an_unknown_line_goes_again_only_with_the_word(talk: Talk) -> None:
    assert (await last(talk)).status == "unknown"
    assert await refused(talk, Again(ME, 2), Invalid) == "twice_not_confirmed"
    line = await retry(talk, Again(ME, 2, may_arrive_twice=True))
    assert (line.status, line.reason, line.note) == ("queued", None, "곧 보내요")
    assert await refused(talk, Again(ME, 2, True)) == "not_retryable"  # a second click
    await talk.send()
    assert (await last(talk)).status == "sent"
    first, second = talk.sent()
    assert first == second  # under its old number: a hub that knows it need not show it twice


async def test_a_failed_line_goes_again_without_it(talk: Talk) -> None:
    await dismiss(talk, arrived=False)
    await retry(talk, Again(ME, 2))
    await talk.send()
    assert (await last(talk)).status == "sent"


async def test_only_who_may_answer_may_send_again(talk: Talk) -> None:
    assert await refused(talk, Again(ME, 1, True)) == "stale_epoch"
    assert await refused(talk, Again(Agent("이나루"), 2, True)) == "not_owner"
    talk.answers.append(reply(f'{{"code":{NO_SESSION}}}'))
    await talk.post("또", epoch=2)
    await talk.send()
    assert await refused(talk, Again(ME, 2, True)) == "no_chat_session"
    with pytest.raises(NotFound):
        await retry(talk, Again(ME, 2, True), new_id())


async def test_a_customers_line_is_not_sent(talk: Talk) -> None:
    await talk.hear("또")
    assert await refused(talk, Again(ME, 2, True)) == "not_retryable"


@pytest.mark.parametrize(
    ("arrived", "status", "reason"), [(True, "sent", "judged"), (False, "failed", "dismissed")]
)
async def test_a_judgement_is_final(talk: Talk, arrived: bool, status: str, reason: str) -> None:
    for _ in range(2):
        line = await dismiss(talk, arrived)
        assert (line.status, line.reason) == (status, reason)
        assert line.note.endswith("것으로 정했어요")
    with pytest.raises(Refused) as found:
        await dismiss(talk, not arrived)
    assert found.value.code == "not_unknown"
    told = [data["status"] for _, data in await talk.events("chat.message_state")]
    assert told[-2:] == ["unknown", status]


async def test_later_lines_did_not_wait(talk: Talk) -> None:
    await talk.post("또", epoch=2)
    await talk.send()
    assert [line.status for line in (await talk.lines())[1:]] == ["unknown", "sent"]
