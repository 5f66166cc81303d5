"""The menu as a page: what a role sees, and the bar of a phone with at most five lines."""

from app.console.frame import NAVIGATION
from tests.app.console.visitors import Visitor, words_of

PLACES = {item.href: item.scope for _, items in NAVIGATION for item in items}


async def test_the_menu_of_a_role(owner: Visitor, agent: Visitor, viewer: Visitor) -> None:
    for visitor in (owner, agent, viewer):
        who, page = await visitor.visit(), await visitor.get("/console/menu")
        main = page.text.partition("<main")[2]
        shown = {href for href in PLACES if f'href="{href}"' in main}
        assert shown == {href for href, scope in PLACES.items() if who.may(scope)}
        assert "/console/profile" in main
        assert "나가기" in words_of(page)
        assert page.text.partition("<main")[0].count('<li class="tab') <= 5
