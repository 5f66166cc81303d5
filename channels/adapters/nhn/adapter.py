"""The adapter itself: each promise of the contract, kept by the module that knows how."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from channels.adapters.nhn import callbacks, health, lists, pictures, sending, taken, templates
from channels.adapters.nhn.account import ROUTES, Config, products
from channels.contract import (
    Answer,
    Call,
    Callback,
    Found,
    Listing,
    Outgoing,
    Page,
    Receipt,
    Route,
    Tried,
)
from channels.management import Health, Picture, Review, TemplateForm, Uploaded
from channels.transport import post
from channels.vocabulary import PictureUse, ReviewAction

TEXTS = ("sms", "lms", "mms")


class Nhn:
    """One account at NHN Cloud: Alimtalk by Bizmessage v2.3, SMS, LMS and MMS by SMS v3.0."""

    name = "nhn"
    routes: Mapping[str, Route] = ROUTES
    review_actions = templates.ACTIONS

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._client = client
        self._signature = config.webhook_signature
        self._kakao, self._sms = products(config)
        self._product_of = {"alimtalk": self._kakao} | dict.fromkeys(TEXTS, self._sms)

    def __repr__(self) -> str:
        return "Nhn()"

    async def send(self, call: Call) -> Answer:
        """Send full texts; NHN's own SMS fallback stays off.

        The idempotency header guards ten minutes against a repeat below us; a refusal by it
        proves nothing (KakaoTalk Bizmessage API v2.3). Raises ValueError for messages that do
        not share what the route demands: all would get the first one's text. And for an MMS
        without the number of its picture.
        """
        if not call.messages:
            return Answer(())
        _insist_on_sameness(call, self.routes[call.route])
        product = self._product_of[call.route]
        headers = product.headers
        if call.route == "alimtalk":
            headers["X-NC-API-IDEMPOTENCY-KEY"] = call.key
        url = product.url + sending.PATHS[call.route]
        answer = await post(self._client, url, sending.body(call), headers, call.deadline)
        return sending.outcomes(call, product, answer)

    def verify(self, callback: Callback) -> None:
        """Raise BadCallback when a signature is configured and another one arrived."""
        callbacks.verify(callback, self._signature)

    def parse(self, callback: Callback) -> Sequence[Receipt]:
        """Receipts of a webhook; nothing for events that report no result."""
        return callbacks.parse(callback, self._kakao, self._sms)

    async def look_up(self, tried: Sequence[Tried], now: datetime) -> Sequence[Found]:
        """Absent only when the whole list of the call was read without it."""
        return await lists.look_up(self._client, self._product_of, tried, now)

    async def poll(self, since: datetime, until: datetime, cursor: str | None) -> Page:
        """Results of both products updated in [since, until].

        Raises ProviderRefused, ProviderSilent.
        """
        both = (self._kakao, self._sms)
        return await lists.poll(self._client, both, since, until, cursor)

    async def listed(self, since: datetime, until: datetime, cursor: str | None) -> Listing:
        """What NHN took in [since, until], by its creation date, a minute more for Alimtalk.

        Raises ProviderRefused, ProviderSilent.
        """
        return await taken.listed(self._client, self._product_of, since, until, cursor)

    async def check(self) -> Health:
        """Ask both products for their senders."""
        return await health.check(self._client, self._kakao, self._sms)

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        """Register a template, which submits it. Raises ProviderRefused, ProviderSilent."""
        return await templates.submit(self._client, self._kakao, sender, form)

    async def act(
        self,
        action: ReviewAction,
        sender: str,
        code: str,
        *,
        form: TemplateForm | None = None,
        text: str = "",
    ) -> None:
        """Edit, comment or delete. Raises ProviderRefused, ProviderSilent."""
        await templates.act(self._client, self._kakao, action, (sender, code), form, text)

    async def review(self, sender: str, code: str) -> Review:
        """The state of one template. Raises ProviderRefused, ProviderSilent."""
        return await templates.review(self._client, self._kakao, sender, code)

    async def upload(self, use: PictureUse, picture: Picture, now: datetime) -> Uploaded:
        """Give NHN a picture; of an MMS ``name`` is its number and lasts six days.

        Raises ProviderRefused, ProviderSilent.
        """
        return await pictures.upload(self._client, self._kakao, self._sms, use, picture, now)


def _insist_on_sameness(call: Call, route: Route) -> None:
    def shared(message: Outgoing) -> tuple[str, ...]:
        return tuple(getattr(message, name) for name in sorted(route.same))

    if len({shared(message) for message in call.messages}) > 1:
        raise ValueError(f"messages of one {route.name} call differ in {sorted(route.same)}")
