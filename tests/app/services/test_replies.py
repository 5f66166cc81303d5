"""Answers to a notice: told by the message's timeline, read only by who may see the thread."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from app.db.models import Case, Message
from app.services import replies, timeline
from tests.app.services.talks import talking


async def test_an_answer_is_found_from_its_notice(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        id_, token = await talk.notice()
        await talk.press(token)
        await talk.hear("경비실에 맡겨 주세요")
        stranger = replace(talk.caller(), workspace_id=UUID(int=7))
        async with talk.runtime.database.read() as session:
            message = await session.get_one(Message, id_)
            told = await timeline.timeline(session, message.workspace_id, id_, "ko")
            lines = [UUID(one["data"]["chat_message_id"]) for one in told]
            assert {one["kind"] for one in told} == {"reply.received"}
            found = await replies.read(session, talk.runtime, talk.caller(), lines)
            hidden = await replies.read(session, talk.runtime, stranger, lines)
        case = await talk.only(Case)
        assert [found[line].text for line in lines][-1] == "경비실에 맡겨 주세요"
        assert {one.case for one in found.values()} == {case.number}
        assert hidden == {}
