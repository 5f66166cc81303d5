"""What is no picture of ours is refused, and told why and what to do."""

import pytest

from app.errors import GatewayError, Invalid
from app.services.picture_checks import examine, insist
from channels.vocabulary import PictureUse
from tests.photos import jpeg, png


def refused(name: str, data: bytes) -> GatewayError:
    with pytest.raises(GatewayError) as found:
        examine(name, data)
    return found.value


def test_what_is_known_comes_from_the_bytes() -> None:
    facts = examine("sale.png", jpeg(800, 400, size=1_234))
    assert (facts.media_type, facts.width, facts.height) == ("image/jpeg", 800, 400)
    assert (facts.name, facts.size) == ("sale.png", 1_234)


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "ㄱ.jpg", "a b", "a" * 65, "a\n"])
def test_a_name_that_is_none(name: str) -> None:
    error = refused(name, jpeg())
    assert (error.code, error.field) == ("bad_picture_name", "name")


def test_a_name_of_64_is_fine() -> None:
    assert examine("a" * 64, png(800, 400)).name == "a" * 64


@pytest.mark.parametrize(
    ("data", "code", "status", "word"),
    [
        (b"GIF89a", "picture_unreadable", 422, "neither a JPEG nor a PNG"),
        (jpeg()[:-1], "picture_unreadable", 422, "cut off"),
        (jpeg(size=600_001), "picture_too_large", 413, "600,001"),
        (png(30, 20), "picture_unfit", 422, "500 pixels or more"),
    ],
)
def test_why_it_cannot_be_used(data: bytes, code: str, status: int, word: str) -> None:
    error = refused("sale.jpg", data)
    assert (error.code, error.status) == (code, status)
    assert word in error.detail


def test_every_measure_of_every_use_is_named() -> None:
    faults = refused("sale.png", png(30, 20)).data["faults"]
    assert {use: [one["measure"] for one in found] for use, found in faults.items()} == {
        "image": ["width", "ratio"],
        "thumbnail": ["width", "ratio"],
        "mms": ["kind"],
    }


def test_one_use_that_fits_is_enough() -> None:
    facts = examine("sale.png", png(800, 400))
    insist(facts, (PictureUse.MMS, PictureUse.IMAGE), "image")
    with pytest.raises(Invalid, match=r"As mms: kind is PNG, allowed is JPEG\. Save it as JPEG\."):
        insist(facts, (PictureUse.MMS,), "sms_picture")
