"""To whom a message goes, as the options of commands say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from store.asking import RecipientFilter

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.whom import Whom


def addressed(store: Store, to: str | None, campaign: str | None, narrowed: RecipientFilter) -> tuple[Whom, int | None]:
    """Return who is chosen, and the campaign that the send follows up.

    Raises:
        click.UsageError: neither a list nor a campaign is given, or both, or a list is narrowed down.
        NotFound: there is no such list, segment or campaign.
    """
    from store.asking import Source
    from store.filters import described
    from store.outbox.whom import Whom
    from store.queries.campaigns import find_campaign
    from store.queries.segments import find_source, source_of
    from store.rows import ListRow

    if (to is None) == (campaign is None):
        raise click.UsageError("Give --to LIST, or --campaign CAMPAIGN.")
    if to is not None:
        if narrowed != RecipientFilter():
            raise click.UsageError("Only the recipients of a --campaign can be narrowed down.")
        found = find_source(store, to)
        kind = found.kind if isinstance(found, ListRow) else "segment"
        source: Source = source_of(found)
        return Whom(source, words=f"{kind} {found.name}"), found.campaign_id if isinstance(found, ListRow) else None
    row = find_campaign(store, campaign or "")
    wanted = replace(narrowed, campaign_id=row.id)
    return Whom(wanted=wanted, words=" · ".join([row.name, *described(wanted)])), row.id
