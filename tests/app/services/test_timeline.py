"""A message as its caller sees it: nobody else's, nothing personal, everything that happened."""

import re
from pathlib import Path

import orjson
import pytest

from app.errors import NotFound
from app.ids import new_id
from app.services import timeline
from app.services.callers import Caller
from app.services.explanations import EXPLANATIONS
from app.services.runtime import Runtime
from app.services.timeline import HIDDEN, ROUTES, TITLES
from channels.vocabulary import Reason, Verdict
from tests.engine import Engine, Provider, engine, verdict

NUMBER = "01012345678"
EMITTED = re.compile(r'"((?:message|attempt|reply)\.[a-z_]+)"')


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    refused = verdict(Verdict.REJECTED, Reason.NOT_REACHABLE, code="3018")
    provider = Provider()
    taken = provider.answer
    provider.answer = lambda ref, to: (refused if len(provider.calls) == 1 else taken)(ref, to)
    return await engine(runtime, provider)


async def test_a_message_that_fell_back_is_shown_whole(eng: Engine) -> None:
    [message_id] = await eng.accept(NUMBER, reference="order-1")
    await eng.run()
    async with eng.runtime.database.read() as session:
        message = await timeline.find(session, eng.caller, message_id)
        [shown] = await timeline.show(session, eng.runtime, [message])
    assert (shown["id"], shown["status"], shown["reference"]) == (
        str(message_id),
        "sent",
        "order-1",
    )
    assert (shown["to"], shown["template"]) == ("010-****-5678", "order_test")
    assert (shown["fallback_used"], shown["simulated"], shown["priority"]) == (True, True, "normal")
    assert [step["channel"] for step in shown["plan"]] == ["alimtalk", "sms"]
    first, second = shown["attempts"]
    assert (first["route"], first["status"], first["reason"]) == (
        "alimtalk",
        "rejected",
        "not_reachable",
    )
    assert (first["code"], first["account"], second["route"]) == ("3018", "scripted", "sms")
    assert second["status"] == "accepted"
    assert NUMBER not in orjson.dumps(shown).decode()  # all of it is JSON


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_the_timeline_tells_it_in_order_and_in_words(eng: Engine, lang: str) -> None:
    [message_id] = await eng.accept(NUMBER)
    await eng.run()
    async with eng.runtime.database.read() as session:
        entries = await timeline.timeline(session, eng.workspace_id, message_id, lang)
        others = await timeline.timeline(session, new_id(), message_id, lang)
    assert others == []
    assert [e["kind"] for e in entries] == [
        "message.accepted",
        "attempt.rejected",
        "message.step",
        "attempt.accepted",
    ]
    words = {"ko": ["접수", "알림톡 거절됨", "대체 발송", "문자(SMS) 보냄"]}
    words["en"] = ["Accepted", "Alimtalk refused", "Falling back", "SMS sent"]
    assert [e["title"] for e in entries] == words[lang]
    refused = entries[1]
    assert refused["detail"] == EXPLANATIONS[Reason.NOT_REACHABLE][lang == "en"]
    assert (refused["code"], refused["step"]) == ("3018", 0)
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries)


@pytest.mark.parametrize("who", ["workspace", "mode", "nobody"])
async def test_what_is_not_ones_own_is_not_there(eng: Engine, who: str) -> None:
    [message_id] = await eng.accept(NUMBER)
    mine = eng.caller
    caller = {
        "workspace": Caller(new_id(), mine.key_id, "test", mine.scopes),
        "mode": Caller(mine.workspace_id, mine.key_id, "live", mine.scopes),
        "nobody": mine,
    }[who]
    async with eng.runtime.database.read() as session:
        with pytest.raises(NotFound) as caught:
            await timeline.find(session, caller, new_id() if who == "nobody" else message_id)
    assert caught.value.code == "unknown_message"


async def test_many_are_shown_in_the_order_given_each_with_its_own(eng: Engine) -> None:
    ids = await eng.accept(*(f"0101234{i:04}" for i in range(5)))
    async with eng.runtime.database.read() as session:
        messages = [await timeline.find(session, eng.caller, id_) for id_ in reversed(ids)]
        shown = await timeline.show(session, eng.runtime, messages)
        assert await timeline.show(session, eng.runtime, []) == []
    assert [one["id"] for one in shown] == [str(id_) for id_ in reversed(ids)]
    assert [one["to"][-4:] for one in shown] == ["0004", "0003", "0002", "0001", "0000"]
    assert [len(one["attempts"]) for one in shown] == [1] * 5


def test_every_kind_of_event_about_a_message_has_a_title() -> None:
    """What the engine emits literally, and what it makes of a verdict or an attempt's status."""
    root = Path(__file__).parents[3]
    emitted = {
        kind
        for folder in ("app/services", "scheduler")
        for path in (root / folder).glob("*.py")
        if path.name != "timeline.py"
        for kind in EMITTED.findall(path.read_text())
    }
    emitted |= {f"attempt.{one}" for one in Verdict}
    assert emitted > {"message.accepted", "attempt.cancelled"}
    assert emitted - set(TITLES) - HIDDEN == set()


@pytest.mark.parametrize("kind", TITLES)
def test_titles_read_well_with_any_route(kind: str) -> None:
    for lang in (0, 1):
        for names in (*ROUTES.values(), ("", "")):
            title = TITLES[kind][lang].format(route=names[lang], until="08:00")
            assert title.strip()
            assert "{" not in title
