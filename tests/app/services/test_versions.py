"""Which version is in use, read from how each stands at each sender."""

from typing import Any
from uuid import UUID

import pytest

from app.db.models import ProviderAccount, Sender, Template, TemplateRegistration, TemplateVersion
from app.db.models.fields import now as clock
from app.errors import NotFound
from app.ids import new_id
from app.services.standing import Registered, standing
from app.services.versions import Numbered, Stored

WORKSPACE = new_id()
APPROVED = {"inspection": "approved", "usage": "normal"}


def account(mode: str = "sandbox", state: str = "active") -> ProviderAccount:
    return ProviderAccount(
        workspace_id=WORKSPACE, name="a", mode=mode, adapter="nhn", state=state,
        credentials_sealed=b"", callback_hash=b"",
    )  # fmt: skip


def registered(version_id: UUID, at: ProviderAccount, state: str, **axes: Any) -> Registered:
    sender = Sender(
        workspace_id=WORKSPACE, account_id=at.id, kind="alimtalk", value="k", state=state
    )
    row = TemplateRegistration(
        workspace_id=WORKSPACE, account_id=at.id, sender_id=sender.id, version_id=version_id,
        code="c", **axes,
    )  # fmt: skip
    return Registered(row, at, sender, standing(row))


def numbered(number: int, *places: tuple[ProviderAccount, str, dict[str, Any]], **more: Any) -> Any:
    version = TemplateVersion(
        workspace_id=WORKSPACE, template_id=WORKSPACE, number=number, body=more,
        submitted_at=clock(),
    )  # fmt: skip
    return Numbered(
        version, tuple(registered(version.id, at, state, **axes) for at, state, axes in places)
    )


def stored(*versions: Numbered) -> Stored:
    return Stored(Template(workspace_id=WORKSPACE, code="c", name="n"), versions)


def in_use(found: Stored, mode: str = "sandbox") -> int | None:
    one = found.in_use(mode)
    return one.version.number if one else None


def test_the_newest_that_may_be_sent_is_in_use_in_each_mode() -> None:
    here, there = account("sandbox"), account("live")
    old = numbered(1, (here, "active", APPROVED), (there, "active", APPROVED))
    new = numbered(2, (here, "active", APPROVED), (there, "active", {"inspection": "in_review"}))
    found = stored(new, old)
    assert (in_use(found), in_use(found, "live")) == (2, 1)
    assert (found.in_review("live"), found.in_review("sandbox")) == ([2], [])


@pytest.mark.parametrize(
    ("at", "state", "axes"),
    [
        (account(), "active", {"inspection": "rejected"}),
        (account(), "active", APPROVED | {"usage": "stopped"}),
        (account(), "active", APPROVED | {"blocked": True}),
        (account(), "active", APPROVED | {"dormant": True}),
        (account(state="disabled"), "active", APPROVED),
        (account(), "inactive", APPROVED),
    ],
)
def test_what_may_not_be_sent_leaves_the_older_one_in_use(
    at: ProviderAccount, state: str, axes: dict[str, Any]
) -> None:
    old, new = numbered(1, (account(), "active", APPROVED)), numbered(2, (at, state, axes))
    assert in_use(stored(new, old)) == 1
    assert in_use(stored(new)) is None


def test_accounts_at_work_come_first() -> None:
    paused, active = account(state="paused"), account()
    one = numbered(1, (paused, "active", APPROVED), (active, "active", APPROVED))
    assert [place.account for place in one.usable("sandbox")] == [active, paused]


def test_what_needs_no_review_is_in_use_once_it_was_submitted() -> None:
    text = {"plan": [{"channel": "sms"}]}
    draft, old = numbered(2, **text), numbered(1, **text)
    draft.version.submitted_at = None
    assert not old.is_reviewed
    assert in_use(stored(draft, old)) == 1
    assert in_use(stored(draft)) is None


def test_a_version_by_its_number() -> None:
    found = stored(numbered(2), numbered(1))
    assert found.numbered(1).version.number == 1
    with pytest.raises(NotFound) as refused:
        found.numbered(3)
    assert refused.value.code == "unknown_version"
