"""Senders in the console: added, blocked, used again; nobody else's."""

from typing import Any

import pytest

from app.services.runtime import Runtime
from tests.app.api.shop import Shop, open_shop
from tests.app.console.visitors import Visitor, words_of


def form(shop: Shop, **more: str) -> dict[str, Any]:
    account = str(shop.accounts["sandbox"].id)
    return {"account": account, "kind": "sms", "value": "02-523-4567", "name": "고객<b>", **more}


async def test_a_sender_is_added_blocked_and_used_again(owner: Visitor, shop: Shop) -> None:
    await owner.post("/console/senders", **form(shop, proof="금고 3번 <서류>"))
    page = await owner.get("/console/senders")
    assert "025234567" in page.text
    assert "금고 3번 &lt;서류&gt;" in page.text
    assert "key-shop-live" not in page.text  # it looks at the sandbox
    base = f"/console/senders/{shop.senders['sandbox alimtalk'].id}/state"
    await owner.post(base, do="block")
    assert "막음" in words_of(await owner.get("/console/senders"))
    await owner.post(base, do="open")
    assert "막음" not in words_of(await owner.get("/console/senders"))


@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        ({"value": "12"}, "발신번호가 아니에요", 422),
        ({"kind": "alimtalk", "value": "a b"}, "발신 키는", 422),
        ({"kind": "fax"}, "목록에서 하나를", 422),
        ({"value": "1588-1234"}, "이미 있는 발신", 409),
        ({"account": "x"}, "계정을 골라", 422),
        ({"proof": "x" * 501}, "500자까지", 422),
    ],
)
async def test_what_is_wrong_is_said_and_kept(
    owner: Visitor, shop: Shop, wrong: dict[str, str], words: str, status: int
) -> None:
    page = await owner.post("/console/senders", status, **form(shop, **wrong))
    assert words in words_of(page)
    assert 'aria-invalid="true"' in page.text
    assert 'value="고객&lt;b&gt;"' in page.text


async def test_senders_of_others(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    other = await open_shop(runtime, "other")
    for sender in other.senders.values():
        await owner.post(f"/console/senders/{sender.id}/state", 404, do="block")
    strange = str(other.accounts["sandbox"].id)
    await owner.post("/console/senders", 404, **form(shop, account=strange))
    assert "key-other" not in (await owner.get("/console/senders")).text
