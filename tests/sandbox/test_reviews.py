"""The desk's verdicts."""

import pytest

from sandbox.reviews import approve_due, get_template, judge, list_templates, register
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import KEY, TEMPLATE

NEW = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}


@pytest.mark.parametrize(
    ("verdict", "status", "block"),
    [("approve", "TSC03", False), ("reject", "TSC04", False), ("stop", "TSC03", True)],
)
def test_verdicts(store: Store, verdict: str, status: str, block: bool) -> None:
    template = judge(store, KEY, "ORDER_SHIPPED", verdict, "의견")
    assert template
    assert (template.status, template.block) == (status, block)
    assert template.comments[0]["content"] == "의견"
    assert judge(store, KEY, "NONE", verdict, "") is None


def test_automatic_review_waits_its_time(store: Store, clock: Clock) -> None:
    register(store, KEY, NEW)
    assert approve_due(store) is None
    store.change_settings({"review": "auto", "auto_review_s": 2})
    assert approve_due(store) == clock.ms + 2_000
    clock.pass_s(2)
    assert approve_due(store) is None
    template = get_template(store, KEY, "NEW")
    assert template
    assert template.status_name == "승인"
    assert len(list_templates(store, "TSC03")) == 2
