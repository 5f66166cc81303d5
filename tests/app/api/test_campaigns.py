"""Campaigns over HTTP: a list as the body, its mistakes as a file, counts in refusals."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.services.runtime import Runtime
from scheduler.campaigns import Campaigns
from tests.app.api.shop import NOTICE, Shop, approve, bearer

LIST = "to,이름,상품,reference\n010-0000-1001,김나루,들기름,a\n010-0000-1002,박하늘,참기름,=b\n"
WRONG = LIST + "123,이바다,깨,c\n"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def api(runtime: Runtime, shop: Shop, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client with the test key, and an approved template."""
    client.headers.update(bearer(shop.keys["test"]))
    await client.post("/v1/templates", json=NOTICE)
    await approve(runtime, shop)
    return client


async def make(api: httpx.AsyncClient, **more: Any) -> str:
    body = {"name": "11월", "template": "order_shipped"} | more
    made = await api.post("/v1/campaigns", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "draft"
    return f"/v1/campaigns/{made.json()['id']}"


async def put(api: httpx.AsyncClient, path: str, data: bytes, **params: str) -> Any:
    return await api.put(f"{path}/rows", content=data, params=params, headers=CSV)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
async def test_a_campaign(runtime: Runtime, api: httpx.AsyncClient, encoding: str) -> None:
    path = await make(api)
    filled = await put(api, path, LIST.encode(encoding))
    told = filled.json()
    assert (filled.status_code, told["state"], told["rows"]) == (200, "ready", 2)
    assert told["encoding"] == encoding.removesuffix("-sig")
    started = await api.post(f"{path}/start")
    assert (started.status_code, started.json()["state"]) == (200, "running")
    while await Campaigns(runtime).turn():
        pass
    told = (await api.get(path)).json()
    assert (told["state"], told["accepted"], told["open"]) == ("done", 2, 2)
    listed = (await api.get("/v1/campaigns")).json()["items"]
    assert listed == [told]
    sent = (await api.get("/v1/messages", params={"to": "010-0000-1001"})).json()["items"]
    assert [one["reference"] for one in sent] == ["a"]


async def test_wrong_rows_are_told_and_must_be_accepted(api: httpx.AsyncClient) -> None:
    path = await make(api)
    assert (await put(api, path, WRONG.encode())).json()["refused"] == 1
    refused = await api.post(f"{path}/start")
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_refused")
    assert refused.json()["data"] == {"rows": 3, "refused": 1}
    told = (await api.get(f"{path}/mistakes")).json()
    assert [(one["row"], one["code"]) for one in told["items"]] == [(4, "bad_number")]
    file = await api.get(f"{path}/mistakes", params={"format": "csv"})
    assert file.headers["content-type"].startswith("text/csv")
    heading, first = csv.reader(io.StringIO(file.text.removeprefix("\ufeff"), newline=""))
    assert (heading, first[:3]) == (["row", "code", "field", "detail"], ["4", "bad_number", "to"])
    assert "이바다" not in file.text
    started = await api.post(f"{path}/start", json={"skip_refused": True})
    assert started.json()["state"] == "running"
    paused = await api.post(f"{path}/pause")
    assert (paused.json()["state"], paused.json()["reason"]) == ("paused", "by a person")
    assert (await api.post(f"{path}/resume")).json()["state"] == "running"
    assert (await api.post(f"{path}/cancel")).json()["state"] == "cancelled"


async def test_columns_of_another_name(api: httpx.AsyncClient) -> None:
    path = await make(api, columns={"받는이": "to", "성함": "이름"})
    data = "성함;받는이;상품\n김나루;010-0000-1001;들기름\n"
    told = (await put(api, path, data.encode())).json()
    assert (told["rows"], told["refused"], told["delimiter"]) == (1, 0, ";")


@pytest.mark.parametrize(
    ("data", "code", "params"),
    [
        (b"", "no_rows", {}),
        (b"a,b\n1,2\n", "missing_columns", {}),
        (LIST.encode("utf-16")[:-1], "bad_encoding", {}),
        (LIST.encode(), "invalid_request", {"encoding": "ebcdic"}),
    ],
)
async def test_lists_that_cannot_be_used(
    api: httpx.AsyncClient, data: bytes, code: str, params: dict[str, str]
) -> None:
    refused = await put(api, await make(api), data, **params)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_form_is_no_list(api: httpx.AsyncClient) -> None:
    path = await make(api)
    refused = await api.put(f"{path}/rows", files={"file": LIST.encode()})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_content_type")


async def test_a_broken_upload_changes_nothing(api: httpx.AsyncClient) -> None:
    path = await make(api)

    async def breaks() -> AsyncIterator[bytes]:
        yield LIST.encode()
        raise OSError("the line is dead")

    broken = await api.put(f"{path}/rows", content=breaks(), headers=CSV)
    assert broken.status_code == 500
    assert (await api.get(path)).json()["state"] == "draft"
