"""``naru reconcile``: a day of an account against the provider's own list."""

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

import click

from app import outbound
from app.cli.accounts import find
from app.cli.failures import BadUsage, Failed
from app.cli.output import json_option, local, show_one
from app.cli.store import on_store, workspace_option
from app.db.models.fields import now as clock
from app.services import accounts
from app.services import reconcile as service
from app.services.differences import WORDS, Difference, Kind
from app.services.reconcile import Report, Span
from app.services.runtime import Runtime
from channels.contract import Receipt
from channels.management import ProviderRefused, ProviderSilent

AT_ONCE = 500  # words applied in one transaction
STEP = 10_000  # a line of progress after so many
SIDES = {"theirs": "제공자 목록 (their list)", "ours": "우리 기록 (our books)"}
KINDS = {
    Kind.ONLY_OURS: "우리에게만 있음 (only ours)",
    Kind.ONLY_THEIRS: "제공자에게만 있음 (only theirs)",
    Kind.STATE: "상태가 다름 (state differs)",
    Kind.DUPLICATE: "두 번 받음 (taken twice)",
}


class NotCompared(Failed):
    """Nothing is known about the day: code 2."""

    exit_code = 2


@click.command()
@click.option("--account", "name", required=True, metavar="NAME", help="The account's name.")
@click.option("--day", required=True, metavar="YYYY-MM-DD", help="A day in Seoul.")
@click.option("--apply", "mends", is_flag=True, help="Apply what the provider says at last.")
@workspace_option
@json_option
def reconcile(name: str, day: str, mends: bool, workspace: str | None, as_json: bool) -> None:
    """Compare what left on a day with the provider's own list, and show every difference.

    With --apply the provider's final words are applied as if they had come as receipts: the normal
    rules decide, and a failure may start the next step of a plan. Nothing is sent by this command.
    Exit code: 0 equal (or everything mended), 1 differences, 2 could not compare.

    \b
    예: naru reconcile --account "NHN 실계정" --day 2026-11-25
        naru reconcile --account NHN --day 2026-11-25 --apply --json
    """
    chosen = _day(day)
    printer: Printer = JsonLines() if as_json else Lines()

    async def work(runtime: Runtime) -> Report:
        return await _compare(runtime, (workspace, name, chosen), printer, mends=mends)

    try:
        report = on_store(work)
    except (ProviderRefused, ProviderSilent) as error:
        raise NotCompared(
            f"{name}: 제공자의 목록을 끝까지 읽지 못했어요. 잠시 뒤 다시 해 보세요. "
            f"(The provider's list could not be read whole: {error}. Try again later.)"
        ) from None
    except Failed as failed:
        raise NotCompared(failed.message) from None
    sys.exit(1 if report.open else 0)


async def _compare(
    runtime: Runtime, which: tuple[str | None, str, date], printer: "Printer", *, mends: bool
) -> Report:
    workspace, name, day = which
    async with runtime.database.read() as session:
        account = await find(session, workspace, name)
    report = Report()
    words: list[Receipt] = []
    async with outbound.connect(runtime.settings) as client:
        adapter = accounts.adapter_of(runtime, account, client)
        span = service.span_of(account, adapter, day, clock())
        lists = service.need_list(account, adapter)
        async for one in service.reconcile(runtime, account, lists, span, report, Progress()):
            printer.add(one)
            if mends and one.receipt is not None:
                words.append(one.receipt)
            if len(words) >= AT_ONCE:
                await service.mend(runtime, account, words, report)
                words = []
    await service.mend(runtime, account, words, report)
    printer.end(_summary(name, day, span, report))
    return report


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"--day {text}: 2026-11-25 처럼 적어 주세요. (Not a day.)") from None


class Progress:
    """Only long lists tell how far they are, on standard error."""

    def __init__(self) -> None:
        self._told = dict.fromkeys(SIDES, 0)

    def __call__(self, side: str, count: int) -> None:
        """One line for every ``STEP``."""
        if count // STEP > self._told[side]:
            self._told[side] = count // STEP
            click.echo(f"{SIDES[side]}: {count:,}", err=True)


def _summary(name: str, day: date, span: Span, report: Report) -> Mapping[str, Any]:
    return {
        "account": name,
        "day": day.isoformat(),
        "since": span.start,
        "until": span.end,
        "ours": report.ours,
        "theirs": report.theirs,
        "equal": report.equal,
        **{str(kind): report.differences[kind] for kind in Kind},
        "mended": report.mended,
    }


class Printer(Protocol):
    """Prints differences as they are found; a million of them need no memory."""

    def add(self, one: Difference) -> None:
        """Print one."""
        ...

    def end(self, summary: Mapping[str, Any]) -> None:
        """Print the counts."""
        ...


class Lines:
    """For people: two lines a difference, the counts at the end."""

    def add(self, one: Difference) -> None:
        """What differs, and what to do."""
        code = f" [{one.code}]" if one.code else ""
        click.echo(
            f"{KINDS[one.kind]}: {one.ref or '-'} {one.route} "
            f"{one.ours or '-'} / {one.theirs or '-'}{code} {', '.join(one.provider_ids)}"
        )
        message = f"naru show {one.message_id}. " if one.message_id else ""
        korean, english = WORDS[one.todo]
        click.echo(f"    {message}{korean} ({english})")

    def end(self, summary: Mapping[str, Any]) -> None:
        """The counts; of today, up to when."""
        span = f"{local(summary['since'])} – {local(summary['until'])}"
        rest = {k: v for k, v in summary.items() if k not in ("since", "until")}
        show_one({**rest, "span": span}, as_json=False)


class JsonLines:
    """For programs: one JSON object whose list of differences is written as it grows."""

    def __init__(self) -> None:
        self._begun = False

    def add(self, one: Difference) -> None:
        """One more element."""
        click.echo(",\n" if self._begun else '{"differences": [\n', nl=False)
        self._begun = True
        click.echo(json.dumps(_plain(one), ensure_ascii=False), nl=False)

    def end(self, summary: Mapping[str, Any]) -> None:
        """Close the list, and everything that was counted."""
        click.echo("\n]" if self._begun else '{"differences": []', nl=False)
        told = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in summary.items()}
        click.echo(", " + json.dumps(told, ensure_ascii=False).removeprefix("{"))


def _plain(one: Difference) -> Mapping[str, Any]:
    korean, english = WORDS[one.todo]
    return {
        "kind": one.kind,
        "todo": one.todo,
        "ref": one.ref,
        "message_id": str(one.message_id) if one.message_id else None,
        "route": one.route,
        "ours": one.ours,
        "theirs": one.theirs,
        "code": one.code,
        "provider_ids": one.provider_ids,
        "can_apply": one.receipt is not None,
        "advice": {"ko": korean, "en": english},
    }
