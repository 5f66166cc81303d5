"""Tables of codes: whole by the public lists, in both languages, and one with the adapters'."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import orjson
import pytest

from channels import push, registry
from channels.adapters import consult
from channels.adapters.fcm import codes as fcm
from channels.adapters.nhn import codes as nhn
from channels.adapters.nhn.receipts import MARKS
from channels.adapters.relay.account import REASONS as RELAY
from channels.adapters.solapi import codes as solapi
from channels.codes import kakao
from channels.codes.meaning import Place, find, meanings, reasons
from channels.transport import Reply, Trouble, judge
from channels.vocabulary import Reason

LISTS = sorted((Path(__file__).parents[1] / "wire" / "codes").glob("*.json"))
HANGUL = re.compile("[가-힣]")
# how many codes there are, so that a lost row is seen
COUNTS = {
    "nhn": 384,
    "consult": 19,
    "relay": 32,
    "solapi": 107,
    "fcm": 23,
    "sens": 79,
    "aligo": 68,
    "bizm": 171,
    "ppurio": 103,
    "kakao": 63,
    "network": 18,
}


def listed(path: Path, part: str) -> Mapping[str, set[str]]:
    """The codes of a public list by place."""
    found = orjson.loads(path.read_bytes()).get(part, {})
    return {place: set(" ".join(lines).split()) for place, lines in found.items()}


def test_no_table_lost_a_row() -> None:
    counted = {name: sum(map(len, table.values())) for name, table in registry.CODES.items()}
    assert counted == COUNTS
    assert registry.SOURCES.keys() == registry.CODES.keys()


@pytest.mark.parametrize("name", registry.CODES)
def test_every_code_is_told_in_both_languages(name: str) -> None:
    for place, codes in registry.CODES[name].items():
        assert place in tuple(Place)
        for code, (reason, korean, english) in codes.items():
            assert HANGUL.search(korean), code
            assert not HANGUL.search(english), code
            assert "|" not in code + korean + english  # they stand in tables
            assert not korean.endswith("."), code
            assert not english.endswith("."), code
            assert reason is None or reason in tuple(Reason), code


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_code_of_the_public_lists_is_there(path: Path) -> None:
    table = registry.CODES[path.stem]
    for place, codes in listed(path, "places").items():
        assert codes - table[Place(place)].keys() == set()
    places = {str(place): codes.keys() for place, codes in table.items()}
    for place, codes in listed(path, "elsewhere").items():  # of calls we do not make
        assert codes.isdisjoint(places.get(place, ()))


@pytest.mark.parametrize("name", sorted({path.stem for path in LISTS} - {"sens", "aligo"}))
def test_nothing_is_there_that_no_list_has(name: str) -> None:
    """SENS and Aligo hand Kakao's numbers through; of those the whole of Kakao's list is told."""
    places = listed(next(path for path in LISTS if path.stem == name), "places")
    assert {place: set(codes) for place, codes in registry.CODES[name].items()} == places


@pytest.mark.parametrize("name", ["sens", "aligo"])
def test_kakaos_numbers_are_told_once(name: str) -> None:
    table = registry.CODES[name][Place.ALIMTALK_RESULT]
    own = {code for code, meaning in table.items() if kakao.RESULTS.get(code) != meaning}
    assert own <= {"0000", "3050", "B004"}


def test_nhns_words_are_of_the_codes_it_maps_and_no_others() -> None:
    table = registry.CODES["nhn"]
    answers = {Place.ALIMTALK_ANSWER: nhn.KAKAO_API, Place.TEXT_ANSWER: nhn.SMS_API}
    for place, rulings in answers.items():
        mapped = {str(code): reason for code, (_, reason) in rulings.items()}
        assert {code: m.reason for code, m in table[place].items()} == {"0": None, **mapped}
    results = {Place.ALIMTALK_RESULT: nhn.KAKAO_DELIVERY, Place.TEXT_RESULT: nhn.SMS_DELIVERY}
    for place, fates in results.items():
        told = table[place]
        assert told.keys() - fates.keys() <= MARKS.keys()
        assert {c: told[c].reason for c in fates} == {c: fate[1] for c, fate in fates.items()}
    assert MARKS.keys() <= table[Place.TEXT_RESULT].keys()


def test_nhn_differs_from_kakao_only_where_its_guide_does() -> None:
    told = registry.CODES["nhn"][Place.ALIMTALK_RESULT]
    both = told.keys() & kakao.RESULTS.keys()
    assert len(both) > 50
    assert {code for code in both if told[code] != kakao.RESULTS[code]} == {"3010", "3012"}


def test_the_relay_and_the_hub_tell_the_codes_they_map_and_no_others() -> None:
    answers = registry.CODES["relay"][Place.ANY_ANSWER]
    assert {code: meaning.reason for code, meaning in answers.items()} == {
        **{code: reason for code, (_, reason) in RELAY.items()},
        "duplicate": Reason.DUPLICATE,
    }
    chat = registry.CODES["consult"][Place.CHAT_ANSWER]
    assert {code: meaning.reason for code, meaning in chat.items()} == {
        **dict.fromkeys(consult.SUCCESS),
        **{code: reason for code, (_, reason) in consult.REASONS.items()},
    }


def test_solapis_words_are_of_the_codes_it_maps_and_no_others() -> None:
    table = registry.CODES["solapi"]
    assert table is registry.PROVIDERS["solapi"].codes
    mapped = {code: reason for code, (_, reason) in solapi.ANSWERS.items()}
    told = {code: meaning.reason for code, meaning in table[Place.ANY_ANSWER].items()}
    assert told == {"2000": None, **mapped}
    results = {
        code: m.reason for place, t in table.items() if "result" in place for code, m in t.items()
    }
    assert results == {"3000": None, **{code: reason for code, (_, reason) in solapi.FATES.items()}}


def test_fcms_words_are_of_the_codes_it_maps_and_no_others() -> None:
    table = registry.CODES["fcm"]
    told = {code: meaning.reason for code, meaning in table[Place.PUSH_ANSWER].items()}
    mapped = {code: reason for code, (_, reason) in fcm.REASONS.items()}
    assert told == mapped | fcm.TOKEN_REASONS
    assert table[Place.PUSH_RESULT].keys() == push.WHAT.keys()
    assert registry.meaning("fcm", "push", "result", "acknowledged") is not None


def test_the_networks_words_are_those_of_the_transport() -> None:
    table = registry.CODES["network"][Place.ANY_ANSWER]
    told = {code: meaning.reason for code, meaning in table.items()}
    for code, reason in told.items():
        if code.startswith("HTTP "):
            assert judge(Reply(int(code[5:]), b"")).reason is reason
    lost = {"cut": Reason.NO_ANSWER, "timeout": Reason.NO_ANSWER, "too large": Reason.UNREADABLE}
    for what, reason in lost.items():
        assert judge(Trouble(True, reason, what)).reason is told[what]
    never = ("ConnectError", "ConnectTimeout", "PoolTimeout", "deadline")
    for what in never:
        assert hasattr(httpx, what) or what == "deadline"
        assert judge(Trouble(False, Reason.NO_ANSWER, what)).reason is told[what]


@pytest.mark.parametrize(
    ("route", "stage", "code", "reason"),
    [
        ("alimtalk", "result", "3018", Reason.NOT_REACHABLE),
        ("sms", "result", "3018", Reason.SENDER_STATE),
        ("lms", "result", "3016", Reason.REQUEST_REFUSED),
        ("alimtalk", "result", "3016", Reason.TEMPLATE_MISMATCH),
        ("alimtalk", "answer", "-1001", Reason.MISCONFIGURED),
        ("alimtalk", "answer", "cut", Reason.NO_ANSWER),
        ("alimtalk", "answer", "3018", None),
        ("push", "answer", "0", None),
        ("", "result", "3018", None),
    ],
)
def test_the_same_digits_mean_what_their_place_says(
    route: str, stage: str, code: str, reason: Reason | None
) -> None:
    meaning = registry.meaning("nhn", route, stage, code)
    assert (meaning.reason if meaning else None) is reason


def test_who_is_not_known_has_only_the_networks_words() -> None:
    assert registry.meaning("nobody", "sms", "result", "1000") is None
    assert registry.meaning("nobody", "sms", "answer", "HTTP 429") is not None


def test_mistakes_in_a_table_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="3018 has two reasons"):
        reasons((Reason.UNCERTAIN, "3005 3018"), (Reason.NOT_REACHABLE, "3018"))
    with pytest.raises(ValueError, match="not in both: 2 3"):
        meanings({"1": None, "2": None}, {"1": ("하나", "one"), "3": ("셋", "three")})
    table = {Place.ANY_RESULT: meanings({"1": None}, {"1": ("하나", "one")})}
    assert find(table, "mms", "result", "1") == (None, "하나", "one")
    assert find(table, "mms", "answer", "1") is None
