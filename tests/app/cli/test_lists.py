"""Recipient lists: what is read, what is refused, and the keys of rows."""

from pathlib import Path

import pytest

from app.cli import lists
from app.cli.failures import BadUsage

TEXT = '전화번호,이름,메모\r\n010-1234-0001,김나루,"두 줄\n메모"\r\n01012340002,이바다,없음\r\n'


def write(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def open_text(tmp_path: Path, text: str) -> lists.Layout:
    return lists.open_list(write(tmp_path, text), None, None)


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("cp949", "cp949")]
)
def test_encodings_of_spreadsheets(tmp_path: Path, encoding: str, told: str) -> None:
    layout = lists.open_list(write(tmp_path, TEXT.encode(encoding)), None, None)
    assert layout.encoding == told
    assert layout.header == ("전화번호", "이름", "메모")
    assert lists.check(layout) == lists.Checked(rows=2)
    rows = list(lists.recipients(layout, ["이름", "메모"]))
    assert [(one.row, one.to) for one in rows] == [(2, "010-1234-0001"), (3, "01012340002")]
    assert rows[0].values == {"이름": "김나루", "메모": "두 줄\n메모"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("이름,to\n가,1\n".encode("utf-16"), "UTF-16"),
        (b"to,name\n01012340001,\xff\xff\n", "cp949"),
        (b"", "first row"),
        (b"to,a,a\n1,2,3\n", "appears twice"),
        (b"phone,name\n1,2\n", "the header has: phone, name"),
        (b'to,name\n1,"open\n', "cannot be read"),
    ],
)
def test_what_is_no_list(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BadUsage, match=words):
        lists.check(lists.open_list(write(tmp_path, data), None, None))


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "고객,주문\n01012340001,A-1\n")
    with pytest.raises(BadUsage, match="--to-column"):
        lists.open_list(path, None, None)
    with pytest.raises(BadUsage, match="--reference-column"):
        lists.open_list(path, "고객", "번호")
    layout = lists.open_list(path, "고객", "주문")
    [row] = lists.recipients(layout, [])
    assert (row.to, row.reference, row.key) == ("01012340001", "A-1", "csv-A-1")


def test_faults_name_their_rows(tmp_path: Path) -> None:
    found = lists.check(
        open_text(
            tmp_path,
            "to,reference\n010-1234-0001,A\n\n+82 10 1234 0001,B\n,C\n01012340002,A\n01012340003\n",
        )
    )
    assert found.rows == 5
    assert [line.split("행")[0] for line in found.duplicates] == ["4"]
    assert "rows 2 and 4" in found.duplicates[0]
    assert [line.split("행")[0] for line in found.faults] == ["5", "6", "7"]
    assert "no number" in found.faults[0]
    assert "rows 2 and 6" in found.faults[1]
    assert "1 cells, the header 2" in found.faults[2]


def test_rows_without_reference_are_named_by_file_and_place(tmp_path: Path) -> None:
    first = list(lists.recipients(open_text(tmp_path, TEXT), []))
    again = list(lists.recipients(open_text(tmp_path, TEXT), []))
    other = list(lists.recipients(open_text(tmp_path, TEXT + "01012340003,가,나\n"), []))
    assert [one.key for one in first] == [one.key for one in again]
    assert len({one.key for one in (*first, *other)}) == 5


@pytest.mark.parametrize("label", ["주문 1", "A" * 300, 'a"b', "é"])
def test_every_reference_makes_a_key_for_a_header(tmp_path: Path, label: str) -> None:
    quoted = label.replace('"', '""')
    [row] = lists.recipients(open_text(tmp_path, f'to,reference\n01012340001,"{quoted}"\n'), [])
    assert row.reference == label
    assert row.key.isascii()
    assert row.key.isprintable()
    assert len(row.key) <= 255


def test_a_row_without_its_reference_still_has_a_key(tmp_path: Path) -> None:
    rows = list(lists.recipients(open_text(tmp_path, "to,reference\n0101234000,\n01,A\n"), []))
    assert [one.reference for one in rows] == [None, "A"]
    assert rows[0].key.endswith("-2")


def test_rows_are_read_one_by_one(tmp_path: Path) -> None:
    text = "to\n" + "01012340001\n" * 50_000 + '"open'
    rows = lists.recipients(open_text(tmp_path, text), [])
    assert next(rows).row == 2  # the fault at the end is not reached
    rows.close()


def test_long_reports_are_cut() -> None:
    assert lists.some(["a", "b"]) == "\n  a\n  b"
    assert lists.some([str(n) for n in range(8)]).endswith("(and 3 more)")
