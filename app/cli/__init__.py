"""The command ``naru``: start, try, send, look, and set up an installation."""

import click

from app import __version__
from app.cli.accounts import accounts
from app.cli.attempts import attempts
from app.cli.auditing import audit
from app.cli.bots import bots
from app.cli.campaigns import campaigns
from app.cli.codes import codes
from app.cli.demo import demo
from app.cli.environment import show_settings
from app.cli.exporting import export
from app.cli.forms import templates
from app.cli.keys import keys
from app.cli.look import messages, show
from app.cli.members import members
from app.cli.network import network
from app.cli.people import guests
from app.cli.pictures import pictures
from app.cli.reconcile import reconcile
from app.cli.rehearse import rehearse
from app.cli.restored import restored
from app.cli.senders import senders
from app.cli.sending import send
from app.cli.up import migrate, sandbox, up
from app.cli.workspaces import workspaces

COMMANDS = (
    demo,
    up,
    migrate,
    sandbox,
    send,
    show,
    messages,
    attempts,
    rehearse,
    codes,
    show_settings,
    workspaces,
    keys,
    accounts,
    reconcile,
    restored,
    senders,
    templates,
    pictures,
    members,
    guests,
    bots,
    audit,
    network,
    export,
    campaigns,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="naru")
def main() -> None:
    """Naru: a gateway for business messages.

    Start with `naru demo`. Settings are environment variables NARU_…, listed by `naru settings`.
    """


for command in COMMANDS:
    main.add_command(command)
