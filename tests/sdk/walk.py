"""The Python SDK walks through the sandbox; every step is checked in its answer and on the phones.

Runs in an environment of its own, which has the SDK and nothing of ours: `walk.py URL PICTURE`.
"""

import json
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from solapi import SolapiMessageService  # type: ignore[import-not-found]
from solapi.error.MessageNotReceiveError import (  # type: ignore[import-not-found]
    MessageNotReceivedError,
)
from solapi.model import (  # type: ignore[import-not-found]
    GetGroupsRequest,
    KakaoOption,
    MessageType,
    RequestMessage,
    SendRequestConfig,
)
from solapi.model.request.messages.get_messages import (  # type: ignore[import-not-found]
    GetMessagesRequest,
)

URL, PICTURE = sys.argv[1:]
CHANNEL, TEMPLATE = "KA01PF240101000000000PYTHONWALK0", "KA01TP240101000000000PYTHONWALK0"
FROM, HANA, NO_KAKAO = "0200002041", "01000001001", "01000003019"
SENT_TO_HANA = 4  # single messages that reached her before the lists are asked

seen = 0
steps: list[Callable[[], None]] = []


def step(function: Callable[[], None]) -> Callable[[], None]:
    steps.append(function)
    return function


def service(key: str = "PYTHONKEY", secret: str = "PYTHONSECRET") -> Any:
    made = SolapiMessageService(key, secret)
    made.base_url = f"{URL}/solapi"
    return made


def desk(method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def arrived(count: int) -> list[dict[str, Any]]:
    """What came since the last time, as soon as it is `count` messages; 0: nothing comes."""
    global seen
    ends = time.monotonic() + (60 if count else 0.2)
    found: list[dict[str, Any]] = []
    while time.monotonic() < ends and (len(found) < count or not count):
        found = desk("GET", f"/desk/api/received?after={seen}")
        time.sleep(0.02)
    assert len(found) == count, found
    seen = found[-1]["seq"] if found else seen
    return found


def until(happened: Callable[[], Any]) -> Any:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if found := happened():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def refused(call: Callable[[], Any]) -> Exception:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - the SDK raises plain exceptions
        return error
    raise AssertionError("it was not refused")


def text(to: str, sender: str = FROM) -> Any:
    return RequestMessage(to=to, from_=sender, text="안녕하세요")


def notice(to: str, ref: str) -> Any:
    options = KakaoOption(
        pf_id=CHANNEL, template_id=TEMPLATE, variables={"이름": "하나", "주문": 17}
    )
    return RequestMessage(to=to, from_=FROM, kakao_options=options, custom_fields={"ref": ref})


@step
def one_alimtalk() -> None:
    shown = SendRequestConfig(show_message_list=True)
    sent = service().send(notice("010-0000-1001", "p-1"), shown)
    assert sent.group_info.count.registered_success == 1
    (taken,) = sent.message_list
    assert (taken.status_code, taken.custom_fields) == ("2000", {"ref": "p-1"})
    (came,) = arrived(1)
    assert (came["app"], came["reference"]) == ("chat", "p-1")
    assert came["text"] == "하나님, 상품이 출발했습니다."
    assert came["buttons"][0]["linkMo"] == "https://shop.example/17"
    query = GetMessagesRequest(message_id=taken.message_id)
    (stored,) = service().get_messages(query).message_list.values()
    assert (stored.type, stored.status_code, stored.to) == (MessageType.ATA, "4000", HANA)


@step
def a_failed_notice_is_replaced() -> None:
    sent = service().send(notice(NO_KAKAO, "p-2"))
    (came,) = arrived(1)
    assert (came["app"], came["kind"]) == ("sms", "sms")
    group_id = sent.group_info.group_id
    group = until(lambda: (found := service().get_group(group_id)).status == "COMPLETE" and found)
    assert (group.count.sent_replacement, group.count.sent_success) == (1, 1)
    (stored,) = service().get_group_messages(group_id).message_list.values()
    assert stored.status_code == "4000"


@step
def many_one_of_them_twice() -> None:
    sent = service().send([text(HANA), text(HANA), text("01000001002")])
    assert [one.status_code for one in sent.failed_message_list] == ["1026"]
    arrived(2)
    service().send([text(HANA), text(HANA)], SendRequestConfig(allow_duplicates=True))
    arrived(2)
    listed = RequestMessage(to=["01000001002", "01000001003"], from_=FROM, text="둘에게")
    assert service().send(listed).group_info.count.total == 2
    arrived(2)


@step
def all_refused() -> None:
    error = refused(lambda: service().send([text(HANA, "0299999999")]))
    assert isinstance(error, MessageNotReceivedError)
    assert [one.status_code for one in error.failed_messages] == ["1062"]
    arrived(0)


@step
def scheduled_and_cancelled() -> None:
    later = SendRequestConfig(scheduled_date=datetime.now(UTC) + timedelta(hours=1))
    sent = service().send(text(HANA), later)
    assert sent.group_info.status == "SCHEDULED"
    assert service().cancel_scheduled_message(sent.group_info.group_id).status == "FAILED"
    arrived(0)


@step
def scheduled_and_sent() -> None:
    soon = SendRequestConfig(scheduled_date=datetime.now(UTC) + timedelta(seconds=1))
    service().send(text("01000001002"), soon)
    assert arrived(1)[0]["number"] == "01000001002"


@step
def groups() -> None:
    found = service().get_groups()
    assert len(found.group_list) == 8
    (one, *_) = found.group_list
    assert list(service().get_groups(GetGroupsRequest(group_id=one)).group_list) == [one]


@step
def lists_by_filter_and_page_by_page() -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    asked: dict[str, Any] = {"status_code": "4000", "to": HANA, "start_date": since, "limit": 3}
    first = service().get_messages(GetMessagesRequest(**asked))
    assert len(first.message_list) == 3
    rest = service().get_messages(GetMessagesRequest(**asked, start_key=first.next_key))
    both = {**first.message_list, **rest.message_list}
    assert len(both) == SENT_TO_HANA
    notices = service().get_messages(GetMessagesRequest(type=MessageType.ATA))
    assert {one.to for one in notices.message_list.values()} == {HANA, NO_KAKAO}
    # the SDK writes this list as Python would: no id of anything
    garbled = GetMessagesRequest(message_ids=list(both))
    assert service().get_messages(garbled).message_list == {}


@step
def balance_and_a_picture() -> None:
    assert service().get_balance().balance < 1_000_000
    file_id = service().upload_file(PICTURE).file_id
    service().send(RequestMessage(to=HANA, from_=FROM, text="사진", image_id=file_id))
    assert arrived(1)[0]["kind"] == "mms"


@step
def a_wrong_key_and_a_wrong_secret() -> None:
    assert refused(service("NOBODY").get_balance).args[0] == "InvalidAPIKey"
    assert refused(service(secret="WRONG").get_balance).args[0] == "SignatureDoesNotMatch"


@step
def a_503_is_not_tried_again() -> None:
    rule = {"effect": "http_status", "status": 503, "provider": "solapi", "count": 1}
    desk("PUT", "/desk/api/chaos", {"rules": [rule]})
    assert refused(lambda: service().send(text(HANA))).args[0] == "UnknownError"
    arrived(0)
    desk("DELETE", "/desk/api/chaos")


def main() -> None:
    global seen
    everything = desk("GET", "/desk/api/received?after=0")
    seen = everything[-1]["seq"] if everything else 0
    for one in steps:
        one()
        sys.stdout.write(f"python  ok  {one.__name__.replace('_', ' ')}\n")


main()
