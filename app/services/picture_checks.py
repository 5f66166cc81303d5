"""A picture is refused in words: its name, its bytes, and what it does not fit for."""

import re
from collections.abc import Sequence
from dataclasses import asdict

from app.errors import Invalid, TooLarge
from app.services.picture_measures import LARGEST, Facts, faults
from app.services.picture_shapes import BadPicture, read
from channels.vocabulary import PictureUse
from templates.parts import PICTURE_NAME

NAME = re.compile(PICTURE_NAME)
LONGEST_NAME = 64


def examine(name: str, data: bytes) -> Facts:
    """What is known of a picture before it is stored.

    Raises Invalid ``bad_picture_name``, ``picture_unreadable``, ``picture_unfit`` (for every use)
    and TooLarge ``picture_too_large``.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Invalid(
            "bad_picture_name",
            f"A picture's name has 1 to {LONGEST_NAME} letters, digits, dots, dashes or "
            "underscores, and begins with a letter or digit.",
            field="name",
            data={"limit": LONGEST_NAME},
        )
    if len(data) > LARGEST:
        raise TooLarge(
            "picture_too_large",
            f"The picture has {len(data):,} bytes; {LARGEST:,} are the most. Save it smaller or "
            "with a lower quality.",
            data={"limit": LARGEST, "count": len(data)},
        )
    try:
        shape = read(data)
    except BadPicture as bad:
        raise Invalid(
            "picture_unreadable",
            f"The picture cannot be used: {bad}. Send the bytes of a JPEG or PNG file.",
            field="data",
        ) from None
    facts = Facts(name=name, size=len(data), **asdict(shape))
    insist(facts, tuple(PictureUse), "data")
    return facts


def insist(facts: Facts, uses: Sequence[PictureUse], field: str) -> None:
    """Raises Invalid ``picture_unfit`` when a picture is fit for none of these uses."""
    found = {use: faults(facts, use) for use in uses}
    if not all(found.values()):
        return
    words = " ".join(f"As {use}: " + " ".join(map(str, wrong)) for use, wrong in found.items())
    raise Invalid(
        "picture_unfit",
        f"The picture {facts.name} does not fit. {words}",
        field=field,
        data={
            "picture": facts.name,
            "faults": {str(use): [asdict(one) for one in wrong] for use, wrong in found.items()},
        },
    )
