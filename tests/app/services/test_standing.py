"""How the axes of a registration read together."""

from typing import Any
from uuid import uuid4

import pytest

from app.db.models import TemplateRegistration
from app.services.standing import WORDS, standing
from channels.vocabulary import Inspection


def registration(**axes: Any) -> TemplateRegistration:
    return TemplateRegistration(
        workspace_id=uuid4(),
        account_id=uuid4(),
        sender_id=uuid4(),
        version_id=uuid4(),
        code="c",
        **axes,
    )


@pytest.mark.parametrize(
    ("axes", "state"),
    [
        ({}, "draft"),
        ({"error_code": "-1"}, "refused"),
        ({"inspection": "approved"}, "approved"),
        ({"inspection": "approved", "error_code": "no_answer"}, "approved"),
        ({"inspection": "approved", "usage": "stopped", "dormant": True}, "stopped"),
        ({"inspection": "approved", "usage": "stopped", "blocked": True}, "blocked"),
        ({"inspection": "rejected", "dormant": True}, "dormant"),
    ],
)
def test_the_worst_axis_speaks(axes: dict[str, Any], state: str) -> None:
    found = standing(registration(**axes))
    assert found.state == state
    assert found.is_sendable is (state == "approved")


def test_every_inspection_has_words() -> None:
    for inspection in Inspection:
        found = standing(registration(inspection=str(inspection)))
        assert (found.detail_ko, found.detail) == WORDS[str(inspection)]


def test_the_nearest_to_being_sent_ranks_first() -> None:
    ranks = [standing(registration(inspection=i)).rank for i in ("approved", "in_review", "draft")]
    assert ranks == sorted(ranks)


def test_the_reviewer_is_quoted() -> None:
    found = standing(
        registration(inspection="rejected", comments=[{"text": "광고"}, {"text": "문구"}])
    )
    assert "(광고 문구)" in found.detail
    assert "(광고 문구)" in found.detail_ko
