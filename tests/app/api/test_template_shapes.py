"""What of a template is shown, and to whom."""

import httpx
from sqlmodel import col, select, update

from app.db.models import TemplateRegistration, TemplateVersion
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, Shop, approve, bearer

PATH = "/v1/templates/order_shipped"


async def test_versions_in_use_and_in_review_are_shown_side_by_side(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    live, test = bearer(shop.keys["live"]), bearer(shop.keys["test"])
    await client.post("/v1/templates", json=NOTICE, headers=live)
    await approve(runtime, shop)
    other = NOTICE | {"content": "#{이름}님, #{상품}을 보냈습니다."}
    put = await client.put(PATH, json=other, headers=test)
    assert put.status_code == 200
    async with runtime.database.write() as tx:
        second = select(TemplateVersion.id).where(col(TemplateVersion.number) == 2)
        await tx.session.exec(
            update(TemplateRegistration)
            .where(col(TemplateRegistration.version_id).in_(second))
            .values(inspection="in_review", action="")
        )
    shown = (await client.get(PATH, headers=live)).json()
    assert (shown["version"], shown["body"]["content"]) == (2, other["content"])
    assert shown["in_use"] == {"live": 1, "sandbox": 1}
    assert shown["in_review"] == {"live": [], "sandbox": [2]}
    assert [(r["mode"], r["version"], r["state"], r["code"]) for r in shown["registrations"]] == [
        ("sandbox", 2, "in_review", "order_shipped-2"),
        ("sandbox", 1, "approved", "order_shipped"),
        ("live", 1, "approved", "order_shipped"),
    ]
    mine = (await client.get(PATH, headers=test)).json()
    assert (mine["in_use"], mine["in_review"]) == ({"sandbox": 1}, {"sandbox": [2]})
    assert {r["mode"] for r in mine["registrations"]} == {"sandbox"}

    every = (await client.get(f"{PATH}/versions", headers=test)).json()["items"]
    assert [(one["number"], len(one["registrations"])) for one in every] == [(2, 1), (1, 1)]
    first = (await client.get(f"{PATH}/versions/1", headers=live)).json()
    assert first["body"]["content"] == NOTICE["content"]
    assert [r["mode"] for r in first["registrations"]] == ["sandbox", "live"]
    absent = await client.get(f"{PATH}/versions/3", headers=live)
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_version")
