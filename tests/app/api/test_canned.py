"""Canned replies over HTTP."""

import shutil
from pathlib import Path

from tests.app.api.tools import opened

REPLY = {"shortcut": "배송", "text": "#{고객}님, #{상담원}입니다. #{주문번호} #{없음}"}


async def test_a_reply_s_life(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with opened(tmp_path) as desk:
        made = await desk.ask("POST", "/canned", 201, json=REPLY)
        assert (await desk.ask("POST", "/canned", 409, json=REPLY))["code"] == "shortcut_exists"
        bad = await desk.ask("POST", "/canned", 422, json=REPLY | {"shortcut": "a", "text": "#{"})
        assert (bad["code"], bad["field"]) == ("bad_variable", "text")
        reply = f"/canned/{made['id']}"
        assert (await desk.ask("GET", reply))["text"] == REPLY["text"]
        found = await desk.ask("GET", "/canned", params={"q": "/배"})
        assert [one["shortcut"] for one in found["items"]] == ["배송"]
        assert (await desk.ask("GET", "/canned", params={"q": "환불"}))["items"] == []
        filled = await desk.ask("GET", f"/{desk.thread}{reply}", params={"agent": "김나루"})
        assert filled["text"] == "고객님, 김나루입니다. #{주문번호} #{없음}"
        assert filled["unknown"] == ["주문번호", "없음"]
        changed = await desk.ask("PUT", reply, json={"shortcut": "/인사", "text": "안녕하세요"})
        assert changed["shortcut"] == "인사"
        await desk.ask("DELETE", reply)
        await desk.ask("GET", reply, 404)
