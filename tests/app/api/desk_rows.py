"""The tenant matrix's rows of the tools agents work with, and what their requests are aimed at."""

from typing import Any

import httpx

from tests.app.api.rows import Row, listing, shared
from tests.app.api.shop import bearer
from tests.photos import jpeg

SHARED = ("label_id", "reply_id")  # without a mode
LABEL, CANNED = {"name": "{unique}"}, {"shortcut": "{unique}", "text": "네, #{고객}님"}
GONE = Row("consultations:write", 404, wrong_mode=200)  # the first key that may removes it
ROWS: dict[str, Row] = {
    "GET /v1/consultations/limits": Row("consultations:read", 200, 200, 200),
    "GET /v1/consultations/search": listing("consultations:read", "q=안녕하세요"),
    "POST /v1/consultations/{thread_id}/attachments": Row("consultations:write", 400),  # no form
    "GET /v1/consultations/attachments/{attachment_id}": Row("consultations:read"),
    "POST /v1/consultations/{thread_id}/notes": Row(
        "consultations:write", 201, body={"text": "네", "agent": "김나루"}
    ),
    "POST /v1/consultations/{thread_id}/seen": Row("consultations:write", body={"seq": 1}),
    # labels and canned replies have no mode, the cases and threads they are used for have
    "GET /v1/consultations/labels": listing("consultations:read"),
    "POST /v1/consultations/labels": Row("consultations:write", 201, 201, 201, body=LABEL),
    "PUT /v1/consultations/labels/{label_id}": shared("consultations:write", body=LABEL),
    "DELETE /v1/consultations/labels/{label_id}": GONE,
    "PUT /v1/consultations/cases/{case_id}/labels/{label_id}": Row("consultations:write"),
    "DELETE /v1/consultations/cases/{case_id}/labels/{label_id}": Row("consultations:write"),
    "GET /v1/consultations/canned": listing("consultations:read"),
    "POST /v1/consultations/canned": Row("consultations:write", 201, 201, 201, body=CANNED),
    "GET /v1/consultations/canned/{reply_id}": shared("consultations:read"),
    "PUT /v1/consultations/canned/{reply_id}": shared("consultations:write", body=CANNED),
    "DELETE /v1/consultations/canned/{reply_id}": GONE,
    "GET /v1/consultations/{thread_id}/canned/{reply_id}": Row("consultations:read"),
}


async def add_file(world: Any, client: httpx.AsyncClient, mode: str) -> None:
    path = f"/v1/consultations/{world.ids[mode]['thread_id']}/attachments"
    form = {"file": ("a.jpg", jpeg())}
    made = await client.post(path, files=form, headers=bearer(world.key(mode)))
    assert made.status_code == 201, made.text
    world.ids[mode]["attachment_id"] = made.json()["id"]


async def add_words(world: Any, client: httpx.AsyncClient) -> None:
    """A label and a canned reply, for both modes."""
    headers = bearer(world.key("live"))
    for name, path, body in (
        ("label_id", "labels", {"name": "환불"}),
        ("reply_id", "canned", {"shortcut": "배송", "text": "내일 도착해요"}),
    ):
        made = await client.post(f"/v1/consultations/{path}", json=body, headers=headers)
        assert made.status_code == 201, made.text
        for mode in world.ids:
            world.ids[mode][name] = made.json()["id"]
