"""What the recipients pane shows before any filter, and its name for people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from store.asking import RecipientFilter
from store.rows import CampaignRow, ListRow
from store.vocabulary import State

if TYPE_CHECKING:
    from store.rows.monitor import DeferredRow
    from store.rows.reports import DomainRow


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose recipients are shown.

    Attributes:
        words: its name for people.
        filter: the campaign or the list.
        campaign: the campaign, if it is one.
        states: those shown at first, in place of what was filtered for before; none: the filter stays.
    """

    words: str
    filter: RecipientFilter
    campaign: CampaignRow | None = None
    states: frozenset[State] = frozenset()

    def fits(self, other: Scope) -> bool:
        """Whether ``other`` shows the same recipients."""
        return self.filter == other.filter and not self.states

    def narrowed(self, wanted: RecipientFilter) -> RecipientFilter:
        """Return the filter of this scope with the states and words of ``wanted``."""
        return replace(self.filter, states=wanted.states, text=wanted.text, without=wanted.without)


EVERYBODY = Scope("all campaigns", RecipientFilter())
NOBODY = Scope("", RecipientFilter(campaign_id=-1))


def campaign_scope(campaign: CampaignRow) -> Scope:
    """Return the recipients of a campaign."""
    return Scope(campaign.name, RecipientFilter(campaign_id=campaign.id), campaign)


def list_scope(row: ListRow) -> Scope:
    """Return the members of a list."""
    return Scope(f"{row.kind} {row.name}", RecipientFilter(list_id=row.id))


def domain_scope(campaign: CampaignRow, row: DomainRow) -> Scope:
    """Return the recipients of a campaign at one receiving domain."""
    return Scope(f"{campaign.name} · {row.domain}", RecipientFilter(campaign_id=campaign.id, domain=row.key), campaign)


def deferred_scope(campaign: CampaignRow, row: DeferredRow) -> Scope:
    """Return the recipients of a campaign that are deferred at one receiving domain."""
    wanted = RecipientFilter(campaign_id=campaign.id, domain=row.key)
    return Scope(f"{campaign.name} · {row.domain}", wanted, campaign, frozenset({State.DEFERRED}))


def narrowing(shown: RecipientFilter) -> list[str]:
    """Return the states and words of a filter, for people."""
    parts = []
    if shown.states:
        parts.append(" or ".join(state for state in State if state in shown.states))
    if shown.text:
        parts.append(f"“{shown.text}”")
    if shown.without:
        parts.append(f"without “{' '.join(shown.without)}”")
    return parts
