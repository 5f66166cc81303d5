"""Run in a network namespace without a way out: the main job, and how often outside was tried.

``python -m tests.journeys.closed FOLDER`` prints one line of JSON.
"""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.journeys.town import Town, approve, town

NOTICE: dict[str, Any] = {
    "code": "order_shipped",
    "name": "배송 시작",
    "content": "[나루상점] #{이름}님, 주문하신 상품이 출발했습니다.",
}
HERE, NOT_HERE = "010-2100-0001", "010-2100-3019"  # the second is not on the messenger
CLOSED = {"NARU_CLOSED_NETWORK": "1", "NARU_ALLOWED_HOSTS": ""}
PAGES = ("/console/login", "/health/ready")
STAGES = ("/", "/desk", "/desk/api/docs")


def tried() -> int:
    """How often something of this namespace wanted to leave it, a look-up of a name included."""
    lines = Path("/proc/net/snmp").read_text("utf-8").splitlines()
    names, values = (line.split() for line in lines if line.startswith("Ip:"))
    v4 = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    v6 = [line.split()[1] for line in Path("/proc/net/snmp6").read_text("utf-8").splitlines()
          if line.startswith("Ip6OutNoRoutes")]  # fmt: skip
    return v4 + sum(map(int, v6))


def counts() -> bool:
    """Whether an attempt is counted at all."""
    before = tried()
    with socket.socket() as one:
        assert one.connect_ex(("203.0.113.7", 443)) != 0
    return tried() == before + 1


async def pages(place: Town) -> list[int]:
    """The status of pages of both processes."""
    urls = [*(place.app_url + page for page in PAGES), *(place.sandbox_url + p for p in STAGES)]
    return [(await place.http.get(url, follow_redirects=True)).status_code for url in urls]


def places(place: Town) -> list[str]:
    """What ``naru network`` lists."""
    command = [sys.executable, "-m", "app.cli", "network", "--json"]
    asked = subprocess.run(
        command, env=place.environment, capture_output=True, text=True, check=True
    )
    return sorted({row["place"] for row in json.loads(asked.stdout)})


async def main(folder: Path) -> dict[str, Any]:
    """A notice, a fall-back and pages."""
    told: dict[str, Any] = {"counts": counts()}
    before = tried()
    async with town(folder, settings=CLOSED) as place:
        await approve(place, NOTICE)
        sent = [await place.send(NOTICE["code"], to, variables={"이름": "김나루"})
                for to in (HERE, NOT_HERE)]  # fmt: skip
        shown = [await place.until(one, "delivered") for one in sent]
        told["fallback"] = [one["fallback_used"] for one in shown]
        told["arrived"] = sorted(one["app"] for one in await place.received())
        told["pages"] = await pages(place)
        hook = await place.api("POST", "/v1/webhooks", json={"url": "https://example.com/hook"})
        told["hook"] = (hook.status_code, hook.json().get("code"))
        told["contacts"] = await asyncio.to_thread(places, place)
        told["sandbox"] = place.sandbox_url
    return told | {"outside": tried() - before}


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))  # noqa: T201
