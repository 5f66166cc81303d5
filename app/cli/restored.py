"""``naru restored``: what must be done before anything starts on a restored database."""

import click

from app.cli.output import json_option, show_one
from app.cli.store import on_store
from app.services.restored import Restored
from app.services.restored import restored as doubt
from app.services.runtime import Runtime


@click.command()
@click.option(
    "--both-may-arrive",
    is_flag=True,
    help="Keep the later steps of open messages: messenger and SMS may both arrive.",
)
@json_option
def restored(both_may_arrive: bool, as_json: bool) -> None:
    """Say that this database came from a backup; nothing may run meanwhile.

    Whatever was open in the backup may have left since. It becomes unknown, and when its settle
    window is over the provider is asked before anything is sent. What cannot be asked about
    follows `when_unknown` of its template.

    \b
    예: naru restored
        naru restored --both-may-arrive
    """

    async def work(runtime: Runtime) -> Restored:
        return await doubt(runtime, both_may_arrive=both_may_arrive)

    done = on_store(work)
    show_one(
        {
            "epoch": done.epoch,
            "in_doubt": done.in_doubt,
            "steps_dropped": done.steps_dropped,
            "chat_lines_unknown": done.lines,
            "campaigns_paused": done.campaigns,
        },
        as_json=as_json,
    )
    if not as_json:
        click.echo("이제 naru up 으로 시작하세요. (Now start: naru up.)")
