"""``naru up``, ``naru migrate``, ``naru sandbox``: the processes of an installation."""

import os
import sys

import click
import httpx

from app.cli import console
from app.cli.api import local_url, url_of
from app.cli.failures import PortBusy, read_settings
from app.cli.processes import Child, Family, is_busy
from app.cli.store import on_store
from app.config import Settings
from app.db import schema
from app.services.runtime import Runtime

BEAT_S = 10.0  # twice what a scheduler that lives lets pass


def children(chosen: Settings, *, sandbox: bool) -> list[Child]:
    """The processes of an installation, the ones others need first."""
    python = sys.executable
    found = [
        Child("app", (python, "-m", "app"), local_url(chosen) + "/health/ready"),
        Child(
            "scheduler",
            (python, "-m", "scheduler"),
            local_url(chosen) + "/health/ready",
            _scheduler_lives,
        ),
    ]
    if sandbox:
        store = str(chosen.data / "sandbox.db")
        command = (python, "-m", "sandbox", "--store", store)
        found.insert(0, Child("sandbox", command, sandbox_url(chosen) + "/health/ready"))
    return found


def _scheduler_lives(answer: httpx.Response) -> bool:
    """The app tells how long ago a scheduler showed that it lives."""
    age_s = answer.json().get("scheduler_beat_age_s") if answer.is_success else None
    return age_s is not None and age_s < BEAT_S


def sandbox_url(chosen: Settings) -> str:
    """Where the sandbox we start listens."""
    return url_of(_sandbox_host(), chosen.sandbox_port)


def _sandbox_host() -> str:
    """The sandbox reads its own settings; this one decides where it listens."""
    return os.environ.get("NARU_SANDBOX_HOST", "127.0.0.1")


def check_ports(chosen: Settings, *, sandbox: bool) -> None:
    """Raises Failed (exit code 3) with the setting that changes the port in the way."""
    wanted = [(chosen.host, chosen.port, "NARU_PORT")]
    if sandbox:
        wanted.append((_sandbox_host(), chosen.sandbox_port, "NARU_SANDBOX_PORT"))
    for host, port, setting in wanted:
        try:
            busy = is_busy(host, port)
        except OSError as error:
            raise PortBusy(
                f"{host}:{port} 를 열 수 없어요. (Cannot listen there: {error.strerror}.) "
                f"NARU_HOST 나 {setting} 를 바꾸세요. (Change NARU_HOST or {setting}.)"
            ) from None
        if busy:
            raise PortBusy(
                f"포트 {port} 을(를) 다른 프로그램이 쓰고 있어요. {setting} 를 바꾸세요. "
                f"(Port {port} is busy; set {setting} to another.)"
            )


async def bring_up_to_date(runtime: Runtime) -> list[str]:
    """Apply what is missing; the revisions. Raises WrongSchema."""
    return await schema.migrate(runtime.database)


@click.command()
@click.option("--no-sandbox", is_flag=True, help="Start app and scheduler only.")
def up(no_sandbox: bool) -> None:
    """Start everything: app, scheduler and sandbox, until Ctrl-C.

    Migrates the database first. Ports: NARU_PORT (8000) and NARU_SANDBOX_PORT (8001).

    \b
    예: naru up
        NARU_PORT=9000 naru up --no-sandbox
    """
    chosen = read_settings()
    check_ports(chosen, sandbox=not no_sandbox)
    on_store(bring_up_to_date, check=False)
    front = on_store(console.front)
    started = children(chosen, sandbox=not no_sandbox)
    family = Family(started)

    async def serve() -> bool:
        for child in started:
            await family.ready(child)
        click.echo(f"콘솔        {front}   (console)")
        click.echo(f"API        {local_url(chosen)}/v1   (문서 docs: {local_url(chosen)}/docs)")
        if not no_sandbox:
            click.echo(f"전화기      {sandbox_url(chosen)}/   (phones)")
            click.echo(f"데스크      {sandbox_url(chosen)}/desk   (desk)")
        click.echo("준비됐어요. Ctrl-C 로 멈춰요. (Ready; Ctrl-C stops.)")
        return False

    sys.exit(family.run(serve))


@click.command()
def migrate() -> None:
    """Bring the database up to date; safe to repeat and to kill.

    예: naru migrate
    """
    revisions = on_store(bring_up_to_date, check=False)
    for one in revisions:
        click.echo(f"적용 applied: {one}")
    click.echo("데이터베이스가 최신이에요. (The database is up to date.)")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def sandbox(words: tuple[str, ...]) -> None:
    """Start the sandbox messenger alone; options go to it (--port, --store, --host).

    예: naru sandbox --port 9001
    """
    command = [sys.executable, "-m", "sandbox", *words]
    os.execv(command[0], command)  # noqa: S606 - its own signals and exit code
