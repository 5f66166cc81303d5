"""Labels over HTTP."""

import shutil
from pathlib import Path

from tests.app.api.tools import opened


async def test_a_label_s_life(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with opened(tmp_path) as desk:
        made = await desk.ask("POST", "/labels", 201, json={"name": "환불"})
        taken = await desk.ask("POST", "/labels", 409, json={"name": " 환불 "})
        assert (taken["code"], taken["field"]) == ("label_exists", "name")
        label = f"/labels/{made['id']}"
        assert (await desk.ask("PUT", label, json={"name": "교환"}))["name"] == "교환"
        on = await desk.ask("PUT", f"/cases/{desk.case}{label}")
        assert [one["name"] for one in on["items"]] == ["교환"]
        assert (await desk.ask("DELETE", f"/cases/{desk.case}{label}"))["items"] == []
        assert len((await desk.ask("GET", "/labels"))["items"]) == 1
        assert (await desk.ask("DELETE", label))["id"] == made["id"]
        await desk.ask("PUT", f"/cases/{desk.case}{label}", 404)
