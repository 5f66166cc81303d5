"""The demonstration's four things, done through the real API and the sandbox's phones.

What was done in an earlier run is found by its reference and only shown again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import click

from app.cli import timelines
from app.cli.api import Api
from app.cli.failures import Failed
from app.cli.shop import CALLER_NUMBER, NAME, Shop
from app.cli.words import say
from templates import files

LIMIT_S = 60.0
LOOK_S = 0.2
REGISTERED, IN_REVIEW = "TSC01", "TSC02"  # NHN Cloud's status of a template under review
AGENT = "김나루"
CLIENT_KEY = "demo-answer"
T = TypeVar("T")
Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """One of the notices, with the starter's sample values."""

    reference: str
    template: str
    to: str


NOTICES = (
    Notice("demo-shipped", "order_shipped", "010-0000-1001"),
    Notice("demo-paid", "payment_received", "010-0000-3019"),
    Notice("demo-premium", "premium_notice", "010-0000-1002"),
)
# of the starters those it sends, and one to send by hand; the others are for `templates starter`
FORMS = tuple(sorted({"appointment", *(notice.template for notice in NOTICES)}))
ASKER = NOTICES[0].to.replace("-", "")


class Walk:
    """One demonstration; ``log`` is where to look when something does not come."""

    def __init__(self, api: Api, desk: Api, shop: Shop, lang: str, log: str) -> None:
        self._api, self._desk, self._shop = api, desk, shop
        self._lang, self._log = lang, log

    async def run(self) -> None:
        """All of it. Raises Failed for what does not come, Problem, httpx.TransportError."""
        await self.seed()
        await self.templates()
        sent = [await self.notice(one) for one in NOTICES]
        await self.talk(sent[0])

    async def seed(self) -> None:
        """Tell the sandbox which accounts there are; saying it again changes nothing."""
        nhn, consult = dict(self._shop.nhn.credentials), self._shop.consult.credentials
        channel = {"sender_key": self._shop.sender_key, "channel_id": "@나루상점", "name": NAME}
        app_key = nhn.pop("app_key")
        await self._desk.ask(
            "PUT",
            f"/desk/api/accounts/nhn/{app_key}",
            {
                **nhn,
                "senders": [channel],
                "caller_numbers": [CALLER_NUMBER],
                "webhook_url": self._shop.nhn.callback,
            },
        )
        await self._desk.ask(
            "PUT",
            f"/desk/api/accounts/consult/{consult['client_id']}",
            {
                "client_secret": consult["client_secret"],
                "senders": [channel],
                "receive_domain": self._shop.consult.callback,
            },
        )
        self._tell("seeded")

    async def templates(self) -> None:
        """Have the demonstration's forms registered, reviewed and approved."""
        there = await self._states()
        missing = [code for code in FORMS if code not in there]
        for code in missing:
            body = files.load(files.starters()[code])[0].to_mapping()
            await self._api.ask("POST", "/v1/templates", body)
        if missing:
            self._tell("created", count=len(missing))
        waiting = [code for code in FORMS if there.get(code) != "approved"]
        for code in waiting:
            await self._until(code, partial(self._approve, code))
        for code in waiting:
            await self._until(code, partial(self._is_approved, code))
        if waiting:
            self._tell("approved")
        else:
            self._tell("approved_before", count=len(there))

    async def notice(self, notice: Notice) -> str:
        """Send a notice unless it was sent before, show what happened; its id."""
        click.echo(f"\n{say(self._lang, notice.reference)}")
        known = await self._api.get("/v1/messages", reference=notice.reference, limit=1)
        if known["items"]:
            click.echo(say(self._lang, "before"))
            message_id = str(known["items"][0]["id"])
        else:
            message_id = await self._send(notice)
        with suppress(TimeoutError):  # what did not come is said below
            async with asyncio.timeout(LIMIT_S):
                async for entry in timelines.follow(self._api, message_id, self._lang):
                    click.echo(f"   {timelines.line(entry)}")
        return await self._check_delivered(notice, message_id)

    async def talk(self, message_id: str) -> None:
        """The customer asks about a notice, staff answer, the phone shows it."""
        click.echo(f"\n{say(self._lang, 'talk')}")
        question, answer = say(self._lang, "question"), say(self._lang, "answer")
        room = await self._room(message_id)
        lines = await self._lines(room) if room else []
        if any(line["author_kind"] == "agent" for line in lines):
            click.echo(say(self._lang, "before"))
        else:
            if room is None:
                await self._press()
            room = await self._until("thread", partial(self._room, message_id))
            if not _has_question(await self._lines(room)):
                await self._ask(question)
            room = await self._until("question", partial(self._asked, message_id))
            await self._answer(room, answer)
            lines = await self._until("answer", partial(self._answered, message_id))
        self._say("tied", reference=NOTICES[0].reference)
        for line in lines:
            self._show(line)

    # ---- templates ------------------------------------------------------------------------

    async def _states(self) -> dict[str, str]:
        """Code → where it stands at our account, "" while it is registered nowhere."""
        found = await self._api.get("/v1/templates", limit=100)
        return {
            item["code"]: next((one["state"] for one in item["registrations"]), "")
            for item in found["items"]
        }

    async def _approve(self, code: str) -> bool | None:
        """True once it is approved at the desk; it must have been in review first."""
        for one in await self._desk.get("/desk/api/templates"):
            if (one["sender_key"], one["code"]) != (self._shop.sender_key, code):
                continue
            if one["status"] == REGISTERED:
                return None
            if one["status"] == IN_REVIEW:
                self._tell("in_review", code=code)
                path = f"/desk/api/templates/{self._shop.sender_key}/{code}/approve"
                await self._desk.ask("POST", path)
                self._tell("approve", code=code)
            return True
        return None

    async def _is_approved(self, code: str) -> bool | None:
        return (await self._states()).get(code) == "approved" or None

    # ---- notices --------------------------------------------------------------------------

    async def _send(self, notice: Notice) -> str:
        _, sample = files.load(files.starters()[notice.template])
        body = {
            "template": notice.template,
            "to": notice.to,
            "variables": sample,
            "reference": notice.reference,
        }
        told = await self._api.ask("POST", "/v1/messages", body, key=notice.reference)
        return str(told["id"])

    async def _check_delivered(self, notice: Notice, message_id: str) -> str:
        message = await self._api.get(f"/v1/messages/{message_id}")
        if message["status"] != "delivered":
            reason = message["reason"] or ""
            facts = {"status": message["status"], "reason": reason, "log": self._log}
            raise Failed(say(self._lang, "not_delivered", reference=notice.reference, **facts))
        return message_id

    # ---- the conversation -----------------------------------------------------------------

    async def _room(self, message_id: str) -> Found | None:
        """The thread with a line that answers the notice; its newest case may be about another."""
        rooms: list[Found] = (await self._api.get("/v1/consultations", limit=100))["items"]
        for room in rooms:
            if any(line["notice_id"] == message_id for line in await self._lines(room)):
                return room
        return None

    async def _lines(self, room: Found) -> list[Found]:
        """The oldest ones: ours come first in this customer's thread."""
        path = f"/v1/consultations/{room['id']}/messages"
        found: list[Found] = (await self._api.get(path, after=0, limit=20))["items"]
        return found

    async def _press(self) -> None:
        phone = await self._desk.get(f"/desk/api/phones/{ASKER}")
        notice = next(
            one
            for one in reversed(phone["messages"])
            if one["template_code"] == NOTICES[0].template
        )
        kinds = [button["type"] for button in notice["buttons"]]
        button = kinds.index("BC")
        path = f"/desk/api/phones/{ASKER}/messages/{notice['id']}/press"
        await self._desk.ask("POST", path, {"button": button})
        self._say("pressed", button=notice["buttons"][button]["name"])

    async def _ask(self, text: str) -> None:
        body = {"sender_key": self._shop.sender_key, "text": text}
        await self._desk.ask("POST", f"/desk/api/phones/{ASKER}/say", body)

    async def _asked(self, message_id: str) -> Found | None:
        """The thread once the customer's words are in it."""
        room = await self._room(message_id)
        if room is None:
            return None
        return room if _has_question(await self._lines(room)) else None

    async def _answer(self, room: Found, text: str) -> None:
        body = {
            "text": text,
            "agent": AGENT,
            "epoch": room["case"]["epoch"],
            "client_key": CLIENT_KEY,
        }
        await self._api.ask("POST", f"/v1/consultations/{room['id']}/messages", body)

    async def _answered(self, message_id: str) -> list[Found] | None:
        """The whole conversation once the phone shows what staff wrote."""
        room = await self._room(message_id)
        lines = await self._lines(room) if room else []
        ours = [one for one in lines if one["author_kind"] == "agent" and one["status"] == "sent"]
        phone = await self._desk.get(f"/desk/api/phones/{ASKER}")
        shown = {one["text"] for one in phone["messages"] if not one["mine"]}
        return lines if ours and all(one["text"] in shown for one in ours) else None

    # ---- words ----------------------------------------------------------------------------

    def _show(self, line: Found) -> None:
        who = say(self._lang, line["author_kind"], name=line["author"])
        click.echo(f"   {timelines.clock(str(line['created_at']))}  {who}: {line['text'] or '…'}")

    def _tell(self, word: str, **values: object) -> None:
        click.echo(f"  {say(self._lang, word, **values)}")

    def _say(self, word: str, **values: object) -> None:
        click.echo(f"   {say(self._lang, word, **values)}")

    async def _until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """What ``look`` finds. Raises Failed after LIMIT_S."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            found = await look()
            if found is not None:
                return found
            await asyncio.sleep(LOOK_S)
        raise Failed(say(self._lang, "late", limit=int(LIMIT_S), what=what, log=self._log))


def _has_question(lines: Sequence[Found]) -> bool:
    return any((one["author_kind"], one["kind"]) == ("customer", "text") for one in lines)
