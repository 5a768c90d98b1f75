"""aftersend send tokens."""

from __future__ import annotations

import csv
import sys

import click

from tui.cli.opening import now, store_to_read

_PAGE = 2000


@click.command("tokens")
@click.argument("name")
@click.pass_context
def tokens_command(ctx: click.Context, name: str) -> None:
    """Print for whom each word stands that a send's links hold ({token}), as a CSV table.

    `aftersend ingest` reads it with --tokens, and then knows who clicked and who unsubscribed by the web server's log.
    """
    from store.outbox.mailid import token
    from store.queries.outbox import find_send, mails

    store = store_to_read(ctx)
    row = find_send(store, name, now())
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("token", "address"))
    offset = 0
    while rows := mails(store, row.id, limit=_PAGE, offset=offset).rows:
        table.writerows((token(mail.mail_id), mail.address) for mail in rows)
        offset += len(rows)
