"""Access tokens: what is asked of an assertion, and how long a token holds."""

from typing import Any

import pytest

from sandbox.fcm.accounts import new_key_file, public_of, put_fcm
from sandbox.fcm.tokens import MOST_TOKENS
from tests.sandbox.firebase import GRANT, SCOPE, Firebase, assertion, phone_app, push, settle_in
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA
from tests.service_accounts import EMAIL, elliptic_pem, pem, public_pem


@pytest.fixture
def firebase(quiet: Running) -> Firebase:
    settle_in(quiet.store)
    return Firebase(quiet.client, quiet.store)


async def test_a_good_assertion_becomes_a_token_of_an_hour(firebase: Firebase) -> None:
    answer = await firebase.log_in()
    assert answer.status_code == 200
    assert answer.json() == {
        "access_token": firebase.token,
        "expires_in": 3_599,
        "token_type": "Bearer",
    }
    device = phone_app(firebase.store, HANA)
    assert (await firebase.send(push(device))).status_code == 200
    firebase.store.clock.set(firebase.store.now() + 3_600_000, None)
    refused = await firebase.send(push(device))
    assert refused.status_code == 401
    assert refused.json()["error"]["status"] == "UNAUTHENTICATED"
    assert "details" not in refused.json()["error"]


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"iss": "nobody@x"}, "invalid_grant", "account not found"),
        ({"key": "another"}, "invalid_grant", "Invalid JWT Signature."),
        ({"header": {"alg": "none"}}, "invalid_grant", "Invalid JWT Signature."),
        ({"header": {"alg": "HS256"}}, "invalid_grant", "Invalid JWT Signature."),
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience"),
        ({"iat": 1, "exp": 3_601}, "invalid_grant", "short-lived"),
        ({"exp": 99_999_999_999}, "invalid_grant", "short-lived"),
        ({"exp": "soon"}, "invalid_grant", "short-lived"),
        ({"iat": None}, "invalid_grant", "short-lived"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope", "scope"),
        ({"scope": None}, "invalid_scope", "scope"),
    ],
)
async def test_every_claim_is_checked(
    firebase: Firebase, changed: dict[str, Any], code: str, said: str
) -> None:
    answer = await firebase.log_in(**changed)
    assert answer.status_code == 400
    assert answer.json()["error"] == code
    assert said in answer.json()["error_description"]


@pytest.mark.parametrize(
    "scope",
    [
        f"https://www.googleapis.com/auth/firebase {SCOPE}",
        "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/datastore",
    ],
)
async def test_scopes_of_googles_own_libraries_are_enough(firebase: Firebase, scope: str) -> None:
    assert (await firebase.log_in(scope=scope)).status_code == 200


async def test_the_sandboxs_own_address_is_an_audience_too(firebase: Firebase) -> None:
    assert (await firebase.log_in(aud="http://sandbox.test/fcm/token")).status_code == 200


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": GRANT}, "invalid_request"),
        ({"grant_type": GRANT, "assertion": "x"}, "invalid_grant"),
        ({"grant_type": GRANT, "assertion": "a.b.c"}, "invalid_grant"),
        ({"grant_type": GRANT, "assertion": "W10.W10.W10"}, "invalid_grant"),
    ],
)
async def test_what_is_no_assertion(firebase: Firebase, form: dict[str, str], code: str) -> None:
    answer = await firebase.client.post("/fcm/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


async def test_a_signature_that_is_no_base64_is_none(firebase: Firebase) -> None:
    given = assertion(firebase.store.real() / 1_000).rpartition(".")[0] + ".한"
    form = {"grant_type": GRANT, "assertion": given}
    answer = await firebase.client.post("/fcm/token", data=form)
    assert answer.json()["error_description"] == "Invalid JWT Signature."


async def test_a_new_service_account_ends_the_tokens_of_the_last(firebase: Firebase) -> None:
    await firebase.log_in()
    device = phone_app(firebase.store, HANA)
    settle_in(firebase.store)
    assert (await firebase.send(push(device))).status_code == 401


async def test_tokens_that_ended_are_not_kept_nor_too_many(firebase: Firebase) -> None:
    store = firebase.store
    now = store.now()
    ends = (now + (900_000 + n if n > 0 else n) for n in range(-5, MOST_TOKENS + 5))
    rows = ((f"t{at}", "p", at) for at in ends)
    store.many("INSERT INTO fcm_token VALUES (?, ?, ?)", rows)
    await firebase.log_in()
    assert store.number("SELECT count(*) FROM fcm_token") == MOST_TOKENS
    assert store.number("SELECT count(*) FROM fcm_token WHERE expires_at <= ?", (now,)) == 0


@pytest.mark.parametrize("given", [elliptic_pem(), "x", "-----BEGIN PUBLIC KEY-----"])
def test_what_is_no_rsa_key(given: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        public_of(given)


async def test_a_key_file_made_here_is_as_googles(firebase: Firebase) -> None:
    assert public_of(pem()) == public_of(public_pem()) == public_pem()
    made = new_key_file("my-app", "http://sandbox.test/fcm/token")
    assert made["type"] == "service_account"
    put_fcm(firebase.store, "my-app", made["client_email"], public_of(made["private_key"]))
    kept = firebase.store.one("SELECT * FROM fcm_account WHERE project = 'my-app'")
    assert kept is not None
    assert "PRIVATE" not in kept["public_key"]
    assert kept["client_email"] != EMAIL
