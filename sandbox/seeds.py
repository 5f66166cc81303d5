"""Named phones of a new store."""

from sandbox.phones import make_phones, name_phone
from sandbox.store import Store

# Magic last digits give some of them their trait: 3019, 3005, 3020, 0008, 0504.
PEOPLE = {
    "01000001001": "한가온",
    "01000001002": "서미르",
    "01000001003": "남궁아라한별",
    "01000003019": "도해솔",
    "01000003005": "여울",
    "01000001006": "표다온",
    "01000003020": "마루한",
    "01000000008": "구름이",
    "01000001010": "차노을",
    "01000000504": "빈나래",
}


def plant(store: Store) -> None:
    """Make the named phones once; a store that was planted before stays as it is."""
    if store.meta("planted"):
        return
    with store.tx():
        make_phones(store, PEOPLE)
        for number, name in PEOPLE.items():
            name_phone(store, number, name)
        store.set_meta("planted", "yes")
