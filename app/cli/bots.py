"""``naru bots``: who answers first in a consultation, and what they would say."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlmodel import col, select

from app.cli import documents, timelines
from app.cli.failures import BadUsage, Failed, explain, read_settings
from app.cli.output import json_option, show_json, show_one, show_rows
from app.cli.store import choose, on_store, workspace_option
from app.db.models import Bot
from app.errors import GatewayError
from app.guard import Guard
from app.services import bot_trials, rule_files, webhooks
from app.services import bots as service
from app.services.bot_calls import Who
from app.services.bot_trials import Trial, Tried
from app.services.runtime import Runtime
from templates.findings import Finding, Severity

rule_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bots() -> None:
    """Bots: a menu in a file, or a skill server, that answers before people do."""


@bots.command()
@click.argument("name")
@click.option("--rules", "path", type=rule_file, help="File of a rule bot (TOML).")
@click.option("--url", default="", metavar="URL", help="Address of a skill server (JSON 2.0).")
@workspace_option
@json_option
def add(name: str, path: Path | None, url: str, workspace: str | None, as_json: bool) -> None:
    """Add a bot and print its secret: it is shown this one time.

    \b
    예: naru bots add "나루 도우미" --rules 상점.toml
        naru bots add "바깥 봇" --url https://bot.example/skill
    """
    new = service.NewBot(name=name, rules=_text(path) if path else "", url=url)

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with Guard(runtime.settings) as guard:
            await service.check(guard, new.rules, new.url)
        async with runtime.database.write() as tx:
            owner = await choose(tx.session, workspace)
            bot, secret = await service.add(tx, runtime.sealer, owner.id, new)
        return {"secret": secret, **_shown(bot)}

    show_one(on_store(write), as_json=as_json)
    click.echo("지금만 보여요. 안전한 곳에 두세요. (It is shown this one time.)", err=True)


@bots.command("set")
@click.argument("bot", metavar="NAME|ID")
@click.option("--rules", "path", type=rule_file, help="Its new file.")
@click.option("--url", metavar="URL", help="Its new address.")
@click.option("--on", "state", flag_value="active", help="Answer again.")
@click.option("--off", "state", flag_value="off", help="People answer.")
@workspace_option
@json_option
def set_(
    bot: str,
    path: Path | None,
    url: str | None,
    state: str | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Change a bot; its next answer follows.

    예: naru bots set "나루 도우미" --rules 상점.toml
    """
    what = service.Change(rules=_text(path) if path else None, url=url, state=state)

    async def write(runtime: Runtime) -> Mapping[str, Any]:
        async with Guard(runtime.settings) as guard:
            if what.rules or what.url:
                await service.check(guard, what.rules or "", what.url or "")
        async with runtime.database.write() as tx:
            found = await _find(tx.session, (await choose(tx.session, workspace)).id, bot)
            changed = await service.change(tx, runtime.sealer, found.workspace_id, found.id, what)
        return _shown(changed)

    show_one(on_store(write), as_json=as_json)


@bots.command("list")
@workspace_option
@json_option
def list_(workspace: str | None, as_json: bool) -> None:
    """List the bots.

    예: naru bots list
    """

    async def read(runtime: Runtime) -> list[Mapping[str, Any]]:
        async with runtime.database.read() as session:
            owner = await choose(session, workspace)
            return [_shown(one) for one in await service.list_bots(session, owner.id)]

    show_rows(on_store(read), as_json=as_json, empty="아직 없어요. (No bots yet.)")


@bots.command()
@documents.given
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@timelines.lang_option
@json_option
def lint(paths: tuple[Path, ...], strict: bool, lang: str, as_json: bool) -> None:
    """Check files of rule bots; nothing is stored. A folder means every .toml file in it.

    Exit code 0: clean. 1: errors, with --strict also warnings. 2: unreadable.

    예: naru bots lint docs/bots/
    """
    files = [one for path in paths for one in (_inside(path) if path.is_dir() else [path])]
    found = [(path, one) for path in files for one in rule_files.examine(_text(path))[1]]
    if as_json:
        rows = [{"file": str(path)} | service.shown(one) for path, one in found]
        show_json({"findings": rows, "files": len(files)})
    else:
        for path, one in found:
            click.echo(documents.line(path, one, lang))
        click.echo(_summary(len(files), [one for _, one in found]), err=True)
    if any(strict or one.severity is Severity.ERROR for _, one in found):
        raise click.exceptions.Exit(1)


@bots.command("try")
@click.argument("bot", metavar="FILE|NAME|ID")
@click.argument("words", metavar="[말]...", nargs=-1)
@click.option("--value", "values", multiple=True, metavar="이름=값", help="Of the notice.")
@workspace_option
@json_option
def try_(
    bot: str, words: tuple[str, ...], values: tuple[str, ...], workspace: str | None, as_json: bool
) -> None:
    """Talk to a bot: one answer per word given; none means a press on a notice's button.

    Nothing is sent to a customer. A skill, or a file's look-up, is really called.

    예: naru bots try docs/bots/shop.toml 안녕하세요 1 환불
    """
    pairs = dict(one.split("=", 1) for one in values if "=" in one)
    if len(pairs) != len(values):
        raise BadUsage("--value: 이름=값 으로 주세요. (Give it as name=value.)")
    given = words or ("",)
    path = Path(bot)
    if path.is_file():
        tried = asyncio.run(_try_file(path, given, pairs))
    else:
        tried = on_store(lambda runtime: _try_stored(runtime, workspace, bot, given, pairs))
    if as_json:
        show_json([_told(word, one) for word, one in zip(given, tried, strict=True)])
        return
    for word, one in zip(given, tried, strict=True):
        _print(word, one)


async def _try_file(path: Path, words: tuple[str, ...], values: dict[str, str]) -> list[Tried]:
    who = Who("file", path.stem, "rules", _text(path), secret=webhooks.new_secret())
    try:
        rule_files.load(who.rules)
    except rule_files.BadRules as bad:
        lines = "\n".join(documents.line(path, one, "ko") for one in bad.findings)
        raise Failed(f"{path} 을(를) 고쳐야 해요. (The file has faults.)\n{lines}") from None
    async with Guard(read_settings()) as guard:
        try:
            return await _talk(guard, who, words, values)
        except GatewayError as error:
            raise explain(error) from None


async def _try_stored(
    runtime: Runtime, workspace: str | None, name: str, words: tuple[str, ...], values: Any
) -> list[Tried]:
    async with runtime.database.read() as session:
        found = await _find(session, (await choose(session, workspace)).id, name)
    async with Guard(runtime.settings) as guard:
        return await _talk(guard, bot_trials.who_of(runtime.sealer, found), words, values)


async def _talk(
    guard: Guard, who: Who, words: tuple[str, ...], values: dict[str, str]
) -> list[Tried]:
    tried: list[Tried] = []
    for word in words:
        state = tried[-1].state if tried else None
        tried.append(await bot_trials.try_out(guard, who, Trial(word, values, state)))
    return tried


async def _find(session: Any, workspace_id: UUID, name: str) -> Bot:
    """A bot by name or id. Raises Failed."""
    rows = await session.exec(select(Bot).where(col(Bot.workspace_id) == workspace_id))
    there: list[Bot] = list(rows)
    found = [one for one in there if name.strip() in (one.name, str(one.id))]
    if not found:
        names = ", ".join(one.name for one in there) or "-"
        raise Failed(f"{name}: 그런 봇이나 파일이 없어요. (No such bot or file; bots: {names}.)")
    return found[0]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > rule_files.MAX_BYTES:
            raise BadUsage(f"{path}: {rule_files.MAX_BYTES} bytes at most.")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path}: {type(error).__name__}. UTF-8 파일이어야 해요.") from None


def _inside(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.toml"))
    if not found:
        raise BadUsage(f"{folder} 에 .toml 파일이 없어요. (There is no .toml file in it.)")
    return found


def _summary(files: int, found: list[Finding]) -> str:
    errors = sum(one.severity is Severity.ERROR for one in found)
    return f"파일 {files}개: 오류 {errors}개, 경고 {len(found) - errors}개."


def _shown(bot: Bot) -> Mapping[str, Any]:
    since: datetime = bot.created_at
    return {"id": bot.id, "name": bot.name, "kind": bot.kind, "state": bot.state, "since": since}


def _told(word: str, tried: Tried) -> dict[str, Any]:
    return {
        "utterance": word,
        "says": [{"text": one.text, **one.content} for one in tried.says],
        "hand_off": tried.hand_off,
        "promised": tried.promised,
        "notes": list(tried.notes),
        "error": tried.error,
    }


def _print(word: str, tried: Tried) -> None:
    click.echo(f"> {word or '(버튼)'}")
    for say in tried.says:
        click.echo("\n".join(f"  {line}" for line in say.text.split("\n")))
        for link in say.links:
            click.echo(f"  [{link.name}] {link.url}")
    for note in tried.notes:
        click.echo(f"  ! {note}")
    for name, value in (("→ 상담원", tried.hand_off), ("× 실패", tried.error)):
        if value:
            click.echo(f"  {name}: {value}")
    if tried.promised:
        click.echo("  … 나중에 답해요 (useCallback)")
