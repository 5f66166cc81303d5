"""What everybody can use: contrast of every text, names of every control, in both themes."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.sandbox.browsing import NARROW, WIDE, Sandbox
from tests.sandbox.received import HANA, KEY
from tests.sandbox.rich import BLOCKED, CALLER, EMPTY, OFF, TALKS, furnish

pytestmark = [pytest.mark.browser, pytest.mark.long]
TALK = f"/phones/{HANA}?app=chat&room={KEY}"
VIEWS = {
    "wall": ("/",),
    "notices": (TALK, f"{TALK}&device=other"),
    "texts": (f"/phones/{HANA}?app=sms&room={CALLER}",),
    "talk": (f"/phones/{TALKS}?app=chat&room={KEY}", f"/phones/{BLOCKED}?app=chat"),
    "off": (
        f"/phones/{OFF}?app=chat",
        f"/phones/{OFF}?app=chat&room={KEY}",
        f"/phones/{OFF}?app=sms",
    ),
    "bare": (f"/phones/{EMPTY}", "/phones/01000003019?app=chat"),
}
WALK = (Path(__file__).parent / "contrast.js").read_text("utf-8")
STRUCTURE = {"RootWebArea", "generic", "log", "dialog", "heading", "article", "region"}


def unnamed(page: Page) -> list[str]:
    """Roles of controls and pictures that a screen reader meets and that have no name."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    met = [node for node in nodes if not node.get("ignored")]
    wanted = [node for node in met if _is_control(node) or node["role"]["value"] == "image"]
    assert len(wanted) > 3
    return [
        node["role"]["value"]
        for node in wanted
        if not str(node.get("name", {}).get("value", "")).strip()
    ]


def _is_control(node: dict[str, Any]) -> bool:
    able = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    return bool(able.get("focusable")) and node["role"]["value"] not in STRUCTURE - {"log"}


@pytest.mark.parametrize("view", VIEWS)
def test_every_text_can_be_read_and_every_control_has_a_name(
    page: Page, sandbox: Sandbox, view: str
) -> None:
    sandbox.run(lambda: furnish(sandbox.store))
    for address in VIEWS[view]:
        page.goto(address)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for size in (WIDE, NARROW):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                walked = page.evaluate(WALK)
                assert walked["found"] == [], (address, scheme, size)
                assert walked["seen"] > 5
                assert scheme == "light" or unnamed(page) == [], (address, size)
