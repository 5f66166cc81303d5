"""The measures of each use: at the limit it fits, one beyond it does not, and says which."""

from dataclasses import replace

import pytest

from app.services.picture_measures import LARGEST, MEASURES, Facts, faults, file_name, uses
from app.services.picture_shapes import JPEG, PNG
from channels.vocabulary import PictureUse

IMAGE = Facts(name="a.jpg", media_type=JPEG, width=800, height=400, size=100_000)
THUMBNAIL = replace(IMAGE, width=108, height=108)
MMS = replace(IMAGE, width=1_000, height=1_000)
FITTING = {PictureUse.IMAGE: IMAGE, PictureUse.THUMBNAIL: THUMBNAIL, PictureUse.MMS: MMS}


def test_every_use_has_measures_and_an_example_that_fits() -> None:
    assert set(MEASURES) == set(PictureUse) == set(FITTING)
    for use, measure in MEASURES.items():
        width, height = map(int, measure.example.split("×"))
        assert faults(replace(IMAGE, width=width, height=height), use) == []
        assert measure.size < LARGEST
        assert faults(FITTING[use], use) == []


@pytest.mark.parametrize(
    ("use", "at_limit", "beyond", "measure", "limit"),
    [
        (PictureUse.IMAGE, {"size": 500_000}, {"size": 500_001}, "size", "500,000 bytes"),
        (PictureUse.IMAGE, {"width": 500, "height": 250}, {"width": 498, "height": 249},
         "width", "500 pixels or more"),
        (PictureUse.IMAGE, {"width": 1000, "height": 500}, {"width": 1001, "height": 500},
         "ratio", "2:1, exactly"),
        (PictureUse.IMAGE, {"media_type": PNG}, {}, "", ""),
        (PictureUse.THUMBNAIL, {"size": 500_000}, {"size": 500_001}, "size", "500,000 bytes"),
        (PictureUse.THUMBNAIL, {}, {"width": 107, "height": 107}, "width", "108 pixels or more"),
        (PictureUse.THUMBNAIL, {"width": 300, "height": 300}, {"width": 301, "height": 300},
         "ratio", "1:1, exactly"),
        (PictureUse.MMS, {"size": 300_000}, {"size": 300_001}, "size", "300,000 bytes"),
        (PictureUse.MMS, {}, {"width": 1_001}, "side", "1000×1000 pixels at most"),
        (PictureUse.MMS, {}, {"height": 1_001}, "side", "1000×1000 pixels at most"),
        (PictureUse.MMS, {}, {"media_type": PNG}, "kind", "JPEG"),
        (PictureUse.MMS, {"name": "a" * 41 + ".jpg"}, {"name": "a" * 42 + ".jpg"},
         "file_name", "45 characters with its ending"),
        (PictureUse.MMS, {"name": "a" * 41}, {"name": "a" * 42}, "file_name",
         "45 characters with its ending"),
    ],
)  # fmt: skip
def test_the_limit_fits_and_one_beyond_does_not(
    use: PictureUse, at_limit: dict[str, int], beyond: dict[str, int], measure: str, limit: str
) -> None:
    assert faults(replace(FITTING[use], **at_limit), use) == []  # type: ignore[arg-type]
    if not beyond:
        return
    (fault,) = faults(replace(FITTING[use], **beyond), use)  # type: ignore[arg-type]
    assert (fault.measure, fault.limit) == (measure, limit)
    assert fault.found
    assert fault.remedy.endswith(".")
    assert fault.found in str(fault)


def test_what_a_picture_is_fit_for() -> None:
    assert uses(IMAGE) == (PictureUse.IMAGE, PictureUse.MMS)
    assert uses(THUMBNAIL) == (PictureUse.THUMBNAIL, PictureUse.MMS)
    assert uses(replace(IMAGE, media_type=PNG)) == (PictureUse.IMAGE,)
    assert uses(replace(IMAGE, size=600_000)) == ()


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("sale.jpg", JPEG, "sale.jpg"),
        ("sale.JPEG", JPEG, "sale.JPEG"),
        ("sale", JPEG, "sale.jpg"),
        ("sale.png", JPEG, "sale.png.jpg"),
        ("sale.jpg", PNG, "sale.jpg.png"),
    ],
)
def test_providers_get_an_ending_that_is_true(name: str, kind: str, told: str) -> None:
    assert file_name(replace(IMAGE, name=name, media_type=kind)) == told
