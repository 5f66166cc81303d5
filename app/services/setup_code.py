"""The code that makes the first owner: only who can read this machine's data folder has it."""

import hmac
import os
import secrets
from pathlib import Path

from app.errors import Forbidden

FILE = "setup-code"


def make(folder: Path) -> str:
    """The code in the data folder (0600), made when there is none."""
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(8))
    try:
        os.link(draft, path)  # of two starters the first wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii").strip()


def check(folder: Path, code: str) -> None:
    """Raise Forbidden ``bad_setup_code`` unless it is the code."""
    try:
        kept = (folder / FILE).read_text("ascii").strip()
    except FileNotFoundError:
        kept = ""
    if not kept or not hmac.compare_digest(kept.encode(), code.strip().encode()):
        raise Forbidden(
            "bad_setup_code",
            f"This is not the set-up code. It is in the file {FILE} of the data folder, and "
            "`naru members setup` prints it.",
            field="code",
        )


def forget(folder: Path) -> None:
    """There is an owner now."""
    (folder / FILE).unlink(missing_ok=True)
