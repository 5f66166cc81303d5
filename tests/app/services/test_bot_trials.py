"""Trying a bot says what it would say, and sends nothing."""

import pytest

from app.errors import Invalid
from app.services.bot_calls import Who
from app.services.bot_trials import Trial, try_out
from tests.app.services.botting import MENU, answer, http
from tests.app.services.test_bot_calls import SECRET
from tests.consumer import Consumer, serving
from tests.hooks import guard


async def test_a_conversation_goes_on_by_its_state() -> None:
    who = Who("b", "나루봇", "rules", MENU)
    async with guard() as client:
        first = await try_out(client, who, Trial())
        assert [say.text.partition("\n")[0] for say in first.says][1] == "무엇을 도와드릴까요?"
        second = await try_out(
            client, who, Trial("1", {"고객명": "가", "주문번호": "1"}, first.state)
        )
        assert second.says[0].text.startswith("가님의 주문 1은")
        third = await try_out(client, who, Trial("0", {}, second.state))
        assert third.hand_off == "asked"
        assert third.state["page"] == ""


async def test_notes_promises_and_failures_are_told() -> None:
    server = Consumer(answer=lambda heard: http(answer("가" * 1_001)))
    async with serving(server), guard() as client:
        who = Who("b", "n", "skill", url=server.url(), secret=SECRET)
        tried = await try_out(client, who, Trial("말"))
        assert tried.notes[0].startswith("outputs[0].simpleText.text: 1001")
        server.answer = lambda heard: http({"version": "2.0", "useCallback": True})
        tried = await try_out(client, who, Trial("말"))
        assert (tried.promised, tried.says) == (True, ())
        server.answer = lambda heard: http({"version": "1.0"})
        tried = await try_out(client, who, Trial("말"))
        assert tried.error == "bad_version"


@pytest.mark.parametrize(
    "state", [{"page": 3}, {"colour": 1}, {"choices": [{"label": "가" * 999}]}]
)
async def test_a_state_that_is_not_ours_is_refused(state: dict[str, object]) -> None:
    async with guard() as client:
        with pytest.raises(Invalid) as refused:
            await try_out(client, Who("b", "n", "rules", MENU), Trial("말", {}, state))
        assert refused.value.code == "bad_state"
