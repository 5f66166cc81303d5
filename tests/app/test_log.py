"""Logs show neither phone numbers nor keys, and stay readable otherwise."""

import re
import subprocess
import sys
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ids import new_id, to_ref
from app.log import mask

NUMBERS = [
    "01012345678",
    "010-1234-5678",
    "010 1234 5678",
    "010.1234.5678",
    "010 - 1234 - 5678",
    "(010) 1234-5678",
    "(010)1234-5678",
    "010\u20111234\u20115678",
    "0101234-5678",
    "010-12345678",
    "1012345678",
    "10-1234-5678",
    "+821012345678",
    "+82 10-1234-5678",
    "+82-10-1234-5678",
    "+82 (0)10-1234-5678",
    "+8201012345678",
    "821012345678",
    "82-10-1234-5678",
    "0112345678",
    "011-234-5678",
    "02-312-3456",
    "023123456",
    "031-456-7890",
    "0505-123-4567",
    "05051234567",
    "070-4567-8901",
    "\uff10\uff11\uff10-1234-5678",  # full-width digits
]
AROUND = [
    "{}",
    "to={}",
    "번호{}입니다",
    "'{}'",
    "[{},",
    "x-{}-y",
    "tel:{}.",
    "{}\n",
    "a {} b",
    "/{}/",
]
SAFE = [
    "0190a8f2-1234-5678-9012-345678901234",
    "12345678-1234-5678-9012-345678901234",
    "2026-11-23T06:30:00.123456+00:00",
    "2026-11-23T06:30:00.123456Z",
    "2026-11-23 06:30:00",
    "2026-11-23",
    "1764000000",
    "1764000000123",
    "1764000000123456",
    "took 12.3456789 s",
    "127.0.0.1:8001",
    "status 200, 1234 bytes, pid 40123",
    "ABCD0101234567CD",
    "3018",
    "8000 8001",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_in_every_spelling(number: str, around: str) -> None:
    text = mask(around.format(number))
    assert text.count("***-") == 1
    digits = [ch for ch in text if ch.isdigit()]
    assert "".join(digits) in (number[-4:], "82" + number[-4:])


@pytest.mark.parametrize("text", SAFE)
def test_ids_times_and_counts_stay_readable(text: str) -> None:
    assert mask(text) == text


@given(st.uuids())
def test_a_uuid_stays_readable(id_: UUID) -> None:
    assert mask(f"lot={id_} ") == f"lot={id_} "


def test_new_ids_and_references_stay_readable() -> None:
    for _ in range(2_000):
        id_ = new_id()
        assert mask(f"{id_} {to_ref(id_)}") == f"{id_} {to_ref(id_)}"


@pytest.mark.parametrize("kind", ["live", "test", "team"])
def test_a_key_is_masked(kind: str) -> None:
    text = mask(f"Bearer naru_{kind}_0123456789ab.abc-DEF_{'x' * 35} end")
    assert text == "Bearer naru_*** end"


@given(st.text())
def test_masking_never_fails_and_twice_is_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


SAY = """
import logging, sys
from app.log import logger, set_up
set_up("info", as_json=sys.argv[1] == "json")
log = logger("test")
log.debug("hidden")
log.info("to 번호01012345678", nested={"to": ["번호010-1234-5678"]}, whole=821012345678)
log.warning("went wrong", error=ValueError("010 1234 5678"), key="naru_live_0123456789ab.sssssss")
try:
    raise KeyError("+82 10-1234-5678")
except KeyError:
    log.exception("failed")
logging.getLogger("library").warning("of 01012345678")
logging.getLogger("library").info("not shown")
try:
    raise KeyError("02-312-3456")
except KeyError:
    logging.getLogger("library").exception("with trace")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_is_written_is_masked_whatever_it_was(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY, form], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    said = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+", "", done.stderr)  # a time may hold any digits
    assert "1234" not in said
    assert "312" not in said
    assert "sssssss" not in done.stderr
    assert "hidden" not in done.stderr
    assert "not shown" not in done.stderr
    assert done.stderr.count("***-") == 7
    assert "번호" in done.stderr
    assert "part" in done.stderr
