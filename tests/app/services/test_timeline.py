"""A message as its caller sees it: nobody else's, nothing personal, everything that happened."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import respx

from app.db.models import Attempt, ProviderAccount
from app.errors import NotFound
from app.ids import new_id
from app.services import receipts, timeline
from app.services.callers import Caller
from app.services.explanations import ACTIONS, EXPLANATIONS
from app.services.runtime import Runtime
from app.services.timeline import HIDDEN, ROUTES, TITLES
from channels.adapters.nhn import Config, Nhn
from channels.contract import Callback
from channels.vocabulary import Reason, Verdict
from scheduler.dispatch import Lane
from tests.channels.wire import plain_client
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
    assert (first["cost"], second["cost"], shown["cost"]) == (None, 9, 9)  # a refusal is free
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
    assert refused["action"] == ACTIONS[Reason.NOT_REACHABLE][lang == "en"]
    assert (refused["code"], refused["step"]) == ("3018", 0)
    assert refused["code_meaning"] == "", "NHN's calls answer no such code; its results do"
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries)


def nhn_answers(request: httpx.Request) -> httpx.Response:
    """A notice is taken; a text message is refused, for its caller number is not registered."""
    row: dict[str, Any] = {"recipientSeq": 1, "resultMessage": "-"}
    row["recipientGroupingKey"] = orjson.loads(request.content)["recipientList"][0][
        "recipientGroupingKey"
    ]
    header = {"resultCode": 0, "resultMessage": "SUCCESS", "isSuccessful": True}
    if "/sms/" in request.url.path:
        data = {"requestId": "S1", "sendResultList": [{**row, "resultCode": -2312}]}
        return httpx.Response(200, json={"header": header, "body": {"data": data}})
    sent = {"requestId": "R1", "sendResults": [{**row, "resultCode": 0}]}
    return httpx.Response(200, json={"header": header, "message": sent})


def nhn_reports(code: str) -> Callback:
    """What NHN's webhook says of the notice."""
    hook = {
        "hookId": "h",
        "kakaoMessageType": "ALIMTALK_NORMAL",
        "requestId": "R1",
        "recipientSeq": 1,
        "receiveDate": "2026-11-22 10:15:02",
        "resultCode": code,
    }
    return Callback("", {}, orjson.dumps({"event": "MESSAGE_RESULT_UPDATE", "hooks": [hook]}))


@pytest.fixture
def nhn_cloud() -> Iterator[respx.MockRouter]:
    with respx.mock() as router:
        router.post(url__regex=r"https://[a-z-]+\.api\.nhncloudservice\.com/.*").mock(
            side_effect=nhn_answers
        )
        yield router


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_failure_of_nhn_is_told_in_its_own_sense(
    runtime: Runtime, nhn_cloud: respx.MockRouter, lang: str
) -> None:
    """-2312 of a text message and 3018 of a notice: each by the table of its place."""
    eng = await engine(runtime)
    async with plain_client() as client:
        nhn = Nhn(Config("AK1", "s1", "AK2", "s2"), client)
        eng.lane = Lane(runtime, eng.account, nhn, new_id())
        [message_id] = await eng.accept(NUMBER)
        await eng.run()
        said = nhn.parse(nhn_reports("3018"))
        async with runtime.database.write() as tx:
            await receipts.apply(tx, runtime, eng.workspace_id, eng.account.id, said)
        await eng.run()
    async with runtime.database.read() as session:
        entries = await timeline.timeline(session, eng.workspace_id, message_id, lang)
    told = {entry["kind"]: (entry["code"], entry["code_meaning"]) for entry in entries}
    assert told["attempt.accepted"] == ("0", {"ko": "접수됨", "en": "accepted"}[lang])
    words = {"ko": "보낼 수 없는 사람", "en": "cannot be sent to"}
    assert told["attempt.undelivered"][0] == "3018"
    assert told["attempt.undelivered"][1].startswith(words[lang])
    words = {"ko": "발신번호가 없거나 등록되지 않음"}
    words["en"] = "the caller number is missing or not registered"
    assert told["attempt.rejected"] == ("-2312", words[lang])
    assert told["message.accepted"] == ("", "")
    last = {entry["kind"]: entry for entry in entries}["attempt.rejected"]
    assert last["action"] == ACTIONS[Reason.SENDER_STATE][lang == "en"]


@pytest.mark.parametrize(
    ("code", "told"), [("cut", "the connection broke before the answer"), ("0", "")]
)
async def test_a_step_of_two_providers_tells_only_what_both_mean(
    runtime: Runtime, code: str, told: str
) -> None:
    """An event does not say whose it is; the network's words are everybody's, 0 is NHN's alone."""
    answer = verdict(Verdict.UNKNOWN, Reason.NO_ANSWER, code=code)
    eng = await engine(runtime, Provider(answer=answer))
    [message_id] = await eng.accept(NUMBER)
    await eng.run()
    async with runtime.database.write() as tx:
        account = eng.account.model_dump() | {"id": new_id(), "name": "own", "adapter": "relay"}
        tx.session.add(ProviderAccount(**account))
        await tx.session.flush()
        [attempt] = await eng.attempts(message_id)
        more = {"id": new_id(), "n": 2, "account_id": account["id"]}
        tx.session.add(Attempt(**(attempt.model_dump() | more)))
    async with runtime.database.read() as session:
        entries = await timeline.timeline(session, eng.workspace_id, message_id, "en")
    assert entries[-1]["kind"] == "attempt.unknown"
    assert (entries[-1]["code"], entries[-1]["code_meaning"]) == (code, told)


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
