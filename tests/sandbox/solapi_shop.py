"""One shop with a SOLAPI account, its template, and a client that signs by itself."""

import hashlib
import hmac
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox import pictures
from sandbox.accounts import Channel, SolapiKeys, put_solapi
from sandbox.delivery import deliver_due
from sandbox.moves import act
from sandbox.reviews import get_template, register
from sandbox.solapi import routes
from sandbox.solapi.wire import Refused, tell_refused
from sandbox.store import Store

KEY, SECRET = "NCSKEY", "DUMMYSECRET"
CHANNEL, TEMPLATE = "KA01PF190626020502205cl0mYSoplA2", "KA01TP190626020502205cl0mYSoplA2"
CALLER = "0200002041"
HANA, NO_KAKAO, OFF, BLOCKS, LOST = (
    "01000001001", "01000003019", "01000003005", "01000003020", "01000000504",
)  # fmt: skip
BODY: dict[str, Any] = {
    "templateCode": TEMPLATE,
    "templateName": "출고 안내",
    "templateContent": "#{이름}님, 상품이 출발했습니다.",
    "templateTitle": "#{금액}원",
    "templateSubtitle": "결제 금액",
    "templateEmphasizeType": "TEXT",
    "buttons": [
        {"ordering": 1, "type": "WL", "name": "주문", "linkMo": "https://shop.example/#{주문}"},
        {"ordering": 2, "type": "DS", "name": "배송조회"},
        {"ordering": 3, "type": "AL", "name": "앱", "schemeIos": "a://", "schemeAndroid": "b://"},
    ],
}
VALUES = {"#{이름}": "하나", "#{금액}": "9,000", "#{주문}": "17"}
TEXT = "하나님, 상품이 출발했습니다."
BUTTONS = [
    {"buttonName": "주문", "buttonType": "WL", "linkMo": "https://shop.example/17"},
    {"buttonName": "배송조회", "buttonType": "DS"},
    {"buttonName": "앱", "buttonType": "AL", "linkIos": "a://", "linkAnd": "b://"},
]
salts = (f"salt-of-a-test-{n}" for n in itertools.count())


def settle_in(store: Store, body: dict[str, Any] | None = None, **keys: Any) -> str:
    """An account, its channel, its number, one approved template; returns the account's id."""
    put_solapi(store, SolapiKeys(KEY, SECRET, **keys), [Channel(CHANNEL, "@shop")], [CALLER])
    if register(store, CHANNEL, body or BODY):
        judge(store, "approve")
    row = store.one("SELECT id FROM solapi_account WHERE api_key = ?", (KEY,))
    assert row
    return str(row["id"])


def judge(store: Store, move: str) -> None:
    template = get_template(store, CHANNEL, TEMPLATE)
    assert template
    act(store, template, move)


def signature(secret: str, date: str, salt: str) -> str:
    return hmac.new(secret.encode(), f"{date}{salt}".encode(), hashlib.sha256).hexdigest()


@dataclass
class Caller:
    client: httpx.AsyncClient
    store: Store
    key: str = KEY
    secret: str = SECRET

    def header(self, date: str = "", salt: str = "") -> dict[str, str]:
        now = datetime.fromtimestamp(self.store.real() / 1000, UTC)
        date, salt = date or now.strftime("%Y-%m-%dT%H:%M:%SZ"), salt or next(salts)
        signed = signature(self.secret, date, salt)
        text = f"HMAC-SHA256 apiKey={self.key}, date={date}, salt={salt}, signature={signed}"
        return {"Authorization": text}

    async def ask(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of a signed call."""
        answer = await self.client.request(
            method, f"/solapi{path}", json=body, params=query, headers=self.header()
        )
        return answer.status_code, answer.json()

    async def send(self, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
        """send-many/detail with its list; must answer 200."""
        body = {"messages": list(messages), "showMessageList": True, **more}
        status, said = await self.ask("POST", "/messages/v4/send-many/detail", body)
        assert status == 200, said
        return said

    async def stored(self, message_id: str) -> dict[str, Any]:
        _, said = await self.ask("GET", "/messages/v4/list", messageId=message_id)
        found: dict[str, Any] = said["messageList"][message_id]
        return found

    async def group(self, group_id: str) -> dict[str, Any]:
        status, said = await self.ask("GET", f"/messages/v4/groups/{group_id}")
        assert status == 200, said
        return said

    def deliver(self) -> None:
        """Whatever is due by now, and what follows from it at once."""
        while deliver_due(self.store):
            pass


@asynccontextmanager
async def open_solapi(store: Store) -> AsyncIterator[Caller]:
    """The paths of SOLAPI alone, over a store whose clock stands still."""
    app = FastAPI()
    app.state.store = store
    for part in (pictures, routes):
        app.include_router(part.router)
    app.add_exception_handler(Refused, tell_refused)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        yield Caller(client, store)


def text(to: Any = HANA, **more: Any) -> dict[str, Any]:
    return {"to": to, "from": CALLER, "text": "안녕하세요", **more}


def notice(to: str = HANA, variables: Any = VALUES, **more: Any) -> dict[str, Any]:
    """more: fields of kakaoOptions, or of the message where SOLAPI has them there."""
    outside: dict[str, Any] = {
        name: more.pop(name) for name in ("text", "from", "customFields") if name in more
    }
    options = {"pfId": CHANNEL, "templateId": TEMPLATE, "variables": variables, **more}
    return {"to": to, "from": CALLER, "kakaoOptions": options, **outside}


def arrived(store: Store) -> list[tuple[str, str, str]]:
    """Number, kind and text of what is on the phones, in the order it came."""
    rows = store.all("SELECT * FROM message WHERE arrival IS NOT NULL ORDER BY arrival")
    return [(row["number"], row["kind"], row["text"]) for row in rows]


JUNK: tuple[Any, ...] = (
    None, 5, 1.5, True, [], {}, ["x"], [[]], {"a": 1}, [{"a": 1}], "", "x", "\x00", "#{", 2**70,
)  # fmt: skip


def spoiled(part: Any) -> Iterator[Any]:
    """Copies of a message, each with one value replaced by junk."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from ({**part, name: other} for other in spoiled(value))
    if isinstance(part, list):
        for place, value in enumerate(part):
            for other in spoiled(value):
                yield [*part[:place], other, *part[place + 1 :]]
    yield from JUNK
