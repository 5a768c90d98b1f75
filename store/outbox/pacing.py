"""No more mails a second than the relay and the receiving domains shall get."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from store.outbox.ledger import Waiting

_DOMAINS = 10_000
"""Domains whose turn is remembered; the turns of others are long over."""


def domain_of(address: str) -> str:
    """Return the receiving domain of an address."""
    return address.rpartition("@")[2].lower()


@dataclass(slots=True)
class Queue:
    """Mails that were read and wait for their turn: in their order, those whose domain has had its turn put off.

    Attributes:
        rate: mails a second; 0: no limit.
        domain_rate: mails a second to one domain; 0: no limit.
    """

    rate: float
    domain_rate: float
    _mails: dict[str, deque[Waiting]] = field(default_factory=lambda: defaultdict(deque))
    _next_at: float = 0.0
    _domain_at: dict[str, float] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return self._count

    def add(self, mails: Iterable[Waiting]) -> None:
        """Put mails at the end."""
        for mail in mails:
            self._mails[domain_of(mail.person.address) if self.domain_rate else ""].append(mail)
            self._count += 1

    def take(self, now: float) -> Waiting | float | None:
        """Return the next mail, or at which time there may be one, or None if nothing waits.

        Args:
            now: seconds of any clock that only goes forward.
        """
        if not self._count:
            return None
        if self.rate and self._next_at > now:
            return self._next_at
        best: str | None = None
        soonest = float("inf")
        for domain, mails in self._mails.items():
            at = self._domain_at.get(domain, 0.0)
            if at > now:
                soonest = min(soonest, at)
            elif best is None or mails[0].id < self._mails[best][0].id:
                best = domain
        if best is None:
            return soonest
        return self._taken(best, now)

    def _taken(self, domain: str, now: float) -> Waiting:
        mails = self._mails[domain]
        mail = mails.popleft()
        if not mails:
            del self._mails[domain]
        self._count -= 1
        if self.rate:
            # What was missed is not made up for: a relay that was slow is not overrun afterwards.
            self._next_at = max(self._next_at, now - 0.5 / self.rate) + 1 / self.rate
        if self.domain_rate:
            if len(self._domain_at) > _DOMAINS:
                self._domain_at = {name: at for name, at in self._domain_at.items() if at > now}
            self._domain_at[domain] = now + 1 / self.domain_rate
        return mail

    def clear(self) -> set[int]:
        """Forget what waits, and return the ids of that; it is still in the store."""
        waiting = {mail.id for mails in self._mails.values() for mail in mails}
        self._mails.clear()
        self._count = 0
        return waiting
