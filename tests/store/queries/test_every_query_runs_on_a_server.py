"""Every query of the store, by the list of those whose plans are pinned, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sample_data.demo import build
from sample_data.world import FIXED_NOW
from store.actions.lists import add
from store.database import Store, open_store
from store.errors import NotFound
from store.journal import Operator
from store.vocabulary import ListKind
from tests.postgres import Cluster, new_database
from tests.store.queries import test_every_query_has_a_pinned_plan as pinned


@pytest.fixture(scope="module")
def world(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The sample world on a server."""
    with new_database(postgres) as database:
        build(tmp_path_factory.mktemp("world"), FIXED_NOW, database.url())
        opened = open_store(database.url())
        failed = opened.rows("SELECT id FROM recipient WHERE bounced_at IS NOT NULL ORDER BY id LIMIT 5")
        pinned.FAILED[:] = [id_ for (id_,) in failed]
        add(opened, pinned.FAILED, ListKind.SELECTION, "mine", Operator("ann", "desk"), FIXED_NOW)
        yield opened
        opened.close()


@pytest.mark.parametrize("name", sorted(pinned.NAMED))
def test_it_runs(world: Store, name: str) -> None:
    with suppress(NotFound):
        pinned.NAMED[name](world)
    assert not world.in_transaction


def test_the_world_is_the_same_as_in_a_file(world: Store, sample_path: Path) -> None:
    file = open_store(sample_path)
    for sql in (
        "SELECT name, key, subject, started_at, ended_at, begun_at, keyed_at FROM campaign ORDER BY key",
        "SELECT address, address_key, occurrence, skip_reason, delivery, engagement, triage, partly, bounce_kind,"
        " reason, status, reply, sent_at, delivered_at, bounced_at, failed_at, opened_at, machine_opened_at,"
        " clicked_at, engaged_at, clicks, outcome_min, outcome_max FROM recipient"
        " ORDER BY address_key, campaign_id, occurrence",
        "SELECT key, consecutive, last_bounce_at, last_success_at, blocked_at, block_reason FROM address ORDER BY key",
        "SELECT sort_key, company_key, email, consent, former FROM contact ORDER BY sort_key, email_key, id",
        "SELECT type, ts, source, location, kind, reason, actor, dedupe FROM event ORDER BY dedupe",
        "SELECT campaign_id, delivery, triage, facts, n FROM campaign_stat ORDER BY 1, 2, 3, 4",
        "SELECT s FROM contact_search ORDER BY s",
        "SELECT dedupe FROM stranger ORDER BY dedupe",
    ):
        assert world.rows(sql) == file.rows(sql)
    file.close()
