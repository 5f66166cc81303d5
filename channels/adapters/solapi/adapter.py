"""The adapter itself: each promise of the contract, kept by the module that knows how."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from channels.adapters.solapi import health, lists, pictures, receipts, sending, templates
from channels.adapters.solapi.account import ROUTES, Config
from channels.contract import (
    Answer,
    Call,
    Callback,
    Found,
    Listing,
    Page,
    Receipt,
    Route,
    Tried,
)
from channels.management import Health, Picture, Review, TemplateForm, Uploaded
from channels.transport import post
from channels.vocabulary import PictureUse, ReviewAction


class Solapi:
    """One account at SOLAPI: messages v4, kakao v2, storage v1."""

    name = "solapi"
    routes: Mapping[str, Route] = ROUTES
    review_actions = templates.ACTIONS

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client

    def __repr__(self) -> str:
        return "Solapi()"

    async def send(self, call: Call) -> Answer:
        """Send full texts; SOLAPI's own SMS fallback stays off.

        A notice with a part that SOLAPI carries not is refused and does not leave. Raises
        ValueError for an MMS without the id of its picture.
        """
        kept, refused = sending.carried(call)
        if not kept:
            return Answer(tuple(refused[message.ref] for message in call.messages))
        form = sending.body(call.route, kept, self._config.caller)
        url, headers = self._config.url + sending.PATH, self._config.headers()
        answer = await post(self._client, url, form, headers, call.deadline)
        return sending.outcomes(call, refused, answer)

    def verify(self, callback: Callback) -> None:
        """Raise BadCallback unless it may be a list of reports; they are not signed."""
        receipts.verify(callback)

    def parse(self, callback: Callback) -> Sequence[Receipt]:
        """Receipts of single reports, wrapped or flat; nothing for reports of a group."""
        return receipts.parse(callback)

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """Absent only when the whole list of the call's time was read without it."""
        return await lists.look_up(self._client, self._config, tried, now)

    async def poll(self, since: datetime, until: datetime, cursor: str | None) -> Page:
        """Results updated in [since, until]. Raises ProviderRefused, ProviderSilent."""
        return await lists.poll(self._client, self._config, since, until, cursor)

    async def listed(self, since: datetime, until: datetime, cursor: str | None) -> Listing:
        """What SOLAPI took in [since, until]. Raises ProviderRefused, ProviderSilent."""
        return await lists.listed(self._client, self._config, since, until, cursor)

    async def check(self) -> Health:
        """Ask for the balance and the channels."""
        return await health.check(self._client, self._config)

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        """Register a template and ask for its review. Raises ProviderRefused, ProviderSilent."""
        return await templates.submit(self._client, self._config, sender, form)

    async def act(
        self,
        action: ReviewAction,
        sender: str,
        code: str,
        *,
        form: TemplateForm | None = None,
        text: str = "",
    ) -> None:
        """Edit, withdraw or delete. Raises ProviderRefused, ProviderSilent."""
        await templates.act(self._client, self._config, action, code, form)

    async def review(self, sender: str, code: str) -> Review:
        """The state of one template. Raises ProviderRefused, ProviderSilent."""
        return await templates.review(self._client, self._config, code)

    async def upload(self, use: PictureUse, picture: Picture, now: datetime) -> Uploaded:
        """Give SOLAPI a picture. Raises ProviderRefused, ProviderSilent."""
        return await pictures.upload(self._client, self._config, use, picture)
