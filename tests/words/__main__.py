"""``make words``: collect new texts into a catalogue, drop unused ones, compile all.

python -m tests.words            compile, and say what is missing
python -m tests.words --part X   put the missing texts into locale/en/X.po, to be translated there
"""

import argparse
import sys

from tests.words import catalogues as words


def main() -> int:
    """0 when every text has its English."""
    parser = argparse.ArgumentParser(prog="make words", description=__doc__)
    parser.add_argument("--part", help="catalogue that takes the missing texts")
    asked = parser.parse_args()
    parts, needed = words.catalogues(), words.texts()
    missing = [text for text in needed if text not in words.known(parts)]
    if asked.part and missing:
        catalogue = parts.setdefault(asked.part, words.fresh())
        for text in missing:
            catalogue.add(text, auto_comments=[needed[text]])
        missing = []
    seen: set[words.Text] = set()
    for part, catalogue in parts.items():
        here = set(words.known({part: catalogue}))
        for text in here - set(needed) | here & seen:  # not used, or in an earlier part
            catalogue.delete(text)
        seen |= here
        words.write(part, catalogue)
    for text in missing:
        sys.stdout.write(f"{needed[text]}: {text}\n")
    empty = sum(not all(words.forms(m.string)) for c in parts.values() for m in c if m.id)
    sys.stdout.write(f"words: {len(needed)}, missing {len(missing)}, to translate {empty}\n")
    return 1 if missing or empty else 0


sys.exit(main())
