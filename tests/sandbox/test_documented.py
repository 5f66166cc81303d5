"""Documented calls: no request of ours has a field nobody documents, and every path is there."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from sandbox.documented import Form, Text, fields, match, names, unknown_in
from sandbox.fcm.documented import FORMS as FCM
from sandbox.hub_files import PATH as FILES
from sandbox.inspector import PROVIDERS, form_of, unknown_of
from sandbox.main import create_app
from sandbox.nhn.documented import FORMS as NHN
from sandbox.pictures import PATH, PHOTO_PATH
from sandbox.solapi.documented import FORMS as SOLAPI
from tests.channels.wire import recorded
from tests.sandbox.adapters import ask_everything, open_town

NAME = Text("보내기", "send")
FORM = Form(
    NAME,
    fields(
        "senderKey requestDate",
        recipientList=fields("recipientNo content", templateParameter={"*": None}),
    ),
    names("pageNum pageSize name"),
)
ORDINARY = {
    "nhn": {"POST raw-messages", "POST sms", "POST mms", "GET messages", "POST binaryUpload"},
    "solapi": {"POST detail", "GET list", "GET balance", "POST templates", "POST files"},
    "relay": {"POST messages", "GET messages", "GET results", "POST templates", "POST actions"},
    "consult": {"POST write", "POST end", "POST endWithBot", "POST upload", "POST block"},
    "fcm": {"POST token", "POST messages:send"},
}


@pytest.mark.parametrize(
    ("provider", "more"),
    [
        ("nhn", {}),
        ("solapi", {}),
        ("consult", {}),
        ("relay", {"idempotency": "look_up"}),
        ("relay", {"idempotency": "window_look_up"}),
        ("fcm", {}),
    ],
)
async def test_no_request_of_the_adapters_has_an_unknown_field(
    provider: str, more: dict[str, str]
) -> None:
    async with open_town() as sandbox:
        await ask_everything(sandbox, provider, **more)
        calls = list(sandbox.store.exchanges)
    assert [(one.method, one.path) for one in calls if form_of(one) is None] == []
    found = {(one.path, stray.where, stray.path) for one in calls for stray in unknown_of(one)}
    assert found == set()
    last = {f"{one.method} {one.path.rsplit('/', 1)[1]}" for one in calls}
    assert last >= ORDINARY[provider], "the walk asks what it should"


@pytest.mark.parametrize(
    ("forms", "call", "name"),
    [
        (NHN, "POST /alimtalk/v2.3/appkeys/A/raw-messages", "nhn/alimtalk_request"),
        (NHN, "POST /alimtalk/v2.3/appkeys/A/raw-messages", "nhn/alimtalk_full_request"),
        (NHN, "POST /sms/v3.0/appKeys/A/sender/mms", "nhn/lms_request"),
        (NHN, "POST /sms/v3.0/appKeys/A/sender/mms", "nhn/mms_request"),
        (NHN, "POST /sms/v3.0/appKeys/A/attachfile/binaryUpload", "nhn/attach_request"),
        (NHN, "POST /alimtalk/v2.3/appkeys/A/senders/K/templates", "nhn/template_request"),
        (NHN, "POST /alimtalk/v2.3/appkeys/A/senders/K/templates", "nhn/template_full_request"),
        (SOLAPI, "POST /messages/v4/send-many/detail", "solapi/send_request"),
        (SOLAPI, "POST /kakao/v2/templates", "solapi/template_request"),
        (FCM, "POST /v1/projects/naru-shop/messages:send", "fcm/send_request"),
    ],
)
def test_no_recorded_request_has_an_unknown_field(
    forms: dict[str, Form], call: str, name: str
) -> None:
    form = match(forms, *call.split(" "))
    assert form
    assert unknown_in(form, recorded(name), []) == []


# one object with every field that the SDKs were seen to send
SDK_CALLS = [
    (
        "POST /messages/v4/send-many/detail",
        {
            "messages": [
                {
                    "from": "021234567", "to": ["01000000001"], "country": "82",
                    "autoTypeDetect": True, "customFields": {"ref": "o-1"},
                    "kakaoOptions": {
                        "pfId": "KA01PF0000", "templateId": "KA01TP0000",
                        "variables": {"#{name}": "홍길동"}, "disableSms": False, "imageId": "i",
                        "bms": {"targeting": "I"},
                    },
                }
            ],
            "allowDuplicates": False, "showMessageList": True, "appId": "a",
            "scheduledDate": "2026-12-01T09:00:00+00:00",
            "agent": {"sdkVersion": "python/5.0.3", "osPlatform": "Linux | 3.11.7", "appId": "a"},
        },
        [],
    ),
    ("GET /messages/v4/list-old", None, ["limit", "dateType", "messageId", "messageIds", "from",
                                         "type", "statusCode", "startDate", "endDate"]),
    ("GET /messages/v4/groups", None, ["limit", "criteria", "cond", "value"]),
    ("POST /messages/v4/groups", {"sdkVersion": "n", "osPlatform": "l", "allowDuplicates": True,
                                  "customFields": {"a": "b"}}, []),
    ("DELETE /messages/v4/groups/G/messages", {"messageIds": ["M"]}, []),
    ("POST /messages/v4/groups/G/schedule", {"scheduledDate": "2026-12-01T09:00:00Z"}, []),
    ("GET /messages/v4/groups/G/messages", None, ["limit"]),
    ("POST /storage/v1/files", {"file": "eA==", "type": "MMS", "name": "n", "link": "l"}, []),
    ("GET /kakao/v2/templates", None, ["status", "limit", "name[like]", "dateCreated[gte]"]),
    ("PUT /kakao/v2/templates/T/inspection/cancel", {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("call", "body", "query"), SDK_CALLS, ids=lambda x: str(x)[:40])
def test_no_request_of_the_sdks_has_an_unknown_field(
    call: str, body: Any, query: list[str]
) -> None:
    """As they were captured; `make sdk` asks the SDKs themselves."""
    form = match(SOLAPI, *call.split(" "))
    assert form
    assert unknown_in(form, body, [(name, "1") for name in query]) == []


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """All routes, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from routes_of(router.routes)


def played() -> Iterator[tuple[str, str, str]]:
    """Provider, method and path of everything the sandbox plays."""
    app = create_app()
    app.state.store.close()
    for route in routes_of(app.routes):
        provider, _, rest = route.path.removeprefix("/").partition("/")
        own = provider in PROVIDERS and not route.path.startswith((PATH, PHOTO_PATH, FILES))
        if own and ":path}" not in rest:
            yield from ((provider, method, f"/{rest}") for method in route.methods or ())


def test_every_call_that_is_played_is_documented() -> None:
    calls = list(played())
    assert len(calls) > 50
    missing = [call for call in calls if match(PROVIDERS[call[0]].forms, *call[1:]) is None]
    assert missing == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"senderKey": "k", "recipientList": [{"recipientNo": "1"}]}, []),
        ({"recieveTime": "x"}, [("recieveTime", "requestDate", "", 1)]),
        ({"request_date": "x"}, [("request_date", "requestDate", "", 1)]),
        ({"requstDate": "x"}, [("requstDate", "requestDate", "", 1)]),
        ({"content": "x"}, [("content", "", "recipientList.content", 1)]),
        ({"xyz": {"senderKey": 1}}, [("xyz", "", "", 1)]),
        ({"recipientList": [{"templateParameter": {"아무 이름": 1}}]}, []),
        (
            {"recipientList": [{"to": "1"}, {"to": "2"}, {"recipientNo": "3"}]},
            [("recipientList[0].to", "recipientNo", "", 2)],
        ),
        ([{"a": 1}], [("[0].a", "", "", 1)]),
        ("text", []),
        (None, []),
    ],
)
def test_an_unknown_field_has_its_place_and_the_name_that_was_meant(
    body: Any, found: list[tuple[str, str, str, int]]
) -> None:
    told = [(one.path, one.meant, one.lies, one.times) for one in unknown_in(FORM, body, [])]
    assert told == found


def test_unknown_parameters_of_a_query() -> None:
    asked = [("pageNum", "1"), ("pagesize", "2"), ("limit", "3"), ("name[like]", "x"), ("zzz", "")]
    told = [(one.where, one.name, one.meant) for one in unknown_in(FORM, None, asked)]
    assert told == [
        ("query", "pagesize", "pageSize"), ("query", "limit", "pageSize"), ("query", "zzz", ""),
    ]  # fmt: skip


def test_a_call_without_a_json_body_has_no_unknown_field() -> None:
    assert unknown_in(Form(NAME), {"anything": 1}, []) == []


def test_a_plain_segment_wins_over_any_other() -> None:
    forms = {"GET /a/*": Form(NAME), "GET /a/b": FORM}
    assert match(forms, "GET", "/a/b") is FORM
    assert match(forms, "GET", "/a/c") is forms["GET /a/*"]
    assert match(forms, "POST", "/a/b") is None
    assert match(forms, "GET", "/a/b/c") is None
