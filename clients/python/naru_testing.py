"""Test a shop's notices against Naru's sandbox: start one, look at the phones, assert what came.

    with Sandbox.start() as sandbox:
        nhn = sandbox.nhn_account()
        nhn.template("order_paid", "#{이름}님, #{금액}원이 결제되었습니다.")
        ...                                   # the shop sends to nhn.url with nhn.app_key
        sandbox.assert_received("010-0000-1001", template="order_paid", contains="52,800원")

Everything goes over HTTP; nothing of Naru is imported. With pytest there is the fixture
``naru_sandbox``. The sandbox is found by environment variables:

NARU_SANDBOX_URL       one that runs already, with NARU_SANDBOX_PASSWORD if it asks for one
NARU_SANDBOX_COMMAND   else: how to start one; ``{port}`` stands for a free port, and without it
                       ``--port 0`` is appended
(none)                 else: ``naru sandbox`` or ``naru-sandbox`` on the PATH
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar, Union
from urllib.parse import quote

import httpx

__version__ = "0.1.0"
__all__ = [
    "Accepted",
    "Button",
    "CannotStart",
    "ClockState",
    "Dial",
    "Message",
    "NhnAccount",
    "NotAsExpected",
    "Phone",
    "PhoneState",
    "Refused",
    "RelayAccount",
    "RunState",
    "Sandbox",
    "SandboxError",
    "ScenarioRun",
    "SolapiAccount",
]

URL, PASSWORD, COMMAND = "NARU_SANDBOX_URL", "NARU_SANDBOX_PASSWORD", "NARU_SANDBOX_COMMAND"
SEOUL = timezone(timedelta(hours=9), "KST")
LONGEST_WAIT_S = 25.0  # of one request; the sandbox allows 30
PAGE = 1_000
START_S, STOP_S = 60.0, 10.0
QUICK = {"result_delay_s": 0.0, "registered_s": 0.0}  # settings of a sandbox started for tests
NO_CHAOS: dict[str, Any] = {"seed": 0, "rules": []}
TRAITS = ("on", "kakao", "slow_s", "answer_lost")
Json = Mapping[str, Any]
T = TypeVar("T")

# Parent of the sandbox: ends it when the test process ends, however that ends. Its standard input
# closes then, even after SIGKILL.
KEEPER = """
import os, signal, subprocess, sys, threading
whole = os.name == "posix"
if whole:
    signal.signal(signal.SIGTERM, lambda *_: None)  # ours is meant for the group's others
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM) if whole else child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL) if whole else child.kill()
threading.Thread(target=end, daemon=True).start()
sys.exit(child.wait())
"""


class SandboxError(Exception):
    """Something about the sandbox itself is wrong, not about the shop."""


class CannotStart(SandboxError):
    """No sandbox could be started or reached; the text says what to set."""


class Refused(SandboxError):
    """The sandbox refused a call. ``code`` is stable, ``field`` names what was wrong, if known."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        where = f" ({field})" if field else ""
        super().__init__(f"{status} {code}: {detail}{where}")
        self.status, self.code, self.detail, self.field = status, code, detail, field


class NotAsExpected(AssertionError):
    """What an assertion of this module raises: it says what came instead, or why nothing did."""


# what is told ------------------------------------------------------------------------------------


def _told(kind: type[T], body: Json, **more: Any) -> T:
    """A dataclass of the fields it knows: a newer sandbox may tell more."""
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return kind(**{**{name: value for name, value in body.items() if name in known}, **more})


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, SEOUL)


@dataclass(frozen=True)
class Button:
    """type: Kakao's two letters (WL AL DS BK MD BC BT AC …). link: where it leads, or ""."""

    type: str
    name: str
    link: str = ""


@dataclass(frozen=True)
class Message:
    """What arrived on a phone. app: "chat" or "sms"; kind: alimtalk, sms, lms, mms or say.

    template: the provider's code, "" for text messages. reference: the sender's own.
    """

    seq: int
    id: int
    at: datetime
    provider: str
    app: str
    kind: str
    number: str
    sender: str
    template: str
    title: str
    text: str
    reference: str
    request_id: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Accepted:
    """What a provider accepted. state: waiting, held (phone off) or done; seq None: not arrived.

    result: delivery code, "" while none is known; outcome: the same in words.
    """

    id: int
    at: datetime
    provider: str
    account: str
    app: str
    kind: str
    number: str
    template: str
    text: str
    reference: str
    state: str
    result: str
    outcome: str
    seq: int | None = None


@dataclass(frozen=True)
class PhoneState:
    number: str
    name: str
    on: bool
    kakao: bool
    blocks_all: bool
    slow_s: float
    answer_lost: bool


@dataclass(frozen=True)
class Pressed:
    """What pressing a button did: a link, words said in the chat, or a chat session opened."""

    kind: str
    name: str
    link: str = ""
    said: str = ""
    session_id: int | None = None


@dataclass(frozen=True)
class ClockState:
    """The sandbox's clock. rate: its seconds in one of ours; ahead_s: of the real time."""

    now: datetime
    rate: float
    ahead_s: float


@dataclass(frozen=True)
class Check:
    """One expectation of a scenario. state: waiting, ok or bad.

    wanted: a bound by its name (is, at_least, at_most, within); found: None while unknown.
    """

    what: str
    wanted: Mapping[str, Any]
    found: float | None
    state: str


@dataclass(frozen=True)
class RunState:
    """state: running, passed, failed or stopped."""

    name: str
    state: str
    count: int
    steps_done: int
    steps: int
    checks: tuple[Check, ...] = ()


def _message(body: Json) -> Message:
    return _told(Message, body, at=_time(body["at"]), buttons=tuple(map(_button, body["buttons"])))


def _button(body: Json) -> Button:
    links = ("linkMo", "url_mobile", "linkPc", "url_pc", "schemeAndroid", "schemeIos")
    link = next((str(body[name]) for name in links if body.get(name)), "")
    kind = body.get("type") or body.get("kind") or ""
    return Button(str(kind), str(body.get("name", "")), link)


# the shop's accounts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Account:
    """An account the sandbox knows; ``url`` is the address to give the shop."""

    sandbox: Sandbox = field(repr=False, compare=False)
    url: str
    sender_key: str
    caller_number: str

    def _approve(self, code: str) -> str:
        self.sandbox.approve(code, self.sender_key)
        return code


@dataclass(frozen=True)
class NhnAccount(_Account):
    app_key: str
    secret_key: str = field(repr=False)
    sms_app_key: str
    sms_secret_key: str = field(repr=False)

    def template(self, code: str, text: str, buttons: Sequence[Json] = (), **parts: Any) -> str:
        """Register an Alimtalk template the way a shop would, and approve it; returns the code.

        buttons and parts are NHN's fields. One that is there with the same text is only used.
        """
        if not self.sandbox._code_of(self.sender_key, code, text):
            base = f"{self.url}/alimtalk/v2.3/appkeys/{quote(self.app_key)}"
            body = {"templateCode": code, "templateName": code, "templateContent": text, **parts}
            numbered = [{"ordering": n, **one} for n, one in enumerate(buttons, 1)]
            self.sandbox._provider(
                f"{base}/senders/{quote(self.sender_key)}/templates",
                {**body, "buttons": numbered},
                {"X-Secret-Key": self.secret_key},
            )
        return self._approve(code)


@dataclass(frozen=True)
class SolapiAccount(_Account):
    """sender_key: SOLAPI's pfId."""

    api_key: str
    api_secret: str = field(repr=False)

    def template(self, name: str, text: str, buttons: Sequence[Json] = (), **parts: Any) -> str:
        """Make a template with SOLAPI's fields and approve it; returns its templateId.

        One that is there with the same name and text is only used.
        """
        code = self.sandbox._code_of(self.sender_key, name, text)
        if not code:
            body = {"channelId": self.sender_key, "name": name, "content": text, **parts}
            body["buttons"] = list(buttons)
            where = f"{self.url}/kakao/v2/templates"
            code = str(self.sandbox._provider(where, body, self.headers())["templateId"])
        return self._approve(code)

    def headers(self) -> dict[str, str]:
        """A signature for one call. SOLAPI's is checked by real time, whatever the clock says."""
        date = datetime.now(timezone.utc).isoformat(timespec="seconds")
        salt = secrets.token_hex(16)
        mac = hmac.new(self.api_secret.encode(), f"{date}{salt}".encode(), hashlib.sha256)
        told = f"apiKey={self.api_key}, date={date}, salt={salt}, signature={mac.hexdigest()}"
        return {"Authorization": f"HMAC-SHA256 {told}"}


@dataclass(frozen=True)
class RelayAccount(_Account):
    """A company's own relay, by Naru's documented interface."""

    key: str
    signing_secret: str = field(repr=False)

    def template(self, code: str, text: str, buttons: Sequence[Json] = (), **parts: Any) -> str:
        """Register a template with the relay's fields and approve it; returns the code."""
        if not self.sandbox._code_of(self.sender_key, code, text):
            body = {"sender": self.sender_key, "code": code, "name": code, "content": text, **parts}
            self.sandbox._provider(
                f"{self.url}/templates",
                {**body, "buttons": list(buttons)},
                {"Authorization": f"Bearer {self.key}"},
            )
        return self._approve(code)


Channel = Union[str, _Account]  # a sender key, or an account with one


def _sender_key(channel: Channel) -> str:
    return channel if isinstance(channel, str) else channel.sender_key


# what can be moved -------------------------------------------------------------------------------


class Phone:
    """A customer's phone. What changes it returns it, so calls can follow one another."""

    def __init__(self, sandbox: Sandbox, number: str) -> None:
        self.sandbox, self.number = sandbox, _digits(number)

    def __repr__(self) -> str:
        return f"Phone({self.number!r})"

    def off(self) -> Phone:
        return self._change(on=False)

    def on(self) -> Phone:
        """Switch it on: what waited for it arrives."""
        return self._change(on=True)

    def leave_kakao(self) -> Phone:
        return self._change(kakao=False)

    def join_kakao(self) -> Phone:
        return self._change(kakao=True)

    def slow(self, seconds: float) -> Phone:
        """Results come so much later."""
        return self._change(slow_s=seconds)

    def lose_answers(self, lose: bool = True) -> Phone:
        """The provider takes the first request for each message, and its answer gets lost."""
        return self._change(answer_lost=lose)

    def block(self, channel: Channel) -> Phone:
        self._known()
        self.sandbox._blocked.add((self.number, _sender_key(channel)))
        return self._call("PUT", f"/blocks/{quote(_sender_key(channel))}")

    def unblock(self, channel: Channel) -> Phone:
        self._known()
        return self._call("DELETE", f"/blocks/{quote(_sender_key(channel))}")

    def say(self, text: str, channel: Channel) -> Phone:
        """The customer writes to a channel that has an account of the consultation hub."""
        self._known()
        return self._call("POST", "/say", {"sender_key": _sender_key(channel), "text": text})

    def press(self, button: str) -> Pressed:
        """Press the button of this name on the newest message that has one."""
        found = self.messages()
        for message in reversed(found):
            names = [one.name for one in message.buttons]
            if button in names:
                path = f"/desk/api/phones/{self.number}/messages/{message.id}/press"
                body = self.sandbox._ask("POST", path, {"button": names.index(button)})
                return _told(Pressed, body)
        there = [one.name for message in found for one in message.buttons]
        raise NotAsExpected(
            f"{self.number} 에 '{button}' 버튼이 없어요. (No such button there.)"
            f" 있는 버튼 (there are): {', '.join(there) or '-'}"
        )

    def messages(self) -> list[Message]:
        """What arrived here, the oldest first."""
        return self.sandbox.received(to=self.number)

    def state(self) -> PhoneState:
        return _told(PhoneState, self._known())

    def _known(self) -> Json:
        """As it is now; one that nobody ever sent to is made. Remembered for ``reset``."""
        try:
            state: Json = self.sandbox._ask("GET", f"/desk/api/phones/{self.number}")
        except Refused as refused:
            if refused.status != 404:
                raise
            body = {"number": self.number, "name": f"손님 {self.number[-4:]}"}
            state = self.sandbox._ask("POST", "/desk/api/phones", body)
        self.sandbox._phones.setdefault(self.number, {name: state[name] for name in TRAITS})
        return state

    def _change(self, **traits: Any) -> Phone:
        self._known()
        return self._call("PATCH", "", traits)

    def _call(self, method: str, path: str, body: Json | None = None) -> Phone:
        self.sandbox._ask(method, f"/desk/api/phones/{self.number}{path}", body)
        return self


class Clock:
    """The sandbox's own clock. It goes forward only; ``reset`` puts it back to the real time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def move(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> ClockState:
        """Forward by so much, at once: what is due by then happens."""
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._set(add_s=by.total_seconds())

    def set(self, at: datetime) -> ClockState:
        """To a moment that is later than now; it needs a time zone."""
        return self._set(at=at.isoformat())

    def rate(self, seconds: float) -> ClockState:
        """From now on so many of its seconds pass in one of ours; 0 stops it, 1 is usual."""
        return self._set(rate=seconds)

    def reset(self) -> None:
        self._sandbox._ask("DELETE", "/desk/api/clock")

    def state(self) -> ClockState:
        return self._state(self._sandbox._ask("GET", "/desk/api/clock"))

    def _set(self, **change: Any) -> ClockState:
        return self._state(self._sandbox._ask("PUT", "/desk/api/clock", change))

    def _state(self, body: Json) -> ClockState:
        return ClockState(_time(body["now"]), float(body["rate"]), float(body["ahead_s"]))


class Dial:
    """Chaos in force until the ``with`` block ends; then the rules around it are, or none."""

    def __init__(self, sandbox: Sandbox, rules: Sequence[Json], seed: int) -> None:
        self._sandbox, self._before = sandbox, sandbox._rules
        self._arm({"seed": seed, "rules": [dict(one) for one in rules]})

    def __enter__(self) -> Dial:
        return self

    def __exit__(self, *_: object) -> None:
        self._arm(self._before)

    def _arm(self, rules: Json) -> None:
        self._sandbox._ask("PUT", "/desk/api/chaos", rules)
        self._sandbox._rules = rules

    def acted(self) -> list[int]:
        """How often each rule has hit, in their order."""
        return [one["acted"] for one in self._sandbox._ask("GET", "/desk/api/chaos")["rules"]]


class ScenarioRun:
    """A scenario that was started. Leaving a ``with`` block stops it: all is as before."""

    def __init__(self, sandbox: Sandbox, name: str, count: int | None) -> None:
        self._sandbox, self.name = sandbox, name
        body = {} if count is None else {"count": count}
        sandbox._ask("POST", f"/desk/api/scenarios/{quote(name)}/start", body)

    def __enter__(self) -> ScenarioRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def state(self) -> RunState:
        body = self._sandbox._ask("GET", "/desk/api/scenarios/run")
        return _told(RunState, body, checks=tuple(_told(Check, one) for one in body["checks"]))

    def stop(self) -> None:
        """Dial, town, settings and clock as before the start."""
        with contextlib.suppress(Refused):  # it may have been stopped by somebody else
            self._sandbox._ask("POST", "/desk/api/scenarios/stop")

    def assert_passed(self, within_s: float = 30) -> RunState:
        """Wait until all its checks hold. Raises NotAsExpected with those that do not."""
        __tracebackhide__ = True
        end = time.monotonic() + within_s
        while True:
            found = self.state()
            if found.state == "passed":
                return found
            if found.state != "running" or time.monotonic() > end:
                break
            time.sleep(0.1)
        lines = [
            f"  {c.state:<8}{c.what}: wanted {dict(c.wanted)}, found {c.found}"
            for c in found.checks
        ]
        raise NotAsExpected(
            f"연습 {self.name}: {found.state} ({found.steps_done}/{found.steps} steps)"
            f" within {within_s:g} s\n" + "\n".join(lines)
        )


# the sandbox -------------------------------------------------------------------------------------


class Sandbox:
    """A running sandbox. Made by ``start``, ``connect`` or ``find``; use it in a ``with`` block."""

    def __init__(self, url: str, password: str = "", process: _Process | None = None) -> None:
        self.url = url.rstrip("/")
        self.clock = Clock(self)
        self._process = process
        auth = ("naru", password) if password else None
        self._client = httpx.Client(
            base_url=self.url, auth=auth, trust_env=False, timeout=LONGEST_WAIT_S + 15
        )
        self._phones: dict[str, dict[str, Any]] = {}  # traits of touched phones, as they were
        self._blocked: set[tuple[str, str]] = set()
        self._rules: Json = NO_CHAOS
        self.written = 0  # where in its log the present test began
        self.run: ScenarioRun | None = None  # of the marker naru_scenario
        try:
            self._settings: Json = self._ask("GET", "/desk/api/settings")
        except SandboxError:
            self.close()
            raise

    @classmethod
    def start(cls, command: str | Sequence[str] = "", **settings: Any) -> Sandbox:
        """Start one that ends with this process. settings: as ``settings()``, from the start on.

        Results come at once unless ``result_delay_s`` says otherwise. Raises CannotStart.
        """
        words = shlex.split(command) if isinstance(command, str) else list(command)
        process = _Process(words or _command())
        try:
            sandbox = cls(process.url, os.environ.get(PASSWORD, ""), process)
            sandbox._settings = sandbox.settings(**{**QUICK, **settings})
        except BaseException:
            process.stop()
            raise
        return sandbox

    @classmethod
    def connect(cls, url: str = "", password: str | None = None) -> Sandbox:
        """Use one that runs. Left out: NARU_SANDBOX_URL and NARU_SANDBOX_PASSWORD.

        Raises CannotStart.
        """
        url = url or os.environ.get(URL, "")
        if not url.startswith(("http://", "https://")):
            raise CannotStart(
                f"샌드박스 주소가 없어요: {URL} 을 정하세요. (Set {URL} to an address such as"
                f" http://127.0.0.1:8001; it is {url!r}.)"
            )
        secret = os.environ.get(PASSWORD, "") if password is None else password
        try:
            return cls(url, secret)
        except Refused as refused:
            raise CannotStart(_why_not(url, refused)) from None
        except SandboxError as error:
            raise CannotStart(f"{error}\n{URL}={url}") from None

    @classmethod
    def find(cls) -> Sandbox:
        """Connect where NARU_SANDBOX_URL is set, else start one. Raises CannotStart."""
        return cls.connect() if os.environ.get(URL) else cls.start()

    def close(self) -> None:
        """Close connections, and end the sandbox if it was started here."""
        self._client.close()
        if self._process:
            self._process.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox({self.url!r})"

    def log(self) -> str:
        """What a sandbox started here has written; "" for another."""
        return self._process.log() if self._process else ""

    # accounts and templates ----------------------------------------------------------------------

    def nhn_account(
        self,
        app_key: str = "shop-app-key",
        *,
        sender_key: str = "shop-channel",
        caller_number: str = "0220410100",
        webhook_url: str = "",
        **more: Any,
    ) -> NhnAccount:
        """Make or replace an account of NHN Cloud. more: other fields of the sandbox's API."""
        keys = {name: f"{app_key}-{name}" for name in ("secret_key", "sms_secret_key")}
        body = {"sms_app_key": f"{app_key}-sms", **keys, "webhook_url": webhook_url, **more}
        self._account("nhn", app_key, sender_key, caller_number, body)
        told = {name: body[name] for name in ("secret_key", "sms_app_key", "sms_secret_key")}
        return NhnAccount(self, f"{self.url}/nhn", sender_key, caller_number, app_key, **told)

    def solapi_account(
        self,
        api_key: str = "SHOPAPIKEY",
        *,
        sender_key: str = "shop-pfid",
        caller_number: str = "0220410100",
        webhook_url: str = "",
        **more: Any,
    ) -> SolapiAccount:
        """Make or replace an account of SOLAPI; ``sender_key`` is its pfId."""
        body = {"api_secret": f"{api_key}-secret", "webhook_url": webhook_url, **more}
        self._account("solapi", api_key, sender_key, caller_number, body)
        where = f"{self.url}/solapi"
        return SolapiAccount(self, where, sender_key, caller_number, api_key, body["api_secret"])

    def relay_account(
        self,
        key: str = "shop-relay-key",
        *,
        sender_key: str = "shop-channel",
        caller_number: str = "0220410100",
        callback_url: str = "",
        **more: Any,
    ) -> RelayAccount:
        """Make or replace an account of the relay (``idempotency="dedupe"`` and so on)."""
        body = {"signing_secret": f"{key}-secret", "callback_url": callback_url, **more}
        self._account("relay", key, sender_key, caller_number, body)
        where = f"{self.url}/relay"
        return RelayAccount(self, where, sender_key, caller_number, key, body["signing_secret"])

    def consult_account(
        self, client_id: str = "shop-consult", *, sender_key: str = "shop-channel", **more: Any
    ) -> dict[str, str]:
        """Make or replace a client of the consultation hub; returns its id and secret."""
        body = {"client_secret": f"{client_id}-secret", **more}
        self._account("consult", client_id, sender_key, "", body)
        return {"client_id": client_id, "client_secret": str(body["client_secret"])}

    def templates(self) -> list[dict[str, Any]]:
        """Registered templates as the sandbox's API tells them, the newest change first."""
        return list(self._ask("GET", "/desk/api/templates"))

    def approve(self, code: str, sender_key: str = "") -> None:
        """Approve a template under review; one that is approved stays so."""
        self._judge(code, sender_key, "approve", None)

    def reject(self, code: str, comment: str, sender_key: str = "") -> None:
        """Reject a template under review, with words for the sender."""
        self._judge(code, sender_key, "reject", {"comment": comment})

    # phones and what came ------------------------------------------------------------------------

    def phone(self, number: str) -> Phone:
        return Phone(self, number)

    def latest(self, *, to: str = "", template: str = "", app: str = "") -> Message | None:
        """The newest message that arrived, None when nothing did."""
        try:
            return _message(self._ask("GET", "/latest", to=to, template=template, app=app))
        except Refused as refused:
            if refused.code != "nothing_arrived":
                raise
            return None

    def received(
        self, *, to: str = "", template: str = "", app: str = "", after: int = 0, wait_s: float = 0
    ) -> list[Message]:
        """What arrived since the last reset, the oldest first; waits for the first if told."""
        wanted = {"to": to, "template": template, "app": app}
        wait_s = min(wait_s, LONGEST_WAIT_S)
        return list(map(_message, self._pages("received", "seq", after, wanted, wait_s)))

    def accepted(self, *, to: str = "", template: str = "", app: str = "") -> list[Accepted]:
        """What the providers accepted since the last reset, whether it arrived or not."""
        wanted = {"to": to, "template": template, "app": app}
        found = self._pages("accepted", "id", 0, wanted)
        return [_told(Accepted, one, at=_time(one["at"])) for one in found]

    def assert_received(
        self,
        to: str,
        *,
        template: str = "",
        contains: str | Sequence[str] = (),
        app: str = "",
        within_s: float = 5,
    ) -> Message:
        """The first message to this number that fits, waiting for it.

        contains: what its text must hold, one or several. Raises NotAsExpected, which says what
        came instead, or why nothing did.
        """
        __tracebackhide__ = True
        parts = [contains] if isinstance(contains, str) else list(contains)
        wish = _Wish(to, template, app, parts)
        found = self._wait(wish, within_s)
        if found is None:
            raise NotAsExpected(self._explain(wish, within_s))
        return found

    def assert_nothing(
        self,
        to: str,
        *,
        template: str = "",
        contains: str | Sequence[str] = (),
        app: str = "",
        within_s: float = 1,
    ) -> None:
        """Nothing that fits came to this number, nor comes within so many seconds."""
        __tracebackhide__ = True
        parts = [contains] if isinstance(contains, str) else list(contains)
        wish = _Wish(to, template, app, parts)
        found = self._wait(wish, within_s)
        if found is not None:
            raise NotAsExpected(f"{wish.number} 에 왔어요. (It came: {wish})\n{_line(found)}")

    # trouble and time ----------------------------------------------------------------------------

    def chaos(self, rules: Sequence[Json], seed: int = 0) -> Dial:
        """Let provider calls or results fail: ``with sandbox.chaos([{"effect": …}]):``."""
        return Dial(self, rules, seed)

    def scenario(self, name: str, count: int | None = None) -> ScenarioRun:
        """Start a scenario; count: how many messages the shop will send."""
        return ScenarioRun(self, name, count)

    def settings(self, **changes: Any) -> Json:
        """Change settings of the desk until the next reset; returns all of them."""
        found: Json = self._ask("PATCH", "/desk/api/settings", changes)
        return found

    def reset(self) -> None:
        """As after the start: no messages, no chaos, no scenario, real time, phones untouched.

        Accounts and templates stay.
        """
        for method, path in (
            ("POST", "/desk/api/scenarios/stop"),
            ("DELETE", "/desk/api/clock"),
            ("DELETE", "/desk/api/chaos"),
        ):
            with contextlib.suppress(Refused):  # nothing to stop
                self._ask(method, path)
        for number, channel in self._blocked:
            self._ask("DELETE", f"/desk/api/phones/{number}/blocks/{quote(channel)}")
        for number, traits in self._phones.items():
            self._ask("PATCH", f"/desk/api/phones/{number}", traits)
        self._rules = NO_CHAOS
        self._blocked.clear()
        self._phones.clear()
        self._ask("PATCH", "/desk/api/settings", self._settings)
        self._ask("POST", "/desk/api/reset")

    # inside --------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, body: Json | None = None, **query: Any) -> Any:
        """JSON of one call. Raises Refused, and SandboxError when nobody answers."""
        asked = {name: value for name, value in query.items() if value not in ("", 0)}
        try:
            answer = self._client.request(method, path, json=body, params=asked)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: it was closed
            raise SandboxError(
                f"샌드박스 {self.url} 가 답하지 않아요. (The sandbox does not answer:"
                f" {type(error).__name__} {error})\n{self.log()}"
            ) from None
        if answer.is_success and not answer.content:
            return None
        try:
            told = answer.json()
            if answer.is_success:
                return told
            refused = Refused(
                answer.status_code, told["code"], told["detail"], told.get("field") or ""
            )
        except (ValueError, KeyError, TypeError):
            refused = Refused(answer.status_code, "unreadable", answer.text.strip()[:200])
        raise refused

    def _pages(
        self, what: str, place: str, after: int, wanted: Json, wait_s: float = 0
    ) -> Iterator[Json]:
        """All rows of a list after a place; waits for the first where there is none."""
        page: list[Json] = [{}] * PAGE
        while len(page) == PAGE:
            query = {**wanted, "after": after, "limit": PAGE, "wait_s": wait_s}
            page = self._ask("GET", f"/desk/api/{what}", **query)
            yield from page
            after, wait_s = page[-1][place] if page else after, 0

    def _provider(self, url: str, body: Json, headers: Mapping[str, str]) -> Json:
        """A call as the shop makes it. Raises SandboxError with the provider's refusal."""
        answer = httpx.post(url, json=body, headers=dict(headers), trust_env=False, timeout=30)
        told: Json = answer.json()
        head = told.get("header")  # of NHN's answers, which are 200 even then
        failed = isinstance(head, dict) and not head.get("isSuccessful")
        if failed or not answer.is_success:
            raise SandboxError(f"{url}: {answer.status_code} {answer.text[:300]}")
        return told

    def _account(self, kind: str, key: str, sender: str, caller: str, body: Json) -> None:
        channel = {"sender_key": sender, "channel_id": f"@{sender}", "name": sender}
        more = {"caller_numbers": [caller]} if caller else {}
        path = f"/desk/api/accounts/{kind}/{quote(key, safe='')}"
        self._ask("PUT", path, {"senders": [channel], **more, **body})

    def _code_of(self, sender_key: str, name: str, text: str) -> str:
        """The code of a channel's template, "" if there is none of this name.

        Raises SandboxError where it has another text.
        """
        for one in self.templates():
            if (one["sender_key"], one["name"]) == (sender_key, name):
                if one["body"].get("templateContent") == text:
                    return str(one["code"])
                raise SandboxError(
                    f"{name}: 다른 글로 있어요. (It is registered with another text.)"
                )
        return ""

    def _judge(self, code: str, sender_key: str, act: str, body: Json | None) -> None:
        if not sender_key:
            known = (one["sender_key"] for one in self.templates() if one["code"] == code)
            sender_key = next(known, "-")
        path = f"/desk/api/templates/{quote(sender_key)}/{quote(code)}"
        state = self._ask("GET", path)
        if act == "approve" and state["status"] == "TSC03" and not state["edit"]:
            return
        self._ask("POST", f"{path}/{act}", body)

    def _wait(self, wish: _Wish, within_s: float) -> Message | None:
        """The first message that fits, or None after so many seconds of real time."""
        end, after = time.monotonic() + within_s, 0
        while True:
            left = max(0.0, end - time.monotonic())
            found = self.received(
                to=wish.number, template=wish.template, app=wish.app, after=after, wait_s=left
            )
            for message in found:
                if all(part in f"{message.title}\n{message.text}" for part in wish.parts):
                    return message
            after = found[-1].seq if found else after
            if not found and left <= 0:
                return None

    def _explain(self, wish: _Wish, within_s: float) -> str:
        """Why what was wished for did not come, as far as the sandbox knows."""
        lines = [f"{wish.number} 에 오지 않았어요. (Not received within {within_s:g} s: {wish})"]
        came = self.received(to=wish.number)
        lines += ["대신 온 것 (came instead):", *map(_line, came[-5:])] if came else []
        others = [] if came else self.received(template=wish.template)[-3:]
        lines += ["다른 번호에 온 것 (came to others):", *map(_line, others)] if others else []
        rows = [one for one in self.accepted(to=wish.number) if one.seq is None][-5:]
        lines += ["접수됐지만 (accepted, but not delivered):", *map(_row, rows)] if rows else []
        lines += self._phone_lines(wish.number) + self._request_lines(wish.number)
        rules = [one for one in self._ask("GET", "/desk/api/chaos")["rules"] if one["acted"]]
        lines += [f"  chaos {one['effect']}: {one['acted']} ×" for one in rules]
        return "\n".join(lines)

    def _phone_lines(self, number: str) -> list[str]:
        try:
            body = self._ask("GET", f"/desk/api/phones/{number}")
        except Refused:
            return [f"  phone {number}: 받은 적이 없어요 (nothing was ever accepted for it)"]
        state = _told(PhoneState, body)
        blocked = [room["sender"] for room in body["rooms"] if room["blocked"]]
        found = {
            "꺼짐 (off)": not state.on,
            "카카오톡 안 씀 (not on KakaoTalk)": not state.kakao,
            "모든 채널 차단 (blocks every channel)": state.blocks_all,
            f"차단 (blocks) {', '.join(blocked)}": bool(blocked),
            f"느림 (slow) {state.slow_s:g} s": state.slow_s > 0,
            "답이 사라짐 (answers get lost)": state.answer_lost,
        }
        told = [words for words, so in found.items() if so]
        return [f"  phone {number}: {', '.join(told)}"] if told else []

    def _request_lines(self, number: str) -> list[str]:
        """The newest calls to providers: those that name the number, else the last ones."""
        found = self._ask("GET", "/desk/api/requests", limit=200)
        calls = [one for one in found if "/templates" not in one["path"]]
        if not calls:
            faces = ", ".join(f"{self.url}/{name}" for name in ("nhn", "solapi", "relay"))
            return [f"제공자 요청이 하나도 없어요. (No provider was called. Addresses: {faces})"]
        ours = [one for one in calls if number[-8:] in one["body"].replace("-", "")]
        told = ["요청 (calls to providers, the newest first):"]
        for one in (ours or calls)[:4]:
            what = "(no answer)" if one["status"] is None else f"{one['status']} {one['answer']}"
            acted = f" [chaos: {', '.join(one['acted'])}]" if one.get("acted") else ""
            told.append(f"  {one['method']} {one['path']} → {what[:300]}{acted}")
        return told


@dataclass(frozen=True)
class _Wish:
    """What an assertion asks for."""

    to: str
    template: str
    app: str
    parts: Sequence[str]

    @property
    def number(self) -> str:
        return _digits(self.to)

    def __str__(self) -> str:
        told = {"template": self.template, "app": self.app, "contains": ", ".join(self.parts)}
        return ", ".join(f"{name}={value!r}" for name, value in told.items() if value) or "anything"


def _digits(number: str) -> str:
    """In national form, as the sandbox keeps it."""
    digits = re.sub(r"[\s+-]", "", number)
    return "0" + digits[2:] if digits.startswith("82") and len(digits) >= 11 else digits


def _line(message: Message) -> str:
    what = f"{message.kind} {message.template}".strip()
    text = " ".join(f"{message.title} {message.text}".split())
    return f"  {message.at:%H:%M:%S} {message.number} {what}: {text[:200]}"


def _row(one: Accepted) -> str:
    what = f"{one.provider} {one.kind} {one.template}".strip()
    return f"  {one.at:%H:%M:%S} {what} → {one.state} {one.result} {one.outcome}"


def _why_not(url: str, refused: Refused) -> str:
    if refused.status == 401:
        return f"{url}: 비밀번호가 필요해요. {PASSWORD} 를 정하세요. (Set {PASSWORD}.)"
    if refused.status == 429:
        return f"{url}: 비밀번호가 여러 번 틀렸어요. (Too many wrong passwords; wait a minute.)"
    return f"{url}: 나루 샌드박스가 아니에요. (That is no Naru sandbox: {refused})"


# the process -------------------------------------------------------------------------------------


def _command() -> list[str]:
    """Raises CannotStart when there is nothing to start."""
    told = os.environ.get(COMMAND, "")
    if told:
        return shlex.split(told)
    for words in (["naru", "sandbox"], ["naru-sandbox"]):
        found = shutil.which(words[0])
        if found:
            return [found, *words[1:]]
    raise CannotStart(
        "샌드박스를 찾지 못했어요. (No sandbox was found.) 하나를 정하세요 (set one of these):\n"
        f"  {URL}=http://127.0.0.1:8001       하나가 떠 있으면 (one that runs)\n"
        f"  {COMMAND}='naru sandbox'          켜는 명령 (how to start one)\n"
        "  PATH 에 naru                       (the command naru on the PATH)"
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class _Process:
    """A sandbox started here; ``url`` answers. Raises CannotStart with what it wrote."""

    def __init__(self, command: Sequence[str]) -> None:
        told = [word for word in command if "{port}" in word]
        port = _free_port() if told else 0
        words = [word.replace("{port}", str(port)) for word in command]
        words += [] if told else ["--port", "0"]
        env = {k: v for k, v in os.environ.items() if k != "NARU_SANDBOX_STORE"}
        env.update({"NARU_SANDBOX_HOST": "127.0.0.1", "PYTHONIOENCODING": "utf-8"})
        self._folder = tempfile.TemporaryDirectory(prefix="naru-testing-")
        self._log = Path(self._folder.name) / "sandbox.log"
        with self._log.open("wb") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-c", KEEPER, *words],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,  # Ctrl-C is for the tests, which then end it
            )
        self.url = f"http://127.0.0.1:{port}" if told else ""
        try:
            self._wait(words)
        except BaseException:
            self.stop()
            raise

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def stop(self) -> None:
        """End it and wait for its end. Again: nothing."""
        if self._child.stdin:
            self._child.stdin.close()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._folder.cleanup()

    def _wait(self, words: Sequence[str]) -> None:
        end = time.monotonic() + START_S
        while not self._is_ready():
            ended = self._child.poll() is not None
            if ended or time.monotonic() > end:
                what = "끝나 버렸어요 (it ended)" if ended else f"{START_S:g} s"
                raise CannotStart(
                    f"샌드박스가 켜지지 않았어요: {what}. (The sandbox did not start.)"
                    f" {COMMAND} 를 확인하세요 (check it):\n  {shlex.join(words)}\n{self.log()}"
                )
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        if not self.url:
            said = re.search(r"https?://[\w.\[\]:-]+:\d+", self.log())
            self.url = said.group() if said else ""
        if not self.url:
            return False
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False


# pytest ------------------------------------------------------------------------------------------

try:
    import pytest
except ImportError:  # used without it
    pass
else:

    def pytest_addoption(parser: pytest.Parser) -> None:
        for name, env, about in (
            ("naru_sandbox_url", URL, "Address of a running sandbox; it is emptied for each test."),
            ("naru_sandbox_command", COMMAND, "How to start a sandbox; {port} is a free port."),
        ):
            option = "--" + name.replace("_", "-")
            parser.addoption(option, default=None, help=f"{about} ({env})")
            parser.addini(name, about, default="")

    def pytest_configure(config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers",
            "naru_scenario(name, count=None): start a scenario of the sandbox for this test;"
            " naru_sandbox.run is the run",
        )

    def _told_by(config: pytest.Config, name: str, env: str) -> str:
        """Command line, environment, then ini file."""
        return str(config.getoption(name) or os.environ.get(env) or config.getini(name) or "")

    @pytest.fixture(scope="session")
    def naru_sandbox_process(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
        """One sandbox for all tests of this process; with xdist, one for each worker."""
        config = request.config
        url = _told_by(config, "naru_sandbox_url", URL)
        workers = getattr(config, "workerinput", {}).get("workercount", 1)
        if url and workers > 1:
            pytest.fail(
                f"{workers} workers cannot share the sandbox at {url}: each test empties it. Leave"
                " naru_sandbox_url out, so that each worker starts its own, or use -n 1.",
                pytrace=False,
            )
        try:
            command = _told_by(config, "naru_sandbox_command", COMMAND)
            sandbox = Sandbox.connect(url) if url else Sandbox.start(command)
        except CannotStart as error:
            pytest.fail(str(error), pytrace=False)
        with sandbox:
            yield sandbox

    @pytest.fixture
    def naru_sandbox(
        naru_sandbox_process: Sandbox, request: pytest.FixtureRequest
    ) -> Iterator[Sandbox]:
        """The sandbox, emptied before the test: messages, chaos, scenario, clock, phones."""
        sandbox = naru_sandbox_process
        sandbox.reset()
        mark = request.node.get_closest_marker("naru_scenario")
        sandbox.run = sandbox.scenario(*mark.args, **mark.kwargs) if mark else None
        sandbox.written = len(sandbox.log())
        yield sandbox
        if sandbox.run:
            sandbox.run.stop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A failed test shows what its sandbox wrote meanwhile."""
        sandbox = getattr(item, "funcargs", {}).get("naru_sandbox")
        if call.excinfo is not None and isinstance(sandbox, Sandbox):
            log = sandbox.log()[sandbox.written :]
            if log.strip():
                item.add_report_section(call.when, "naru sandbox log", log)
