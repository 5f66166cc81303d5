"""Questions with files, channel-add types, and the webhooks that tell of templates."""

from typing import Any

import orjson
import pytest

from sandbox.moves import act
from sandbox.nhn import comments
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, HANA, KEY, SECRET, TEMPLATE, need, notice, send, settle_in

ONE = f"{ALIMTALK}/senders/{KEY}/templates/ORDER_SHIPPED"
PDF = ("attachments", ("자료.pdf", b"%PDF"))


def reject(quiet: Running) -> None:
    quiet.store.run("UPDATE template SET status = 'TSC02'")
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "reject", "아니요")


async def ask(quiet: Running, files: list[Any], comment: str | None = "왜요") -> int:
    data = {} if comment is None else {"comment": comment}
    answer = await quiet.client.post(
        f"{ONE}/comments_file", data=data, files=files or None, headers=SECRET
    )
    return int(answer.json()["header"]["resultCode"])


async def test_a_question_with_files(quiet: Running) -> None:
    reject(quiet)
    assert await ask(quiet, [PDF, ("attachments", ("a.HWP", b"x"))]) == 0
    one = (await quiet.client.get(ONE, headers=SECRET)).json()["templates"]
    assert one["status"] == "TSC02"  # it asks for its review again
    assert [line["content"] for line in one["comments"]] == ["아니요", "왜요"]
    first, said = one["comments"]
    assert first["attachment"] == []
    assert [file["originalFileName"] for file in said["attachment"]] == ["자료.pdf", "a.HWP"]
    assert all(file["filePath"].endswith(file["originalFileName"]) for file in said["attachment"])


WHAT_IS_REFUSED: list[Any] = [
    ([PDF] * 10, "왜요", 0),
    ([PDF] * 11, "왜요", -2005),
    ([("attachments", ("a.exe", b"x"))], "왜요", -4009),
    ([("attachments", ("a", b"x"))], "왜요", -4009),
    ([PDF], None, -2002),
    ([PDF], " ", -2001),
    ([PDF], "가" * 501, -2000),
    ([], "왜요", -9996),
]


async def test_what_is_refused(quiet: Running) -> None:
    reject(quiet)
    for files, comment, expected in WHAT_IS_REFUSED:
        assert await ask(quiet, files, comment) == expected, (files, comment)


async def test_sizes(quiet: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    reject(quiet)
    monkeypatch.setattr(comments, "LARGEST", 4)
    assert await ask(quiet, [("attachments", ("a.pdf", b"%PDF-"))]) == -4007
    monkeypatch.setattr(comments, "LARGEST_ALL", 7)
    assert await ask(quiet, [PDF, PDF]) == -4007
    assert await ask(quiet, [PDF]) == 0


async def test_an_approved_one_is_not_talked_about(quiet: Running) -> None:
    assert await ask(quiet, [PDF]) == -3100


async def convert(quiet: Running) -> int:
    answer = await quiet.client.put(f"{ONE}/convert-add-channel", headers=SECRET)
    return int(answer.json()["header"]["resultCode"])


async def test_channel_add_types(quiet: Running) -> None:
    assert await convert(quiet) == -4027  # five buttons
    three = orjson.dumps({**TEMPLATE, "buttons": TEMPLATE["buttons"][:3]}).decode()
    quiet.store.run("UPDATE template SET body = ?", (three,))
    before = (await quiet.client.get(ONE, headers=SECRET)).json()["templates"]
    assert await convert(quiet) == 0
    one = (await quiet.client.get(ONE, headers=SECRET)).json()["templates"]
    assert (one["templateMessageType"], one["status"]) == ("AD", "TSC03")
    assert [(b["ordering"], b["type"]) for b in one["buttons"]] == [
        (1, "AC"), (2, "DS"), (3, "WL"), (4, "BC"),
    ]  # fmt: skip
    assert one["templateContent"] == before["templateContent"]
    answer = await send(quiet.client, notice(HANA))  # with the buttons of before
    assert answer["message"]["sendResults"][0]["resultCode"] == -3011
    assert await convert(quiet) == -4000
    reject(quiet)
    assert await convert(quiet) == -4028


def told(quiet: Running) -> list[tuple[str, int]]:
    """State and number of comments of every hook about a template."""
    rows = quiet.store.all("SELECT body FROM outbox WHERE kind = 'alimtalk' ORDER BY id")
    hooks = [hook for row in rows for hook in orjson.loads(row["body"])["hooks"]]
    return [(hook["status"], len(hook["comments"])) for hook in hooks if "comments" in hook]


async def test_every_change_of_state_or_talk_is_told(quiet: Running) -> None:
    settle_in(quiet.store, "http://127.0.0.1:9/hook")
    answer = await quiet.client.put(ONE, json={**TEMPLATE, "templateName": "새"}, headers=SECRET)
    assert answer.json()["header"]["resultCode"] == 0
    template = need(quiet.store, "ORDER_SHIPPED")
    act(quiet.store, template, "reject", "아니요")
    await ask(quiet, [PDF])
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "stop")  # NHN has no word for it
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "approve")
    assert told(quiet) == [("TSC02", 0), ("TSC04", 1), ("TSC02", 2), ("TSC03", 2)]


async def test_nobody_is_told_who_did_not_ask(quiet: Running) -> None:
    reject(quiet)
    settle_in(quiet.store, "http://127.0.0.1:9/hook")
    quiet.store.change_settings({"webhooks": False})
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "comment", "왜요")
    quiet.store.change_settings({"webhooks": True})
    quiet.store.run("UPDATE sender SET app_key = NULL")
    act(quiet.store, need(quiet.store, "ORDER_SHIPPED"), "approve")
    assert told(quiet) == []
