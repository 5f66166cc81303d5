"""A sandbox in which something of everything has happened, and our values for printed examples."""

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from sandbox.delivery import deliver_due
from sandbox.main import create_app
from sandbox.moves import act
from sandbox.nhn.wire import MINUTE, SECOND, seoul
from sandbox.reviews import register
from sandbox.store import Store
from tests.documented import documented, filled
from tests.sandbox.images import jpeg
from tests.sandbox.shop import APP, CALLER, HANA, KEY, NO_KAKAO, SMS_APP, need, settle_in

LINK = "https://shop.example/o/1"
LINKS = dict.fromkeys(("linkMo", "linkPc", "schemeIos", "schemeAndroid"), LINK)
BUTTON: dict[str, Any] = {"ordering": 1, "type": "WL", "name": "주문 보기", **LINKS}
ROWS = [{"title": "번호", "description": "#{이름}"}, {"title": "상태", "description": "출발"}]
# a template with every part the guide prints; the word 인증 lets the other lane send it too
FULL: dict[str, Any] = {
    "templateCode": "FULL",
    "templateName": "모두",
    "templateContent": "#{이름}님, 인증 안내입니다.",
    "templateMessageType": "EX",
    "templateEmphasizeType": "ITEM_LIST",
    "templateExtra": "고객센터 02-2041-0100",
    "templateTitle": "제목",
    "templateSubtitle": "부제목",
    "templateHeader": "머리 #{이름}",
    "templateItem": {"list": ROWS, "summary": {"title": "합계", "description": "1,000원"}},
    "templateItemHighlight": {"title": "주문", "description": "오늘", "imageUrl": LINK},
    "templateRepresentLink": LINKS,
    "templateImageName": "banner.png",
    "templateImageUrl": LINK,
    "securityFlag": False,
    "categoryCode": "006001",
    "buttons": [BUTTON],
    "quickReplies": [BUTTON],
}
SENT: dict[str, Any] = {
    **LINKS,
    "list": [{**ROWS[0], "description": "하나"}, ROWS[1]],
    "summary": FULL["templateItem"]["summary"],
    "templateItemHighlight": FULL["templateItemHighlight"],
    "templateTitle": "제목",
    "templateHeader": "머리 하나",
    "content": "하나님, 인증 안내입니다.",
    "templateParameter": {"이름": "하나"},
    "ordering": 1,
    "type": "WL",
    "name": "주문 보기",
    "chatExtra": "order_1",
    "chatEvent": "start",
    "relayId": "r",
    "oneClickId": "1",
    "productId": "2",
    "target": "out",
    "isResend": True,
    "resendType": "LMS",
    "resendTitle": "제목",
    "resendContent": "대신 갑니다",
    "resendSendNo": CALLER,
    "price": 1000,
    "currencyType": "KRW",
    "statsId": "stats",
    # a web link has none of these; the guide prints one object for all kinds of buttons
    **dict.fromkeys(("bizFormId", "pluginId", "telNumber")),
}
GROUPS = {"senderGroupingKey": "batch", "recipientGroupingKey": "one", "createUser": "gw"}
COMMON: dict[str, Any] = {
    **GROUPS,
    **SENT,
    "senderKey": KEY,
    "templateCode": "FULL",
    "recipientNo": HANA,
    "pageNum": 1,
    "pageSize": 15,
    "requestDate": None,
    # there are no templates of texts, no abroad and no advertising
    **dict.fromkeys(("templateId", "receiverRegion", "subResultCode", "isAd", "templateIds")),
    "countryCode": None,
}
TEXT = {"sendNo": CALLER, "body": "인증 번호 1"}
HOOKS = "http://127.0.0.1:9/hook"


@dataclass
class Stage:
    """ids: of the request an example was answered with, by its name."""

    app: FastAPI
    store: Store
    ids: dict[str, str] = field(default_factory=dict)

    async def ask(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Replay one example; `given` goes before the common values, and fills the path too.

        `files` and `data` make it a form.
        """
        example = documented(name)
        texts = example["path"].startswith("/sms")
        values = {**COMMON, **self._dates(SECOND if texts else MINUTE), **given}
        keys = {"appkey": APP, "appKey": SMS_APP if texts else APP}
        path = "/nhn" + example["path"].format(**{**values, **keys})
        sent: dict[str, Any] = {part: given[part] for part in ("files", "data") if part in given}
        if "request" in example and not sent:
            # this print has no date, its table has
            dated = {"requestDate": values["requestDate"]} if name == "mms_send" else {}
            sent = {"json": filled(example["request"], values) | dated}
        query = filled(example.get("query", {}), values)
        headers = {"X-Secret-Key": "s4" if texts else "s3"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://s.test", headers=headers
        ) as client:
            answer = await client.request(example["method"], path, params=query, **sent)
        found: dict[str, Any] = answer.json()
        return found

    def _dates(self, form: str) -> dict[str, str]:
        now = self.store.now()
        past, soon = seoul(now - 3_600_000, form), seoul(now + 3_600_000, form)
        names = ("Request", "Create", "Result", "Update")
        spans = {f"start{name}Date": past for name in names}
        spans |= {f"end{name}Date": soon for name in names}
        return spans | {"from": seoul(now - 3_600_000), "to": seoul(now + 3_600_000)}

    def in_an_hour(self) -> str:
        return seoul(self.store.now() + 3_600_000, MINUTE)


def set_up(path: Path) -> Stage:
    """Templates in every state, notices and texts delivered, failed over and reserved."""
    app = create_app(path)
    store: Store = app.state.store
    stage = Stage(app, store)
    store.change_settings({"result_delay_s": 0, "registered_s": 0})
    settle_in(store, HOOKS)
    for code in ("FULL", "EDITED", "DELETED", "CONVERTED", "ASKED", "ASKED_FILES"):
        register(store, KEY, {**FULL, "templateCode": code, "templateName": code})
    file = {"originalFileName": "a.pdf", "filePath": "comments/1/a.pdf"}
    act(store, need(store, "FULL"), "comment", "왜요", (file,))
    for code in ("FULL", "EDITED", "CONVERTED"):
        act(store, need(store, code), "approve")
    asyncio.run(_send(stage))
    return stage


async def _send(stage: Stage) -> None:
    await stage.ask("fallback_link", resendAppKey=SMS_APP)
    for name in ("alimtalk_send_full", "alimtalk_auth_send_full"):
        for number in (HANA, NO_KAKAO):  # the second one is sent again as a text message
            answer = await stage.ask(name, recipientNo=number)
            stage.ids[f"{name} {number}"] = answer["message"]["requestId"]
    uploaded = await stage.ask("sms_upload", fileBody=base64.b64encode(jpeg(10, 10)).decode())
    files = [uploaded["body"]["data"]["fileId"]]
    for name in ("sms_send", "mms_send", "auth_sms_send"):
        for at in (None, stage.in_an_hour()):
            answer = await stage.ask(name, requestDate=at, **TEXT, attachFileIdList=files)
            stage.ids[f"{name} later" if at else name] = answer["body"]["data"]["requestId"]
    while deliver_due(stage.store):
        pass
