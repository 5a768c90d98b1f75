"""What `aftersend send` does to what was made ready: start, pause, resume, stop, and tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from store.cleaning import clean
from tui.cli.arguments import json_option
from tui.cli.columns import Column, print_table
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.outcome import report_change
from tui.cli.spans import Seconds
from tui.present.times import moment

if TYPE_CHECKING:
    from store.rows.outbox import OutboxRow

_SENDS = (
    Column("Send", floor=16),
    Column("State", floor=12),
    Column("Mails", floor=20),
    Column("Relay", rank=1),
    Column("Follows\N{NO-BREAK SPACE}up", floor=12, rank=2),
    Column("Made", rank=3),
)
_MAILS = (
    Column("Address", floor=24),
    Column("State"),
    Column("Tries", right=True, rank=2),
    Column("Said", floor=20),
    Column("When", rank=1),
    Column("Message-ID", floor=20, rank=3),
)
_name = click.argument("name")
_because = click.option("--because", default="", metavar="TEXT", help="Why, for the others.")
_PAGE = 2000


@click.command("start")
@_name
@click.option("--start-in", "start_in_s", type=Seconds(), default="30s", show_default=True, help="The countdown.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def start_command(ctx: click.Context, name: str, start_in_s: float, yes: bool) -> None:
    """Send what was made ready, or go on with what was paused or interrupted; this process sends."""
    _run(ctx, name, start_in_s, yes)


@click.command("resume")
@_name
@click.option("--start-in", "start_in_s", type=Seconds(), default="0s", show_default=True, help="The countdown.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def resume_command(ctx: click.Context, name: str, start_in_s: float, yes: bool) -> None:
    """Go on with a send that was paused or stopped.

    If the process that sent it still waits it goes on there, and this command ends; otherwise this process sends what
    is left. What may have left already is not sent again.
    """
    from store.journal import current_operator
    from store.outbox.control import resume
    from store.queries.outbox import find_send

    store = store_to_write(ctx)
    row = find_send(store, name, now())
    if row.alive:
        report_change(resume(store, row.id, current_operator(), now()))
        return
    _run(ctx, name, start_in_s, yes)


def _run(ctx: click.Context, name: str, start_in_s: float, yes: bool) -> None:
    import sys

    from store.queries.outbox import find_send, message_of
    from tui.cli.passing import passed
    from tui.cli.sending import run
    from tui.present.outbox import counts_line

    store = store_to_write(ctx)
    row = find_send(store, name, now())
    if row.began_at is None:
        passed(store, message_of(store, row.id), campaign_id=row.campaign_id)
    if not yes and sys.stdin.isatty():
        say(f"{row.campaign}: {counts_line(row)}.")
        if not click.confirm(clean(f"Send what waits of “{row.campaign}”?"), err=True):
            raise click.exceptions.Exit(1)
    run(ctx, store, row, start_in_s)


def _halting(name: str, summary: str) -> click.Command:
    @click.command(name, help=summary)
    @_name
    @_because
    @click.pass_context
    def command(ctx: click.Context, name: str, because: str) -> None:
        from store.journal import current_operator
        from store.outbox import control
        from store.queries.outbox import find_send

        store = store_to_write(ctx)
        act = control.pause if ctx.info_name == "pause" else control.stop
        row = find_send(store, name, now())
        report_change(act(store, row.id, current_operator(), now(), because))

    return command


pause_command = _halting(
    "pause",
    "Let nothing more leave until somebody resumes it.\n\nWhen this command has ended nothing more is begun; what was"
    " open, one mail a connection at most, is settled.",
)
stop_command = _halting(
    "stop", "Let nothing more leave, and end the process that sends it. What waits stays in the outbox."
)


@click.command("status")
@click.argument("name", required=False)
@json_option
@click.pass_context
def status_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Print how the sends stand, or one of them."""
    from store.exports.sends import send_object
    from store.queries.outbox import find_send, list_sends
    from tui.present.outbox import counts_line, state_words

    store = store_to_read(ctx)
    at = now()
    rows = list_sends(store, at) if name is None else (find_send(store, name, at),)
    if as_json:
        print_objects(map(send_object, rows))
        return
    cells = [
        (row.campaign, state_words(row, at), counts_line(row), row.relay, row.parent, moment(row.made_at))
        for row in rows
    ]
    if not print_table(_SENDS, cells):
        say("Nothing was sent from here yet.")


@click.command("mails")
@_name
@click.option("--state", "states", multiple=True, metavar="WORD", help="Only these: waiting, held, refused, unsure, …")
@json_option
@click.pass_context
def mails_command(ctx: click.Context, name: str, states: Sequence[str], as_json: bool) -> None:
    """Print the mails of a send: to whom, and what the relay said last."""
    from store.vocabulary import OutboxState

    words = {state.value: state for state in OutboxState}
    unknown = [word for word in states if word not in words]
    if unknown:
        raise click.UsageError(f"{unknown[0]!r} is no state of a mail; there are {', '.join(words)}.")
    _print_mails(ctx, name, [words[word] for word in states], as_json)


@click.command("unsure")
@_name
@click.argument("addresses", nargs=-1)
@click.option("--sent", "decided", flag_value="sent", help="Take them for sent.")
@click.option("--again", "decided", flag_value="again", help="Let them be sent again: somebody may get it twice.")
@json_option
@click.pass_context
def unsure_command(ctx: click.Context, name: str, addresses: Sequence[str], decided: str | None, as_json: bool) -> None:
    """Print the mails of which nobody can tell whether they left, or decide about them.

    They are what was open when a process or the relay died. The relay's log settles them by itself when it is read
    (ingest, follow); without ADDRESSES a decision is about all of them.
    """
    from store.addresses import address_key
    from store.errors import NotFound
    from store.journal import current_operator
    from store.outbox.unsure import decide, recover_dead
    from store.queries.outbox import find_send, mails
    from store.vocabulary import OutboxState

    if decided is None:
        _print_mails(ctx, name, [OutboxState.UNSURE, OutboxState.SENDING], as_json)
        return
    store = store_to_write(ctx)
    store.run(lambda: recover_dead(store, now()))
    row = find_send(store, name, now())
    found = {address_key(mail.address): mail.id for mail in mails(store, row.id, [OutboxState.UNSURE], -1).rows}
    missing = [address for address in addresses if address_key(address) not in found]
    if missing:
        raise NotFound(f"{missing[0]} is not among the unsure ones of {row.campaign}; nothing was decided.")
    ids = [found[address_key(address)] for address in addresses] if addresses else list(found.values())
    report_change(decide(store, ids, current_operator(), now(), sent=decided == "sent"), as_json=as_json)


def _print_mails(ctx: click.Context, name: str, states: Sequence[Any], as_json: bool) -> None:
    from store.exports.sends import mail_object
    from store.queries.outbox import find_send, mails

    store = store_to_read(ctx)
    row = find_send(store, name, now())

    def pages() -> Any:
        offset = 0
        while found := mails(store, row.id, states, _PAGE, offset).rows:
            yield from found
            offset += _PAGE

    if as_json:
        print_objects(map(mail_object, pages()))
    elif not print_table(_MAILS, map(_cells, pages())):
        say("There are none.")


def _cells(row: OutboxRow) -> tuple[str, ...]:
    said = f"{row.reply} {row.diagnostic}" if row.reply is not None else row.diagnostic
    when = row.settled_at or row.claimed_at
    return (row.address, row.state.value, str(row.attempts), said, moment(when), row.mail_id)


COMMANDS: tuple[click.Command, ...] = (
    start_command,
    pause_command,
    resume_command,
    stop_command,
    status_command,
    mails_command,
    unsure_command,
)
"""The commands that stand beside `aftersend send MESSAGE`."""
