"""The set-up code: one for all who start at once, kept from other users, gone with the owner."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import Forbidden
from app.services import setup_code


def test_all_starters_get_the_same_one(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda _: setup_code.make(folder), range(32)))
    (code,) = codes
    assert len(code) == 16
    assert stat.S_IMODE((folder / setup_code.FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [setup_code.FILE]
    setup_code.check(folder, f" {code}\n")


@pytest.mark.parametrize("wrong", ["", "0" * 16, "열쇠", "\x00"])
def test_another_is_refused(tmp_path: Path, wrong: str) -> None:
    setup_code.make(tmp_path)
    with pytest.raises(Forbidden) as refused:
        setup_code.check(tmp_path, wrong)
    assert (refused.value.code, refused.value.field) == ("bad_setup_code", "code")


@pytest.mark.parametrize("kept", [None, "", "\n"])
def test_without_a_code_nothing_is_right(tmp_path: Path, kept: str | None) -> None:
    if kept is not None:
        (tmp_path / setup_code.FILE).write_text(kept)
    for wrong in ("", " "):
        with pytest.raises(Forbidden):
            setup_code.check(tmp_path, wrong)


def test_it_is_forgotten(tmp_path: Path) -> None:
    code = setup_code.make(tmp_path)
    setup_code.forget(tmp_path)
    setup_code.forget(tmp_path)
    with pytest.raises(Forbidden):
        setup_code.check(tmp_path, code)
    assert setup_code.make(tmp_path) != code
