"""The scenarios there are: files of the package, and those a person has put in the store."""

import logging
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from sandbox.scenarios.shape import BadScenario, Scenario, parse
from sandbox.store import Store

log = logging.getLogger("sandbox")
FOLDER = Path(__file__).parent
MOST_OWN = 50
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = ("run", "stop")  # words of the API


@dataclass(frozen=True, slots=True)
class Known:
    """own: a person's, which may be deleted. toml: the file as it is."""

    name: str
    scenario: Scenario
    toml: str
    own: bool


@cache
def built_in() -> dict[str, Known]:
    """By name, in the order of the names."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        text = path.read_text("utf-8")
        found[path.stem] = Known(path.stem, parse(text), text, own=False)
    return found


def list_scenarios(store: Store) -> list[Known]:
    """The package's, then a person's own by name.

    An own one that this version cannot read is left out, until it is put in again or replaced.
    """
    rows = store.all("SELECT name, toml FROM scenario ORDER BY name")
    own = [_own(row["name"], row["toml"]) for row in rows]
    return [*built_in().values(), *filter(None, own)]


def find(store: Store, name: str) -> Known | None:
    if name in built_in():
        return built_in()[name]
    row = store.one("SELECT name, toml FROM scenario WHERE name = ?", (name,))
    return _own(row["name"], row["toml"]) if row else None


def keep(store: Store, toml: str) -> Known:
    """Check a file and keep it under its English title. One of that name is replaced.

    Raises BadScenario, also when the name is a built-in one's or there are too many.
    """
    scenario = parse(toml)
    name = name_of(store, scenario)
    if name in built_in() or name in TAKEN:
        raise BadScenario("이미 있는 이름이에요: title_en을 바꿔 주세요 (taken)", "title_en")
    others = store.number("SELECT count(*) FROM scenario WHERE name <> ?", (name,))
    if others >= MOST_OWN:
        raise BadScenario(f"{MOST_OWN}개까지 둘 수 있어요: 하나를 지워 주세요 (too many)")
    store.run(
        "INSERT INTO scenario VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET toml = excluded.toml",
        (name, toml),
    )
    store.changes.tell_desk()
    return Known(name, scenario, toml, own=True)


def name_of(store: Store, scenario: Scenario) -> str:
    """From the English title; without one, the first free of own_1, own_2 …"""
    words = re.sub(r"[^a-z0-9]+", "_", scenario.title_en.lower()).strip("_")[:40].strip("_")
    if NAME.fullmatch(words):
        return words
    there = {row["name"] for row in store.all("SELECT name FROM scenario")}
    return next(name for n in range(1, MOST_OWN + 2) if (name := f"own_{n}") not in there)


def drop(store: Store, name: str) -> bool:
    """Whether there was one of a person's own."""
    gone = store.run("DELETE FROM scenario WHERE name = ?", (name,)).rowcount == 1
    store.changes.tell_desk()
    return gone


@lru_cache(maxsize=MOST_OWN)
def _own(name: str, toml: str) -> Known | None:
    try:
        return Known(name, parse(toml), toml, own=True)
    except BadScenario as bad:
        log.warning("scenario %s of the store cannot be read: %s", name, bad)
        return None
