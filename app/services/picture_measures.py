"""What a picture must measure for each use, as data, and what is wrong with one that does not fit.

Sources: image and thumbnail: Kakao's upload rules as published by the dealer Lunasoft
(github.com/lunasoft-org/kakao-bzm, upload-api.md, 2025-12). MMS: NHN Cloud SMS guide,
attachfile/binaryUpload (2026-06). Neither says whether a KB is 1,000 or 1,024 bytes; the smaller
one fits both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.services.picture_shapes import JPEG, PNG
from channels.vocabulary import PictureUse

KB = 1_000
LARGEST = 600 * KB  # bytes we read at most; every measure is below it
ENDINGS = {JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
KINDS = {JPEG: "JPEG", PNG: "PNG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a picture, stored or about to be; sides in pixels, size in bytes."""

    name: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What one use allows; None: no limit. Sides in pixels, ``ratio`` width to height."""

    media_types: tuple[str, ...]
    size: int  # bytes
    width_least: int | None = None
    side_most: int | None = None
    ratio: tuple[int, int] | None = None
    file_name: int | None = None  # characters, with its ending
    example: str = ""  # sides that fit


MEASURES: Mapping[PictureUse, Measure] = {
    PictureUse.IMAGE: Measure(
        (JPEG, PNG), 500 * KB, width_least=500, ratio=(2, 1), example="800×400"
    ),
    PictureUse.THUMBNAIL: Measure(
        (JPEG, PNG), 500 * KB, width_least=108, ratio=(1, 1), example="108×108"
    ),
    PictureUse.MMS: Measure((JPEG,), 300 * KB, side_most=1_000, file_name=45, example="640×480"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit: the measure, what was found, what is allowed, what to do."""

    measure: str  # kind, size, width, side, ratio, file_name
    found: str
    limit: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.measure} is {self.found}, allowed is {self.limit}. {self.remedy}"


def file_name(picture: Facts) -> str:
    """The name as providers want it, with an ending that fits its kind."""
    endings = ENDINGS[picture.media_type]
    name = picture.name
    return name if name.lower().endswith(endings) else name + endings[0]


def faults(picture: Facts, use: PictureUse) -> list[Fault]:
    """Why a picture does not fit a use; empty when it does."""
    measure = MEASURES[use]
    found = []
    if picture.media_type not in measure.media_types:
        kinds = " or ".join(KINDS[one] for one in measure.media_types)
        found.append(Fault("kind", KINDS[picture.media_type], kinds, f"Save it as {kinds}."))
    if picture.size > measure.size:
        limit = f"{measure.size:,} bytes"
        remedy = "Save it smaller or with a lower quality."
        found.append(Fault("size", f"{picture.size:,} bytes", limit, remedy))
    found += _sides(picture, measure)
    if measure.file_name is not None and len(file_name(picture)) > measure.file_name:
        limit = f"{measure.file_name} characters with its ending"
        remedy = "Store it under a shorter name."
        found.append(Fault("file_name", f"{len(file_name(picture))} characters", limit, remedy))
    return found


def uses(picture: Facts) -> tuple[PictureUse, ...]:
    """What a picture is fit for."""
    return tuple(use for use in MEASURES if not faults(picture, use))


def _sides(picture: Facts, measure: Measure) -> list[Fault]:
    width, height = picture.width, picture.height
    remedy = f"Scale or cut it, for example to {measure.example} pixels."
    found = []
    if measure.width_least is not None and width < measure.width_least:
        limit = f"{measure.width_least} pixels or more"
        found.append(Fault("width", f"{width} pixels", limit, remedy))
    if measure.side_most is not None and max(width, height) > measure.side_most:
        limit = f"{measure.side_most}×{measure.side_most} pixels at most"
        found.append(Fault("side", f"{width}×{height} pixels", limit, remedy))
    if measure.ratio is not None:
        across, down = measure.ratio
        if width * down != height * across:
            limit = f"{across}:{down}, exactly"
            found.append(Fault("ratio", f"{width}:{height}", limit, remedy))
    return found
