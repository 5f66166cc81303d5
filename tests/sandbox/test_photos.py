"""Photos of a customer: what is taken, what the shop hears, where they are, how long."""

from typing import Any

import httpx
import orjson
import pytest

from sandbox import photos, pictures
from sandbox.inbox import list_messages
from sandbox.phone import block
from sandbox.pictures import PNG, keep_picture
from sandbox.store import Store
from sandbox.talks import send_again
from tests.sandbox.images import jpeg, png
from tests.sandbox.server import Running, receive
from tests.sandbox.shop import HANA, KEY, NO_KAKAO, settle_in

GIF = b"GIF89a\x03\x00\x02\x00\x80\x00\x00" + b"\0" * 20
BASE = "http://sandbox.test/"
ADDRESS = f"/desk/api/phones/{HANA}/photo"


def parts(*files: bytes, name: str = "상자.png") -> list[tuple[str, Any]]:
    return [("photo", (name, data, "application/octet-stream")) for data in files]


async def upload(running: Running, *files: bytes, key: str = KEY) -> httpx.Response:
    return await running.client.post(ADDRESS, data={"sender_key": key}, files=parts(*files))


async def test_the_shop_hears_of_every_photo_and_can_fetch_it(running: Running) -> None:
    async with receive() as shop:
        settle_in(running.store, receive_domain=shop.url)
        answer = await upload(running, png(4, 3), jpeg(5, 6), GIF)
        assert answer.status_code == 201
        await shop.until(1)
        path, _, told = shop.got[0]
    line = answer.json()
    assert (path, told["type"]) == ("/message", "photo")
    assert told["content"] == told["contents"][0]
    assert [one["url"] for one in told["contents"]] == line["photos"]
    assert told["serial_number"] == line["reference"]
    wanted = [("png", png(4, 3)), ("jpg", jpeg(5, 6)), ("gif", GIF)]
    for url, (ending, data) in zip(line["photos"], wanted, strict=True):
        assert url.startswith(running.url)
        assert url.endswith(f".{ending}")
        assert len(url.rsplit("/", 1)[-1]) > 24  # nobody guesses it
        got = await running.client.get(url)
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "empty"),
        ([b"<svg xmlns='http://www.w3.org/2000/svg'/>"], "not_a_photo"),
        ([b"\x89PNG\r\n\x1a\nIHDR"], "not_a_photo"),
        ([png(4, 3), b"%PDF-1.7"], "not_a_photo"),
        ([b"GIF89a\0\0\0\0"], "not_a_photo"),
        ([jpeg(5, 6, photos.LARGEST + 1)], "too_large"),
        ([png(1, 1)] * (photos.MOST + 1), "too_many"),
    ],
)
async def test_what_is_no_photo_leaves_nothing(
    quiet: Running, files: list[bytes], code: str
) -> None:
    # a part of another name, so that the form without a photo is one all the same
    form = [*parts(*files), ("other", ("x", b"x", "text/plain"))][: photos.MOST + 1]
    answer = await quiet.client.post(ADDRESS, data={"sender_key": KEY}, files=form)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["field"] == "photo"
    for table in ("message", "picture", "outbox", "chat_session"):
        assert quiet.store.number(f"SELECT count(*) FROM {table}") == 0


async def test_a_form_that_is_none_and_one_without_end(quiet: Running) -> None:
    answer = await quiet.client.post(ADDRESS, json={"sender_key": KEY})
    assert (answer.status_code, answer.json()["code"]) == (415, "not_a_form")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    async def drops() -> Any:
        yield b"--x\r\n"

    answer = await quiet.client.post(ADDRESS, content=drops(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = await quiet.client.post(ADDRESS, content=b"--y--", headers=headers)
    assert answer.status_code == 422


async def test_who_may_not_write_may_not_send_a_photo(quiet: Running) -> None:
    block(quiet.store, HANA, KEY)
    assert (await upload(quiet, png(1, 1))).json()["code"] == "blocked"
    assert (await upload(quiet, png(1, 1), key="x")).status_code == 404
    other = ADDRESS.replace(HANA, NO_KAKAO)
    answer = await quiet.client.post(other, data={"sender_key": KEY}, files=parts(png(1, 1)))
    assert answer.json()["code"] == "no_kakao"
    assert quiet.store.number("SELECT count(*) FROM picture") == 0


def test_only_the_newest_photos_are_kept_and_uploads_stay(store: Store) -> None:
    mine = keep_picture(store, ("A", "template"), "a.png", PNG, png(2, 1))
    for _ in range(photos.KEPT + 2):
        photos.send(store, HANA, KEY, [photos.Photo("a.png", png(1, 1))], BASE)
    assert store.number("SELECT count(*) FROM picture WHERE use = 'photo'") == photos.KEPT
    assert list(pictures.find_pictures(store, ("A", "template"), 0)) == [mine.id]
    first, *_, last = list_messages(store, HANA)[1:]
    token = last.photos[0].rsplit("/", 1)[-1].partition(".")[0]
    gone = first.photos[0].rsplit("/", 1)[-1].partition(".")[0]
    assert pictures.stored_bytes(store, [token, gone]) == len(png(1, 1))


def test_a_photo_that_could_not_go_is_sent_again(store: Store) -> None:
    line = photos.send(store, HANA, KEY, [photos.Photo("a.png", png(1, 1))], BASE)
    (first,) = store.all("SELECT body FROM outbox")
    store.run("DELETE FROM outbox")
    store.run("UPDATE message SET result = 'unsent' WHERE id = ?", (line.id,))
    send_again(store, HANA, line.id)
    (second,) = store.all("SELECT body FROM outbox")
    one, other = orjson.loads(first["body"]), orjson.loads(second["body"])
    for field in ("serial_number", "type", "content", "contents"):
        assert one[field] == other[field]
