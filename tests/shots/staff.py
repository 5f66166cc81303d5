"""Who works in the pictures of the console, and what their customers say.

Everything comes through Naru, as in the scene of the sandbox; who is logged in writes in a browser.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, StorageState, expect
from sqlalchemy import update
from sqlmodel import col

from app.db.models import ProviderAccount
from app.services import passwords, staff, workspaces
from app.services.runtime import open_runtime
from tests.journeys.town import Town
from tests.shots.scene import FRIENDS, PATIENCE_S

OWNER = "jiu@naru.example"
PEOPLE = (
    (OWNER, "한지우", "owner"),
    ("garam@naru.example", "윤가람", "agent"),
    ("dodam@naru.example", "이도담", "agent"),
    ("narae@naru.example", "서나래", "operator"),
    ("daon@naru.example", "문다온", "viewer"),
)
ACCOUNTS = {"nhn": "주 계정", "consult": "상담 허브"}
TEAMS = {"배송": ("윤가람", "이도담"), "교환·환불": ("서나래", "이도담")}
CANNED = {
    "배송지연": "주문이 몰려 하루쯤 늦어지고 있어요. 출발하면 바로 알려 드릴게요.",
    "주소변경": "새 주소를 적어 주시면 기사님께 바로 전해 드릴게요.",
    "교환접수": "#{주문번호} 교환을 접수했어요. 모레까지 찾으러 갈게요.",
}
LABELS = ("배송지 변경", "교환", "파손")
DAY = [["09:00", "12:30"], ["13:30", "18:00"]]
HOURS = {
    "weekly": {
        **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY),
        "sat": [["10:00", "14:00"]],
    },
    "exceptions": {"2026-12-25": [], "2026-12-31": [["09:00", "12:30"]]},
    "greeting": "안녕하세요, 나루상점이에요. 곧 답해 드릴게요.",
    "away": "지금은 쉬는 시간이에요. #{여는시각}부터 차례로 답해 드릴게요.",
    "first_reply_s": 600,
}
RULES = """
[texts]
welcome = "안녕하세요, 나루상점이에요."
person = "상담원에게 연결할게요."

[menus.start]
text = "무엇을 도와드릴까요?"
choices = [{ label = "내 주문", go = "order" }, { label = "교환·환불", go = "refund" }]

[menus.order]
text = "#{고객명} 님, 주문번호는 #{주문번호}예요."
without = "받으신 알림의 상담 버튼으로 오시면 바로 찾아 드려요."

[menus.refund]
text = "받은 날부터 7일 안에 신청하실 수 있어요."

[[keywords]]
words = ["환불", "교환"]
go = "refund"
"""
MOVING, SWAP, ASKS, DONE = FRIENDS
NAMES = dict(zip(FRIENDS, ("정하늘", "박바다", "최누리", "강이슬"), strict=True))
SAID = "오늘 이사했는데 주소를 못 바꿨어요. 새 집은 여기예요."
ANSWER = "네, 기사님께 새 주소로 가 달라고 전했어요. 오늘 저녁 전에 도착해요."
NOTE = "지난달에도 주소를 바꾸셨어요. 다음 주문부터 새 주소가 기본이 되게 부탁했어요."


@dataclass(frozen=True)
class Places:
    """What the pictures show: a room, a message that fell back, and who is logged in."""

    room: str
    message: str
    state: StorageState


async def fill(
    place: Town, opened: Browser, pictures: Mapping[str, bytes], values: Mapping[str, str]
) -> Places:
    """Let it all happen; values: of a shipping notice."""
    await _named(place)
    ids, password = await _people(place)
    await _tools(place, ids)
    state = await _log_in(place, opened, password)
    for number in (DONE, ASKS, SWAP, MOVING):
        await _press(place, number, values)
    await _done(place)
    for number, words in ((ASKS, "1"), (SWAP, "2")):
        await _say(place, number, words)
        await _lines(place, number, 5)
    await _say(place, SWAP, "상담원이요")
    await _lines(place, SWAP, 7)
    await _say(place, SWAP, "색이 생각과 달라서 교환하고 싶어요. 아직 뜯지 않았어요.")
    room = await _moving(place, opened, pictures, state)
    paid = {**values, "결제금액": "38,500", "결제수단": "신용카드", "결제일시": "3월 1일 14:20"}
    names = ("고객명", "주문번호", "결제금액", "결제수단", "결제일시")
    message = await place.send(
        "payment_received", "01000003019", variables={name: paid[name] for name in names}
    )
    await place.until(message, "delivered", seconds=PATIENCE_S)
    return Places(room, message, state)


async def open_hours(place: Town) -> None:
    """The hours of the channel: only now, or the scene would depend on the time of day."""
    await _channel(place, HOURS)


async def _named(place: Town) -> None:
    """Accounts have the names staff would give them."""
    async with open_runtime(place.settings()) as runtime, runtime.database.write() as tx:
        for adapter, name in ACCOUNTS.items():
            of = col(ProviderAccount.adapter) == adapter
            await tx.session.exec(update(ProviderAccount).where(of).values(name=name))


async def _people(place: Town) -> tuple[dict[str, str], str]:
    """Everybody's id by name, and the owner's password."""
    password = secrets.token_urlsafe(12)
    stored = await passwords.hashed(password)
    ids = {}
    async with open_runtime(place.settings()) as runtime, runtime.database.write() as tx:
        workspace = await workspaces.oldest(tx.session)
        assert workspace is not None
        for email, name, role in PEOPLE:
            person, _ = await staff.add(tx, runtime.sealer, workspace.id, email, name, role)
            await staff.set_password(tx, person, stored)
            ids[name] = str(person.id)
    return ids, password


async def _tools(place: Town, ids: Mapping[str, str]) -> None:
    base = "/v1/consultations"
    for name, members in TEAMS.items():
        body = {"name": name, "staff_ids": [ids[one] for one in members]}
        await _ask(place, "POST", f"{base}/teams", body)
    for shortcut, text in CANNED.items():
        await _ask(place, "POST", f"{base}/canned", {"shortcut": shortcut, "text": text})
    for name in LABELS:
        await _ask(place, "POST", f"{base}/labels", {"name": name})
    bot = await _ask(place, "POST", f"{base}/bots", {"name": "나루 도우미", "rules": RULES})
    await _channel(place, {"bot_id": bot["id"]})


async def _channel(place: Town, change: Mapping[str, Any]) -> None:
    listed = await _ask(place, "GET", "/v1/consultations/channels")
    path = f"/v1/consultations/channels/{listed['items'][0]['sender_id']}"
    bots = await _ask(place, "GET", "/v1/consultations/bots")
    await _ask(place, "PUT", path, {"bot_id": bots["items"][0]["id"], **change})


async def _log_in(place: Town, opened: Browser, password: str) -> StorageState:
    context = await opened.new_context(base_url=place.app_url)
    page = await context.new_page()
    await page.goto("/console/login?next=/console/overview")
    await page.get_by_label("이메일").fill(OWNER)
    await page.get_by_label("비밀번호").fill(password)
    await page.get_by_role("button", name="들어가기").click()
    await page.wait_for_url("**/console/overview")
    state = await context.storage_state()
    await context.close()
    return state


async def _press(place: Town, number: str, values: Mapping[str, str]) -> None:
    """A shipping notice comes, its button is pressed, the bot answers."""
    order = _order(number)
    own = {**values, "고객명": NAMES[number], "주문번호": order}
    sent = await place.send("order_shipped", number, variables=own, reference=order)
    await place.until(sent, "delivered", seconds=PATIENCE_S)
    phone = await place.desk("GET", f"/phones/{number}")
    notice = next(m for m in reversed(phone["messages"]) if m["buttons"])
    button = next(n for n, b in enumerate(notice["buttons"]) if b["type"] == "BC")
    path = f"/phones/{number}/messages/{notice['id']}/press"
    await place.desk("POST", path, json={"button": button})
    await _lines(place, number, 3)


async def _say(place: Town, number: str, words: str) -> None:
    before = (await _room(place, number))["last_seq"]
    body = {"sender_key": place.sender_key, "text": words}
    await place.desk("POST", f"/phones/{number}/say", json=body)
    await _until(place, number, lambda room: room["last_seq"] > before)


async def _done(place: Town) -> None:
    """One is over already."""
    await _say(place, DONE, "9")
    await _lines(place, DONE, 5)
    room = await _room(place, DONE)
    await _ask(place, "POST", f"/v1/consultations/cases/{room['case']['id']}/resolve", {})


async def _moving(
    place: Town, opened: Browser, pictures: Mapping[str, bytes], state: StorageState
) -> str:
    """From the bot to a person, with a picture, an answer and a note; the room's id."""
    await _say(place, MOVING, "1")
    await _lines(place, MOVING, 5)
    await _say(place, MOVING, "상담원이요")
    await _lines(place, MOVING, 7)
    await _say(place, MOVING, SAID)
    before = (await _room(place, MOVING))["last_seq"]
    photo = {"photo": ("map.jpg", pictures["map.jpg"], "image/jpeg")}
    path = f"{place.sandbox_url}/desk/api/phones/{MOVING}/photo"
    sent = await place.http.post(path, data={"sender_key": place.sender_key}, files=photo)
    assert sent.is_success, sent.text
    await _until(place, MOVING, lambda room: room["last_seq"] > before)
    room = await _room(place, MOVING)
    labels = (await _ask(place, "GET", "/v1/consultations/labels"))["items"]
    chosen = next(one["id"] for one in labels if one["name"] == LABELS[0])
    await _ask(place, "PUT", f"/v1/consultations/cases/{room['case']['id']}/labels/{chosen}", None)
    context = await opened.new_context(base_url=place.app_url, storage_state=state)
    page = await context.new_page()
    await page.goto(f"/console/inbox/{room['id']}")
    await expect(page.locator("#feed .photo img")).to_be_visible(timeout=60_000)
    for tab, words in (("#tab-reply", ANSWER), ("#tab-note", NOTE)):
        await page.click(tab)
        await page.fill("#text", words)
        await page.press("#text", "Control+Enter")
        await expect(page.locator("#feed")).to_contain_text(words, timeout=60_000)
    await expect(page.locator("#feed .mine + .stamp")).to_contain_text("보냄", timeout=60_000)
    await context.close()
    await _say(place, MOVING, "정말 고맙습니다! 6시 전에 올까요?")
    return str(room["id"])


async def _lines(place: Town, number: str, count: int) -> None:
    """Until the room has so many lines."""
    await _until(place, number, lambda room: room["last_seq"] >= count)


async def _until(place: Town, number: str, true: Callable[[dict[str, Any]], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true(await _room(place, number)):
        assert time.monotonic() < end, place.log("scheduler")[-2000:]
        await asyncio.sleep(0.2)


def _order(number: str) -> str:
    """The order a number's notice is about: how its room is found."""
    return f"20260301-{number[-4:]}"


async def _room(place: Town, number: str) -> dict[str, Any]:
    """The thread of a number; while there is none, one in which nothing was said."""
    listed: dict[str, Any] = await _ask(place, "GET", "/v1/consultations?limit=100")
    for one in listed["items"]:
        if one["notice"] and one["notice"]["reference"] == _order(number):
            return dict(one)
    return {"last_seq": 0}


async def _ask(place: Town, method: str, path: str, body: Any = None) -> Any:
    answer = await place.api(method, path, json=body)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    return answer.json()
