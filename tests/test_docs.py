"""What the documents say is there: links, commands, paths, settings, examples, tables."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
import orjson
import pytest

import make
from app.cli import main as naru
from app.cli.environment import OTHERS
from app.config import Settings
from app.main import create_app
from app.services import rule_files
from app.services.states import POLICY
from sandbox import consult, consult_ends, consult_uploads
from sandbox.description import DOCS, OPENAPI
from sandbox.main import create_app as create_sandbox
from sandbox.phones import MAGIC
from sandbox.scenarios.library import built_in
from sandbox.scenarios.shape import parse
from sandbox.store import Settings as DeskSettings
from templates import files, plan

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in make.files(ROOT) if path.suffix == ".md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PATH = re.compile(r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?<![\w.}])(/(?:v1|desk/api)/[\w{}/.-]+)")
SETTING = re.compile(r"\bNARU_[A-Z_]*[A-Z]\b")
# for tests, containers and the prompts of one command; not settings of the product
OWN = re.compile(
    r"NARU_(CREDENTIAL_\w+|CRASH_AT|TEST_PG|CI_BUDGET_S|STEP_S|PG_PASSWORD|SANDBOX_HOST|SANDBOX_COMMAND)"
)
SCENARIO = "[traffic]"  # a table every scenario has, and no template
MENU = "[menus.start]"  # and every bot
HERE = ("127.0.0.1", "localhost")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(*languages: str) -> list[Block]:
    found = (Block(name_of(p), *match) for p in PAGES for match in FENCE.findall(read(p)))
    return [block for block in found if block.language in languages]


def shell_lines() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every command of the shell blocks; continued lines are one command."""
    for block in blocks("sh"):
        text = block.text.replace("\\\n", " ")
        lexer = shlex.shlex(text, posix=True, punctuation_chars="\n")
        lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, "#"
        words: list[str] = []
        for word in [*lexer, "\n"]:
            if word.strip("\n"):
                words.append(word.strip("\n"))
            elif words:
                yield block.page, words
                words = []


def commands() -> list[tuple[str, list[str]]]:
    """Every shown `naru …`, in blocks and in running text, without what stands before it."""
    found = list(shell_lines())
    for path in PAGES:
        spans = SPAN.findall(FENCE.sub("", read(path)))
        found += [(name_of(path), shlex.split(s)) for s in spans if re.match(r"\S*naru ", s)]
    shown = []
    for page, words in found:
        at = next((i for i, w in enumerate(words) if w.rpartition("/")[2] == "naru"), None)
        if at is not None:
            shown.append((page, words[at + 1 :]))
    return shown


def unknown_in(words: list[str]) -> str | None:
    """The first word of a command line that the program does not know."""
    command: click.Command = naru
    known = {"--help", "-h", "--version"}
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            if word not in command.commands:
                return word
            command = command.commands[word]
            known |= {option for p in command.params for option in p.opts}
        elif word.startswith("--") and word not in known:
            wanders = bool(command.context_settings.get("ignore_unknown_options"))
            if not wanders:
                return word
    return None


def shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path.rstrip("/."))


def served() -> set[tuple[str, str]]:
    """(method, path) of the API and of the sandbox's desk and consultation hub."""
    api = create_app(Settings(env="development"))
    sandbox = create_sandbox()
    sandbox.state.store.close()
    found = {
        (method.upper(), shape(path))
        for app in (api, sandbox)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    hub = (consult, consult_uploads, consult_ends)
    for route in (route for part in hub for route in part.router.routes):
        path: str = getattr(route, "path", "")
        found |= {(m, shape(path.removeprefix("/consult"))) for m in getattr(route, "methods", ())}
    return found | {("GET", OPENAPI), ("GET", DOCS)}


def rows_under(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its own two lines."""
    text = read(ROOT / page).partition(f"\n{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert lines, f"{page}: no table under {heading}"
    table = [[cell.strip() for cell in ln.strip("|").split("|")] for ln in lines[0].splitlines()]
    return table[2:]


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = HEADING.findall(FENCE.sub("", read(path)))
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for path in PAGES:
        for target in LINK.findall(FENCE.sub("", read(path))):
            if urlsplit(target).scheme:
                continue
            file, _, anchor = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists() or (anchor and anchor not in anchors(there)):
                broken.append(f"{name_of(path)}: {target}")
    assert broken == []


def test_the_readmes_are_short_and_show_the_picture() -> None:
    for name in ("README.md", "README.ko.md"):
        text = read(ROOT / name)
        assert len(text.splitlines()) <= 120
        assert "(docs/shots/wall-wide-light.png)" in text


def test_every_shown_command_exists() -> None:
    shown = commands()
    assert len(shown) > 20
    assert [(page, words) for page, words in shown if unknown_in(words)] == []


@pytest.mark.parametrize(
    "line", ["fly", "accounts fly", "send --wings", "accounts add nhn --wings"]
)
def test_an_unknown_command_would_be_seen(line: str) -> None:
    assert unknown_in(line.split())


def test_every_shown_path_is_served() -> None:
    there = served()
    paths = {path for _, path in there}
    shown = [
        (name_of(page), method, shape(path))
        for page in PAGES
        for method, path in PATH.findall(read(page))
    ]
    assert len(shown) > 40
    wrong = [s for s in shown if ((s[1], s[2]) not in there if s[1] else s[2] not in paths)]
    assert wrong == []


def test_no_shown_command_needs_another_host() -> None:
    outside = []
    for page, words in shell_lines():
        for word in words:
            for url in re.findall(r"\w+://[^\s'\"]+", word):
                host = urlsplit(url).hostname or ""
                if host not in HERE and not host.endswith(".example"):
                    outside.append((page, url))
    assert outside == []


def test_every_setting_named_exists() -> None:
    known = {f"NARU_{name.upper()}" for name in Settings.model_fields} | set(OTHERS)
    named = {(name_of(p), name) for p in PAGES for name in SETTING.findall(read(p))}
    assert len(named) > 10
    assert {(p, n) for p, n in named if n not in known and not OWN.fullmatch(n)} == set()


def test_every_json_block_parses() -> None:
    found = blocks("json")
    assert found
    for block in found:
        data = orjson.loads(block.text)
        if isinstance(data, list) and block.page != "docs/sandbox-api.md":
            plan.parse(data)


def sent_bodies() -> list[tuple[str, Any]]:
    """The JSON bodies of shown calls that send a message."""
    found = []
    for page, words in shell_lines():
        if "curl" in words and "-d" in words:
            found.append((page, orjson.loads(words[words.index("-d") + 1])))
    return [(page, body) for page, body in found if "template" in body]


def test_shown_calls_fill_the_starter_they_name() -> None:
    starters = {path.name: files.load(path) for path in files.starters().values()}
    samples = {template.code: sample for template, sample in starters.values()}
    calls = sent_bodies()
    assert {page for page, _ in calls} >= {"README.md", "README.ko.md", "docs/api.md"}
    for page, body in calls:
        assert body["variables"].keys() == samples[body["template"]].keys(), page


def test_every_shown_template_can_be_used(tmp_path: Path) -> None:
    others = (SCENARIO, MENU)
    found = [block for block in blocks("toml") if not any(one in block.text for one in others)]
    assert found
    for block in found:
        path = tmp_path / "shown.toml"
        path.write_text(block.text, encoding="utf-8")
        files.load(path)


def test_every_shown_bot_can_be_talked_to() -> None:
    found = [block for block in blocks("toml") if MENU in block.text]
    assert {block.page for block in found} >= {"docs/bots.md"}
    for block in found:
        assert rule_files.examine(block.text)[1] == (), block.page


def test_every_shown_scenario_can_be_played() -> None:
    found = [block for block in blocks("toml") if SCENARIO in block.text]
    assert {block.page for block in found} >= {"docs/rehearsing.md"}
    for block in found:
        parse(block.text)


def test_the_table_of_scenarios_names_each() -> None:
    told = {row[0].strip("`") for row in rows_under("docs/rehearsing.md", "## Scenarios")}
    assert told == set(built_in())


def test_the_fallback_table_is_the_policy() -> None:
    told = {}
    for reasons, following, tell in rows_under("docs/delivery.md", "## Fallback, by reason"):
        for reason in reasons.split(", "):
            told[reason.partition(" ")[0]] = (following.startswith("yes"), tell.partition(",")[0])
    assert told == {str(reason): (p.fall_back, p.tell) for reason, p in POLICY.items()}


def test_every_rule_is_kept_where_it_is_said() -> None:
    table = (ROOT / "docs" / "delivery.md").read_text().split("## Rules")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (R\d) .* `([\w/.]+)::(\w+)` \|$", table, re.MULTILINE)
    assert [rule for rule, _, _ in rows] == [f"R{n}" for n in range(1, 9)]
    for _, path, name in rows:
        assert f"def {name}(" in (ROOT / path).read_text(), (path, name)


def test_the_magic_numbers_and_settings_of_the_sandbox_are_as_told() -> None:
    magic = rows_under("docs/sandbox.md", "## Phones: `/`")
    assert {row[0] for row in magic} == set(MAGIC)
    told = {row[0].strip("`"): row[1] for row in rows_under("docs/sandbox.md", "## Desk: `/desk`")}
    defaults = DeskSettings()
    kept = {name: getattr(defaults, name) for name in DeskSettings.__slots__}
    assert told == {
        name: str(value).lower() if isinstance(value, bool) else f"{value:g}"
        if isinstance(value, int | float) else value
        for name, value in kept.items()
    }  # fmt: skip
