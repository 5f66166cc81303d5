"""Naru and the desk on one socket, as ``naru rehearse`` needs them."""

import asyncio
from collections import Counter
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.cli.rehearsals.traffic import BATCH

TRAFFIC = {"template": "order_shipped", "count": 3_000, "per_s": 0}


def check(found: float, state: str) -> dict[str, Any]:
    wanted = {"within": [0.5, 1]}
    return {"what": "arrived", "wanted": wanted, "found": found, "n": 9, "state": state}


class Both:
    """Naru and the desk: what is sent arrives in the chat at once, but for what a test changes."""

    def __init__(self) -> None:
        self.simulated, self.accounts = True, ["sandbox"]
        self.state, self.checks = "passed", [check(1, "ok")]
        self.to: list[str] = []
        self.keys: Counter[str] = Counter()
        self.said: list[str] = []
        self.missed = 0  # arrivals Naru heard nothing of
        self.refusing = 0  # batches answered with 503
        self.held: asyncio.Event | None = None  # the third batch waits for it
        self.approved = False
        self.app = FastAPI()
        self.app.get("/desk/api/scenarios")(self.listed)
        self.app.post("/desk/api/scenarios", status_code=201)(self.keep)
        self.app.get("/desk/api/scenarios/run")(self.shown)
        self.app.get("/desk/api/scenarios/{name}")(self.whole)
        self.app.post("/desk/api/scenarios/stop")(self.stop)
        self.app.post("/desk/api/scenarios/{name}/start")(self.start)
        self.app.get("/desk/api/counters")(self.counters)
        self.app.get("/desk/api/phones/{number}")(self.phone)
        self.app.get("/desk/api/templates")(self.waiting)
        self.app.post("/desk/api/templates/{sender_key}/{code}/approve")(self.approve)
        self.app.get("/v1/stats")(self.stats)
        self.app.get("/v1/accounts")(self.listed_accounts)
        self.app.get("/v1/senders")(self.senders)
        self.app.get("/v1/messages")(self.unknown)
        self.app.get("/v1/templates/{code}")(self.template)
        self.app.post("/v1/templates")(self.made)
        self.app.post("/v1/messages/batch")(self.batch)

    async def listed(self) -> Any:
        words = {"title": "가", "title_en": "a", "about": "가", "about_en": "a", "own": False}
        return [{"name": "insurer", "traffic": TRAFFIC, **words}]

    async def whole(self, name: str) -> Any:
        return (await self.listed())[0] | {"scenario": {"settle_s": 50}}

    async def keep(self, request: Request) -> Any:
        self.said.append((await request.json())["toml"])
        if self.said[-1] == "bad":
            return JSONResponse({"code": "bad_scenario", "detail": "3번째 줄"}, 422)
        return (await self.whole("")) | {"name": "mine"}

    async def start(self, name: str, request: Request) -> Any:
        count = (await request.json())["count"]
        self.said.append(f"start {name} {count}")
        return JSONResponse({"code": "busy", "detail": "Another runs."}, 409) \
            if self.state == "busy" else {}  # fmt: skip

    async def stop(self) -> Any:
        self.said.append("stop")
        return {}

    async def shown(self) -> Any:
        return {"name": "insurer", "state": self.state, "count": 1, "checks": self.checks}

    async def counters(self) -> Any:
        taken = {"accepted": len(self.to) + 7, "refused": 0}  # 7 are of an earlier day
        return {"arrived": {"chat": len(self.to) + 7, "sms": 0}, "recipients": taken}

    async def phone(self, number: str) -> Any:
        self.said.append("phone")
        return JSONResponse({"code": "not_found", "detail": ""}, 404)

    async def waiting(self) -> Any:
        one = {"code": "order_shipped", "acts": ["approve"]}
        return [{**one, "sender_key": "mine"}, {**one, "sender_key": "another"}]

    async def approve(self, sender_key: str, code: str) -> Any:
        self.said.append(f"approve {sender_key}")
        self.approved = True
        return {}

    async def stats(self) -> Any:
        names = ("failed", "expired", "cancelled", "blocked", "no_report", "sent")
        arrived = max(0, len(self.to) - self.missed)
        total = dict.fromkeys(names, 0) | {
            "accepted": len(self.to) + 2, "open": self.missed, "duplicate_delivery": 0,
            "routes": {"alimtalk": {"accepted": len(self.to), "delivered": arrived}},
        }  # fmt: skip
        return {"total": total, "simulated": self.simulated}

    async def listed_accounts(self) -> Any:
        one = {"mode": "sandbox", "adapter": "nhn", "state": "active", "weight": 100}
        return {"items": [{**one, "name": name} for name in self.accounts]}

    async def senders(self) -> Any:
        return {"items": [{"kind": "alimtalk", "value": "mine"}]}

    async def unknown(self) -> Any:
        if self.held is not None and len(self.to) == 2 * BATCH:
            self.held.set()
            await asyncio.sleep(0.1)  # the rest leaves while they look
        return {"items": [], "next": None}

    async def template(self, code: str) -> Any:
        if "made" not in self.said:
            return JSONResponse({"code": "not_found", "detail": "None."}, 404)
        return {"in_use": {"sandbox": 1} if self.approved else {}, "registrations": []}

    async def made(self, request: Request) -> Any:
        assert (await request.json())["code"] == "order_shipped"
        self.said.append("made")
        return {}

    async def batch(self, request: Request) -> Any:
        key = request.headers["Idempotency-Key"]
        self.keys[key] += 1
        if self.refusing:
            self.refusing -= 1
            return JSONResponse({"code": "busy", "detail": "Later."}, 503)
        body = await request.json()
        assert body["send_window"] == "any"
        if self.held is not None and len(self.to) == 2 * BATCH:
            await self.held.wait()
        self.to += [one["to"] for one in body["messages"]]
        return {"accepted": len(body["messages"]), "ids": [], "simulated": True}
