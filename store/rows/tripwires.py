"""What tripped a wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.tripwires import Wire, why


@dataclass(frozen=True, slots=True)
class TripRow:
    """A wire that tripped, with the numbers of that moment.

    Attributes:
        campaign: its name; ``key``: its key.
        domain: the receiving domain; "" where the wire is about the campaign as a whole.
        part: recipients that count against the limit; ``whole``: those of which they are a part.
        limit: parts of 100,000, or a number of complaints.
        over_at: when the wire was armed again; None: it has not been.
        acked_at: when an operator acknowledged it; ``acked_by``: who.
        hook_at: when the hook was started; None: it was not.
        hook_note: how the hook ended: "" well, a sentence if not; None: it has not ended, or nobody saw it end.
    """

    id: int
    campaign_id: int
    campaign: str
    key: str
    wire: Wire
    domain: str
    part: int
    whole: int
    limit: int
    tripped_at: datetime
    over_at: datetime | None
    acked_at: datetime | None
    acked_by: str | None
    hook_at: datetime | None
    hook_note: str | None

    @property
    def rings(self) -> bool:
        """Whether it stands and nobody has acknowledged it."""
        return self.over_at is None and self.acked_at is None

    @property
    def why(self) -> str:
        """What was too much, as a clause."""
        return why(self.wire, self.domain, self.part, self.whole, self.limit)
