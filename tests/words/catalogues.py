"""Catalogues of the console: which texts there are, which are translated, and their compiled form.

Texts are written in Korean where they are used; English is in ``app/console/locale/en/<part>.po``.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

CONSOLE = Path(__file__).parents[2] / "app" / "console"
FOLDER = CONSOLE / "locale" / "en"
KEYWORDS = {"mark": None, "say": (2,)}
SOME_DAY = datetime(2026, 11, 27, tzinfo=UTC)
Text = str | tuple[str, ...]


def texts() -> dict[Text, str]:
    """Every text to translate, and the file that has it first."""
    found: dict[Text, str] = {}
    for path, text in (*_of_code(), *_of_pages()):
        found.setdefault(text, path.relative_to(CONSOLE).as_posix())
    return found


def _of_code() -> Iterator[tuple[Path, Text]]:
    for path in sorted(CONSOLE.rglob("*.py")):
        with path.open("rb") as file:
            for _, text, _, _ in extract("python", file, keywords=KEYWORDS):
                yield path, text


def _of_pages() -> Iterator[tuple[Path, Text]]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for path in sorted(CONSOLE.rglob("*.html")):
        with path.open("rb") as file:
            for _, _, text, _ in babel_extract(file, ["_", "gettext", "ngettext"], [], options):
                given = text if isinstance(text, tuple) else (text,)
                found = tuple(t for t in given if t)
                if found:  # none in _(name): what it names is marked where it is written
                    yield path, found if len(found) > 1 else found[0]


def catalogues() -> dict[str, Catalog]:
    """All of them by part."""
    found = {}
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            found[path.stem] = read_po(file, locale="en")
    return found


def known(parts: Mapping[str, Catalog]) -> dict[Text, str]:
    """Text → the part that has it."""
    found: dict[Text, str] = {}
    for part, catalogue in parts.items():
        for message in catalogue:
            if message.id:
                text = forms(message.id)
                found[text if len(text) > 1 else text[0]] = part
    return found


def compiled(catalogue: Catalog) -> bytes:
    """The form that is read at the start; the same texts give the same bytes."""
    out = io.BytesIO()
    write_mo(out, _copied(catalogue))
    return out.getvalue()


def write(part: str, catalogue: Catalog) -> None:
    """Keep a catalogue, sorted by text, and its compiled form."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, _copied(catalogue), width=100, sort_output=True, omit_header=True)
    (FOLDER / f"{part}.po").write_bytes(out.getvalue())
    (FOLDER / f"{part}.mo").write_bytes(compiled(catalogue))


def forms(text: object) -> tuple[str, ...]:
    """A text and its plural, or the one text; empty where none is written."""
    if isinstance(text, tuple | list):
        return tuple(text)
    return (str(text or ""),)


def _copied(catalogue: Catalog) -> Catalog:
    """The same texts under a head without a date of today."""
    made = fresh()
    for message in catalogue:
        if message.id:
            made[message.id] = message
    return made


def fresh() -> Catalog:
    """A catalogue without a text."""
    return Catalog(locale="en", project="Naru", creation_date=SOME_DAY, revision_date=SOME_DAY)
