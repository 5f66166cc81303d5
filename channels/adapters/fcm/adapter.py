"""The adapter itself: one message a request, with an access token that is shared and renewed."""

from collections.abc import Mapping, Sequence

import httpx

from channels.adapters.fcm import health
from channels.adapters.fcm.account import ROUTES, Config
from channels.adapters.fcm.answers import needs_token, outcome_of
from channels.adapters.fcm.tokens import NoToken, Tokens
from channels.adapters.fcm.writing import Unwritable, form_of
from channels.contract import Answer, BadCallback, Call, Callback, Outcome, Receipt, Route
from channels.management import Health
from channels.push import APP, parse_app
from channels.transport import Reply, Trouble, deadline_in, post, with_evidence
from channels.vocabulary import Verdict

PATIENCE_S = 15.0


class Fcm:
    """One Firebase project."""

    name = "fcm"
    routes: Mapping[str, Route] = ROUTES

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client
        self._tokens = Tokens(config, client)

    def __repr__(self) -> str:
        return "Fcm()"

    async def send(self, call: Call) -> Answer:
        """Send to one device; what Google would refuse for its size or names does not leave."""
        if not call.messages:
            return Answer(())
        (message,) = call.messages
        form = form_of(message, call.now)
        if isinstance(form, Unwritable):
            refused = Outcome(message.ref, Verdict.REJECTED, form.reason, form.code, form.text)
            return Answer((refused,))
        answer = await self._post(form, call.deadline)
        if isinstance(answer, NoToken):
            later = Outcome(
                message.ref,
                Verdict.DEFERRED,
                answer.reason,
                answer.code,
                answer.text,
                retry_after_s=answer.retry_after_s,
            )
            return Answer((later,))
        return with_evidence((outcome_of(message.ref, answer, call.now),), answer)

    def verify(self, callback: Callback) -> None:
        """FCM calls nobody back, so no callback is its own.

        Receipts of apps come to the gateway's own address and are checked there; one at the
        account's address is somebody's who only knows that address.
        """
        raise BadCallback("FCM sends no callbacks")

    def parse(self, callback: Callback) -> Sequence[Receipt]:
        """Receipts of apps, as the gateway keeps them."""
        if callback.kind != APP:
            raise BadCallback("FCM sends no callbacks")
        return parse_app(callback)

    async def check(self) -> Health:
        """Have a message to nobody judged."""
        answer = await self._post(health.NOBODY, deadline_in(PATIENCE_S))
        if isinstance(answer, NoToken):
            return health.without_token(answer)
        return health.judged(self._config, answer)

    async def _post(self, form: Mapping[str, object], deadline: float) -> Reply | Trouble | NoToken:
        """Once, and once more with a new token where the first was not taken, nor the message."""
        token = await self._tokens.get(deadline)
        if isinstance(token, NoToken):
            return token
        answer = await self._once(form, token, deadline)
        if not needs_token(answer):
            return answer
        newer = await self._tokens.get(deadline, refused=token)
        if isinstance(newer, NoToken):
            return newer
        return await self._once(form, newer, deadline)

    async def _once(
        self, form: Mapping[str, object], token: str, deadline: float
    ) -> Reply | Trouble:
        headers = {"Authorization": f"Bearer {token}"}
        return await post(self._client, self._config.send_url, form, headers, deadline)
