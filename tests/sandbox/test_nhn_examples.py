"""Every example of NHN Cloud's guides, replayed: the same fields, types and code."""

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.documented import differences, documented, names
from tests.sandbox.images import jpeg, png
from tests.sandbox.nhn_stage import FULL, LINK, LINKS, ROWS, TEXT, Stage, set_up
from tests.sandbox.shop import APP, CALLER, HANA, KEY, NO_KAKAO, SMS_APP

NOTICE, AUTH = f"alimtalk_send_full {NO_KAKAO}", f"alimtalk_auth_send_full {NO_KAKAO}"
FORM: dict[str, Any] = {
    **{name: FULL[name] for name in FULL if name not in ("buttons", "quickReplies")},
    **LINKS,
    "templateRepresentLink": LINKS,
    "list": ROWS,
    "description": "오늘",
    "title": "주문",
    "imageUrl": LINK,
    "type": "WL",
    "name": "주문 보기",
    "templateItem": FULL["templateItem"],
}
FAILED = {"messageStatus": "FAILED", "resultCode": "MRC02", "recipientNo": NO_KAKAO}
LISTED = {"senderKey": KEY, "templateCode": "FULL", **FAILED}
FOUND = {"sendNo": CALLER, "msgStatus": "3", "resultCode": "MTR1", "recipientNo": HANA}
RESERVED = {"sendNo": CALLER, "messageStatus": "RESERVED", "recipientNo": HANA}
STATS = {
    **dict.fromkeys(("join", "statsCriteria", "statsIds", "requestIds", "messageType")),
    "statsType": "DAILY",
    "statisticsType": "DAILY",
    "extra1s": "ALIMTALK,ALIMTALK_AUTH",
    "extra2s": KEY,
    "eventTypes": "REQUESTED,SENT,RECEIVED,SENT_FAILED,RESENT,RESENT_FAILED",
    "eventCategory": "MESSAGE",
    "templateCodes": "FULL",
}
PICTURE = base64.b64encode(jpeg(10, 10)).decode()
# what each example is replayed with beside the common values; an id is of an earlier request
REPLAYS: dict[str, dict[str, Any]] = {
    "alimtalk_send": {},
    "alimtalk_send_full": {},
    "alimtalk_auth_send": {},
    "alimtalk_auth_send_full": {},
    "alimtalk_list": {**LISTED, "requestId": NOTICE},
    "alimtalk_auth_list": {**LISTED, "requestId": AUTH},
    "alimtalk_one": {"requestId": NOTICE, "recipientSeq": 1},
    "alimtalk_auth_one": {"requestId": AUTH, "recipientSeq": 1},
    "alimtalk_cancel": {"recipientSeq": "1"},
    "alimtalk_results": {"alimtalkMessageType": "AUTH"},
    "alimtalk_results_count": {"alimtalkMessageType": "NORMAL"},
    "template_categories": {},
    "template_register": {**FORM, "templateCode": "NEW", "templateName": "새 안내"},
    "template_edit": {**FORM, "templateCode": "EDITED", "templateName": "고친 안내"},
    "template_delete": {"templateCode": "DELETED"},
    "template_comment": {"templateCode": "ASKED", "comment": "언제 되나요"},
    "template_comment_files": {
        "templateCode": "ASKED_FILES",
        "data": {"comment": "자료입니다"},
        "files": [("attachments", ("a.pdf", b"%PDF")), ("attachments", ("b.hwp", b"x"))],
    },
    "template_convert": {"templateCode": "CONVERTED"},
    "template_one": {},
    "template_list": {"templateName": "FULL", "templateStatus": "TSC03"},
    "template_modifications": {},
    "template_image": {"files": {"file": ("a.png", png(500, 250))}},
    "template_highlight_image": {"files": {"file": ("a.png", png(108, 108))}},
    "fallback_link": {"resendAppKey": SMS_APP},
    "fallback_default": {},
    "sender_categories": {},
    "sender_register": {
        "plusFriendId": "@new",
        "phoneNo": "010-0000-1001",
        "categoryCode": "00100010001",
    },
    "sender_token": {"plusFriendId": "@asked"},
    "sender_delete": {},
    "sender_one": {},
    "sender_list": {"plusFriendId": "@shop", "status": "YSC03"},
    "stats": STATS,
    "stats_total": STATS,
    "sms_send": {},
    "lms_send": {},
    "mms_send": {"attachFileIdList": []},
    "auth_sms_send": {},
    "sms_list": {**FOUND, "requestId": "sms_send"},
    "mms_list": {**FOUND, "requestId": "mms_send"},
    "auth_sms_list": {**FOUND, "requestId": "auth_sms_send"},
    "sms_one": {"requestId": "sms_send", "recipientSeq": 1},
    "mms_one": {"requestId": "mms_send", "recipientSeq": 1},
    "auth_sms_one": {"requestId": "auth_sms_send", "recipientSeq": 1},
    "sms_results": {"messageType": "SMS"},
    "sms_upload": {"fileBody": PICTURE},
    "sms_callers": {"sendNo": CALLER, "useYn": "Y", "blockYn": "N"},
    "sms_stats": STATS,
    "sms_stats_legacy": STATS,
    "sms_reservations": {**RESERVED, "sendType": "0", "requestId": "sms_send later"},
    "sms_reservation": {"requestId": "mms_send later", "recipientSeq": 1},
    "sms_cancel": {"requestId": "auth_sms_send later", "recipientSeq": 1, "updateUser": "gw"},
}
# where the print cannot be right: of `mms_one` the sample is older than its table (`mtPr` is gone
# since v3.0, by the release notes); where no rows are printed, a sample of another kind stands
SLIPS = {
    "mms_one": {
        "body.data.mtPr is missing",
        *(
            f"body.data.{name} is not printed"
            for name in ("recipientSeq", "messageType", "messageCount")
        ),
    },
}
HOOKED = {"hook_result": "alimtalk", "hook_sms": "sms", "hook_template": "alimtalk"}
# the sandbox spells these two as the table does
SPELLINGS = {"recipientGropuingKey": "recipientGroupingKey", "_link": "_links"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = set_up(tmp_path_factory.mktemp("nhn") / "sandbox.db")
    yield made
    made.store.close()


def test_every_example_is_replayed() -> None:
    there = {*REPLAYS, *HOOKED, "hook_unsubscribe"}  # nobody opts out of a text in the sandbox
    assert there == set(names())


@pytest.mark.parametrize("name", REPLAYS)
async def test_an_example(stage: Stage, name: str) -> None:
    answer = await replay(stage, name)
    example = documented(name)
    assert answer["header"]["resultCode"] == 0, answer["header"]
    found = set(differences(example["answer"], answer, example["not_null"]))
    assert found == SLIPS.get(name, set())


async def replay(stage: Stage, name: str) -> dict[str, Any]:
    given = dict(REPLAYS[name])
    if name.endswith("s_send"):
        return await stage.ask(name, requestDate=stage.in_an_hour(), **given, **TEXT)
    if name == "alimtalk_cancel":
        reserved = await stage.ask("alimtalk_send", requestDate=stage.in_an_hour())
        return await stage.ask(name, requestId=reserved["message"]["requestId"], **given)
    if name == "sender_token":
        asked = {**REPLAYS["sender_register"], "plusFriendId": "@asked"}
        await stage.ask("sender_register", **asked)
        given["token"] = stage.store.number(
            "SELECT token FROM nhn_profile_request WHERE channel_id = '@asked'"
        )
    if name == "sender_delete":
        stage.store.run(
            "INSERT INTO sender (sender_key, app_key) VALUES (?, ?)", (sender := "f" * 40, APP)
        )
        given["senderKey"] = sender
    if "requestId" in given:
        given["requestId"] = stage.ids[given["requestId"]]
    return await stage.ask(name, **given)


@pytest.mark.parametrize("name", HOOKED)
def test_a_webhook(stage: Stage, name: str) -> None:
    printed = documented(name)["request"]
    for slip, right in SPELLINGS.items():
        printed["hooks"] = [{right if k == slip else k: v for k, v in printed["hooks"][0].items()}]
    rows = stage.store.all("SELECT body FROM outbox WHERE kind = ?", (HOOKED[name],))
    sent = [orjson.loads(row["body"]) for row in rows]
    mine = [one for one in sent if ("status" in one["hooks"][0]) == (name == "hook_template")]
    with_files = [one for one in mine if not no_files(one)]
    assert list(differences(printed, with_files[-1], [])) == []


def no_files(body: dict[str, Any]) -> bool:
    """Whether it tells of a template of which nobody gave a file."""
    lines = [line for hook in body["hooks"] for line in hook.get("comments", [{"attachment": 1}])]
    return not lines or not all(line["attachment"] for line in lines)
