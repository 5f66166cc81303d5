"""Scenarios over the API: what there is, own ones, starting, stopping, resetting."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.server import Running, open_quiet
from tests.sandbox.shop import HANA, notice, send

SCENARIOS = "/desk/api/scenarios"
OWN = """
title = "내 것"
title_en = "My own: trial"
patience_s = 1
[traffic]
template = "order_shipped"
count = 10
per_s = 5
[settings]
result_delay_s = 0
[[expect]]
what = "arrived_chat"
is = 1
[[expect]]
what = "doubled"
is = 0
"""


async def test_the_packaged_ones_are_told(quiet: Running) -> None:
    listed = (await quiet.client.get(SCENARIOS)).json()
    assert [one["name"] for one in listed] == [
        "evening_rush",
        "half_the_town",
        "insurer_morning",
        "provider_down",
        "receipts_late",
    ]
    insurer = listed[2]
    assert insurer["traffic"] == {"template": "premium_notice", "count": 400_000, "per_s": 0}
    assert all(
        one["title"] and one["title_en"] and one["about"] and one["about_en"] for one in listed
    )
    assert not any(one["own"] for one in listed)
    whole = (await quiet.client.get(f"{SCENARIOS}/half_the_town")).json()
    assert whole["scenario"]["town"] == {"no_kakao": 0.5}
    assert {"what": "doubled", "is": 0} in whole["scenario"]["expect"]
    assert whole["toml"].startswith("# ")


async def test_an_own_one_is_kept_replaced_and_deleted(quiet: Running) -> None:
    made = await quiet.client.post(SCENARIOS, json={"toml": OWN})
    assert (made.status_code, made.json()["name"], made.json()["own"]) == (
        201,
        "my_own_trial",
        True,
    )
    again = await quiet.client.post(SCENARIOS, json={"toml": OWN.replace("내 것", "새것")})
    assert again.status_code == 201
    assert [one["title"] for one in (await quiet.client.get(SCENARIOS)).json() if one["own"]] == [
        "새것"
    ]
    gone = await quiet.client.delete(f"{SCENARIOS}/my_own_trial")
    assert gone.status_code == 204
    for refused, status, code in (
        (await quiet.client.delete(f"{SCENARIOS}/my_own_trial"), 404, "not_found"),
        (await quiet.client.delete(f"{SCENARIOS}/half_the_town"), 409, "built_in"),
        (await quiet.client.get(f"{SCENARIOS}/nothing"), 404, "not_found"),
        (await quiet.client.post(f"{SCENARIOS}/nothing/start"), 404, "not_found"),
        (await quiet.client.get(f"{SCENARIOS}/run"), 404, "none"),
        (await quiet.client.post(f"{SCENARIOS}/stop"), 404, "none"),
        (
            await quiet.client.post(f"{SCENARIOS}/half_the_town/start", json={"count": 0}),
            422,
            "invalid",
        ),
        (await quiet.client.post(SCENARIOS, json={"toml": "title ="}), 422, "bad_scenario"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_it_runs_on_real_traffic_and_ends_well(running: Running) -> None:
    await running.client.post(SCENARIOS, json={"toml": OWN})
    started = await running.client.post(f"{SCENARIOS}/my_own_trial/start", json={"count": 2})
    run = started.json()
    assert (started.status_code, run["state"], run["count"], run["ended_at"]) == (
        201,
        "running",
        2,
        None,
    )
    busy = await running.client.post(f"{SCENARIOS}/half_the_town/start")
    assert (busy.status_code, busy.json()["code"]) == (409, "running")
    kept = await running.client.delete(f"{SCENARIOS}/my_own_trial")
    assert (kept.status_code, kept.json()["code"]) == (409, "running")
    await send(running.client, notice(HANA, "01055550001"))
    run = await _until(running, "passed")
    assert {one["what"]: (one["found"], one["state"]) for one in run["checks"]} == {
        "accepted": (1, "ok"),
        "arrived_chat": (1, "ok"),
        "doubled": (0, "ok"),
    }
    assert run["checks"][1]["wanted"] == {"is": 1}


@pytest.mark.parametrize("how", ["stop", "reset"])
async def test_a_stop_and_a_reset_end_it(running: Running, how: str) -> None:
    before = (await running.client.get("/desk/api/settings")).json()
    await running.client.put("/desk/api/clock", json={"add_s": 3600})
    await running.client.post(f"{SCENARIOS}/receipts_late/start")
    assert (await running.client.get("/desk/api/clock")).json()["rate"] == 0
    path = f"{SCENARIOS}/stop" if how == "stop" else "/desk/api/reset"
    await running.client.post(path)
    run = (await running.client.get(f"{SCENARIOS}/run")).json()
    assert (run["state"], run["note"]) == ("stopped", "" if how == "stop" else "reset")
    clock = (await running.client.get("/desk/api/clock")).json()
    assert (clock["rate"], round(clock["ahead_s"])) == (1, 3600)
    assert (await running.client.get("/desk/api/settings")).json() == before


async def test_a_restart_of_the_sandbox_gives_back(tmp_path: Path) -> None:
    """By what the store kept, as after a kill; rules that another version wrote are left out."""
    path = tmp_path / "sandbox.db"
    async with open_quiet(path) as first:
        await first.client.put("/desk/api/chaos", json={"seed": 4, "rules": [{"effect": "drip"}]})
        before = (await first.client.get("/desk/api/settings")).json()
        await first.client.post(f"{SCENARIOS}/receipts_late/start")
        assert (await first.client.get("/desk/api/settings")).json() != before
    async with open_quiet(path) as again:
        run = (await again.client.get(f"{SCENARIOS}/run")).json()
        assert (run["name"], run["state"], run["note"]) == ("receipts_late", "stopped", "restart")
        assert (await again.client.get("/desk/api/settings")).json() == before
        assert (await again.client.get("/desk/api/clock")).json()["rate"] == 1
        dial = (await again.client.get("/desk/api/chaos")).json()
        assert (dial["seed"], [rule["effect"] for rule in dial["rules"]]) == (4, ["drip"])
        await again.client.post(f"{SCENARIOS}/receipts_late/start")
        kept = (again.store.meta("run") or "").replace('"effect":"drip"', '"effect":"of old"')
        again.store.set_meta("run", kept)
    async with open_quiet(path) as last:
        assert (await last.client.get("/desk/api/chaos")).json()["rules"] == []
        assert (await last.client.get("/desk/api/settings")).json() == before


async def _until(running: Running, state: str) -> Any:
    """The run, once it is in this state."""
    await running.until(lambda: f'"state":"{state}","count"' in (running.store.meta("run") or ""))
    return (await running.client.get(f"{SCENARIOS}/run")).json()
