"""Pictures over HTTP: raw bodies of untrusted bytes in, the same bytes out, safely."""

from collections.abc import AsyncIterator

import httpx

from app.services.runtime import Runtime
from tests.app.api.shop import Shop, bearer, key_with
from tests.photos import jpeg, png

SALE = jpeg(800, 400)
PATH = "/v1/pictures/sale.jpg"


async def test_a_picture_is_stored_shown_listed_and_removed(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    headers = bearer(shop.keys["live"])
    made = await client.put(PATH, content=SALE, headers=headers | {"Content-Type": "image/jpeg"})
    assert made.status_code == 201
    body = made.json()
    assert (body["width"], body["height"], body["size"]) == (800, 400, len(SALE))
    assert (body["media_type"], body["uses"]) == ("image/jpeg", ["image", "mms"])
    assert [one["measure"] for one in body["faults"]["thumbnail"]] == ["ratio"]
    assert (await client.get(PATH, headers=headers)).json() == body
    listed = (await client.get("/v1/pictures", headers=headers)).json()
    assert listed == {"simulated": False, "items": [body], "next": None}
    gone = await client.delete(PATH, headers=headers)
    assert (gone.status_code, gone.json()) == (200, {"simulated": False, "name": "sale.jpg"})
    again = await client.delete(PATH, headers=headers)
    assert (again.status_code, again.json()["code"]) == (404, "unknown_picture")


async def test_its_bytes_come_back_and_can_do_no_harm(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    """The type is that of its bytes, whatever the name and the sender say."""
    headers = bearer(shop.keys["test"])
    page = jpeg(800, 400, size=2_000).replace(b"\x00" * 40, b"<script>alert(1)</script>".ljust(40))
    path = "/v1/pictures/page.html"
    await client.put(path, content=page, headers=headers | {"Content-Type": "image/png"})
    got = await client.get(f"{path}/data", headers=headers)
    assert (got.status_code, got.content) == (200, page)
    assert got.headers["Content-Type"] == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"] == 'attachment; filename="page.html.jpg"'
    policy = got.headers.get_list("Content-Security-Policy")
    assert policy == ["default-src 'none'; sandbox; frame-ancestors 'none'"]
    assert got.headers["X-Simulated"] == "true"


async def test_the_same_again_is_200_and_other_bytes_409(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    headers = bearer(shop.keys["live"])
    first = await client.put(PATH, content=SALE, headers=headers)
    again = await client.put(PATH, content=SALE, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = await client.put(PATH, content=jpeg(640, 480), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "picture_exists")


REFUSED = [
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 422, "picture_unreadable"),
    (SALE[:-2], "image/jpeg", 422, "picture_unreadable"),
    (b"", "image/jpeg", 422, "picture_unreadable"),
    (png(30, 20), "image/png", 422, "picture_unfit"),
    (jpeg(size=600_001), "image/jpeg", 413, "body_too_large"),
    (SALE, "multipart/form-data; boundary=x", 400, "bad_content_type"),
    (SALE, "text/html", 400, "bad_content_type"),
]


async def test_what_is_refused_is_not_there(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["live"])
    for content, kind, status, code in REFUSED:
        given = headers | {"Content-Type": kind}
        answer = await client.put(PATH, content=content, headers=given)
        assert (answer.status_code, answer.json()["code"]) == (status, code), kind
        assert (await client.get(PATH, headers=headers)).status_code == 404


async def test_a_body_without_a_length_is_read_no_further_than_the_cap(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 50_000
            yield jpeg(size=50_000)

    answer = await client.put(PATH, content=endless(), headers=bearer(shop.keys["live"]))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["data"] == {"limit": 600_000}


async def test_a_name_that_is_none_is_nowhere(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["live"])
    for name in ("..", "a%2Fb", "%ED%95%9C", "a" * 65, ".hidden"):
        answer = await client.put(f"/v1/pictures/{name}", content=SALE, headers=headers)
        assert answer.status_code in (404, 405), name


async def test_readers_may_look_and_only_writers_store(
    client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    reader = bearer(await key_with(runtime, shop, "test", "templates:read"))
    refused = await client.put(PATH, content=SALE, headers=reader)
    assert (refused.status_code, refused.json()["data"]["scope"]) == (403, "templates:write")
    await client.put(PATH, content=SALE, headers=bearer(shop.keys["test"]))
    assert (await client.get(f"{PATH}/data", headers=reader)).status_code == 200
    assert (await client.delete(PATH, headers=reader)).status_code == 403


async def test_a_shown_picture_stays(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = bearer(shop.keys["test"])
    await client.put(PATH, content=SALE, headers=headers)
    body = {
        "code": "sale",
        "name": "안내",
        "content": "안내드립니다.",
        "emphasis": "IMAGE",
        "image": "sale.jpg",
    }
    made = await client.post("/v1/templates", json=body, headers=headers)
    assert made.status_code == 201
    kept = await client.delete(PATH, headers=headers)
    assert (kept.status_code, kept.json()["code"]) == (409, "picture_in_use")
    unknown = await client.post(
        "/v1/templates", json=body | {"code": "s2", "image": "none.jpg"}, headers=headers
    )
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_picture")
    assert unknown.json()["field"] == "image"
