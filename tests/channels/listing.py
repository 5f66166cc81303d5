"""What every provider that lists what it took promises (CanList). Subclass it with a Lists."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from channels.contract import Adapter, CanList, Listed
from channels.management import ProviderRefused, ProviderSilent
from tests.channels.conformance import NOW, PRIVATE, UNREADABLE
from tests.channels.wire import plain_client


@dataclass(frozen=True)
class Lists:
    """A provider that lists what it took (CanList)."""

    build: Callable[[httpx.AsyncClient], Adapter]
    answers: Callable[[httpx.Request], dict[str, Any]]  # its whole list, as many questions it takes
    entries: Sequence[Listed]  # what that list says, in any order
    broken: Sequence[dict[str, Any]]  # answers with status 200 that are no whole page
    secrets: tuple[str, ...]


class ListConformance:
    """Every message once or more, never fewer without saying so."""

    lists: Lists

    @pytest.fixture
    async def lister(self) -> AsyncIterator[CanList]:
        async with plain_client() as client:
            adapter = self.lists.build(client)
            assert isinstance(adapter, CanList)
            yield adapter

    @pytest.fixture
    def asked(self) -> Any:
        with respx.mock(assert_all_called=False) as router:
            yield router.get(url__regex=r".*")

    def answer(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=self.lists.answers(request))

    async def walk(self, lister: CanList) -> list[Listed]:
        found: list[Listed] = []
        cursor: str | None = None
        for _ in range(100):
            page = await lister.listed(NOW - timedelta(hours=1), NOW, cursor)
            found += page.entries
            cursor = page.cursor
            if cursor is None:
                return found
        raise AssertionError("the list has no end")

    async def test_the_whole_list_is_walked(self, lister: CanList, asked: respx.Route) -> None:
        asked.side_effect = self.answer
        found = await self.walk(lister)
        assert set(found) == set(self.lists.entries)
        assert len({entry.state for entry in found}) >= 3
        assert all(entry.provider_id and entry.route for entry in found)
        assert await self.walk(lister) == found

    @pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 429, 500, 503])
    async def test_no_trouble_is_an_empty_list(
        self, lister: CanList, asked: respx.Route, status: int
    ) -> None:
        for body in UNREADABLE:
            asked.respond(status, content=body)
            with pytest.raises((ProviderRefused, ProviderSilent)):
                await self.walk(lister)
        for error in (httpx.ConnectError, httpx.ReadTimeout, httpx.DecodingError):
            asked.side_effect = error("no")
            with pytest.raises(ProviderSilent):
                await self.walk(lister)

    async def test_no_page_may_be_missing(self, lister: CanList, asked: respx.Route) -> None:
        asked.side_effect = self.answer
        await self.walk(lister)
        whole = asked.call_count
        assert whole > 1
        for broken_at in range(1, whole + 1):
            start = asked.call_count

            def sometimes(request: httpx.Request) -> httpx.Response:
                if asked.call_count - start == broken_at - 1:  # noqa: B023 - used at once
                    return httpx.Response(503)
                return self.answer(request)

            asked.side_effect = sometimes
            with pytest.raises(ProviderSilent):
                await self.walk(lister)

    async def test_a_page_in_no_documented_shape_is_no_page(
        self, lister: CanList, asked: respx.Route
    ) -> None:
        assert self.lists.broken
        for body in self.lists.broken:
            asked.respond(200, json=body)
            with pytest.raises((ProviderRefused, ProviderSilent)):
                await self.walk(lister)

    async def test_nothing_private_is_listed(
        self, lister: CanList, asked: respx.Route, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        asked.side_effect = self.answer
        told = f"{caplog.text} {await self.walk(lister)!r} {caplog.text}"
        for secret in (*self.lists.secrets, *PRIVATE):
            assert secret not in told
