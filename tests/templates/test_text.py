"""SMS text: what is mapped, what is refused, and how bytes are counted."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.text import (
    SYMBOLS,
    NotEncodable,
    TooLong,
    byte_length,
    canonical,
    choose,
    clean,
    control_characters,
    outside_euc_kr,
)


def encodes(ch: str) -> bool:
    try:
        ch.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


SMS_CHARS = [chr(i) for i in (*range(0x20, 0x7F), *range(0xAC00, 0xD7A4))] + list("…“”·～①㈜™€\n")


@pytest.mark.parametrize(("symbol", "stand_in"), SYMBOLS.items())
def test_the_table_maps_only_what_cannot_travel(symbol: str, stand_in: str) -> None:
    assert not encodes(symbol)
    assert encodes(stand_in)


@pytest.mark.parametrize(
    ("text", "cleaned", "replaced"),
    [
        ("₩12,000", "원12,000", ("₩",)),
        ("9–18시 — 문의", "9-18시 - 문의", ("–", "—")),
        ("• 하나\u00a0둘", "· 하나 둘", ("•", "\u00a0")),
        ("\ufeff글\u200b자", "글자", ("\ufeff", "\u200b")),
        ("☎\ufe0f 02", "☎ 02", ("\ufe0f",)),
        ("a\tb", "a b", ("\t",)),
        ("a\r\nb\rc", "a\nb\nc", ()),
        (unicodedata.normalize("NFD", "각나루"), "각나루", ()),
        ("뷁똠 …“” ①㈜™€®♥☎", "뷁똠 …“” ①㈜™€®♥☎", ()),
        ("", "", ()),
    ],
)
def test_clean(text: str, cleaned: str, replaced: tuple[str, ...]) -> None:
    result = clean(text)
    assert (result.text, result.replaced) == (cleaned, replaced)


@pytest.mark.parametrize(
    ("text", "chars"),
    [
        ("축하 🎉 드려요 🎉😀", ("🎉", "😀")),
        ("José–", ("é",)),
        ("ä \x07", ("\x07", "ä")),
        ("\ud800", ("\ud800",)),
    ],
)
def test_what_has_no_place_is_named(text: str, chars: tuple[str, ...]) -> None:
    with pytest.raises(NotEncodable) as caught:
        clean(text, "sms_subject")
    assert caught.value.chars == chars
    assert caught.value.field == "sms_subject"
    assert str(caught.value).startswith("sms_subject: U+")


@given(st.text())
def test_clean_text_encodes_or_is_refused(text: str) -> None:
    bad = [
        ch for ch in canonical(text) if control_characters(ch) or not (encodes(ch) or ch in SYMBOLS)
    ]
    if bad:
        with pytest.raises(NotEncodable) as caught:
            clean(text)
        assert sorted(caught.value.chars) == sorted(set(bad))
    else:
        cleaned = clean(text).text
        assert cleaned.encode("cp949").decode("cp949") == cleaned
        assert clean(cleaned).text == cleaned


@given(st.text(st.sampled_from(SMS_CHARS)))
def test_bytes_against_brute_force(text: str) -> None:
    assert byte_length(text) == sum(1 if ch < "\x80" else 2 for ch in text)


def test_every_syllable_takes_two_bytes() -> None:
    syllables = [chr(i) for i in range(0xAC00, 0xD7A4)]
    assert len(syllables) == 11_172
    assert {byte_length(ch) for ch in syllables} == {2}
    unsafe = outside_euc_kr("".join(syllables))
    assert len(unsafe) == 8_822
    assert {len(ch.encode("euc_kr")) for ch in unsafe} == {8}


@pytest.mark.parametrize(("text", "unsafe"), [("가나다 …", ()), ("뷁과 똠 뷁", ("뷁", "똠"))])
def test_outside_euc_kr(text: str, unsafe: tuple[str, ...]) -> None:
    assert outside_euc_kr(text) == unsafe


@pytest.mark.parametrize(
    ("text", "subject", "route"),
    [
        ("가" * 45, "", "sms"),
        ("가" * 45, "가" * 20, "sms"),
        ("가" * 45 + "a", "", "lms"),
        ("뷁" * 45, "", "sms"),
        ("가" * 1_000, "a" * 40, "lms"),
    ],
)
def test_choose(text: str, subject: str, route: str) -> None:
    assert choose(text, subject) == route


@pytest.mark.parametrize(
    ("text", "subject", "field", "count", "limit"),
    [
        ("가" * 1_000 + "a", "", "sms_text", 2_001, 2_000),
        ("짧음", "가" * 20 + "a", "sms_subject", 41, 40),
    ],
)
def test_too_long_counts(text: str, subject: str, field: str, count: int, limit: int) -> None:
    with pytest.raises(TooLong) as caught:
        choose(text, subject)
    got = caught.value
    assert (got.field, got.count, got.limit, got.unit) == (field, count, limit, "bytes")


@given(st.text())
def test_canonical_is_stable(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert "\r" not in once


def test_control_characters_are_named_once() -> None:
    assert control_characters("a\x00b\x00\n\t\x85\udfff") == ("\x00", "\x85", "\udfff")
