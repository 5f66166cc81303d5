"""Phone numbers: notations people write, forms carriers accept, and what is shown."""

import pytest

from app.errors import Invalid
from app.services import numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-1234-5678", "01012345678"),
        ("01012345678", "01012345678"),
        (" 010 1234 5678 ", "01012345678"),
        ("+82 10-1234-5678", "01012345678"),
        ("+82 (0)10-1234-5678", "01012345678"),
        ("+8201012345678", "01012345678"),
        ("82-10-1234-5678", "01012345678"),
        ("(010) 1234.5678", "01012345678"),
        ("\uff10\uff11\uff10-1234-5678", "01012345678"),  # full-width digits
        ("010-0000-1001", "01000001001"),  # the sandbox's phones
        ("010-0000-0000", "01000000000"),
        ("02-312-3456", "023123456"),
        ("031-456-7890", "0314567890"),
        ("0505-123-4567", "05051234567"),
        ("011-234-5678", "0112345678"),
    ],
)
def test_a_korean_number_has_one_form(text: str, number: str) -> None:
    assert numbers.normalise(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "010",
        "010-1234-567",
        "010-1234-56789",
        "114",
        "010-1234-5678 ext 5",
        "010-abcd-5678",
        "tel:010-1234-5678",
        "99999999999",
        "0" * 40,
        "+82+82 10 1234 5678",
        "٠١٠١٢٣٤",
    ],
)
def test_what_is_no_number_is_refused_with_its_field_and_a_remedy(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        numbers.normalise(text, "recipients[3].to")
    assert refused.value.code == "bad_number"
    assert refused.value.field == "recipients[3].to"
    assert "010-1234-5678" in refused.value.detail
    assert not text or text not in refused.value.detail.split()


def test_a_foreign_number_has_its_own_answer() -> None:
    with pytest.raises(Invalid) as refused:
        numbers.normalise("+1 202 555 0100")
    assert refused.value.code == "foreign_number"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("02-312-3456", "023123456"),
        ("02-3123-4567", "0231234567"),
        ("031-312-3456", "0313123456"),
        ("010-2345-6789", "01023456789"),
        ("1588-1234", "15881234"),
        ("1660 0000", "16600000"),
        ("1899-9999", "18999999"),
        ("070-4123-4567", "07041234567"),
        ("080-123-4567", "0801234567"),
        ("+82 2-312-3456", "023123456"),
    ],
)
def test_caller_numbers_carriers_accept(text: str, number: str) -> None:
    assert numbers.caller(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "010-0123-4567",  # nobody's blocks
        "010-1234-5678",
        "070-0123-4567",
        "070-1123-4567",
        "02-1588-1234",  # area code before a representative number
        "3123-4567",  # no area code
        "1488-1234",
        "112",
        "0502-1234-56789",
        "+1 202 555 0100",
        "",
    ],
)
def test_caller_numbers_carriers_refuse(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        numbers.caller(text)
    assert refused.value.code == "bad_caller_number"
    assert refused.value.data == {"shortest": 8, "longest": 11}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("01012344821", "010-****-4821"),
        ("0231234567", "02-****-4567"),
        ("15881234", "****-1234"),
        ("0313123456", "031-****-3456"),
        ("1234", "****"),
    ],
)
def test_people_see_the_ends_of_a_number(number: str, shown: str) -> None:
    assert numbers.mask(number) == shown


def test_a_whole_number_is_grouped_as_people_write_it() -> None:
    for number, written in (
        ("01012344821", "010-1234-4821"),
        ("0212345678", "02-1234-5678"),
        ("0311234567", "031-123-4567"),
        ("15881234", "1588-1234"),
        ("1234", "1234"),
    ):
        assert numbers.grouped(number) == written
