"""Pictures over real sockets: stored, given to the provider, reviewed with, shown on a phone."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.town import Town, approve, town
from tests.photos import jpeg, png

pytestmark = pytest.mark.long

MMS: dict[str, Any] = {
    "code": "sale_mms",
    "name": "매장 안내",
    "content": "#{이름}님, 매장 위치를 안내드립니다.",
    "sms_picture": "map.jpg",
    "plan": [{"channel": "sms"}],
}
LIST: dict[str, Any] = {
    "code": "booking",
    "name": "예약 안내",
    "content": "#{이름}님, 예약이 확정되었습니다.",
    "emphasis": "ITEM_LIST",
    "image": "shop.png",
    "highlight": {"title": "예약 확정", "description": "#{이름}님", "image": "small.png"},
    "items": [
        {"title": "날짜", "description": "12월 1일"},
        {"title": "시간", "description": "10시"},
    ],
}
PICTURES = {
    "map.jpg": jpeg(640, 480, size=40_000),
    "shop.png": png(800, 400),
    "small.png": png(108, 108),
}


async def given(place: Town, name: str) -> dict[str, Any]:
    """How the only account's provider has it, once it has."""
    end = time.monotonic() + 90
    while True:
        (row,) = (await place.api("GET", f"/v1/pictures/{name}")).json()["given"]
        if row["state"] == "given":
            return dict(row)
        assert time.monotonic() < end, f"{row}\n{place.log('scheduler')[-3000:]}"
        await asyncio.sleep(0.1)


async def test_a_bubble_and_an_mms_show_their_pictures(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        for name, data in PICTURES.items():
            stored = await place.api("PUT", f"/v1/pictures/{name}", content=data)
            assert stored.status_code == 201, stored.text
        await approve(place, LIST)
        made = await place.api("POST", "/v1/templates", json=MMS)
        assert made.status_code == 201, made.text
        text = await place.send("sale_mms", "010-0000-1001", variables={"이름": "김나루"})
        notice = await place.send("booking", "010-0000-1002", variables={"이름": "박하늘"})
        for message_id in (text, notice):
            shown = await place.until(message_id, "delivered", "failed", seconds=90)
            assert shown["status"] == "delivered", shown
        assert (await place.message(text))["attempts"][0]["route"] == "mms"
        lasts = await given(place, "map.jpg")
        assert (lasts["use"], lasts["error_code"]) == ("mms", "")
        assert lasts["expires_at"] is not None
        assert (await given(place, "small.png"))["expires_at"] is None
        arrived = {one["number"]: one["kind"] for one in await place.received()}
        assert arrived == {"01000001001": "mms", "01000001002": "alimtalk"}
