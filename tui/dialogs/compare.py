"""Choosing the campaign that stands beside another one in its report."""

from __future__ import annotations

from collections.abc import Sequence

from store.addresses import search_fold
from store.rows import CampaignRow
from tui.dialogs.picking import Offering
from tui.present.cells import cut
from tui.present.times import day, number

_NAME_CELLS = 40


class ChooseCampaign(Offering[CampaignRow]):
    """Asks for a campaign.

    Args:
        campaign: the one that is reported on.
        others: those that are offered.
    """

    heading = "Compare with which campaign?"
    keys = "type to find · ↑ ↓ choose · Enter compare · Esc leave"
    none = "No campaign is called so."
    otherwise = "No campaign is called so; type another part of its name."

    def __init__(self, campaign: CampaignRow, others: Sequence[CampaignRow]) -> None:
        super().__init__(f"{campaign.name} (A) beside (B)", "a part of the name or of the subject")
        self._others = others

    def offers(self, text: str) -> Sequence[tuple[str, CampaignRow]]:
        """Return the campaigns with these words in name, key or subject."""
        wanted = search_fold(text)
        found = [row for row in self._others if wanted in search_fold(f"{row.name} {row.key} {row.subject}")]
        return [(_words(row), row) for row in found]


def _words(row: CampaignRow) -> str:
    return f"{day(row.started_at)}  {cut(row.name, _NAME_CELLS)} · {number(row.delivered)} delivered"
