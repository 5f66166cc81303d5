"""TOML files and the starters: what ships works, what is broken is named with its line."""

from pathlib import Path

import pytest

from templates.files import MAX_BYTES, load, starters
from templates.findings import TemplateProblem
from templates.render import compile_template, render
from templates.text import byte_length, outside_euc_kr

GOOD = (
    'code = "t"\nname = "시험"\ncontent = """\n#{고객명} 님\n"""\n[sample]\n"고객명" = "김나루"\n'
)
ADVERTISING = ("할인", "이벤트", "쿠폰", "혜택", "특가", "무료", "추천", "적립", "프로모션", "광고")


def broken(path: Path, raw: bytes) -> list[tuple[str, str, int | None]]:
    path.write_bytes(raw)
    with pytest.raises(TemplateProblem) as caught:
        load(path)
    return [(found.field, found.rule, found.line) for found in caught.value.findings]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.toml"


@pytest.mark.parametrize(
    "raw", [GOOD.encode(), GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode()]
)
def test_load(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    template, sample = load(path)
    assert template.content == "#{고객명} 님"
    assert sample == {"고객명": "김나루"}


@pytest.mark.parametrize(
    ("raw", "rule", "line"),
    [
        (b'code = "t"\nname = ', "bad_toml", 2),
        (b'code = "t"\n\n[sample]\n\xea\xb0\x80 = "x"\n', "bad_toml", 4),
        (b'code = "t"\ncode = "u"\n', "bad_toml", 2),
        (b'content = """\nabc\n', "bad_toml", 3),
        (b'code = "t"\nname = "\xff"\n', "bad_toml", 2),
        (b"a = " + b"9" * 5_000, "bad_toml", 1),
        (b"a = " + b"[" * 50_000, "bad_toml", None),
        (b"#" * (MAX_BYTES + 1), "too_large", None),
    ],
)
def test_unreadable_files(path: Path, raw: bytes, rule: str, line: int | None) -> None:
    assert broken(path, raw) == [("", rule, line)]


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ('"고객명" =', '"이름" =', "sample.고객명", "sample_missing"),
        ('"고객명" =', '"이름" =', "sample.이름", "sample_unknown"),
        ('"김나루"', "7", "sample.고객명", "wrong_type"),
        ('"김나루"', '"😀"', "sample.sms_text", "sample_unsendable"),
        ('"김나루"', '"' + "가" * 1_301 + '"', "sample.고객명", "sample_unsendable"),
        ('"김나루"', '"' + "가" * 1_000 + '"', "sample.text", "sample_unsendable"),
        ("[sample]", "[samples]", "samples", "unknown_field"),
        ('code = "t"', "", "code", "required"),
    ],
)
def test_findings_of_good_toml(path: Path, old: str, new: str, field: str, rule: str) -> None:
    assert (field, rule, None) in broken(path, GOOD.replace(old, new).encode())


def test_a_sample_is_a_table_of_texts(path: Path) -> None:
    raw = "sample = 5\n" + GOOD.partition("[sample]")[0]
    assert ("sample", "wrong_type", None) in broken(path, raw.encode())


def test_a_missing_file_stays_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(path)


def test_the_starters_are_there() -> None:
    assert list(starters()) == [
        "appointment",
        "order_shipped",
        "payment_received",
        "premium_notice",
    ]


@pytest.mark.parametrize("name", starters())
def test_a_starter_can_be_sent_as_it_is(name: str) -> None:
    template, sample = load(starters()[name])
    source = compile_template(template)
    made = render(source, sample, dict.fromkeys(source.token_buttons, "0" * 32))
    assert template.code == name
    assert template.content.startswith("[나루")
    assert made.sms_text.startswith("[나루")
    assert "#{" not in made.text + made.sms_text
    assert made.sms_route == "lms"
    assert made.replaced == outside_euc_kr(made.sms_text) == ()
    assert not [word for word in ADVERTISING if word in made.text + made.sms_text]


def test_order_shipped_has_a_link_and_a_consultation_button() -> None:
    template, sample = load(starters()["order_shipped"])
    assert [(b.kind, b.name) for b in template.buttons] == [
        ("WL", "배송 조회"),
        ("BC", "상담원과 이야기"),
    ]
    assert set(sample) == {"고객명", "상품명", "택배사", "송장번호", "주문번호"}


def test_premium_notice_is_long_and_fits_lms() -> None:
    template, sample = load(starters()["premium_notice"])
    made = render(compile_template(template), sample, {1: "0" * 32})
    assert 700 <= len(made.text) <= 950
    assert template.sms
    assert 90 < byte_length(made.sms_text) <= 2_000
