"""Writing templates: starters of every kind open; the rest is in test_template_pages.py."""

from templates import files
from tests.app.console.visitors import Visitor


async def test_starters_are_offered_and_open(owner: Visitor) -> None:
    page = await owner.get("/console/write")
    assert all(f"?starter={name}" in page.text for name in files.starters())
    own = await owner.get("/console/write?own=1")
    assert "<textarea" in own.text
    odd = await owner.get("/console/write?starter=../secrets")
    assert "<textarea" not in odd.text
