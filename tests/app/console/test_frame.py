"""The frame: a role sees the pages it may see, and begins at the first of them."""

from app.console.frame import NAVIGATION
from tests.app.console.visitors import Visitor

PLACES = {item.href: item.scope for _, items in NAVIGATION for item in items}


async def test_a_role_sees_its_pages(owner: Visitor, agent: Visitor, viewer: Visitor) -> None:
    for visitor, first in (
        (owner, "/console/overview"),
        (agent, "/console/inbox"),
        (viewer, "/console/overview"),
    ):
        assert (await visitor.get("/console", 303)).headers["location"] == first
        who, page = await visitor.visit(), await visitor.get("/console/nowhere", 404)
        shown = {href for href in PLACES if f'<a href="{href}"' in page.text}
        assert shown == {href for href, scope in PLACES.items() if who.may(scope)}
