"""Skill JSON 2.0: what is sent, and every answer read leniently or refused, never a crash."""

from typing import Any

import hypothesis
import orjson
import pytest
from hypothesis import strategies as st

from app.services.bot_replies import NOTHING, BotFailed, Choice, Context, Memory, Reply
from app.services.skills import Asking, Promise, at_once, read, request

ASKING = Asking("b1", "나루봇", "u" * 64, "c" * 64, "언제 와요")
CHOSEN = Choice(label="환불", says="환불할래요", block="blk", extra={"order": 42})
MEMORY = Memory(
    choices=(CHOSEN, Choice(label="상담원", person=True)),
    block="last",
    contexts=(Context(name="order", life_span=3, params={"no": "42"}),),
)


def asked(memory: Memory = NOTHING, **more: Any) -> dict[str, Any]:
    given = {name: getattr(ASKING, name) for name in Asking.__slots__} | more
    body: dict[str, Any] = orjson.loads(request(memory, Asking(**given)))
    return body


def answer(**more: Any) -> bytes:
    template = {"outputs": [{"simpleText": {"text": "네"}}]}
    return orjson.dumps({"version": "2.0", "template": template} | more)


def replied(body: bytes, memory: Memory = NOTHING, text: str = "말") -> Reply:
    reply = read(body, memory, text)
    assert isinstance(reply, Reply)
    return reply


def test_the_request_has_the_documented_fields() -> None:
    body = asked(callback_url="https://x.example/c", notice={"template": "t", "reference": "r"})
    assert body["userRequest"]["utterance"] == "언제 와요"
    assert body["userRequest"]["user"] == {
        "id": "u" * 64,
        "type": "botUserKey",
        "properties": {"botUserKey": "u" * 64, "plusfriendUserKey": "c" * 64},
    }
    assert len(body["userRequest"]["user"]["id"]) <= 70
    assert body["userRequest"]["timezone"] == "Asia/Seoul"
    assert body["userRequest"]["lang"] == "ko"
    assert body["userRequest"]["callbackUrl"] == "https://x.example/c"
    assert body["userRequest"]["params"]["notice"] == {"template": "t", "reference": "r"}
    assert body["bot"] == {"id": "b1", "name": "나루봇"}
    assert body["action"]["clientExtra"] is None
    assert body["flow"]["trigger"]["type"] == "TEXT_INPUT"
    assert body.keys() == {"intent", "userRequest", "bot", "action", "contexts", "flow"}
    assert "callbackUrl" not in asked()["userRequest"]


def test_a_typed_number_is_the_button_s_words_block_and_extra() -> None:
    body = asked(MEMORY, text="1")
    assert body["userRequest"]["utterance"] == "환불할래요"
    assert body["userRequest"]["block"]["id"] == "blk"
    assert body["action"]["clientExtra"] == {"order": 42}
    assert body["flow"] == {
        "trigger": {"type": "QUICKREPLY_BUTTON_BLOCK", "referrerBlock": None},
        "lastBlock": {"id": "last"},
    }
    assert body["contexts"] == [{"name": "order", "lifeSpan": 3, "params": {"no": "42"}}]
    assert replied(answer(), MEMORY, "1").memory.block == "blk"
    assert replied(answer(), MEMORY, "말").memory.block == "last"


def test_a_press_has_words_because_a_skill_expects_some() -> None:
    body = asked(pressed=True, text="")
    assert body["userRequest"]["utterance"] == "상담 시작"
    assert body["flow"]["trigger"]["type"] == "CARD_BUTTON_MESSAGE"


@pytest.mark.parametrize("text", ["2", "상담원", "상담사 연결"])
def test_who_means_a_person_is_not_asked_about(text: str) -> None:
    reply = at_once(MEMORY, text)
    assert reply
    assert reply.hand_off == "asked"
    assert at_once(MEMORY, "1") is None


def test_a_promise_and_its_waiting_text() -> None:
    promised = read(answer(useCallback=True, data={"text": "잠깐만요"}), NOTHING, "")
    assert promised == Promise("잠깐만요")
    assert read(orjson.dumps({"version": "2.0", "useCallback": True}), NOTHING, "") == Promise("")
    # a later answer promises nothing more
    assert isinstance(read(answer(useCallback=True), NOTHING, "", late=True), Reply)


def test_contexts_are_kept_within_bounds() -> None:
    values: list[Any] = [{"name": "n" * 99, "lifeSpan": 9_999, "params": {"k" * 99: "v" * 999}}]
    values += [{"lifeSpan": 1}, 3, None, {"name": "x", "lifeSpan": "many"}]
    values += [{"name": f"{n}", "lifespan": 1, "ttl": 60} for n in range(9)]
    reply = replied(answer(context={"values": values}))
    first = reply.contexts[0]
    assert (len(first.name), first.life_span, len(first.params)) == (50, 1_000, 1)
    assert [len(part) for pair in first.params.items() for part in pair] == [50, 500]
    assert len(reply.contexts) == 6
    assert len(reply.notes) == 5


def test_a_bot_may_hand_over_by_itself() -> None:
    assert replied(answer(data={"hand_off": True})).hand_off == "bot_asked"
    only = orjson.dumps({"version": "2.0", "data": {"hand_off": True}})
    assert replied(only).says[0].text.startswith("상담원에게 연결할게요")
    assert replied(answer(data={"hand_off": "yes"})).hand_off == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_answer"),
        (b"<html>", "bad_answer"),
        (b"[]", "bad_answer"),
        (b'"2.0"', "bad_answer"),
        (b"{}", "bad_version"),
        (b'{"version":"1.0"}', "bad_version"),
        (b'{"version":2.0}', "bad_version"),
        (b'{"version":["2.0"]}', "bad_version"),
        (b'{"version":"2.0"}', "empty_answer"),
        (b'{"version":"2.0","template":null,"context":null}', "empty_answer"),
        (b'{"version":"2.0","template":[]}', "bad_answer"),
        (b'{"version":"2.0","template":{"outputs":{}}}', "bad_answer"),
        (b'{"version":"2.0","template":{"outputs":[{"new":{}}, 3, null]}}', "empty_answer"),
        (b"[" * 100_000, "too_large"),
        (b"[" * 60_000, "bad_answer"),
        (b'{"version":"\xff2.0"}', "bad_answer"),
    ],
)
def test_what_is_no_answer_fails_with_a_code(body: bytes, code: str) -> None:
    with pytest.raises(BotFailed) as failed:
        read(body, NOTHING, "")
    assert failed.value.code == code


NAMES = (
    "title", "description", "text", "label", "action", "buttons", "items", "itemList",
    "header", "link", "web", "price", "type", "outputs", "simpleText", "textCard",
    "carousel", "webLinkUrl", "messageText", "extra", "values", "name", "params",
    "lifeSpan", "thumbnail", "imageUrl", "itemListSummary"
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(
    ("simpleText", "simpleImage", "textCard", "basicCard", "commerceCard", "listCard", "itemCard",
     "carousel", "other")
)  # fmt: skip


@hypothesis.given(st.lists(st.dictionaries(KINDS, JSON, max_size=2), max_size=4), JSON, JSON)
@hypothesis.settings(max_examples=60)
def test_no_answer_crashes_and_every_one_can_be_kept_and_sent(
    outputs: Any, quick: Any, values: Any
) -> None:
    body = orjson.dumps(
        {
            "version": "2.0",
            "template": {"outputs": outputs, "quickReplies": quick},
            "context": {"values": values},
        }
    )
    try:
        reply = read(body, MEMORY, "1")
    except BotFailed:
        return
    assert isinstance(reply, Reply)
    assert 1 <= len(reply.says) <= 5
    for say in reply.says:
        assert 1 <= len(say.text) <= 1_000
        assert len(say.links) <= 5
        assert all(link.url.startswith("http") and len(link.name) <= 14 for link in say.links)
    again = Memory.model_validate_json(reply.memory.model_dump_json())
    request(again, ASKING)
