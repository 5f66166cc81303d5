"""What is registered, and how it is kept."""

from dataclasses import replace

from sandbox.reviews import (
    FORMER_KEPT,
    Text,
    delete,
    get_template,
    is_taken,
    keep,
    list_queued,
    list_templates,
    register,
)
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import KEY, TEMPLATE, need

NEW = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}


def test_registered_first_or_in_review_at_once(store: Store, clock: Clock) -> None:
    assert register(store, KEY, NEW)
    template = need(store, "NEW")
    assert (template.status_name, template.queued_at) == ("요청", clock.ms)
    store.change_settings({"registered_s": 0})
    assert register(store, KEY, {**NEW, "templateCode": "NEXT", "templateName": "다음"})
    assert need(store, "NEXT").status_name == "검수 중"
    assert [one.code for one in list_queued(store)] == ["NEW", "NEXT"]
    assert {one.code for one in list_templates(store, "TSC01")} == {"NEW"}


def test_codes_and_names_are_taken_once(store: Store) -> None:
    assert not register(store, KEY, {**NEW, "templateCode": "ORDER_SHIPPED"})
    assert not register(store, KEY, {**NEW, "templateName": "출고 안내"})
    assert not is_taken(store, KEY, "출고 안내", "ORDER_SHIPPED")
    assert is_taken(store, KEY, "출고 안내", "NEW")


def test_everything_is_kept(store: Store, clock: Clock) -> None:
    text = Text(2, "새 이름", NEW, "TSC02", clock.ms, clock.ms)
    former = tuple(replace(text, version=n) for n in range(FORMER_KEPT + 5))
    changed = replace(
        need(store, "ORDER_SHIPPED"), stop=True, block=True, dormant=True, edit=text, former=former
    )
    keep(store, changed)
    found = need(store, "ORDER_SHIPPED")
    assert found == replace(changed, former=former[:FORMER_KEPT])
    assert (found.newest, found.current.version, found.can_send) == (text, 1, False)


def test_each_axis_alone_stops_sending(store: Store) -> None:
    template = need(store, "ORDER_SHIPPED")
    assert template.can_send
    assert not replace(template, stop=True).can_send
    assert not replace(template, block=True).can_send
    assert not replace(template, dormant=True).can_send
    assert not replace(template, status="TSC02").can_send


def test_what_is_deleted_is_gone(store: Store) -> None:
    delete(store, need(store, "ORDER_SHIPPED"))
    assert get_template(store, KEY, "ORDER_SHIPPED") is None
    assert register(store, KEY, TEMPLATE)
