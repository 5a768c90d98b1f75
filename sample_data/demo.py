"""A store that has read the sample world, made through the same functions that the commands use."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sample_data.world import write
from store.actions.imports import import_recipients
from store.actions.tripwires import acknowledge
from store.database import open_store
from store.ingest import ingest
from store.journal import Operator
from store.lookout import Lookout
from store.queries.tripwires import standing
from store.times import from_ms

STORE_NAME = "aftersend.db"
_CRM = Operator("crm", "app.brightwell.example")
_TEAM = Operator("ines", "desk-2.brightwell.example")
_SEEN = timedelta(minutes=5)


def build(folder: Path, now: datetime, url: str | None = None) -> Path:
    """Write the sample world into ``folder`` and a store that has read all of it; return the path of the store.

    A campaign's list is imported before it is sent and its feeds are read after it, so that whoever bounced in one
    campaign is left out of the next.

    Args:
        folder: an empty folder, made if it is missing.
        now: aware UTC time; the third campaign is under way then.
        url: a store on a server that reads it instead.
    """
    world = write(folder, now)
    store = open_store(url or folder / STORE_NAME)
    try:
        for campaign in world.campaigns:
            import_recipients(
                store,
                campaign.recipients,
                campaign.name,
                _CRM,
                campaign.started_at - timedelta(minutes=20),
                key=campaign.key,
                subject=campaign.subject,
            )
            ingest(store, [campaign.log, campaign.events], world.now)
        ingest(store, [world.maildir], world.now)
    finally:
        store.close()
    return folder / STORE_NAME


def watch(path: Path, now: datetime) -> None:
    """Let the tripwires look at the world, as they would have done while its mail went out.

    What tripped in campaigns that are over was acknowledged by a colleague half an hour ago; what the one under way
    trips rings.
    """
    store = open_store(path)
    try:
        for campaign_id, ended_at in store.rows("SELECT id, ended_at FROM campaign ORDER BY ended_at"):
            seen = min(from_ms(ended_at) + _SEEN, now)
            Lookout(store, lambda seen=seen: seen, environment={}).look()  # type: ignore[misc]
            over = seen < now - timedelta(days=1)
            ids = [trip.id for trip in standing(store, now, campaign_id) if over]
            if ids:
                acknowledge(store, ids, _TEAM, now - timedelta(minutes=30))
    finally:
        store.close()
