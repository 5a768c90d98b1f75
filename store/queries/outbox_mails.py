"""The mails of a send as a snapshot, read a page at a time."""

from __future__ import annotations

from collections.abc import Collection

from store.queries.conditions import Parameters, folded, matches
from store.queries.outbox import MAIL_COLUMNS, mail_row
from store.queries.snapshot import Snapshot
from store.rows.outbox import OutboxRow
from store.vocabulary import OutboxState


class MailsView(Snapshot):
    """The mails of a send in the order of sending; ids are those of the outbox."""

    def build(self, message_id: int, states: Collection[OutboxState] = (), text: str = "") -> int:
        """Take the snapshot and return how many there are; call it once.

        Args:
            message_id: the send.
            states: only these; empty: all.
            text: only to people with all these words in name, address or company.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        parameters: Parameters = {"message": message_id}
        tests = ["o.message_id = :message"]
        if states:
            tests.append(f"o.state IN ({', '.join(str(state.code) for state in states)})")
        joined = ""
        terms = folded(text.split())
        if terms:
            joined = " CROSS JOIN recipient AS r ON r.id = o.recipient_id"
            tests.append(matches(terms, parameters))
        return self.fill(f"SELECT o.id FROM outbox AS o{joined} WHERE {' AND '.join(tests)} ORDER BY o.id", parameters)

    def page(self, offset: int, limit: int) -> tuple[OutboxRow, ...]:
        """Return the mails from position ``offset`` on, as they are now."""
        found = self.values(
            f"SELECT {MAIL_COLUMNS} FROM v CROSS JOIN outbox AS o ON o.id = v.id CROSS JOIN recipient AS r"
            " ON r.id = o.recipient_id CROSS JOIN contact AS c ON c.id = r.contact_id WHERE v.pos > ? AND v.pos <= ?"
            " ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(map(mail_row, found))
