"""The real adapter and the sandbox's hub, which share no code."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from channels.bubble import Button, ChatFile, ChatPicture
from channels.consulting import Uploaded
from channels.contract import Outcome
from channels.vocabulary import Reason, Verdict
from sandbox.chaos.rules import Rule
from sandbox.inbox import list_messages
from sandbox.outbound import customer_key
from sandbox.talks import say
from tests.channels.conformance import call, outgoing
from tests.photos import jpeg
from tests.sandbox.adapters import build, open_town
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY

PATHS = {
    "block_path": "/v1/chat/block",
    "unblock_path": "/v1/chat/unblock",
    "no_session_codes": "-599",
}


@pytest.fixture
async def town() -> AsyncIterator[Running]:
    async with open_town() as made:
        say(made.store, HANA, KEY, "안녕하세요")
        yield made


def who(town: Running) -> tuple[str, str]:
    return KEY, customer_key(town.store, HANA, KEY)


async def write(town: Running, adapter: Any, n: int, **more: Any) -> Outcome:
    line = replace(outgoing(n), to=who(town)[1], sender=KEY, title="", template="", **more)
    outcome: Outcome = (await adapter.send(replace(call("chat"), messages=(line,)))).outcomes[0]
    return outcome


async def test_everything_a_business_writes_is_on_the_phone(town: Running) -> None:
    adapter = build(town, "consult", **PATHS)
    picture = await adapter.upload_for_chat(KEY, "image", "a.jpg", "image/jpeg", jpeg())
    file = await adapter.upload_for_chat(KEY, "file", "약관.pdf", "application/pdf", b"%PDF-1.7")
    assert isinstance(picture, Uploaded)
    assert isinstance(file, Uploaded)
    link = Button("WL", "보기", url_mobile="https://shop.example/1")
    lines: tuple[dict[str, Any], ...] = (
        {"text": "안녕하세요"},
        {"text": "골라 주세요", "buttons": (link,)},
        {"text": "", "enclosed": ChatPicture(picture.url)},
        {"text": "", "enclosed": ChatFile(file.url, file.name, file.size)},
    )
    for n, more in enumerate(lines, start=1):
        assert (await write(town, adapter, n, **more)).verdict is Verdict.ACCEPTED
    text, links, shown, kept = list_messages(town.store, HANA)[-4:]
    assert (text.text, links.payload["links"][0]["name"]) == ("안녕하세요", "보기")
    assert shown.payload["image_url"] == picture.url
    assert (kept.payload["file_name"], kept.payload["file_size"]) == ("약관.pdf", 8)
    page = (await town.client.get(f"/phones/{HANA}?app=chat&room={KEY}")).text
    for seen in ("골라 주세요", "보기", "약관.pdf", picture.url.rsplit("/", 1)[-1]):
        assert seen in page


async def test_a_file_that_was_never_uploaded_is_refused(town: Running) -> None:
    outcome = await write(
        town, build(town, "consult"), 1, text="", enclosed=ChatPicture("https://h/1.jpg")
    )
    assert (outcome.verdict, outcome.code) == (Verdict.UNKNOWN, "-400")  # a code of no public list


async def test_the_bot_goes_on_and_a_block_ends(town: Running) -> None:
    adapter = build(town, "consult", **PATHS)
    assert (await adapter.end(*who(town), "delivery")).verdict is Verdict.ACCEPTED
    assert (await adapter.end(*who(town))).reason is Reason.NO_CHAT_SESSION
    say(town.store, HANA, KEY, "다시")
    assert (await adapter.block(*who(town))).verdict is Verdict.ACCEPTED
    gone = await write(town, adapter, 1, text="네")
    assert gone.reason is Reason.NO_CHAT_SESSION
    assert (await adapter.unblock(*who(town))).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({"effect": "garbage", "body": "code_type"}, Verdict.ACCEPTED),
        ({"effect": "garbage", "body": "html"}, Verdict.UNKNOWN),
        ({"effect": "garbage", "body": "cut_json"}, Verdict.UNKNOWN),
        ({"effect": "http_status", "status": 500, "accepted": True}, Verdict.UNKNOWN),
        ({"effect": "timeout_after", "seconds": 0}, Verdict.UNKNOWN),
        ({"effect": "throttle"}, Verdict.DEFERRED),
        ({"effect": "error_code", "code": "-501"}, Verdict.REJECTED),
        ({"effect": "delay", "seconds": 0.01}, Verdict.ACCEPTED),
    ],
)
async def test_every_fault_of_every_call(
    town: Running, rule: dict[str, Any], verdict: Verdict
) -> None:
    """Calls of all kinds, uploads too, are disturbed; the adapter says only what is sure."""
    adapter = build(town, "consult", **PATHS)
    town.store.chaos.arm([Rule(provider="consult", call="chat", **rule)], 1)
    outcomes = [
        await write(town, adapter, 1, text="네"),
        await adapter.upload_for_chat(KEY, "image", "a.jpg", "image/jpeg", jpeg()),
        await adapter.end(*who(town), ""),
        await adapter.block(*who(town)),
    ]
    said = [Verdict.ACCEPTED if isinstance(o, Uploaded) else o.verdict for o in outcomes]
    assert said == [verdict] * 4
