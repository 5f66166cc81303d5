"""Couriers as the guide lists them: each example of its table, and what is just no example."""

import pytest

from templates.couriers import COURIERS, UNSUPPORTED, fits, holds_invoice, named

# the guide's own examples
EXAMPLES = {
    "우체국택배": ("1234567890123", "123456-1234567", "123456_1234567"),
    "로젠택배": ("12345678901", "123-1234-1234", "123_1234_1234"),
    "일양로지스": ("123456789", "1234567890", "12345678901"),
    "FedEx": ("123456789012",),
    "한진택배": ("1234567890", "123456789012"),
    "경동택배": ("123456789", "1234567890123456", "1234-123-123456"),
    "합동택배": ("123456789", "1234567890123456"),
    "롯데택배": ("123456789012", "1234-1234-1234"),
    "농협택배": ("123456789012",),
    "호남택배": ("1234567890",),
    "천일택배": ("12345678901",),
    "대신택배": ("1234567890123",),
    "건영택배": ("1234567890",),
    "CU편의점택배": ("1234567890", "123456789012", "1234-1234-1234", "1234_1234_1234"),
    "CVSnet편의점택배": ("1234567890", "123456789012", "1234-1234-1234", "1234_1234_1234"),
    "한덱스": ("1234567890", "12345678901234"),
    "TNT Express": ("12345678", "123456789"),
    "USPS": ("1234567890", "1234567890123456789012", "AB123456789AB"),
    "EMS": ("AB1234567890AB", "AB123456789AB"),
    "DHL": ("1234567890",),
    "굿투럭": ("1234-1234-1234",),
}
WITHOUT_SHAPE = {"KGB택배", "GTX로지스"}


def test_every_courier_has_its_examples() -> None:
    assert COURIERS.keys() == EXAMPLES.keys() | WITHOUT_SHAPE


@pytest.mark.parametrize("courier", EXAMPLES)
def test_examples_fit(courier: str) -> None:
    for invoice in EXAMPLES[courier]:
        assert fits(courier, f" {invoice} ")
        assert holds_invoice(courier, f"송장번호: {invoice}입니다")
        for wrong in (invoice + "1" * 8, invoice[:5], invoice.replace("1", "가", 1), ""):
            assert not fits(courier, wrong)
        assert not holds_invoice(courier, "1" + "2" * 30)


@pytest.mark.parametrize("courier", sorted(WITHOUT_SHAPE))
def test_a_courier_without_a_shape_takes_anything(courier: str) -> None:
    assert fits(courier, "x")
    assert holds_invoice(courier, "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((f"배송: {name}로 보냈습니다", name) for name in (*COURIERS, *UNSUPPORTED)),
        ("CU 편의점 택배", "CU편의점택배"),
        ("TNTExpress", "TNT Express"),
        ("CJ 대한통운", "CJ대한통운"),
        ("대한통운이 아니라 한진택배", "한진택배"),
        ("SYSTEMS EMSX xDHL", None),
        ("택배로 보냈습니다", None),
        ("", None),
    ],
)
def test_names_in_a_text(text: str, name: str | None) -> None:
    found = named(text)
    assert (found.name if found else None) == name
    if found is not None:
        assert text[found.start : found.end].replace(" ", "") == found.name.replace(" ", "")
        assert found.is_supported is (name in COURIERS)
