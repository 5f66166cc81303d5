"""Calls of FCM in words, their documented fields, and what followed them."""

import pytest

from sandbox.afterwards import after_of
from sandbox.chaos.rules import Rule
from sandbox.delivery import deliver_due
from sandbox.documented import match
from sandbox.fcm.calls import READING
from sandbox.fcm.documented import FORMS
from sandbox.fcm.wire import CODES, DOOR, Refused
from sandbox.inspector import code_of, meaning_of, unknown_of
from sandbox.masks import HIDDEN, mask_of
from sandbox.meaning import Meaning
from tests.sandbox.firebase import Firebase, phone_app, push, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA
from tests.service_accounts import PROJECT


@pytest.fixture
def firebase(quiet: Running) -> Firebase:
    quiet.store.change_settings({"result_delay_s": 0})
    settle_in(quiet.store)
    return Firebase(quiet.client, quiet.store)


def read(firebase: Firebase) -> Meaning:
    return meaning_of(firebase.store, firebase.store.exchanges[-1])


async def test_a_push_in_words(firebase: Firebase) -> None:
    device = phone_app(firebase.store, HANA)
    await firebase.log_in()
    assert (read(firebase).asks.ko, read(firebase).says.ko) == ("접근 토큰 받기", "답했어요")
    await firebase.send(push(device))
    found = read(firebase)
    assert (found.asks.ko, found.says.ko) == ("푸시 1건, 설치 아이디", "1건 접수")
    assert (found.asks.en, found.says.en) == ("1 × push, to an installation", "1 taken")
    assert found.promise.ko.startswith("물어볼 수 없음")
    assert (found.sender, found.template, found.refs) == (PROJECT, "order_shipped", ("m1",))
    assert [one.number for one in found.people] == [HANA]
    one = firebase.store.exchanges[-1]
    assert (one.provider, one.account, one.route) == ("fcm", PROJECT, "push")
    await firebase.send({"topic": "news"}, validate_only=True)
    assert read(firebase).asks.ko == "푸시 1건, 주제, 확인만"
    await firebase.client.get(f"/fcm/v1/projects/{PROJECT}/messages")
    assert read(firebase).asks.ko == "규격에 없는 요청"


@pytest.mark.parametrize("code", [*CODES, *DOOR, "NEW"])
async def test_every_refusal_in_words(firebase: Firebase, code: str) -> None:
    rule = Rule(effect="error_code", code=code, provider="fcm")
    firebase.store.chaos.arm([rule], 1)
    await firebase.send(push(phone_app(firebase.store, HANA)))
    one = firebase.store.exchanges[-1]
    assert code_of(one) == code
    assert read(firebase).says.ko.startswith(f"거절 {code}: ")
    assert read(firebase).people[0].code == code
    assert Refused(code).status == one.status


async def test_oauths_refusals_in_words(firebase: Firebase) -> None:
    await firebase.log_in(iss="nobody@x")
    assert code_of(firebase.store.exchanges[-1]) == "invalid_grant"
    said = "거절 invalid_grant: 서명을 받지 않아요 (Invalid grant: account not found)"
    assert read(firebase).says.ko == said


async def test_bodies_that_make_no_sense_are_read_too(firebase: Firebase) -> None:
    await firebase.log_in()
    path = f"/fcm/v1/projects/{PROJECT}/messages:send"
    headers = {"Authorization": f"Bearer {firebase.token}"}
    for body in (b"[]", b'{"message": 7}', b'{"message": {"data": 7, "fid": [1]}}'):
        await firebase.client.post(path, content=body, headers=headers)
        assert read(firebase).says.ko.startswith("거절 INVALID_ARGUMENT")


async def test_undocumented_fields_are_found_in_both_spellings(firebase: Firebase) -> None:
    message = {"fid": "x", "android": {"collapse_key": "k", "collapseKey": "k", "timeToLive": 1}}
    await firebase.send(message, validateOnly=True, dry_run=True)
    found = {one.path for one in unknown_of(firebase.store.exchanges[-1])}
    assert found == {"message.android.timeToLive", "dry_run"}
    assert match(FORMS, "POST", "/v1/projects/p/messages:send") is not None


async def test_what_followed_a_push(firebase: Firebase) -> None:
    await firebase.send(push(phone_app(firebase.store, HANA), "http://a.example/r"))
    one = firebase.store.exchanges[-1]
    assert after_of(firebase.store, one, read(firebase)).counts == {"waiting": 1}
    deliver_due(firebase.store)
    after = after_of(firebase.store, one, read(firebase))
    assert after.counts == {"arrived": 1}
    assert (after.fates[0].app, after.fates[0].ref) == ("push", "m1")
    assert [(told.kind, told.to) for told in after.told] == [("app", "http://a.example")]


async def test_tokens_and_assertions_are_not_shown(firebase: Firebase) -> None:
    await firebase.log_in()
    one, mask = firebase.store.exchanges[-1], mask_of(firebase.store)
    assert firebase.token not in mask.body(one.answered)
    assert mask.body(one.asked).endswith(f"assertion={HIDDEN}")
    await firebase.send({"topic": "a"})
    headers = mask.headers(firebase.store.exchanges[-1].headers)
    assert headers["authorization"] == f"Bearer {HIDDEN}"
    assert READING.refused is not None
