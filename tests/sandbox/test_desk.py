"""The desk API over HTTP."""

from typing import Any

import pytest

from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY, LOST, NO_KAKAO, OFF, notice, send, send_text

API = "/desk/api"


async def get(running: Running, path: str) -> Any:
    answer = await running.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_accounts_are_put_again_without_change(quiet: Running) -> None:
    body = {"secret_key": "x", "senders": [{"sender_key": "a" * 40, "name": "물결서점"}]}
    for _ in range(2):
        answer = await quiet.client.put(f"{API}/accounts/nhn/AK2", json=body)
        assert answer.status_code == 204
    found = await get(quiet, f"{API}/accounts")
    assert [one["app_key"] for one in found["nhn"]] == ["AK1", "AK2"]
    consult = {"client_secret": "y", "receive_domain": "ftp://x"}
    answer = await quiet.client.put(f"{API}/accounts/consult/HT2", json=consult)
    assert (answer.status_code, answer.json()["field"]) == (422, "receive_domain")


async def test_a_solapi_account(quiet: Running) -> None:
    body = {
        "api_secret": "s",
        "senders": [{"sender_key": "KA01PF1", "channel_id": "@k"}],
        "caller_numbers": ["02-0000-2042"],
        "webhook_url": "http://127.0.0.1:9/hook",
        "report_shape": "flat",
        "balance": 100,
    }
    for _ in range(2):
        answer = await quiet.client.put(f"{API}/accounts/solapi/NCS1", json=body)
        assert answer.status_code == 204
    (found,) = (await quiet.client.get(f"{API}/accounts")).json()["solapi"]
    assert (found["api_key"], found["balance"], found["report_shape"]) == ("NCS1", 100, "flat")
    for wrong in (
        {"webhook_url": "hook"},
        {"group_webhook_url": "hook"},
        {"report_shape": "round"},
        {"api_secret": ""},
        {"balance": -1},
        {"fruit": 1},
    ):
        answer = await quiet.client.put(f"{API}/accounts/solapi/NCS1", json={**body, **wrong})
        assert (answer.status_code, answer.json()["field"]) == (422, *wrong)


async def test_received_in_order_and_latest(running: Running) -> None:
    nothing = await running.client.get("/latest")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_arrived")
    await send(running.client, notice(HANA, NO_KAKAO))
    await running.until(lambda: running.store.counters().get("arrived chat") == 1)
    await send_text(running.client, "안녕하세요", HANA)
    await running.until(lambda: running.store.counters().get("arrived sms") == 1)
    first, second = await get(running, f"{API}/received")
    assert (first["kind"], first["app"], first["reference"]) == ("alimtalk", "chat", f"ref-{HANA}")
    assert (second["kind"], second["app"]) == ("sms", "sms")
    assert await get(running, f"{API}/received?after={first['seq']}") == [second]
    assert await get(running, "/latest") == second
    counted = await get(running, f"{API}/counters")
    assert counted["recipients"] == {"accepted": 3, "refused": 0}
    assert counted["arrived"] == {"chat": 1, "sms": 1, "push": 0}
    assert sum(counted["requests"].values()) == 2


async def test_phones_are_paged_searched_and_filtered(quiet: Running) -> None:
    await send(quiet.client, notice("01055550001", "01055550002"))
    page = await get(quiet, f"{API}/phones?limit=11")
    assert [one["name"] for one in page["phones"]][:2] == ["한가온", "서미르"]
    rest = await get(quiet, f"{API}/phones?limit=11&cursor={page['cursor']}")
    assert len(rest["phones"]) == 1
    assert rest["cursor"] is None
    found = await get(quiet, f"{API}/phones?q=5555-0002")
    assert [one["name"] for one in found["phones"]] == ["손님 0002"]
    off = await get(quiet, f"{API}/phones?filter=off")
    assert [one["number"] for one in off["phones"]] == [OFF]
    for bad in ("filter=nope", "cursor=x"):
        assert (await quiet.client.get(f"{API}/phones?{bad}")).status_code == 422


async def test_a_phone_is_named_changed_and_spoken_from(quiet: Running) -> None:
    made = await quiet.client.post(
        f"{API}/phones", json={"number": "010-5555-3019", "name": "12호차"}
    )
    assert (made.status_code, made.json()["kakao"]) == (201, False)
    changed = await quiet.client.patch(
        f"{API}/phones/010-5555-3019", json={"kakao": True, "slow_s": 3}
    )
    assert (changed.json()["kakao"], changed.json()["slow_s"]) == (True, 3)
    said = await quiet.client.post(
        f"{API}/phones/01055553019/say", json={"sender_key": KEY, "text": "여보세요"}
    )
    assert (said.status_code, said.json()["mine"]) == (201, True)
    block = f"{API}/phones/01055553019/blocks/{KEY}"
    assert (await quiet.client.put(block)).status_code == 204
    refused = await quiet.client.post(
        f"{API}/phones/01055553019/say", json={"sender_key": KEY, "text": "여보세요"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "blocked")
    assert (await quiet.client.delete(block)).status_code == 204
    one = await get(quiet, f"{API}/phones/01055553019")
    assert [line["text"] for line in one["messages"]] == [
        "상담을 시작했습니다",
        "여보세요",
        "상담이 종료되었습니다",
    ]
    assert one["rooms"][0]["session_id"] is None


async def test_a_button_is_pressed(running: Running) -> None:
    await send(running.client, notice(HANA))
    await running.until(lambda: running.store.counters().get("arrived chat") == 1)
    one = await get(running, f"{API}/phones/{HANA}")
    press = f"{API}/phones/{HANA}/messages/{one['messages'][0]['id']}/press"
    done = await running.client.post(press, json={"button": 0})
    assert done.json()["parcel"] == {"courier": "한진택배", "invoice": "123456789012"}
    gone = await running.client.post(press, json={"button": 7})
    assert (gone.status_code, gone.json()["code"]) == (404, "no_button")


async def test_everyone_is_switched_on(quiet: Running) -> None:
    answer = await quiet.client.post(f"{API}/phones/on")
    assert answer.json() == {"switched_on": 1}


async def test_settings(quiet: Running) -> None:
    before = await get(quiet, f"{API}/settings")
    assert (before["result_delay_s"], before["review"]) == (0.4, "manual")
    answer = await quiet.client.patch(f"{API}/settings", json={"list_lag_s": 2})
    assert answer.json() == {**before, "list_lag_s": 2}
    wrong = await quiet.client.patch(f"{API}/settings", json={"list_lagg_s": 2})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "list_lagg_s")


async def test_requests_and_reset(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    with pytest.raises(ConnectionAbortedError):
        await send(quiet.client, notice(LOST))
    newest, older = await get(quiet, f"{API}/requests?limit=2")
    assert (newest["status"], older["status"]) == (None, 200)
    assert older["headers"]["x-secret-key"] == "•••"
    assert (await quiet.client.post(f"{API}/reset")).status_code == 204
    assert await get(quiet, f"{API}/requests") == []
    assert (await get(quiet, f"{API}/counters"))["recipients"]["accepted"] == 0
    assert len(await get(quiet, f"{API}/templates")) == 1


async def test_the_document_names_every_route(quiet: Running) -> None:
    paths = (await get(quiet, f"{API}/openapi.json"))["paths"]
    assert {f"{API}/received", f"{API}/phones/{{number}}/say", "/latest"} <= paths.keys()
    assert not [path for path in paths if path.startswith(("/nhn", "/consult"))]


async def test_errors_are_problem_json(quiet: Running) -> None:
    for path in ("/desk/api/none", "/desk/api/phones/01099999999"):
        answer = await quiet.client.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"


async def test_what_a_relay_promises_is_changed_while_it_runs(quiet: Running) -> None:
    client, row = quiet.client, {"ref": "a", "to": HANA, "sender": "0220410100", "text": "안녕"}
    body = {"key": "c", "route": "sms", "messages": [row]}
    made = {"signing_secret": "s1", "caller_numbers": ["0220410100"]}
    assert (await client.put(f"{API}/accounts/relay/k1", json=made)).status_code == 204

    async def codes() -> list[str]:
        headers = {"Authorization": "Bearer k1"}
        answers = [await client.post("/relay/messages", json=body, headers=headers) for _ in "12"]
        return [one.json()["results"][0].get("code", "") for one in answers]

    assert await codes() == ["", ""]
    path = f"{API}/accounts/relay"
    changed = (await client.patch(f"{path}/k1", json={"idempotency": "dedupe"})).json()
    assert (changed["idempotency"], changed["dedupe_ttl_s"]) == ("dedupe", 600)
    assert "s1" not in str(changed)
    assert await codes() == ["duplicate", "duplicate"]
    again = await client.patch(f"{path}/{changed['id']}", json={"dedupe_ttl_s": 5})
    assert (again.json()["idempotency"], again.json()["dedupe_ttl_s"]) == ("dedupe", 5)
    assert (await client.patch(f"{path}/none", json={})).json()["code"] == "not_found"
    wrong = await client.patch(f"{path}/k1", json={"dedupe_ttl_s": 0})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "dedupe_ttl_s")


async def test_nhn_may_forget_its_idempotency_key(quiet: Running) -> None:
    async def codes() -> list[int]:
        answers = [await send(quiet.client, notice(HANA), key="k-1") for _ in "12"]
        return [one["header"]["resultCode"] for one in answers]

    await quiet.client.patch(f"{API}/settings", json={"nhn_idempotency": False})
    assert await codes() == [0, 0]
    await quiet.client.patch(f"{API}/settings", json={"nhn_idempotency": True})
    assert await codes() == [0, -1005]


async def test_friends_blocks_of_all_and_the_first_day(quiet: Running) -> None:
    phone = f"{API}/phones/{HANA}"
    assert (await quiet.client.put(f"{phone}/friends/{KEY}")).status_code == 204
    changed = await quiet.client.patch(phone, json={"blocks_all": True, "slow_s": 3})
    assert changed.json()["blocks_all"] is True
    assert [room["friend"] for room in (await get(quiet, phone))["rooms"]] == [True]
    anew = (await quiet.client.post(f"{phone}/reset")).json()
    assert (anew["blocks_all"], anew["slow_s"]) == (False, 0)
    assert [room["friend"] for room in (await get(quiet, phone))["rooms"]] == [False]
    await quiet.client.put(f"{phone}/friends/{KEY}")
    assert (await quiet.client.delete(f"{phone}/friends/{KEY}")).status_code == 204
    assert [room["friend"] for room in (await get(quiet, phone))["rooms"]] == [False]
    for path in ("reset", "photo"):
        answer = await quiet.client.post(f"{API}/phones/01099999999/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
