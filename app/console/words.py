"""The console's words: written in Korean where they are used, in English from the catalogues.

A part of the console has a catalogue of its own, ``locale/en/<part>.po``, compiled beside it to
``.mo`` by ``make words``; a word of one part is found by all.
"""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = ("ko", "en")
FOLDER = Path(__file__).parent / "locale"


class _Joined(GNUTranslations):
    """Several catalogues as one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._catalog: dict[object, str] = {}
        self.plural = lambda n: int(n != 1)
        for path in sorted(folder.glob("*.mo")):
            with path.open("rb") as file:
                self._catalog |= GNUTranslations(file)._catalog  # type: ignore[attr-defined]


WORDS: Mapping[str, NullTranslations] = {
    "ko": NullTranslations(),
    "en": _Joined(FOLDER / "en"),
}


def say(language: str, text: str, /, **values: object) -> str:
    """A text in a language, with ``%(name)s`` filled in."""
    words = WORDS[language].gettext(text)
    return words % values if values else words


def mark(text: str) -> str:
    """A text that is translated later, where the language is known; found by ``make words``."""
    return text
