"""Template reviews where the provider gives templates its own ids."""

from typing import Any

import httpx
import pytest

from app.services import accounts, templates
from app.services.runtime import Runtime
from channels.management import Review, TemplateForm
from channels.vocabulary import Inspection, ReviewAction
from scheduler.review import review_due
from tests.app.api.shop import NOTICE, open_shop
from tests.scheduler.test_review import is_due, only


class OwnIds:
    """A desk of such a provider (CanReview)."""

    name = "own ids"
    review_actions: frozenset[ReviewAction] = frozenset()

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        self.asked.append(form.code)
        return Review(Inspection.REGISTERED, code="T-1")

    async def review(self, sender: str, code: str) -> Review:
        self.asked.append(code)
        return Review(Inspection.APPROVED)

    async def act(self, action: ReviewAction, sender: str, code: str, **_: Any) -> None:
        raise AssertionError


async def test_from_the_first_answer_on_it_is_called_by_that_id(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages are sent under the registration's code, too."""
    desk = OwnIds()
    monkeypatch.setattr(accounts, "adapter_of", lambda *_: desk)
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE, ("sandbox",))
    async with httpx.AsyncClient() as client:
        for _ in range(2):
            await is_due(runtime)
            await review_due(runtime, client)
    assert desk.asked == [NOTICE["code"], "T-1"]
    row = await only(runtime, shop)
    assert (row.code, row.inspection, row.provider_code) == ("T-1", "approved", "")
