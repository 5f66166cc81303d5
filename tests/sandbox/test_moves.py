"""Every move from every state: what it becomes, or that it is refused."""

from dataclasses import replace

import pytest

from sandbox.moves import MOVES, NotNow, act, acts_of, edit, may, review_due, state_of
from sandbox.reviews import Template, register
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import KEY, TEMPLATE, need

NEW = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}
NEWER = {**NEW, "templateContent": "#{이름}님, 다시 썼습니다."}


@pytest.fixture
def new(store: Store) -> Template:
    register(store, KEY, NEW)
    return need(store, "NEW")


@pytest.fixture
def approved(store: Store) -> Template:
    return need(store, "ORDER_SHIPPED")


# what may be done from each inspection, with nothing beside it and nothing said
ALLOWED = {
    "TSC01": {"inspect", "approve", "reject", "withdraw", "comment"},
    "TSC02": {"approve", "reject", "withdraw", "comment"},
    "TSC03": {"stop", "dormant", "block"},
    "TSC04": {"comment"},
}


@pytest.mark.parametrize("status", ALLOWED)
def test_what_each_state_allows(store: Store, new: Template, status: str) -> None:
    waits = status in ("TSC01", "TSC02")
    template = replace(new, status=status, queued_at=new.queued_at if waits else None)
    assert {move for move in MOVES if may(template, move)} == ALLOWED[status]
    for move in MOVES.keys() - ALLOWED[status]:
        with pytest.raises(NotNow) as refused:
            act(store, template, move, "말")
        assert state_of(template) in str(refused.value)


@pytest.mark.parametrize(
    ("there", "back", "axis"),
    [("stop", "resume", "stop"), ("dormant", "release", "dormant"), ("block", "unblock", "block")],
)
def test_axes_go_there_and_back(
    store: Store, approved: Template, there: str, back: str, axis: str
) -> None:
    gone = act(store, approved, there)
    assert (getattr(gone, axis), gone.can_send, gone.status) == (True, False, "TSC03")
    assert back in acts_of(gone)
    assert there not in acts_of(gone)
    assert need(store, "ORDER_SHIPPED") == gone
    assert act(store, gone, back).can_send


def test_a_talk_about_a_rejected_text(store: Store, new: Template, clock: Clock) -> None:
    seen = act(store, new, "inspect")
    refused = act(store, seen, "reject", "광고성 문구")
    assert (refused.status, refused.queued_at) == ("TSC04", None)
    clock.pass_s(60)
    asked = act(store, refused, "comment", "어느 문구인가요")
    assert (asked.status, asked.queued_at) == ("TSC02", clock.ms)
    told = act(store, asked, "answer", "둘째 줄입니다")
    done = act(store, told, "approve", "")
    said = [(one["id"], one["status"], one["content"]) for one in done.comments]
    assert said == [
        (1, "REJ", "광고성 문구"),
        (2, "INQ", "어느 문구인가요"),
        (3, "REP", "둘째 줄입니다"),
    ]
    assert done.kakao_code == new.kakao_code  # the text is still the first


def test_an_edit_beside_an_approved_text(store: Store, approved: Template) -> None:
    body = {**NEWER, "templateCode": "ORDER_SHIPPED", "templateName": "새 이름"}
    edited = edit(store, approved, body)
    assert (edited.status, edited.can_send, edited.body) == ("TSC03", True, TEMPLATE)
    assert state_of(edited) == "approved, edit in_review"
    with pytest.raises(NotNow):
        edit(store, edited, body)
    refused = act(store, edited, "reject", "아니요")
    assert (refused.can_send, refused.body, state_of(refused)) == (
        True,
        TEMPLATE,
        "approved, edit rejected",
    )
    again = edit(store, refused, {**body, "templateContent": "셋째"})
    assert [(one.version, one.status) for one in again.texts] == [
        (3, "TSC02"),
        (2, "TSC04"),
        (1, "TSC03"),
    ]
    passed = act(store, again, "approve")
    assert (passed.body["templateContent"], passed.name, passed.version) == ("셋째", "새 이름", 3)
    assert passed.kakao_code != approved.kakao_code
    assert [one.version for one in passed.texts] == [3, 2, 1]
    assert need(store, "ORDER_SHIPPED") == passed


def test_a_stopped_text_stays_stopped_when_its_edit_passes(
    store: Store, approved: Template
) -> None:
    stopped = act(store, approved, "stop")
    passed = act(store, edit(store, stopped, TEMPLATE), "approve")
    assert (passed.stop, passed.version) == (True, 2)


def test_a_rejected_text_is_replaced(store: Store, new: Template) -> None:
    edited = edit(store, act(store, new, "reject", "아니요"), NEWER)
    assert (edited.body, edited.status, edited.edit) == (NEWER, "TSC02", None)
    assert edited.queued_at is not None
    assert act(store, edited, "approve").kakao_code != new.kakao_code


def test_withdrawn_texts_wait_for_nobody(store: Store, new: Template, approved: Template) -> None:
    store.change_settings({"review": "auto", "registered_s": 0, "auto_review_s": 0})
    back = act(store, new, "withdraw")
    edited = act(store, edit(store, approved, TEMPLATE), "withdraw")
    assert (edited.edit, edited.can_send, edited.former[0].status) == (None, True, "TSC01")
    assert review_due(store) is None
    assert need(store, "NEW") == back
    assert back.status == "TSC01"


def test_time_moves_a_template_on(store: Store, new: Template, clock: Clock) -> None:
    store.change_settings({"registered_s": 0.5, "auto_review_s": 2})
    assert review_due(store) == clock.ms + 500
    assert need(store, "NEW").status == "TSC01"
    clock.pass_s(0.5)
    assert review_due(store) is None  # a person decides
    assert need(store, "NEW").status == "TSC02"
    store.change_settings({"review": "auto"})
    assert review_due(store) == clock.ms + 2_000
    clock.pass_s(2)
    assert review_due(store) is None
    assert need(store, "NEW").status == "TSC03"


def test_an_edit_is_judged_by_itself_too(store: Store, approved: Template) -> None:
    edit(store, approved, {**TEMPLATE, "templateContent": "새로"})
    store.change_settings({"review": "auto", "auto_review_s": 0})
    assert review_due(store) is None
    assert need(store, "ORDER_SHIPPED").body["templateContent"] == "새로"


def test_a_talk_keeps_its_newest_lines(store: Store, new: Template) -> None:
    for n in range(105):
        new = act(store, new, "comment", f"{n}")
    assert [new.comments[0]["content"], new.comments[-1]["id"]] == ["5", 105]
