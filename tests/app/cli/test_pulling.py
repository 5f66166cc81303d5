"""``naru templates pull``: files that read back equal, and nobody's work overwritten."""

from pathlib import Path

from templates import files
from tests.app.cli.conftest import Naru, told


def starter(naru: Naru, name: str, path: Path) -> None:
    path.write_text(naru("templates", "starter", name).stdout, "utf-8")


def results(naru: Naru, *words: str, code: int = 0) -> dict[str, str]:
    rows = told(naru("templates", "pull", *words, "--json", code=code))
    return {row["code"]: row["result"] for row in rows}


def test_pull(served: Naru, tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine", str(tmp_path / "새" / "폴더")
    mine.mkdir()
    for name in ("refund_completed", "points_used"):
        starter(served, name, mine / f"{name}.toml")
    served("templates", "add", *map(str, mine.iterdir()))
    before = {path: path.read_bytes() for path in mine.iterdir()}

    assert set(results(served, folder).values()) == {"written"}
    for path in Path(folder).iterdir():  # stand-ins fill it, the template is the same
        assert files.load(path)[0] == files.load(files.starters()[path.stem])[0]
    assert set(results(served, folder).values()) == {"unchanged"}
    assert set(results(served, str(mine)).values()) == {"unchanged"}
    assert {path: path.read_bytes() for path in mine.iterdir()} == before  # not even touched

    changed = mine / "points_used.toml"
    renamed = changed.rename(mine / "포인트.toml")
    text = renamed.read_text("utf-8").replace("바로 알려", "곧 알려")
    renamed.write_text("# 둘째 줄\n" + text.replace('"12,450"', '"77"'), "utf-8")
    words = (str(mine), "--code", "points_used")
    assert results(served, *words, code=1) == {"points_used": "differs"}
    assert "곧 알려" in renamed.read_text("utf-8")
    assert "포인트.toml" in served("templates", "pull", *words, code=1).stderr
    assert results(served, *words, "--force") == {"points_used": "overwritten"}
    template, sample = files.load(renamed)
    assert template == files.load(files.starters()["points_used"])[0]
    assert sample["남은포인트"] == "77"
    assert files.open_file(renamed).lengths["남은포인트"] == 9
    assert renamed.read_text("utf-8").startswith("# 둘째 줄\n# 포인트 사용")
    assert not changed.exists()


def test_a_broken_file_is_kept_too(served: Naru, tmp_path: Path) -> None:
    path = tmp_path / "points_used.toml"
    starter(served, "points_used", path)
    served("templates", "add", str(path))
    path.write_text("code = \n", "utf-8")
    assert results(served, str(tmp_path), code=1) == {"points_used": "differs"}
    assert path.read_text("utf-8") == "code = \n"
    assert results(served, str(tmp_path), "--force") == {"points_used": "overwritten"}
    assert files.load(path)[0].code == "points_used"
    other = path.read_text("utf-8").replace('code = "points_used"', 'code = "other"')
    path.write_text(other, "utf-8")  # somebody gave it another code
    assert results(served, str(tmp_path), "--force", code=1) == {"points_used": "taken"}
    assert path.read_text("utf-8") == other
    assert "bye" in served("templates", "pull", str(tmp_path), "--code", "bye", code=1).stderr
