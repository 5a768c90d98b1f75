"""What can still be done about a campaign that went out wrong."""

from __future__ import annotations

from dataclasses import dataclass

from store.rows.outbox import SendRow


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """Who got a wrong mail, who did not, and who gets nothing more; each person is in one place.

    Attributes:
        got: why they are told of the error -> how many ("delivered", "may have got it …").
        not_got: why they get the right mail -> how many.
        nothing: why they get nothing -> how many.
        narrowed: how many got it, but are not among those chosen for the erratum.
    """

    got: dict[str, int]
    not_got: dict[str, int]
    nothing: dict[str, int]
    narrowed: int

    @property
    def erratum(self) -> int:
        """How many get the erratum."""
        return sum(self.got.values())

    @property
    def right(self) -> int:
        """How many get the right mail."""
        return sum(self.not_got.values())

    @property
    def total(self) -> int:
        """Everybody."""
        return self.erratum + self.right + sum(self.nothing.values()) + self.narrowed


@dataclass(frozen=True, slots=True)
class WrongRow:
    """How a campaign that went out wrong stands.

    Attributes:
        campaign_id, campaign: which; its name.
        sends: what is sent from here of its message: its own sending and its resends, as far as they are.
        left: how many mails still wait in our outbox.
        unsure: of how many nobody can tell whether they left.
        split: who gets what.
    """

    campaign_id: int
    campaign: str
    sends: tuple[SendRow, ...]
    left: int
    unsure: int
    split: SplitCounts
