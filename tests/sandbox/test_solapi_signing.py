"""SOLAPI's signature: what is signed, what is refused, and in which words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sandbox.bounds import trim
from sandbox.solapi.signing import sign
from sandbox.waits import set_clock
from tests.sandbox.conftest import Clock
from tests.sandbox.solapi_shop import KEY, SECRET, Caller, signature

BALANCE = "/solapi/cash/v1/balance"


def moment(clock: Clock, off_s: float = 0) -> datetime:
    return datetime.fromtimestamp(clock.ms / 1000, UTC) + timedelta(seconds=off_s)


async def errors(solapi: Caller, header: str) -> tuple[int, str]:
    answer = await solapi.client.get(BALANCE, headers={"Authorization": header})
    said = answer.json()
    if answer.status_code == 200:
        return 200, ""
    assert set(said) == {"errorCode", "errorMessage"}
    assert said["errorMessage"]
    return answer.status_code, said["errorCode"]


def test_the_key_is_the_secret_and_the_message_date_and_salt() -> None:
    expected = "b25ac9b806fcd892a713c7e3f6df25f084c1ad60cc101b911172f993d1183ffd"
    assert sign("DUMMYSECRET", "2026-11-22T10:00:00Z", "abcdefghijklmnop") == expected


@pytest.mark.parametrize(
    "form",
    [
        "HMAC-SHA256 apiKey={key}, date={date}, salt={salt}, signature={signed}",
        "HMAC-SHA256 ApiKey={key}, Date={date}, salt={salt}, signature={signed}",
        "hmac-sha256 APIKEY={key},date={date},SALT={salt},Signature={signed}",
    ],
)
async def test_names_are_read_in_any_case(solapi: Caller, clock: Clock, form: str) -> None:
    date, salt = moment(clock).isoformat(), "0123456789ab"
    signed = signature(SECRET, date, salt)
    header = form.format(key=KEY, date=date, salt=salt, signed=signed)
    assert await errors(solapi, header) == (200, "")


@pytest.mark.parametrize("form", ["seconds", "offset", "microseconds", "milliseconds"])
async def test_the_date_is_signed_as_it_stands(solapi: Caller, clock: Clock, form: str) -> None:
    at = moment(clock)
    date = {
        "seconds": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "offset": at.astimezone(timezone(timedelta(hours=9))).isoformat(),
        "microseconds": at.replace(microsecond=224246).isoformat(),
        "milliseconds": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }[form]
    answer = await solapi.client.get(BALANCE, headers=solapi.header(date))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("off_s", "expected"),
    [
        (-900, (200, "")),
        (-901, (403, "RequestTimeTooSkewed")),
        (900, (200, "")),
        (901, (403, "RequestTimeTooSkewed")),
    ],
)
async def test_fifteen_minutes(
    solapi: Caller, clock: Clock, off_s: float, expected: tuple[int, str]
) -> None:
    header = solapi.header(moment(clock, off_s).isoformat())
    assert await errors(solapi, header["Authorization"]) == expected


@pytest.mark.parametrize("date", ["yesterday", "2026-11-22T10:00:00", ""])
async def test_a_date_that_is_none_is_too_far_off(solapi: Caller, date: str) -> None:
    salt = "a" * 12
    signed = signature(SECRET, date, salt)
    header = f"HMAC-SHA256 apiKey={KEY}, date={date}, salt={salt}, signature={signed}"
    assert await errors(solapi, header) == (403, "RequestTimeTooSkewed")


@pytest.mark.parametrize(
    ("salt", "expected"),
    [
        ("a" * 11, (403, "SignatureDoesNotMatch")),
        ("a" * 12, (200, "")),
        ("b" * 64, (200, "")),
        ("b" * 65, (403, "SignatureDoesNotMatch")),
    ],
)
async def test_the_length_of_a_salt(solapi: Caller, salt: str, expected: tuple[int, str]) -> None:
    assert await errors(solapi, solapi.header(salt=salt)["Authorization"]) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer x",
        "HMAC-SHA256",
        f"HMAC-SHA256 apiKey={KEY}, salt=aaaaaaaaaaaa, signature=x",
        f"HMAC-MD5 apiKey={KEY}, date=x, salt=aaaaaaaaaaaa, signature=x",
        "HMAC-SHA256 apiKey=NOBODY, date=x, salt=aaaaaaaaaaaa, signature=x",
    ],
)
async def test_no_key_of_ours(solapi: Caller, header: str) -> None:
    assert await errors(solapi, header) == (403, "InvalidAPIKey")


async def test_a_wrong_secret(solapi: Caller) -> None:
    other = Caller(solapi.client, solapi.store, secret="OTHER")
    assert (await other.ask("GET", "/cash/v1/balance"))[1]["errorCode"] == "SignatureDoesNotMatch"


async def test_a_signature_counts_once_in_fifteen_minutes(solapi: Caller, clock: Clock) -> None:
    header = solapi.header(moment(clock, 800).isoformat())["Authorization"]
    assert await errors(solapi, header) == (200, "")
    clock.pass_s(899)
    assert await errors(solapi, header) == (403, "DuplicatedSignature")
    clock.pass_s(1)
    assert await errors(solapi, header) == (200, "")


async def test_a_forged_signature_does_not_use_up_the_true_one(solapi: Caller) -> None:
    true = solapi.header()["Authorization"]
    forged = true.replace("signature=", "signature=0")
    assert await errors(solapi, forged) == (403, "SignatureDoesNotMatch")
    assert await errors(solapi, true) == (200, "")


async def test_the_sandbox_clock_does_not_bend_it(solapi: Caller, clock: Clock) -> None:
    """The caller lives in real time, wherever the sandbox's clock stands."""
    set_clock(solapi.store, clock.ms + 86_400_000, 3600)
    header = solapi.header(moment(clock).isoformat())["Authorization"]
    assert await errors(solapi, header) == (200, "")
    clock.pass_s(60)
    trim(solapi.store)  # by the sandbox's clock this signature is three days old
    assert await errors(solapi, header) == (403, "DuplicatedSignature")
    there = datetime.fromtimestamp(solapi.store.now() / 1000, UTC).isoformat()
    late = solapi.header(there)["Authorization"]
    assert await errors(solapi, late) == (403, "RequestTimeTooSkewed")
