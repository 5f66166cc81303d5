"""Reviews through the desk API."""

from typing import Any

from sandbox.moves import act, edit
from sandbox.reviews import register
from tests.sandbox.server import Running
from tests.sandbox.shop import KEY, TEMPLATE, need

API = "/desk/api/templates"
ONE = f"{API}/{KEY}/ORDER_SHIPPED"
NEW = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}


async def do(running: Running, path: str, **body: str) -> tuple[int, dict[str, Any]]:
    answer = await running.client.post(path, json=body)
    return answer.status_code, answer.json()


async def test_each_step_shows_what_comes_next(quiet: Running) -> None:
    register(quiet.store, KEY, NEW)
    new = f"{API}/{KEY}/NEW"
    status, shown = await do(quiet, f"{new}/inspect")
    assert (status, shown["status"], shown["status_name"]) == (200, "TSC02", "검수 중")
    assert shown["acts"] == ["approve", "reject", "withdraw"]
    assert (await do(quiet, f"{new}/inspect"))[0] == 409
    assert (await do(quiet, f"{new}/reject"))[1]["field"] == "comment"
    assert (await do(quiet, f"{new}/reject", comment=" "))[0] == 422
    status, shown = await do(quiet, f"{new}/reject", comment="광고성 문구")
    assert (shown["status"], shown["acts"]) == ("TSC04", [])
    assert shown["comments"][0]["content"] == "광고성 문구"
    status, refused = await do(quiet, f"{new}/approve")
    assert (status, refused["code"]) == (409, "state")
    assert "rejected" in refused["detail"]
    act(quiet.store, need(quiet.store, "NEW"), "comment", "고쳤어요")
    status, shown = await do(quiet, f"{new}/answer", comment="보겠습니다")
    assert (status, shown["comments"][-1]["status"]) == (200, "REP")
    assert (await do(quiet, f"{new}/approve"))[1]["status"] == "TSC03"


async def test_axes_and_edits_are_shown_apart(quiet: Running) -> None:
    status, shown = await do(quiet, f"{ONE}/stop")
    assert (status, shown["stop"], shown["block"], shown["dormant"]) == (200, True, False, False)
    assert (await do(quiet, f"{ONE}/stop"))[0] == 409
    shown = (await do(quiet, f"{ONE}/dormant"))[1]
    assert shown["acts"] == ["resume", "release", "block"]
    edit(quiet.store, need(quiet.store, "ORDER_SHIPPED"), {**TEMPLATE, "templateContent": "새 글"})
    shown = (await quiet.client.get(ONE)).json()
    assert shown["body"]["templateContent"] == TEMPLATE["templateContent"]
    assert shown["edit"]["body"]["templateContent"] == "새 글"
    assert shown == (await quiet.client.get(f"{API}?status=TSC03")).json()[0]


async def test_what_is_not_there(quiet: Running) -> None:
    assert (await do(quiet, f"{API}/{KEY}/NO/approve"))[0] == 404
    assert (await quiet.client.get(f"{API}/{KEY}/NO")).status_code == 404
    assert (await do(quiet, f"{ONE}/forget"))[0] == 422
    assert (await do(quiet, f"{ONE}/stop", coment="x"))[0] == 422
