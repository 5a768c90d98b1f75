"""Whom a campaign of listmonk went to, as a recipient list: listmonk keeps no list of those, only how many they were.

Who is on the campaign's lists would get it (listmonk's own rule, queries/campaigns.sql in its source). One that has
begun went to those who were on the lists then: also to who left since, and not to who came since. Who was deleted
since is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import BadInput
from store.feeds.headings import Field
from store.feeds.listmonk.connecting import Passing, connect
from store.feeds.listmonk.snapshot import Snapshot
from store.feeds.listmonk.url import DatabaseUrl, parse_url
from store.feeds.recipients import RecipientFile
from store.feeds.tables import Table

if TYPE_CHECKING:
    from psycopg import Connection

_NEEDED = {
    "campaigns": ("id", "uuid", "name", "subject", "type", "started_at", "max_subscriber_id", "sent"),
    "lists": ("id", "optin"),
    "campaign_lists": ("campaign_id", "list_id"),
    "subscriber_lists": ("subscriber_id", "list_id", "status", "created_at", "updated_at"),
    "subscribers": ("id", "email", "name", "status"),
    "bounces": ("campaign_id", "subscriber_id"),
}
_CAMPAIGN = "SELECT uuid::text, subject, sent, to_send FROM campaigns WHERE id = %(campaign)s"
_PLAN = """
SELECT s.id, s.email, s.name FROM campaigns c
JOIN campaign_lists cl ON cl.campaign_id = c.id JOIN lists l ON l.id = cl.list_id
JOIN subscriber_lists t ON t.list_id = l.id JOIN subscribers s ON s.id = t.subscriber_id
WHERE c.id = %(campaign)s
AND (
    (CASE WHEN c.type = 'optin' THEN t.status = 'unconfirmed' AND l.optin = 'double'
        WHEN l.optin = 'double' THEN t.status = 'confirmed' ELSE t.status <> 'unsubscribed' END
    AND (s.status <> 'blocklisted'
        OR EXISTS (SELECT 1 FROM bounces b WHERE b.subscriber_id = s.id AND b.campaign_id = c.id)))
    OR (t.status = 'unsubscribed' AND t.updated_at >= c.started_at))
AND (c.started_at IS NULL
    OR (t.created_at <= c.started_at AND (c.max_subscriber_id = 0 OR s.id <= c.max_subscriber_id)))
GROUP BY s.id ORDER BY s.id"""


class PlanRows:
    """The rows of the question, and how many were read."""

    damage = None

    def __init__(self, connection: Connection[tuple[Any, ...]], snapshot: Snapshot, total: int) -> None:
        """Take the connection over; it is closed with the last row."""
        self.total = total
        self.done = 0
        self._connection = connection
        self._snapshot = snapshot

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield id, address and name.

        Raises:
            BadInput: the connection is lost.
        """
        try:
            for id_, *texts in self._snapshot.fetched(_PLAN, {"campaign": self._snapshot.campaign}):
                self.done += 1
                yield id_, texts
        except Passing as trouble:
            raise BadInput(str(trouble)) from trouble
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign's recipients and what else is known of it.

    Attributes:
        recipients: the list.
        key: the campaign's uuid, which its mail carries.
        subject: of its mail.
        sent: how many mails listmonk counted; 0 as long as none was sent.
    """

    recipients: RecipientFile
    key: str
    subject: str
    sent: int

    def close(self) -> None:
        """Let go of the connection, if the list was not read to its end."""
        self.recipients.table.close()


def read_plan(text: str) -> Plan:
    """Open the recipients of the campaign that a URL names.

    Raises:
        BadInput: the URL names no campaign or no listmonk, or there is no connection.
    """
    url = parse_url(text)
    if url.campaign is None:
        raise BadInput("Say whose recipients are meant: …?source=listmonk&campaign=NAME.")
    try:
        connection = connect(url)
    except Passing as trouble:
        raise BadInput(str(trouble)) from trouble
    try:
        return _opened(url, connection)
    except Passing as trouble:
        connection.close()
        raise BadInput(str(trouble)) from trouble
    except BadInput:
        connection.close()
        raise


def _opened(url: DatabaseUrl, connection: Connection[tuple[Any, ...]]) -> Plan:
    snapshot = Snapshot(connection, url, _NEEDED)
    key, subject, sent, to_send = snapshot.rows(_CAMPAIGN, {"campaign": snapshot.campaign})[0]
    rows = PlanRows(connection, snapshot, max(sent, to_send))
    table = Table(["email", "name"], rows.rows(), "utf-8", "", rows)
    return Plan(RecipientFile(Path(url.name), {Field.ADDRESS: 0, Field.NAME: 1}, (), table), key, subject, sent)
