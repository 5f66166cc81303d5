"""What a shop sends: orders, each to a number of its own, and the shop's own list of them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.journeys.town import Town

TEMPLATE = {
    "code": "storm_order",
    "name": "주문 안내",
    "content": "[나루상점] 주문번호 #{주문번호} 상품이 출발했습니다.",
}
ONE_CALL = 500
MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Order:
    """One notice to one person."""

    code: str
    number: str


@dataclass
class Book:
    """The sender's own list: which message was promised for which order."""

    orders: dict[str, Order] = field(default_factory=dict)
    promised: dict[str, str] = field(default_factory=dict)  # order → message id

    def keep(self, order: Order, message_id: str) -> None:
        self.orders[order.code] = order
        self.promised[order.code] = message_id


def make_orders(count: int, off_kakao: float = 0.0) -> list[Order]:
    """Numbers that differ; a share of them is not on KakaoTalk (3019), no other is magic."""
    every = round(1 / off_kakao) if off_kakao else 0
    orders = []
    for i in range(count):
        number = f"010{2000 + i // 5000:04d}{4000 + i % 5000:04d}"
        if every and i % every == every - 1:
            number = f"010{4000 + i // every:04d}3019"
        orders.append(Order(f"A-{i:06d}", number))
    assert len({order.number for order in orders}) == count
    return orders


async def send_in_batches(place: Town, orders: list[Order], book: Book) -> None:
    """Accept all, some hundred a call, each call under a key of its own."""
    for start in range(0, len(orders), ONE_CALL):
        part = orders[start : start + ONE_CALL]
        rows = [
            {"to": one.number, "variables": {"주문번호": one.code}, "reference": one.code}
            for one in part
        ]
        body = {"template": TEMPLATE["code"], "messages": rows}
        answer = await _until_accepted(place, body, f"storm-{part[0].code}")
        for order, message_id in zip(part, answer.json()["ids"], strict=True):
            book.keep(order, message_id)


async def _until_accepted(place: Town, body: dict[str, Any], key: str) -> httpx.Response:
    """A slow machine may take longer than a client waits: the same key makes a repeat safe."""
    for _ in range(MOST_TRIES):
        try:
            answer = await place.api(
                "POST", "/v1/messages/batch", json=body, headers={"Idempotency-Key": key}
            )
        except httpx.TransportError:
            continue
        if answer.status_code == 202:
            return answer
        assert "Retry-After" in answer.headers, answer.text
        await asyncio.sleep(float(answer.headers["Retry-After"]))
    raise AssertionError(f"not accepted in {MOST_TRIES} tries")
