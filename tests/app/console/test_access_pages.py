"""The access record's page: words for every kind, cursor, nobody else's."""

import re
from pathlib import Path

from app.console import access_pages
from app.services import access
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.visitors import Visitor, words_of

CONSOLE = Path(access_pages.__file__).parent


async def test_the_record_page_by_page(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    assert "아직 기록이 없어요" in words_of(await owner.get("/console/access"))
    visit = await owner.visit()
    async with runtime.database.write() as tx:
        for n in range(60):
            await access.note(tx, visit, "key.created", None, f"<u>entry {n:02}</u>")
        await access.note(tx, visit, "odd.kind", None)
    page = await owner.get("/console/access")
    assert "odd.kind" in page.text
    assert "API 키를 만듦" in page.text
    assert "<u>entry" not in page.text
    assert "entry 11" in page.text
    assert "entry 10" not in page.text
    following = page.text.split("?before=")[1].split('"')[0]
    rest = await owner.get(f"/console/access?before={following}")
    assert "entry 10" in rest.text
    assert "entry 11" not in rest.text
    assert "더 보기" not in rest.text


def test_every_kind_that_is_written_has_words() -> None:
    """Those the setting-up pages write by name."""
    names = ("key", "member", "profile", "account", "sender")
    text = "".join(path.read_text() for path in CONSOLE.glob("*_pages.py"))
    written = set(re.findall(r'"((?:' + "|".join(names) + r')\.[a-z]+)"', text))
    written = {kind for kind in written if not kind.endswith(".html")}
    assert written <= set(access_pages.KINDS)
