"""``naru pictures``: files in, and where each stands."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Naru, told
from tests.photos import jpeg, png


@pytest.fixture
def files(tmp_path: Path, naru: Naru) -> Path:
    naru("workspaces", "add", "상점")
    (tmp_path / "sale.jpg").write_bytes(jpeg(800, 400))
    (tmp_path / "small.png").write_bytes(png(108, 108))
    return tmp_path


def test_pictures_are_added_listed_and_removed(naru: Naru, files: Path) -> None:
    paths = [str(files / name) for name in ("sale.jpg", "small.png")]
    rows = told(naru("pictures", "add", *paths, "--json"))
    assert [(row["name"], row["pixels"], row["uses"]) for row in rows] == [
        ("sale.jpg", "800×400", ["image", "mms"]),
        ("small.png", "108×108", ["thumbnail"]),
    ]
    assert told(naru("pictures", "add", *paths, "--json")) == rows
    assert told(naru("pictures", "list", "--json")) == rows
    assert "800×400" in naru("pictures", "list").stdout
    naru("pictures", "remove", "sale.jpg")
    assert [row["name"] for row in told(naru("pictures", "list", "--json"))] == ["small.png"]
    assert "no picture with this name" in naru("pictures", "remove", "sale.jpg", code=1).stderr


def test_one_fault_stores_none(naru: Naru, files: Path) -> None:
    (files / "bad.jpg").write_bytes(b"<html>")
    (files / "huge.jpg").write_bytes(jpeg(size=2_000_000))
    for bad, word in (("bad.jpg", "neither a JPEG nor a PNG"), ("huge.jpg", "600,000")):
        paths = [str(files / name) for name in ("sale.jpg", bad)]
        assert word in naru("pictures", "add", *paths, code=1).stderr
        assert told(naru("pictures", "list", "--json")) == []
