"""Bytes to text: every encoding, any cut, nothing silently changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.services.decoding import Decoder

LIST = "전화번호,이름,금액\r\n010-1234-5678,김나루,뷁12\r\n" * 3
LONG = "to,name\n" + "010-1234-5678,Kim\n" * 900 + "010-1234-5678,김나루\n" * 900


def read(data: bytes, step: int, encoding: str | None = None) -> tuple[str, str | None]:
    decoder = Decoder(encoding)
    pieces = [decoder.feed(data[i : i + step]) for i in range(0, len(data), step)]
    return "".join(pieces) + decoder.feed(b"", last=True), decoder.encoding


@pytest.mark.parametrize("step", [1, 2, 3, 7, 4096, 10**6])
@pytest.mark.parametrize("text", [LIST, LONG])
@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp949", "cp949"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_every_encoding_is_recognised(written: str, found: str, text: str, step: int) -> None:
    assert read(text.encode(written), step) == (text, found)


def test_big_endian_with_its_mark() -> None:
    assert read(b"\xfe\xff" + LIST.encode("utf-16-be"), 5) == (LIST, "utf-16")


def test_plain_ascii_stays_open_to_the_end() -> None:
    text = "to,name\n" + "010-1234-5678,Kim\n" * 900
    assert read(text.encode(), 1000) == (text, "utf-8")


def test_a_stray_byte_does_not_turn_utf_8_into_something_else() -> None:
    data = LIST.encode() + b"010-1-1,\xed\xa0\x80\n" + LIST.encode()
    text, encoding = read(data, 10)
    assert encoding == "utf-8"
    assert text.count("김나루") == 6
    assert any("\ud800" <= ch <= "\udfff" for ch in text), "kept as something no row may hold"


def test_a_lone_surrogate_of_utf_16_stays_one() -> None:
    text, _ = read("a,b\n".encode("utf-16") + "\ud800".encode("utf-16-le", "surrogatepass"), 3)
    assert text == "a,b\n\ud800"


@pytest.mark.parametrize(
    ("data", "encoding"), [(LIST.encode("utf-16")[:-1], None), (b"a", "utf-16-le")]
)
def test_half_a_character_at_the_end(data: bytes, encoding: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        read(data, 100, encoding)
    assert refused.value.code == "bad_encoding"


def test_what_was_named_is_what_is_read() -> None:
    assert read("김".encode("cp949"), 1, "cp949") == ("김", "cp949")
    assert read(LIST.encode(), 10**6, "cp949")[0] != LIST


@given(st.binary(max_size=6000), st.integers(1, 5000))
def test_no_bytes_break_it(data: bytes, step: int) -> None:
    try:
        text, encoding = read(data, step)
    except Invalid:
        return
    assert encoding is not None or data.isascii()
    assert isinstance(text, str)
