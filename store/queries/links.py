"""The links of a campaign, and who clicked them."""

from __future__ import annotations

from store.cleaning import clean
from store.database import Store
from store.queries.snapshot import Snapshot
from store.rows import ClickerRow, LinkRow
from store.times import from_ms, from_ms_or_none


def list_links(store: Store, campaign_id: int) -> tuple[LinkRow, ...]:
    """Return a campaign's links, the one with the most clickers first."""
    found = store.rows(
        "SELECT l.id, l.campaign_id, l.url, coalesce(c.clicks, 0), coalesce(c.clickers, 0), coalesce(c.machine, 0),"
        " c.first_at, c.last_at FROM link AS l LEFT JOIN (SELECT link_id, sum(clicks) AS clicks,"
        " sum(CASE WHEN clicks > 0 THEN 1 ELSE 0 END) AS clickers, sum(machine_clicks) AS machine,"
        " min(first_at) AS first_at, max(last_at) AS last_at FROM clicker WHERE campaign_id = ? GROUP BY link_id) AS c"
        " ON c.link_id = l.id WHERE l.campaign_id = ? ORDER BY 5 DESC, 4 DESC, l.id",
        (campaign_id, campaign_id),
    )
    return tuple(
        LinkRow(id_, campaign, clean(url), clicks, people, machine, from_ms_or_none(first_at), from_ms_or_none(last_at))
        for id_, campaign, url, clicks, people, machine, first_at, last_at in found
    )


class ClickersView(Snapshot):
    """The people who clicked a link, the latest click first; machines are left out."""

    _link: int | None = None

    def build(self, link_id: int) -> int:
        """Take the snapshot and return how many people it holds; call it once.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        self._link = link_id
        return self.fill(
            "SELECT k.recipient_id FROM clicker AS k WHERE k.campaign_id = (SELECT campaign_id FROM link WHERE id = ?)"
            " AND k.link_id = ? AND k.clicks > 0 ORDER BY k.last_at DESC, k.recipient_id",
            (link_id, link_id),
        )

    def page(self, offset: int, limit: int) -> tuple[ClickerRow, ...]:
        """Return the people from position ``offset`` on, with their clicks as they are now."""
        found = self.values(
            "SELECT r.id, r.address, c.name, c.company, k.clicks, k.machine_clicks, k.first_at, k.last_at"
            " FROM v CROSS JOIN recipient AS r ON r.id = v.id CROSS JOIN contact AS c ON c.id = r.contact_id"
            " CROSS JOIN clicker AS k ON k.campaign_id = r.campaign_id AND k.link_id = ? AND k.recipient_id = r.id"
            " WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos",
            (self._link, offset, offset + limit),
        )
        return tuple(
            ClickerRow(
                id_, clean(address), clean(name), clean(company), clicks, machine, from_ms(first_at), from_ms(last_at)
            )
            for id_, address, name, company, clicks, machine, first_at, last_at in found
        )
