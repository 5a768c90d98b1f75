"""A store that has read the sample world, made through the same functions that the commands use."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sample_data.world import write
from store.actions.imports import import_recipients
from store.database import open_store
from store.ingest import ingest
from store.journal import Operator

STORE_NAME = "aftersend.db"
_CRM = Operator("crm", "app.brightwell.example")


def build(folder: Path, now: datetime) -> Path:
    """Write the sample world into ``folder`` and a store that has read all of it; return the path of the store.

    A campaign's list is imported before it is sent and its feeds are read after it, so that whoever bounced in one
    campaign is left out of the next.

    Args:
        folder: an empty folder, made if it is missing.
        now: aware UTC time; the third campaign is under way then.
    """
    world = write(folder, now)
    store = open_store(folder / STORE_NAME)
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
