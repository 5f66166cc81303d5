"""A file is what its bytes are; what runs is told apart whatever it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.attachment_kinds import (
    LONGEST_NAME,
    OPAQUE,
    BadFile,
    is_risky,
    read,
    safe_name,
)
from tests.files import GIF, HARMLESS, RUNS
from tests.photos import jpeg, png


@pytest.mark.parametrize(("data", "media_type"), HARMLESS.values(), ids=HARMLESS)
def test_the_bytes_say_what_it_is(data: bytes, media_type: str) -> None:
    assert read(data).media_type == media_type


@pytest.mark.parametrize("data", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("strict", [True, False])
def test_what_a_browser_or_computer_runs_is_never_taken(data: bytes, strict: bool) -> None:
    with pytest.raises(BadFile) as bad:
        read(data, strict=strict)
    assert bad.value.code == "runs"


@pytest.mark.parametrize(
    "data",
    [jpeg()[:-2], png()[:-4], GIF[:-1], GIF[:6] + bytes(7) + b";", jpeg(10_001, 8), png(10_001, 8)],
)
def test_a_damaged_picture_is_refused_or_kept_as_what_nobody_opens(data: bytes) -> None:
    with pytest.raises(BadFile) as bad:
        read(data)
    assert bad.value.code == "unreadable"
    assert read(data, strict=False).media_type == OPAQUE


def test_an_empty_file_is_no_file() -> None:
    with pytest.raises(BadFile) as bad:
        read(b"", strict=False)
    assert bad.value.code == "empty"


def test_kinds_are_few() -> None:
    names = {read(data).name for data, _ in HARMLESS.values()}
    assert names == {"image", "video", "audio", "file"}


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_come_to_an_end(data: bytes, strict: bool) -> None:
    try:
        found = read(data, strict=strict)
    except BadFile:
        return
    assert found.media_type.partition("/")[0] in ("image", "video", "audio", "application")
    assert not found.media_type.startswith(("text/", "image/svg"))


@pytest.mark.parametrize(
    ("name", "media_type", "safe"),
    [
        ("사진.jpg", "image/jpeg", "사진.jpg"),
        ("사진.JPEG", "image/jpeg", "사진.JPEG"),
        ("사진.html", "image/jpeg", "사진.html.jpg"),
        ("../../etc/passwd", OPAQUE, "passwd"),
        ("C:\\temp\\a.pdf", "application/pdf", "a.pdf"),
        ("run\u202egpj.exe", OPAQUE, "rungpj.exe.bin"),
        ("a.exe. ", OPAQUE, "a.exe.bin"),
        ("a\r\nSet-Cookie: x", OPAQUE, "aSet-Cookie x"),
        ('a"b', OPAQUE, "ab"),
        ("", "image/png", "file.png"),
        ("..", OPAQUE, "file"),
        ("보고서.hwp", OPAQUE, "보고서.hwp"),
        ("가" * 300 + ".hwp", OPAQUE, "가" * (LONGEST_NAME - 4) + ".hwp"),
        ("가" * 300, "video/mp4", "가" * (LONGEST_NAME - 5) + ".mp4"),
    ],
)
def test_names_are_safe_to_save_under(name: str, media_type: str, safe: str) -> None:
    assert safe_name(name, media_type) == safe


@given(st.text(max_size=300), st.sampled_from(["image/png", OPAQUE, ""]))
def test_any_name_becomes_a_short_one_that_nothing_runs(name: str, media_type: str) -> None:
    made = safe_name(name, media_type)
    assert 1 <= len(made) <= LONGEST_NAME
    assert made.isprintable()
    assert not set(made) & set('/\\<>:"|?*')
    assert not is_risky(made)
