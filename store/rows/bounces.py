"""Failures that nobody has decided about, one by one and in groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.rows.recipients import RecipientRow
from store.rows.suggestions import AdviceRow
from store.vocabulary import BounceKind, Decision


@dataclass(frozen=True, slots=True)
class BounceRow:
    """One failure.

    Attributes:
        recipient: whose mail it was; its state is that of now.
        diagnostic: the server's words, whole; "" if it said nothing.
        advice: what may be meant by the address; None until that is worked out, or if nothing is known.
    """

    recipient: RecipientRow
    diagnostic: str
    advice: AdviceRow | None = None

    @property
    def id(self) -> int:
        """The recipient's id: one recipient has one failure that counts."""
        return self.recipient.id


@dataclass(frozen=True, slots=True)
class BounceGroupRow:
    """Failures that belong together.

    Attributes:
        id: its place among the groups, from 1.
        key: its name for commands: the same as long as what makes the group is the same.
        reason: the reason name; None if there are several, or none.
        acts: who has to act: "us", "server" (theirs), "recipient" (the address), "nobody"; "" if that differs.
        kind: None if it differs.
        causes: how many different causes are in it.
        words: the servers' words with placeholders; "" if they said nothing or if they differ.
        sample: the words of one of them, whole.
        domains: the commonest receiving domains, with their numbers.
        domain_count: how many receiving domains there are.
        campaigns: the names of the first campaigns.
        n: failures in it.
        open: those nobody has decided about.
        later: those that were put off.
        decision: what was decided about all of the others alike; None if that differs, or nothing was.
        one: the first recipient in it.
        meant: the domain that is probably meant by its one domain; "" until that is worked out, or if nothing is known.
    """

    id: int
    key: str
    reason: str | None
    acts: str
    kind: BounceKind | None
    causes: int
    status: str | None
    reply: int | None
    words: str
    sample: str
    domains: tuple[tuple[str, int], ...]
    domain_count: int
    campaigns: tuple[str, ...]
    first: datetime
    last: datetime
    n: int
    open: int
    later: int
    decision: Decision | None
    one: int
    meant: str = ""

    @property
    def left(self) -> int:
        """How many are not decided, put off or not."""
        return self.open + self.later


@dataclass(frozen=True, slots=True)
class BouncesLeft:
    """How far an inbox is worked through.

    Attributes:
        n: failures in it.
        open: those nobody has decided about.
        later: those that were put off.
        new: undecided failures that came in since, and are not in it.
    """

    n: int
    open: int
    later: int
    new: int
