"""aftersend forget."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.arguments import json_option
from tui.cli.group import say
from tui.cli.opening import now, store_to_write
from tui.present.times import number

if TYPE_CHECKING:
    from store.actions.forgetting import Traces
    from store.database import Store
    from store.queries.identity import Identity
    from store.sweeping import Swept

_WORD = "forget"


@click.command("forget")
@click.argument("people", nargs=-1, metavar="[PERSON]...")
@click.option("--dry-run", is_flag=True, help="Only count what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask for the word to be typed.")
@click.option("--sweep", "only_sweep", is_flag=True, help="Only clear away what earlier ones had to leave in the file.")
@json_option
@click.pass_context
def forget_command(
    ctx: click.Context, people: Sequence[str], dry_run: bool, yes: bool, only_sweep: bool, as_json: bool
) -> None:
    """Erase who somebody is, for ever; what counts stays.

    PERSON is an address, crm:ID, or words of the name. Name, company, addresses, mails' words, notes and lines of the
    journal go; recipients, events and clicks stay as those of nobody, so that every number stays. Whoever is imported
    again is skipped ("forgotten"), and late bounces count without the address. This cannot be undone. The file is
    written anew afterwards, so that nothing stays in its free space; copies and backups are named, not touched.
    """
    from store.queries.identity import who_is
    from store.sweeping import sweep

    if bool(people) == only_sweep:
        raise click.UsageError("Give people, or --sweep.")
    store = store_to_write(ctx)
    if only_sweep:
        _report_swept(sweep(store))
        return
    named = [who_is(store, text) for text in people]
    chosen = list({(one.contacts, *one.addresses): one for one in named}.values())
    _tell(store, chosen, dry_run=dry_run, as_json=as_json)
    if not dry_run:
        _confirm(len(chosen), yes)
        _forget(store, chosen, as_json=as_json)


def _tell(store: Store, chosen: Sequence[Identity], *, dry_run: bool, as_json: bool) -> None:
    """Say who would be forgotten, and what goes."""
    from store.actions.forgetting import traces

    found = traces(store, chosen, now())
    if dry_run and as_json:
        from tui.cli.objects import print_objects

        print_objects([{"forgotten": False, "people": [one.called for one in chosen], "erased": found.counts}])
        return
    for one in chosen:
        shared = f" ({', '.join(sorted(one.shared))} stays with others who have it)" if one.shared else ""
        click.echo(f"{one.called}{shared}", err=not dry_run)
    click.echo(f"{'Would be erased' if dry_run else 'Erased will be'}: {_counted(found)}.", err=not dry_run)


def _counted(found: Traces) -> str:
    return ", ".join(found.words) or "nothing"


def _confirm(people: int, yes: bool) -> None:
    """Have the word typed.

    Raises:
        click.UsageError: nobody is there to be asked.
        click.exceptions.Exit: something else was typed.
    """
    if yes:
        return
    if not at_terminal():
        raise click.UsageError("Nobody is there to be asked; say --yes.")
    who = "this person" if people == 1 else f"these {number(people)} people"
    say(f"Nothing brings {who} back, also not undo. Type {_WORD} to go on:")
    if click.prompt("", default="", show_default=False, prompt_suffix="> ", err=True).strip().lower() != _WORD:
        say("Nothing was done.")
        raise click.exceptions.Exit(1)


def at_terminal() -> bool:
    """Tell whether somebody is there to type a word."""
    return sys.stdin.isatty()


def _forget(store: Store, chosen: Sequence[Identity], *, as_json: bool) -> None:
    from store.actions.forgetting import forget
    from store.journal import current_operator
    from store.pseudonyms import key_path
    from store.sweeping import sweep

    done = forget(store, chosen, current_operator(), now())
    swept = sweep(store)
    if as_json:
        from tui.cli.objects import print_objects

        print_objects([
            {
                "forgotten": True,
                "people": done.count,
                "journal": done.journal_id,
                "swept": swept.clean,
                "copies": [str(path) for path in swept.copies],
                "key": str(key_path(store)),
            }
        ])
        return
    click.echo(f"{done.sentence}.")
    say(f"By the key in {key_path(store)} they are known again: keep it like the store, apart from its backups.")
    _report_swept(swept)


def _report_swept(swept: Swept) -> None:
    click.echo("Nothing is left of it in the store's files." if swept.clean else swept.why)
    if swept.copies:
        say("Copies of the store still hold everything; delete them when you need them no more:")
        for path in swept.copies:
            click.echo(f"  {path}", err=True)
