"""What commands share that send after a campaign: the message, the Postfix, and starting what was made ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.cleaning import clean
from tui.cli.group import say, tell
from tui.cli.spans import Seconds
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.content import Message
    from store.outbox.preparing import Prepared

message_path = click.Path(path_type=Path)
"""A message: an .eml file or a folder."""

postfix_option = click.option(
    "--postfix",
    "config",
    metavar="DIR",
    envvar="AFTERSEND_POSTFIX",
    show_envvar=True,
    help="The configuration directory of the Postfix, if it is not the machine's own.",
)
relay_option = click.option("--relay", metavar="NAME", help="The relay, if there are several.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
send_option = click.option("--send", "at_once", is_flag=True, help="Start the sending, too; otherwise it waits ready.")
start_option = click.option(
    "--start-in", "start_in_s", type=Seconds(), default="30s", show_default=True, help="The countdown before it begins."
)


def message_for(store: Store, campaign_id: int, path: Path | None) -> Message:
    """Return the message at ``path``, or the one that was sent from here for a campaign.

    Raises:
        click.UsageError: none is given, and the campaign was not sent from here.
        BadInput: the message cannot be read.
    """
    from store.outbox.reading import read_message
    from store.queries.outbox import sent_message

    if path is not None:
        return read_message(path)
    found = sent_message(store, campaign_id)
    if found is None:
        raise click.UsageError("Say with --message which one; this campaign's was not sent from here.")
    return found


def confirmed(question: str, yes: bool) -> None:
    """Ask, unless --yes was given.

    Raises:
        click.UsageError: nobody is there to be asked.
        click.exceptions.Exit: the answer was no.
    """
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to be asked; say --yes.")
    if not click.confirm(clean(question), err=True):
        raise click.exceptions.Exit(1)


def report_prepared(made: Prepared) -> None:
    """Print what was made ready."""
    left = ", ".join(f"{number(count)} {reason}" for reason, count in made.left_out.items())
    noun = "person" if made.count == 1 else "people"
    tell(f"“{made.campaign}” is ready for {number(made.count)} {noun}{f' (left out: {left})' if left else ''}.")


def start(ctx: click.Context, made: Prepared, start_in_s: float, *, at_once: bool) -> None:
    """Start a send that was made ready, or say how it is started."""
    if not at_once:
        say(f"Nothing has left yet; `aftersend send start {made.key}` sends it.")
        return
    from tui.cli.send_state import start_command

    ctx.invoke(start_command, name=made.key, start_in_s=start_in_s, yes=True)
