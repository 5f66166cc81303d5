"""What the pictures show: a town whose shop has sent good notices for a while.

Everything comes through Naru: registered, reviewed, sent, delivered, answered. Parts of the desk
that a sandbox does not have are left out.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import orjson

from templates.files import load, starters
from tests.journeys.town import Town, approve

HOME = "01000001001"  # the phone that is open in the pictures
FRIENDS = ("01000001002", "01000001003", "01000001006", "01000001010")
OTHERS = ("01000003019", "01000003005", "01000003020", "01000000008", "01000000504")
STRANGERS = tuple(f"010{4100 + 7 * n:04d}{(5200 + 137 * n) % 10_000:04d}" for n in range(14))
PATIENCE_S = 60.0

LESSON: dict[str, Any] = {
    "code": "lesson_begins",
    "name": "강좌 시작 안내",
    "emphasis": "IMAGE",
    "image": "library.png",
    "content": "[나루도서관] #{이름} 님, 신청하신 강좌가 곧 시작됩니다.\n\n■ 강좌: #{강좌}\n"
    "■ 일시: #{일시}\n■ 장소: #{장소}\n\n참석이 어려우시면 하루 전까지 알려 주세요.",
    "buttons": [
        {"kind": "WL", "name": "강좌 보기", "url_mobile": "https://naru-library.example/lessons"}
    ],
}
LESSON_OF = {
    "이름": "한가온",
    "강좌": "그림책 함께 읽기",
    "일시": "3월 7일(토) 10:00",
    "장소": "2층 이야기방",
}
MAP: dict[str, Any] = {
    "code": "store_map",
    "name": "매장 안내",
    "content": "[나루상점] #{이름} 님, 찾으시는 매장의 약도를 보내 드립니다.\n#{매장} #{주소}\n"
    "영업 시간 10:00~20:00",
    "sms_subject": "[나루상점] 매장 안내",
    "sms_picture": "map.jpg",
    "plan": [{"channel": "sms"}],
}
MAP_OF = {"이름": "한가온", "매장": "나루상점 한강점", "주소": "나루구 물길로 12"}
WAITING: dict[str, Any] = {
    "code": "dawn_delivery",
    "name": "새벽 배송 안내",
    "content": "[나루상점] #{고객명} 님, 주문하신 상품을 내일 새벽 7시 전까지 문 앞에"
    " 놓아 드립니다.\n\n■ 주문번호: #{주문번호}\n■ 받는 곳: #{주소}\n\n"
    "공동현관 출입 방법이 바뀌었다면 오늘 22시까지 알려 주세요.",
    "buttons": [
        {
            "kind": "WL",
            "name": "출입 방법 바꾸기",
            "url_mobile": "https://naru-shop.example/orders/#{주문번호}",
        },
        {"kind": "BC", "name": "상담원과 이야기"},
    ],
}
REFUSED: dict[str, Any] = {
    "code": "stamp_notice",
    "name": "적립 안내",
    "content": "[나루상점] #{고객명} 님, 도장 #{개수}개를 모으셨습니다."
    " 이번 주에는 두 배로 쌓인답니다!",
}
WHY = "혜택을 알리는 문구가 있습니다. '이번 주에는 두 배' 부분을 빼고 다시 신청해 주세요."
RULES: list[dict[str, Any]] = [
    {"effect": "timeout_after", "provider": "nhn", "probability": 0.15},
    {"effect": "receipt_duplicate", "probability": 0.3},
    {"effect": "error_code", "code": "-3005", "provider": "nhn", "number": "7777", "count": 3},
]


async def fill(place: Town, pictures: Mapping[str, bytes]) -> Mapping[str, dict[str, str]]:
    """Let it all happen; the values of each notice. `pictures`: library.png (800x400), map.jpg."""
    for name, data in pictures.items():
        stored = await place.api("PUT", f"/v1/pictures/{name}", content=data)
        assert stored.status_code == 201, stored.text
    forms = {template.code: (template, sample) for template, sample in _starters()}
    await approve(place, *(template.to_mapping() for template, _ in forms.values()), LESSON)
    made = await place.api("POST", "/v1/templates", json=MAP)
    assert made.status_code == 201, made.text
    notices = {code: dict(sample) for code, (_, sample) in forms.items()}
    await _everybody(place, notices)
    await _at_home(place, notices)
    await _reviews(place)
    return notices


async def misspell(place: Town) -> int:
    """Somebody writes a field the guide does not have: the number of that call."""
    calls = await place.desk("GET", "/requests?provider=nhn&route=alimtalk&status=ok&limit=1")
    sent = orjson.loads((await place.desk("GET", f"/requests/{calls[0]['seq']}"))["body"])
    one = sent["recipientList"][:1]
    body = {**sent, "recipientList": one, "receiveTime": "2026-03-01 14:20"}
    app_key, known = place.nhn
    answer = await place.http.post(
        f"{place.sandbox_url}/nhn/alimtalk/v2.3/appkeys/{app_key}/raw-messages",
        json=body,
        headers={"X-Secret-Key": known["secret_key"]},
    )
    assert answer.is_success, answer.text
    await asyncio.sleep(1.0)
    return int((await place.desk("GET", "/requests?provider=nhn&route=alimtalk&limit=1"))[0]["seq"])


def _starters() -> list[Any]:
    return [load(path) for path in starters().values()]


async def _everybody(place: Town, notices: Mapping[str, dict[str, str]]) -> None:
    """Each starter to somebody, and some to phones that cannot be reached."""
    codes = sorted(notices)
    people = [*STRANGERS, *OTHERS, *FRIENDS]
    sent = [
        await place.send(
            codes[n % len(codes)], to, variables=notices[codes[n % len(codes)]], send_window="any"
        )
        for n, to in enumerate(people)
    ]
    for message_id, to in zip(sent, people, strict=True):
        if to not in OTHERS:
            await place.until(message_id, "delivered", "failed", seconds=PATIENCE_S)


async def _at_home(place: Town, notices: Mapping[str, dict[str, str]]) -> None:
    """One chat of several bubbles with a conversation in it, and the text messages beside it."""
    for code, values in (("refund_completed", notices["refund_completed"]), (MAP["code"], MAP_OF)):
        message_id = await place.send(code, HOME, variables=values, send_window="any")
        await place.until(message_id, "delivered", "failed", seconds=PATIENCE_S)
    message_id = await place.send(LESSON["code"], HOME, variables=LESSON_OF)
    await place.until(message_id, "delivered", "failed", seconds=PATIENCE_S)
    values = notices["order_shipped"] | {"고객명": "한가온"}
    shipped = await place.send("order_shipped", HOME, variables=values)
    await place.until(shipped, "delivered", seconds=PATIENCE_S)
    await _talk(place)


async def _talk(place: Town) -> None:
    """The customer asks about the order, staff answer."""
    phone = await place.desk("GET", f"/phones/{HOME}")
    notice = next(m for m in reversed(phone["messages"]) if m["buttons"])
    button = next(n for n, b in enumerate(notice["buttons"]) if b["type"] == "BC")
    path = f"/phones/{HOME}/messages/{notice['id']}/press"
    await place.desk("POST", path, json={"button": button})
    await asyncio.sleep(0.5)
    said = {
        "sender_key": place.sender_key,
        "text": "내일 오전에 집에 없는데, 경비실에 맡겨 주실 수 있나요?",
    }
    await place.desk("POST", f"/phones/{HOME}/say", json=said)
    end = time.monotonic() + PATIENCE_S
    while not (items := (await place.api("GET", "/v1/consultations")).json()["items"]):
        assert time.monotonic() < end, place.log("scheduler")[-2000:]
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    room = (await place.api("GET", f"/v1/consultations/{items[0]['id']}")).json()
    answer = {
        "text": "네, 기사님께 경비실 보관을 부탁드렸습니다. 맡긴 뒤 문자로 알려 드릴게요.",
        "agent": "윤가람",
        "epoch": room["case"]["epoch"],
        "client_key": "shots",
    }
    path = f"/v1/consultations/{items[0]['id']}/messages"
    posted = await place.api("POST", path, json=answer)
    assert posted.is_success, posted.text
    while not any(row["kind"] == "say" for row in await place.received(HOME)):
        assert time.monotonic() < end, place.log("scheduler")[-2000:]
        await asyncio.sleep(0.1)


async def _reviews(place: Town) -> None:
    """One template waits and has a question, one was refused and says why."""
    for template in (WAITING, REFUSED):
        made = await place.api("POST", "/v1/templates", json=template)
        assert made.is_success, made.text
    for template in (WAITING, REFUSED):
        await _until_in_review(place, template["code"])
    path = f"/templates/{place.sender_key}/{REFUSED['code']}/reject"
    await place.desk("POST", path, json={"comment": WHY})
    said = {"text": "새벽 배송을 신청하신 고객에게만 보냅니다. 확인 부탁드립니다."}
    end = time.monotonic() + PATIENCE_S
    path = f"/v1/templates/{WAITING['code']}/comments"
    while not (asked := await place.api("POST", path, json=said)).is_success:
        assert time.monotonic() < end, asked.text  # until we have heard that it is in review
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)


async def _until_in_review(place: Town, code: str) -> None:
    end = time.monotonic() + PATIENCE_S
    path = f"/templates/{place.sender_key}/{code}"
    while True:
        found = await place.http.get(f"{place.sandbox_url}/desk/api{path}")
        if found.is_success and found.json()["status"] == "TSC02":
            return
        assert time.monotonic() < end, found.text
        await asyncio.sleep(0.1)


async def rehearse(place: Town, notices: Mapping[str, dict[str, str]]) -> None:
    """A clock that is ahead, rules that hit, and a scenario under way, where the desk has them."""
    place.processes["scheduler"].terminate()  # a town asks for results all the time
    await asyncio.to_thread(place.processes["scheduler"].wait, 25)
    place.start("scheduler", NARU_REVIEW_POLL_S="600", NARU_RECEIPT_POLL_S="600")
    await place.desk("PUT", "/chaos", json={"seed": 11, "rules": RULES})
    await _if_there(place, "PUT", "/clock", {"add_s": 5_400})
    run = await _start_scenario(place)
    for n in range(24):
        to = f"010{6300 + n:04d}{7777 if n % 8 == 0 else 5100 + 61 * n:04d}"
        code = run if run in notices else "order_received"
        await place.send(code, to, variables=notices[code], send_window="any")
    await asyncio.sleep(6.0)


async def _start_scenario(place: Town) -> str:
    """The template it wants sent, "" where there is no scenario."""
    listed = await _if_there(place, "GET", "/scenarios")
    if not listed:
        return ""
    first = listed[0]
    await _if_there(place, "POST", f"/scenarios/{first['name']}/start", {"count": 24})
    return str(first.get("traffic", {}).get("template", ""))


async def _if_there(place: Town, method: str, path: str, body: Any = None) -> Any:
    """Its answer, None from a desk that has no such thing."""
    url = f"{place.sandbox_url}/desk/api{path}"
    found = await place.http.request(method, url, json=body)
    return found.json() if found.is_success and found.content else None
