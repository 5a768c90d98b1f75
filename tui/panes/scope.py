"""What the recipients pane shows before any filter, and its name for people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from store.asking import RecipientFilter
from store.filters import described
from store.vocabulary import State

if TYPE_CHECKING:
    from store.rows import CampaignRow, ListRow, SegmentRow
    from store.rows.monitor import DeferredRow
    from store.rows.reports import DomainRow


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose recipients are shown.

    Attributes:
        words: its name for people.
        filter: the campaign or the list.
        campaign: the campaign, if it is one.
        at_first: the filter at first, in place of what was filtered for before; None: that stays.
        members_of: the list, if they are its members.
        segment: the segment that was opened.
    """

    words: str
    filter: RecipientFilter
    campaign: CampaignRow | None = None
    at_first: RecipientFilter | None = None
    members_of: ListRow | None = None
    segment: SegmentRow | None = None

    def fits(self, other: Scope) -> bool:
        """Whether ``other`` shows the same recipients."""
        return self.filter == other.filter and self.at_first is None

    def narrowed(self, wanted: RecipientFilter) -> RecipientFilter:
        """Return the filter of this scope with the conditions of ``wanted``."""
        own = self.filter
        domain = wanted.domain if own.domain is None else own.domain
        return replace(wanted, campaign_id=own.campaign_id, link_id=own.link_id, list_id=own.list_id, domain=domain)

    def beyond(self, shown: RecipientFilter) -> list[str]:
        """Return what a filter asks for beyond this scope, for people; nothing if it shows all of it."""
        return described(shown if self.filter.domain is None else replace(shown, domain=None))

    def called(self, shown: RecipientFilter) -> str:
        """Return the name for people of what a filter shows of this scope."""
        parts = [self.words, *self.beyond(shown)]
        if self.segment is not None and shown == self.segment.filter:
            parts.insert(0, f"segment {self.segment.name}")
        return " · ".join(parts)


NOBODY = Scope("", RecipientFilter(campaign_id=-1))


def everybody_scope(text: str) -> Scope:
    """Return the recipients of all campaigns; words that they must have are a filter at first."""
    return Scope("all campaigns", RecipientFilter(), at_first=RecipientFilter(text=text))


def campaign_scope(campaign: CampaignRow) -> Scope:
    """Return the recipients of a campaign."""
    return Scope(campaign.name, RecipientFilter(campaign_id=campaign.id), campaign)


def list_scope(row: ListRow) -> Scope:
    """Return the members of a list."""
    return Scope(f"{row.kind} {row.name}", RecipientFilter(list_id=row.id), members_of=row)


def segment_scope(row: SegmentRow, wanted: RecipientFilter, campaign: CampaignRow | None) -> Scope:
    """Return the recipients of a segment's campaign or list, with the segment's conditions at first."""
    whole = RecipientFilter(wanted.campaign_id, link_id=wanted.link_id, list_id=wanted.list_id)
    words = campaign.name if campaign is not None else row.words.partition(" · ")[0]
    return Scope(words, whole, campaign, wanted, segment=row)


def domain_scope(campaign: CampaignRow, row: DomainRow) -> Scope:
    """Return the recipients of a campaign at one receiving domain."""
    return Scope(f"{campaign.name} · {row.domain}", RecipientFilter(campaign_id=campaign.id, domain=row.key), campaign)


def deferred_scope(campaign: CampaignRow, row: DeferredRow) -> Scope:
    """Return the recipients of a campaign that are deferred at one receiving domain."""
    wanted = RecipientFilter(campaign_id=campaign.id, domain=row.key)
    deferred = RecipientFilter(states=frozenset({State.DEFERRED}))
    return Scope(f"{campaign.name} · {row.domain}", wanted, campaign, deferred)
