"""A list as it comes: right rows under seal, wrong ones named, nothing held whole."""

import pytest

from app.db.models.fields import now as clock
from app.errors import Invalid, Refused
from app.services import progress, uploads
from app.services.runtime import Runtime
from app.services.uploads import TABLE, Seen, read_heading
from tests.app.services.lists_of import (
    HEADING,
    begin,
    campaign,
    chunks,
    fill,
    make,
    mistakes,
    rows,
)
from tests.engine import engine


async def test_rows_are_kept_in_chunks_under_seal(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "CHUNK", 10)
    eng = await engine(runtime)
    id_ = await make(eng)
    upload = await fill(eng, id_, HEADING + rows(25))
    found = await chunks(eng)
    assert [(c.number, c.first_row, c.rows, c.state) for c in found] == [
        (1, 2, 10, "waiting"), (2, 12, 10, "waiting"), (3, 22, 5, "waiting"),
    ]  # fmt: skip
    opened = runtime.sealer.open(TABLE, eng.workspace_id, found[0].id, found[0].sealed)
    assert opened["names"] == ["주문번호"]
    assert opened["rows"][0] == [2, "01020000000", "R-20000000", ["A-20000000"]]
    assert b"01020000000" not in found[0].sealed
    stored = await campaign(eng, id_)
    assert (stored.state, stored.rows, stored.refused) == ("ready", 25, 0)
    assert stored.upload == upload.id
    assert (upload.encoding, upload.delimiter) == ("utf-8", ",")


WRONG = [
    ("123,a,", ("bad_number", "to")),
    ("010-1234-0000," + "가" * 1_301 + ",", ("variable_too_long", "variables.주문번호")),
    ("010-1234-0000,a\x00b,", ("bad_variable", "variables.주문번호")),
    ("010-1234-0000,a", ("wrong_width", "")),
    ('010-1234-0000,"a"b,', ("bad_quotes", "")),
    ("010-1234-0000,a,R\x00", ("bad_reference", "reference")),
    ("010-1234-0000,a," + "R" * 101, ("bad_reference", "reference")),
    ("010-2000-0000,a,", ("duplicate_number", "to")),
    ("010-1234-0000,😀,", ("not_encodable", "sms_text")),
]


@pytest.mark.parametrize(("line", "found"), WRONG)
async def test_a_wrong_row_is_named(runtime: Runtime, line: str, found: tuple[str, str]) -> None:
    """I02, I03: and the others stand."""
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(2) + line + "\n" + rows(2, 2))
    ((row, code, field),) = await mistakes(eng)
    assert (row, code, field) == (4, *found)
    stored = await campaign(eng, id_)
    assert (stored.rows, stored.refused) == (5, 1)
    assert sum(chunk.rows for chunk in await chunks(eng)) == 4


async def test_bytes_that_are_no_character_spoil_their_row_only(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    data = (HEADING + rows(1)).encode() + b"010-1234-0000,\xed\xa0\x80,\n" + rows(1, 1).encode()
    await fill(eng, id_, data)
    assert await mistakes(eng) == [(3, "not_decodable", "")]
    stored = await campaign(eng, id_)
    assert (stored.rows, stored.refused) == (3, 1)


async def test_only_the_first_mistakes_are_kept(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "KEPT", 5)
    monkeypatch.setattr(uploads, "CHUNK", 3)
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + "1,a,\n" * 12 + rows(1))
    assert [row for row, _, _ in await mistakes(eng)] == [2, 3, 4, 5, 6]
    assert (await campaign(eng, id_)).refused == 12


async def test_blank_rows_count_but_are_none(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + "\n,,\n" + rows(1) + "\n1,a,\n")
    assert await mistakes(eng) == [(6, "bad_number", "to")]
    assert (await campaign(eng, id_)).rows == 2


async def test_a_number_may_be_there_twice_if_that_is_meant(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(2) * 2, allow_duplicates=True)
    assert (await campaign(eng, id_)).refused == 0


async def test_a_new_list_replaces_the_old_one_when_it_is_whole(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    first = await fill(eng, id_, HEADING + rows(3))
    with pytest.raises(Invalid):
        await fill(eng, id_, "to,누구\n" + rows(1))
    assert (await campaign(eng, id_)).upload == first.id
    second = await fill(eng, id_, HEADING + "1,a,\n" + rows(4))
    stored = await campaign(eng, id_)
    assert (stored.upload, stored.rows, stored.refused) == (second.id, 5, 1)


async def test_what_started_takes_no_list(runtime: Runtime) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    await fill(eng, id_, HEADING + rows(3))
    await begin(eng, id_)
    with pytest.raises(Refused) as refused:
        await fill(eng, id_, HEADING + rows(4))
    assert (refused.value.code, refused.value.data) == ("not_open", {"state": "running"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_rows"),
        ("to,주문번호\n", "no_rows"),
        ("\n\n", "no_heading"),
        ("to,주문번호,to\n1,2,3\n", "duplicate_column"),
        ("주문번호,이름\n1,2\n", "missing_columns"),
        ("to,이름\n1,2\n", "missing_columns"),
        ('to,주문번호\n1,"' + "x" * 1_100_000, "unclosed_quote"),
    ],
)
async def test_lists_that_cannot_be_used(runtime: Runtime, text: str, code: str) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    with pytest.raises(Invalid) as refused:
        await fill(eng, id_, text)
    assert (refused.value.code, refused.value.field) == (code, "rows")
    assert (await campaign(eng, id_)).state == "draft"


def test_columns_may_have_other_names() -> None:
    given = {"휴대전화": "to", "주문": "주문번호", "라벨": "reference"}
    heading = read_heading(["주문", " 휴대전화 ", "기타", "라벨"], given, ["주문번호"])
    assert (heading.to, heading.reference, heading.variables) == (1, 3, (("주문번호", 0),))


def test_missing_columns_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        read_heading(["a"], {}, ["나", "다"])
    assert refused.value.data == {"missing": ["to", "나", "다"]}


def test_what_was_seen_is_known_again() -> None:
    seen = Seen()
    numbers = [
        "01000000000",
        "01000000001",
        "01099999999",
        "0212345678",
        "01012345678",
        "0101234567",
    ]
    assert all(seen.add(number) for number in numbers)
    assert not any(seen.add(number) for number in numbers)


async def test_a_row_over_a_limit_is_told_with_counts_and_the_others_by_their_routes(
    runtime: Runtime,
) -> None:
    eng = await engine(runtime)
    id_ = await make(eng)
    lines = ["가" * 977, "가" * 976, "가" * 60, "17"]
    text = HEADING + "".join(f"010-1234-000{i},{value},\n" for i, value in enumerate(lines))
    upload = await fill(eng, id_, text)
    assert upload.routes == {"alimtalk": 3, "lms": 2, "sms": 1}
    async with runtime.database.read() as session:
        told = await progress.show(session, await campaign(eng, id_), clock())
        wrong = await progress.mistakes(session, await campaign(eng, id_))
    assert told["routes"] == {"alimtalk": 3, "lms": 2, "sms": 1}
    assert [(m.row, m.code, m.field) for m in wrong] == [(2, "too_long", "text")]
    assert "1001 characters once filled; 1000 fit" in wrong[0].detail
