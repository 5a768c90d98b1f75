"""aftersend person export."""

from __future__ import annotations

import click

from tui.cli.group import say
from tui.cli.opening import now, store_to_read
from tui.present.times import number


@click.group("person")
def person_command() -> None:
    """Hand out everything that is stored about a person."""


@person_command.command("export")
@click.argument("person", metavar="PERSON")
@click.argument("target", metavar="FILE.json|-")
@click.option("--no-mails", is_flag=True, help="Leave out the mails themselves, which lie in mailboxes.")
@click.option("--force", is_flag=True, help="Write over an existing file.")
@click.pass_context
def export_command(ctx: click.Context, person: str, target: str, no_mails: bool, force: bool) -> None:
    """Write all that is stored about PERSON as one JSON object, mode 0600.

    PERSON is an address, crm:ID, or words of the name. It holds every row of every table with its columns, what
    operators did, the texts elsewhere that name the person, and the mails as they lie on disk, in Base64. Such texts
    may name others, too: read it before you hand it out. docs/privacy.md describes the form.
    """
    from store.actions.exports import note_export
    from store.exports.person import write_person
    from store.journal import current_operator
    from store.queries.identity import who_is

    store, who, moment = store_to_read(ctx), current_operator(), now()
    one = who_is(store, person)
    found = write_person(store, one, target, who, moment, overwrite=force, mails=not no_mails)
    rows = sum(map(len, found["stored"].values()))
    contact = f"contact {one.contacts[0]}" if one.contacts else "an address of nobody in a plan"
    where = "standard output" if target == "-" else "a file"
    note_export(store, rows, where, f"all about {contact}", who, moment, noun="rows")
    if target != "-":
        mails = [mail for mail in found["mails"] if "base64" in mail]
        missing = len(found["mails"]) - len(mails)
        texts = number(len(found["mentioned"]))
        click.echo(f"{number(rows)} rows, {number(len(mails))} mails and {texts} texts that name the person written.")
        if missing:
            say(f"{number(missing)} mails no longer lie where they were read; the file says where that was.")
