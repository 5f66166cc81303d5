"""``naru rehearse``: a scenario of the sandbox, played with this installation."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from app.cli.api import api_options
from app.cli.failures import BadUsage, read_settings
from app.cli.output import json_option, show_json, show_rows
from app.cli.rehearsals import stage as stages
from app.cli.rehearsals.rehearsal import Outcome, Rehearsal, today
from app.cli.rehearsals.stage import Stage, open_desk, open_stage
from app.cli.rehearsals.traffic import Traffic

MOST = 1_000_000
FEWEST = 100  # of a share: below it a share of one in a hundred is a question of luck
INTERRUPTED = 130
PATIENCE_S = 60.0
FILE = ".toml"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to play: a scenario's name or file, and what is said beyond it."""

    name: str
    count: int | None = None
    share: float | None = None
    per_s: float | None = None
    account: str | None = None
    seed: int | None = None
    patience_s: float | None = None


async def play(stage: Stage, wish: Wish) -> Outcome:
    """Play it to its end. Raises BadUsage, Failed, Problem, httpx.TransportError."""
    await stages.check(stage.naru, wish.account, today())
    scenario = await _find(stage, wish.name)
    planned = _traffic(scenario["traffic"], wish)
    click.echo(" · ".join(filter(None, (scenario["title"], scenario["about"]))), err=True)
    if await stages.need_template(stage, planned.template):
        click.echo(f"데스크에서 승인: {planned.template} (approved at the desk)", err=True)
    first = await stages.place_numbers(stage.desk, planned.count, wish.seed)
    traffic = replace(planned, first=first)
    patience_s = wish.patience_s or _patience_s(scenario["scenario"])
    return await Rehearsal(stage, scenario["name"], traffic, patience_s).play()


def _patience_s(told: Mapping[str, Any]) -> float:
    """Longer than the sandbox itself waits for anything to happen before it judges."""
    waits = (told.get("settle_s", 0.0), told.get("patience_s", PATIENCE_S))
    return PATIENCE_S + float(max(waits))


@click.command()
@click.argument("name", required=False)
@click.option("--count", type=click.IntRange(1, MOST), help="Messages; else as the scenario says.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help=f"So large a part of it, of {FEWEST} messages at least.",
)
@click.option(
    "--per-s",
    type=click.FloatRange(0, 100_000),
    help="Messages a second, 0 for all at once; else it takes as long as the whole would.",
)
@click.option("--account", metavar="NAME", help="The sandbox account that must carry all of it.")
@click.option("--seed", type=int, help="The same seed, the same numbers; else nobody's yet.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0.1),
    help="Seconds without any change before it gives up; else longer than the sandbox waits.",
)
@json_option
@api_options
def rehearse(  # noqa: PLR0913 - one command, its options
    name: str | None,
    count: int | None,
    share: float | None,
    per_s: float | None,
    account: str | None,
    seed: int | None,
    patience: float | None,
    as_json: bool,
    key: str | None,
    url: str | None,
) -> None:
    """Play a scenario of the sandbox, or list them.

    NAME is one of the list, or a file of one's own, FILE.toml, which is kept in the sandbox. Its
    messages go through this installation to numbers that belong to nobody, and never leave
    the sandbox; a test key is needed. In the end the sandbox's checks stand beside Naru's own
    counts. Exit code: 0 passed and the same counts, 1 not, 2 it cannot be played. Ctrl-C stops
    the scenario.

    \b
    예: naru rehearse
        naru rehearse insurer --share 0.01
    """
    if name is None:
        show_rows(asyncio.run(_list()), as_json=as_json, empty="없어요. (None.)")
        return
    if count is not None and share is not None:
        raise BadUsage("--count 와 --share 가운데 하나만 주세요. (Give either of them.)")

    wish = Wish(name, count, share, per_s, account, seed, patience)

    async def run() -> Outcome:
        # SIGTERM ends it as Ctrl-C does: the sandbox is given back
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _interrupt)
        async with open_stage(read_settings(), url, key) as stage:
            return await play(stage, wish)

    try:
        outcome = asyncio.run(run())
    except KeyboardInterrupt:
        click.echo(
            "\n멈췄어요. 샌드박스는 그대로예요. (Stopped; the sandbox is as before.)", err=True
        )
        sys.exit(INTERRUPTED)
    show(outcome, as_json=as_json)
    sys.exit(0 if outcome.passed else 1)


def _interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


async def _list() -> list[Mapping[str, Any]]:
    async with open_desk(read_settings()) as desk:
        return [
            {
                "name": one["name"],
                "title": one["title"],
                "count": one["traffic"]["count"],
                "template": one["traffic"]["template"],
                "own": one["own"],
            }
            for one in await stages.scenarios(desk)
        ]


async def _find(stage: Stage, name: str) -> Mapping[str, Any]:
    if not name.endswith(FILE):
        return await stages.find(stage.desk, name)
    return await stages.keep(stage.desk, _read(Path(name)))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path} 을(를) 읽을 수 없어요. (Cannot be read: {error}.)") from None


def _traffic(told: Mapping[str, Any], wish: Wish) -> Traffic:
    """What the scenario asks for, or a part of it at a pace that takes as long."""
    whole = int(told["count"])
    part = wish.count or max(min(FEWEST, whole), round(whole * (wish.share or 1)))
    if part > MOST:
        raise BadUsage(f"--count: {part:,} > {MOST:,}. (Too many.)")
    pace = told["per_s"] * part / whole if wish.per_s is None else wish.per_s
    return Traffic(told["template"], part, pace)


def show(outcome: Outcome, *, as_json: bool) -> None:
    """The sandbox's checks, both sides' counts, and the verdict."""
    if as_json:
        show_json(outcome.shown())
        return
    show_rows([_row(check) for check in outcome.run["checks"]], as_json=False, empty="")
    click.echo()
    show_rows([count.shown() for count in outcome.counts], as_json=False, empty="")
    click.echo()
    if differing := [count.what for count in outcome.counts if not count.same]:
        click.echo(f"나루와 샌드박스가 다르게 세었어요. (They differ in: {', '.join(differing)}.)")
    if outcome.run["state"] == "running":
        click.echo("결정되기 전에 더 움직이지 않았어요. (Nothing moved, and it is not decided.)")
    verdict = "통과 passed" if outcome.passed else "실패 failed"
    click.echo(f"{outcome.run['name']}: {verdict}")


def _row(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """``arrived_chat  within 0.45–0.55  0.5  50  ok``."""
    ((bound, value),) = check["wanted"].items()
    wanted = "–".join(f"{one:g}" for one in (value if isinstance(value, list) else [value]))
    return {**check, "wanted": f"{bound} {wanted}"}
