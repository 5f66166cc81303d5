"""How far a campaign is: a guess at its end only where one is possible."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.db.models import Campaign
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services.progress import _eta

NOW = clock()


def campaign(**more: Any) -> Campaign:
    given: dict[str, Any] = {
        "workspace_id": new_id(),
        "mode": "live",
        "name": "a",
        "template": "t",
        "state": "running",
        "rows": 110,
        "refused": 10,
        "accepted": 25,
        "sending": {},
        "created_at": NOW - timedelta(hours=1),
        "started_at": NOW - timedelta(seconds=10),
    }
    return Campaign(**(given | more))


@pytest.mark.parametrize(
    ("more", "eta"),
    [
        ({}, NOW + timedelta(seconds=30)),
        ({"accepted": 100}, NOW),
        ({"accepted": 0}, None),
        ({"state": "paused"}, None),
        ({"state": "done"}, None),
        ({"sending": {"send_at": (NOW - timedelta(seconds=1)).isoformat()}},
         NOW + timedelta(seconds=3)),
        ({"sending": {"send_at": (NOW + timedelta(seconds=1)).isoformat()}}, None),
    ],
)  # fmt: skip
def test_when_it_will_be_through(more: dict[str, Any], eta: datetime | None) -> None:
    assert _eta(campaign(**more), NOW) == eta
