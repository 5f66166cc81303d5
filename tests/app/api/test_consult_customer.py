"""The side panel over HTTP."""

import shutil
from pathlib import Path

from fastapi import FastAPI

from app.api import consult_customer, problems
from app.db.models import Thread
from tests.app.api.test_consultations import BASE, client_of
from tests.app.services.talks import talking
from tests.app.services.test_ties import frozen


async def test_the_panel(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as talk:
        notice, token = await talk.notice(frozen(variables={"주문번호": "A-17"}))
        await talk.press(token)
        await talk.apply()
        app = FastAPI()
        app.include_router(consult_customer.router)
        problems.install(app)
        app.state.runtime = talk.runtime
        async with await client_of(talk, app) as client:
            got = await client.get(f"{BASE}/{(await talk.only(Thread)).id}/customer")
    assert got.status_code == 200, got.text
    told = got.json()
    assert told["about"] == {"notice_id": str(notice), "how": "button", "confidence": 1.0}
    assert told["notices"][0]["numbers"] == {"주문번호": "A-17"}
    assert (told["number"], told["simulated"]) == ("010-****-2222", True)
