"""``naru bots``: files are checked, bots kept, and conversations tried."""

from pathlib import Path

from tests.app.cli.conftest import Naru, told
from tests.app.services.botting import MENU

EXAMPLES = Path(__file__).parents[3] / "docs" / "bots"
TWO = '[menus.start]\ntext = "{}"\n[menus.alone]\ntext = "가"\n'


def test_the_examples_are_clean_and_a_fault_has_its_place(naru: Naru, tmp_path: Path) -> None:
    naru("bots", "lint", str(EXAMPLES), "--strict")
    bad = tmp_path / "bad.toml"
    bad.write_text(TWO.format("#{x}"), "utf-8")
    found = naru("bots", "lint", str(bad), code=1).output
    assert f"{bad}:2: error no_without menus.start.text: " in found
    assert f"{bad}:3: warning unreachable menus.alone" in found
    as_json = naru("bots", "lint", str(bad), "--json", "--lang", "en", code=1)
    assert [one["line"] for one in told(as_json)["findings"]] == [2, 3]
    bad.write_text(TWO.format("가"), "utf-8")
    naru("bots", "lint", str(bad))
    naru("bots", "lint", "--strict", str(bad), code=1)
    bad.write_bytes(b"\xff")
    naru("bots", "lint", str(bad), code=2)
    (tmp_path / "empty").mkdir()
    naru("bots", "lint", str(tmp_path / "empty"), code=2)


def test_a_file_is_talked_to_without_a_store(naru: Naru, tmp_path: Path) -> None:
    shop = str(EXAMPLES / "shop.toml")
    said = naru("bots", "try", shop, "안녕", "3", "--value", "고객명=가").output
    assert "  [신청하기] https://shop.example/refund" in said
    answer = naru("bots", "try", str(EXAMPLES / "clinic.toml"), "아파요", "--json")
    assert told(answer)[0]["hand_off"] == "asked"
    naru("bots", "try", shop, "--value", "x", code=2)
    bad = tmp_path / "bad.toml"
    bad.write_text("x", "utf-8")
    assert "bad_toml" in naru("bots", "try", str(bad), "안녕", code=1).output


def test_bots_are_kept(naru: Naru, tmp_path: Path) -> None:
    file = tmp_path / "menu.toml"
    file.write_text(MENU, "utf-8")
    naru("workspaces", "add", "가게")
    assert told(naru("bots", "add", "나루봇", "--rules", str(file), "--json"))["secret"]
    assert "(bad_bot)" in naru("bots", "add", "둘", code=1).output
    naru("bots", "set", "나루봇", "--rules", str(file))
    assert "off" in naru("bots", "set", "나루봇", "--off").output
    listed = naru("bots", "list").output
    assert "나루봇" in listed
    assert "whsec_" not in listed
    assert "받은 날부터" in naru("bots", "try", "나루봇", "환불").output
    assert "나루봇" in naru("bots", "try", "없는봇", "환불", code=1).output
