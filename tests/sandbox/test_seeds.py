"""Named phones."""

from sandbox.phones import get_phone, list_phones
from sandbox.seeds import PEOPLE, plant
from sandbox.store import Store


def test_planted_once_in_their_order(store: Store) -> None:
    assert [one.name for one in list_phones(store).phones] == list(PEOPLE.values())
    store.run("DELETE FROM phone WHERE number = '01000001001'")
    plant(store)
    assert get_phone(store, "01000001001") is None


def test_magic_ends_gave_them_their_traits(store: Store) -> None:
    traits = {
        one.name
        for one in list_phones(store).phones
        if not one.on or not one.kakao or one.blocks_all or one.slow_s or one.answer_lost
    }
    assert traits == {"도해솔", "여울", "마루한", "구름이", "빈나래"}
