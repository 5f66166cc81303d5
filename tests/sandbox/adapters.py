"""Everything the real adapters ever ask, asked of a sandbox in this process."""

import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from channels import registry
from channels.bubble import Button, ChatFile, ChatPicture
from channels.contract import Call, Tried
from channels.management import Picture, ProviderRefused, ProviderSilent, TemplateForm
from channels.vocabulary import PictureUse, ReviewAction
from sandbox.accounts import Channel, RelayKeys, SolapiKeys, put_relay, put_solapi
from tests.channels import bubbles
from tests.channels.conformance import PUSH, outgoing
from tests.sandbox import firebase, solapi_shop
from tests.sandbox.images import jpeg
from tests.sandbox.server import Running, open_quiet
from tests.sandbox.shop import APP, CALLER, CLIENT, KEY, SMS_APP, settle_in
from tests.service_accounts import key_file

GIVEN: dict[str, dict[str, str]] = {
    "nhn": {"app_key": APP, "secret_key": "s3", "sms_app_key": SMS_APP, "sms_secret_key": "s4"},
    "solapi": {"api_key": "NCSKEY", "api_secret": "DUMMYSECRET", "caller": CALLER},
    "relay": {"key": "k1", "signing_secret": "s1"},
    "fcm": {"service_account": key_file()},
    "consult": {
        "client_id": CLIENT,
        "client_secret": "s5",
        "block_path": "/v1/chat/block",
        "unblock_path": "/v1/chat/unblock",
    },
}
CHANNEL = solapi_shop.CHANNEL
NOW = datetime.now(UTC)


@asynccontextmanager
async def open_town() -> AsyncIterator[Running]:
    """A shop with an account at every provider."""
    async with open_quiet() as sandbox:
        settle_in(sandbox.store)
        keys = SolapiKeys("NCSKEY", "DUMMYSECRET")
        put_solapi(sandbox.store, keys, [Channel(CHANNEL, "@shop")], [CALLER])
        relay = RelayKeys("k1", "s1", "look_up")
        put_relay(sandbox.store, relay, [Channel("c" * 40)], [CALLER])
        firebase.settle_in(sandbox.store)
        yield sandbox


def build(sandbox: Running, provider: str, **more: str) -> Any:
    given, base = {**GIVEN[provider], **more}, f"{sandbox.url}/{provider}"
    return registry.build(provider, given, sandbox.client, base)


async def ask_everything(sandbox: Running, provider: str, **more: str) -> None:
    """Every call of an adapter, with every part and in every way it knows; refusals are fine."""
    adapter = build(sandbox, provider, **more)
    for route in adapter.routes:
        await _send(adapter, provider, route)
    since, until = NOW - timedelta(hours=1), NOW
    for name, asked in (
        ("poll", (since, until, None)),
        ("listed", (since, until, None)),
        ("check", ()),
        ("end", (KEY, "aB3dE5fG7h9k")),
        ("end", (KEY, "aB3dE5fG7h9k", "delivery")),
        ("block", (KEY, "aB3dE5fG7h9k")),
        ("unblock", (KEY, "aB3dE5fG7h9k")),
        ("upload_for_chat", (KEY, "link_image", "a.jpg", "image/jpeg", jpeg(800, 400))),
        ("upload_for_chat", (KEY, "file", "a.pdf", "application/pdf", b"%PDF")),
    ):
        if hasattr(adapter, name):
            await _quietly(getattr(adapter, name)(*asked))
    if hasattr(adapter, "submit"):
        await _review(adapter, provider)
    if hasattr(adapter, "upload"):
        for use in PictureUse:
            picture = Picture("a.jpg", "image/jpeg", jpeg(800, 400))
            await _quietly(adapter.upload(use, picture, NOW))


async def _send(adapter: Any, provider: str, route: str) -> None:
    sender = {"solapi": CHANNEL, "relay": "c" * 40}.get(provider, KEY)
    plain = replace(outgoing(), sender=sender if route in ("alimtalk", "chat") else CALLER)
    messages = [plain]
    if route == "alimtalk":
        messages += [replace(plain, **bubbles.PARTS)]
        messages += [replace(plain, **{n: v}) for n, v in bubbles.PARTS.items()]
    if route == "chat":
        words = replace(plain, title="", template="")
        link = Button("WL", "보기", url_mobile="https://shop.example/1")
        messages = [words, replace(words, buttons=(link,))]
        for enclosed in (ChatPicture("https://h/1.jpg"), ChatFile("https://h/1.pdf", "1.pdf", 1)):
            messages.append(replace(words, text="", enclosed=enclosed))
    if route == "push":
        later = {**PUSH, "expires_at": NOW + timedelta(hours=1)}
        messages = [replace(plain, **{**later, "address_kind": kind}) for kind in ("fid", "token")]
    if route == "mms":
        messages = [replace(plain, picture="4321")]
    for one in messages:
        await adapter.send(Call("call-17", route, (one,), NOW, time.monotonic() + 5))
    if hasattr(adapter, "look_up"):
        tried = Tried(plain.ref, route, "call-17", NOW, to=plain.to, text=plain.text)
        await _quietly(adapter.look_up([tried], NOW + timedelta(minutes=5)))


async def _review(adapter: Any, provider: str) -> None:
    sender = {"solapi": CHANNEL, "relay": "c" * 40}.get(provider, KEY)
    full = bubbles.FORM
    plain = TemplateForm(full.code, full.name, full.content, title="제목", emphasis="TEXT")
    plain = replace(plain, subtitle="부제목", category=full.category)
    for form in (bubbles.FORM, plain):
        await _quietly(adapter.submit(sender, form))
    code = "ORDER_SHIPPED"
    with suppress(ProviderRefused, ProviderSilent):
        code = (await adapter.submit(sender, plain)).code or code
    await _quietly(adapter.review(sender, code))
    for action in sorted(adapter.review_actions, key=lambda one: one == ReviewAction.DELETE):
        for form in (bubbles.FORM, plain):
            await _quietly(adapter.act(action, sender, code, form=form, text="고쳤습니다"))


async def _quietly(asked: Awaitable[object]) -> None:
    with suppress(ProviderRefused, ProviderSilent):
        await asked
