"""One account at a consultation hub: write, upload, end, block, and read its callbacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from channels.adapters.consult import uploads
from channels.adapters.consult.codes import REASONS, SUCCESS
from channels.adapters.consult.events import event_of, inbound_of, words
from channels.adapters.consult.writing import Unwritable, form_of
from channels.consulting import Uploaded
from channels.contract import Answer, Call, Callback, Idempotency, Inbound, Outcome, Route
from channels.management import Picture
from channels.multipart import post_parts
from channels.transport import Reply, Trouble, deadline_in, judge, post, read, with_evidence
from channels.vocabulary import IdempotencyClass, Level, Reason, Verdict

ROUTES: Mapping[str, Route] = {
    "chat": Route(
        "chat",
        1,
        frozenset(),
        Idempotency(IdempotencyClass.BLIND),
        frozenset({Level.ACCEPTED}),
        receipts=False,
    )
}
PATIENCE_S = 15.0
UPLOAD_S = 60.0
END, END_WITH_BOT = "/v1/chat/end", "/kakaoWebhook/v3/bzc/chat/endWithBot"
# said with -505 when the hub's own store failed: the same file may pass later
STORE_FAILED = "FailedToUploadFileException"


@dataclass(frozen=True, slots=True)
class Config:
    """The hub's address and keys; the rest is the hub's own, by contract.

    ``block_path`` and ``unblock_path`` are empty when the hub is not to be asked.
    """

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    hub_url: str
    no_session_codes: frozenset[str] = frozenset()
    block_path: str = ""
    unblock_path: str = ""

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """``no_session_codes`` is a comma list. Raises KeyError for a missing credential."""
        codes = credentials.get("no_session_codes", "").split(",")
        return cls(
            credentials["client_id"],
            credentials["client_secret"],
            (base_url or credentials["hub_url"]).rstrip("/"),
            frozenset(code.strip() for code in codes if code.strip()),
            _path(credentials.get("block_path", "")),
            _path(credentials.get("unblock_path", "")),
        )


def _path(given: str) -> str:
    bare = given.strip().strip("/").strip()
    return f"/{bare}" if bare else ""


class Consult:
    """One account at a consultation hub."""

    name = "consult"
    routes: Mapping[str, Route] = ROUTES

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client

    def __repr__(self) -> str:
        return "Consult()"

    @property
    def blocks(self) -> bool:
        """Whether both paths are known."""
        return bool(self._config.block_path and self._config.unblock_path)

    async def send(self, call: Call) -> Answer:
        """Write one line into an open chat."""
        if not call.messages:
            return Answer(())
        (message,) = call.messages
        form = form_of(message)
        if isinstance(form, Unwritable):
            refused = Outcome(message.ref, Verdict.REJECTED, form.reason, form.code, form.text)
            return Answer((refused,))
        answer = await self._post("/v1/chat/write", form, call.deadline)
        return with_evidence((self._outcome(message.ref, answer, call.now),), answer)

    async def upload_for_chat(
        self, sender: str, kind: str, name: str, media_type: str, data: bytes
    ) -> Uploaded | Outcome:
        """Give the hub a picture or file; a lost answer may be asked again."""
        file = Picture(name, media_type, data)
        refused = uploads.refusal(kind, file)
        if refused is not None:
            return Outcome("", Verdict.REJECTED, *refused)
        image = kind in uploads.IMAGES
        answer = await post_parts(
            self._client,
            self._config.hub_url + (uploads.IMAGE_PATH if image else uploads.FILE_PATH),
            (uploads.fields_of(sender, kind), {"image" if image else "file": file}),
            self._headers(),
            deadline_in(UPLOAD_S),
        )
        outcome = self._outcome("", answer, None)
        if outcome.text == STORE_FAILED:
            return Outcome("", Verdict.UNKNOWN, Reason.UNCERTAIN, outcome.code, outcome.text)
        if outcome.verdict is not Verdict.ACCEPTED:
            return outcome
        return uploads.uploaded(kind, file, read(answer)) or Outcome(
            "", Verdict.UNKNOWN, Reason.UNREADABLE, outcome.code
        )

    async def end(self, sender: str, user_key: str, bot_event: str | None = None) -> Outcome:
        """Close the customer's chat; with a bot event the hub's bot goes on ("": without one)."""
        form = {"user_key": user_key, "sender_key": sender}
        if bot_event:
            form["bot_event"] = bot_event
        path = END if bot_event is None else END_WITH_BOT
        return self._outcome("", await self._post(path, form, deadline_in(PATIENCE_S)), None)

    async def block(self, sender: str, user_key: str) -> Outcome:
        """Block the customer, which ends the chat; the body is that of every call about a chat."""
        return await self._about(self._config.block_path, sender, user_key)

    async def unblock(self, sender: str, user_key: str) -> Outcome:
        """Lift the block."""
        return await self._about(self._config.unblock_path, sender, user_key)

    def verify(self, callback: Callback) -> None:
        """The hub signs nothing: the secret path guards, and the body must look like its own."""
        event_of(callback)

    def parse(self, callback: Callback) -> Sequence[Inbound]:
        """The one event of a callback."""
        return [inbound_of(callback)]

    async def _about(self, path: str, sender: str, user_key: str) -> Outcome:
        if not path:
            text = "the account does not say where the hub blocks"
            return Outcome("", Verdict.REJECTED, Reason.REQUEST_REFUSED, "no_path", text)
        form = {"user_key": user_key, "sender_key": sender}
        return self._outcome("", await self._post(path, form, deadline_in(PATIENCE_S)), None)

    def _headers(self) -> dict[str, str]:
        return {
            "HT-Client-Id": self._config.client_id,
            "HT-Client-Secret": self._config.client_secret,
        }

    async def _post(self, path: str, form: Mapping[str, Any], deadline: float) -> Reply | Trouble:
        url = self._config.hub_url + path
        return await post(self._client, url, form, self._headers(), deadline)

    def _outcome(self, ref: str, answer: Reply | Trouble, now: datetime | None) -> Outcome:
        body = read(answer)
        code = words(body.get("code")).strip() if isinstance(body, Mapping) else ""
        if not isinstance(body, Mapping) or not code:
            judged = judge(answer, now)
            return Outcome(
                ref, judged.verdict, judged.reason, judged.code, retry_after_s=judged.retry_after_s
            )
        if code in SUCCESS:
            return Outcome(ref, Verdict.ACCEPTED, code=code)
        text = words(body.get("message"))
        if code in self._config.no_session_codes:
            return Outcome(ref, Verdict.REJECTED, Reason.NO_CHAT_SESSION, code, text)
        verdict, reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))
        return Outcome(ref, verdict, reason, code, text)
