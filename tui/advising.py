"""What the screen knows about misspelled addresses: the typo doctor, and whether it may ask the DNS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui.lifeline import give_back

if TYPE_CHECKING:
    from store.database import Store
    from store.mailhosts import MailHosts
    from store.rows import AdviceRow, BounceGroupRow

_CACHE_KIB = 512
"""Enough for the people in sight; a connection that may write would hold more."""


class Advising:
    """Works out what was probably meant; only for threads, whose connection it closes: it may read all recipients.

    The doctor is loaded when it is first asked.

    Attributes:
        hosts: what asks the DNS; None as long as the operator does not want that.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.hosts: MailHosts | None = None

    def let_ask(self, allowed: bool) -> None:
        """Let the DNS be asked about the domains of suggestions, or not any more."""
        from store.mailhosts import MailHosts

        self.hosts = MailHosts() if allowed else None

    def advice(self, ids: Sequence[int]) -> dict[int, AdviceRow]:
        """Return recipient id -> what may be meant by its address; those without any idea are left out.

        Raises:
            StoreError: the store cannot be read, or there is no name server.
        """
        from store.queries.suggestions import advised, known_domains, with_dns

        try:
            with self._store.roomy(_CACHE_KIB):
                rows = list(advised(self._store, ids, known_domains(self._store)))
            if self.hosts is not None:
                rows = with_dns(rows, self.hosts)
        finally:
            self._store.close()
            give_back()
        return {row.id: row for row in rows}

    def meant(self, groups: Iterable[BounceGroupRow]) -> dict[int, str]:
        """Return group id -> the domain that is probably meant by its one receiving domain; "" if none is."""
        from store.queries.suggestions import domain_meant, known_domains

        single = {group.id: group for group in groups if group.domain_count == 1 and group.domains[0][0]}
        if not single:
            return {}
        try:
            known = known_domains(self._store)
        finally:
            self._store.close()
            give_back()
        return {id_: domain_meant(known, group.domains[0][0], group.reason) for id_, group in single.items()}
