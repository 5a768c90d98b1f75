"""Which columns name rows of other tables: the store checks that by what it writes, and here once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from store.figures import number
from store.rows.health import Finding, Verdict


class Asked(Protocol):
    """What can be asked in SQL: a connection of whatever database holds the store."""

    def execute(self, sql: str, /) -> Any:
        """Run one statement and return its cursor."""


class Reference(NamedTuple):
    """A column whose value, unless it is null, is the id of a row of another table."""

    table: str
    column: str
    target: str


REFERENCES = tuple(
    Reference(table, column, target)
    for target, columns in {
        "campaign": (
            *("campaign.parent_id", "campaign_stat.campaign_id", "clicker.campaign_id", "event.campaign_id"),
            *("link.campaign_id", "mail_list.campaign_id", "message.campaign_id", "pulled.campaign_id"),
            *("recipient.campaign_id", "stranger.campaign_id", "trip.campaign_id"),
        ),
        "contact": ("contact_search.contact_id", "list_member.contact_id", "recipient.contact_id"),
        "feed": ("feed_defect.feed_id", "feed_piece.feed_id", "feed_position.feed_id"),
        "journal": ("journal_line.journal_id",),
        "link": ("clicker.link_id", "event.link_id"),
        "mail_list": ("list_member.list_id",),
        "message": ("outbox.message_id",),
        "recipient": (
            *("clicker.recipient_id", "event.recipient_id", "guess.recipient_id", "outbox.recipient_id"),
            "pulled.recipient_id",
        ),
    }.items()
    for table, _, column in (name.partition(".") for name in columns)
)
"""All of them; a test compares them with the models."""


def lost(connection: Asked) -> Iterator[Finding]:
    """Yield a finding for each column that names rows that are not there, or one that all are."""
    found = False
    for table, column, target in REFERENCES:
        count, example = connection.execute(
            f"SELECT count(*), min({column}) FROM {table} WHERE {column} IS NOT NULL"
            f" AND {column} NOT IN (SELECT id FROM {target})"
        ).fetchone()
        if count:
            found = True
            rows = "1 row" if count == 1 else f"{number(count)} rows"
            yield Finding(
                "references",
                Verdict.WRONG,
                f"{rows} of {table} {'belongs' if count == 1 else 'belong'} to a {target} that is not there"
                f" ({column} {example}).",
                "Restore a backup from before.",
            )
    if not found:
        yield Finding("references", Verdict.FINE, f"Whatever {len(REFERENCES)} columns name is there.")
