from __future__ import annotations

from pathlib import Path

import pytest

from store.database import open_store
from store.queries.campaigns import list_campaigns
from tests.cli.conftest import Run
from tests.feeds.listmonk_tables import ListmonkTables

SPRING = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def spring(listmonk: ListmonkTables) -> ListmonkTables:
    """A campaign that has gone to Ann, Bo, Cleo (who left since) and Dan (blocklisted for his bounce)."""
    news, offers, other = (listmonk.list(name) for name in ("News", "Offers", "Other"))
    campaign = listmonk.campaign("Spring 26", (news, offers), SPRING, sent=5, max_subscriber_id=6)
    for name in ("ann", "bo", "cleo", "dan", "early", "not on its lists"):
        lists = (other,) if " " in name else (news, offers) if name == "ann" else (news,)
        listmonk.subscriber(f"{name.replace(' ', '.')}@shop.example", name.title(), lists)
    listmonk.unsubscribe(3, news)
    listmonk.bounce(campaign, 4)
    listmonk.unsubscribe(5, news, "2026-02-01T08:00:00Z")
    listmonk.database.run("UPDATE subscribers SET status = 'blocklisted' WHERE id = 4")
    listmonk.subscriber("later@shop.example", "", (news,))
    return listmonk


def addresses(path: Path) -> list[str]:
    store = open_store(path)
    try:
        return [address for (address,) in store.rows("SELECT address FROM recipient ORDER BY id")]
    finally:
        store.close()


def test_the_plan_of_a_campaign_is_who_was_on_its_lists_then(spring: ListmonkTables, here: Run, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    done = here("import", "recipients", spring.url(campaign="Spring 26"), "--campaign", "Frühling", store=path)
    assert done.exit_code == 0, done.output
    assert addresses(path) == [f"{name}@shop.example" for name in ("ann", "bo", "cleo", "dan")]
    assert "listmonk counts 5 mails sent; 4 people are known to have been on its lists then." in done.stderr
    store = open_store(path)
    (campaign,) = list_campaigns(store)
    store.close()
    assert (campaign.name, campaign.key, campaign.subject) == ("Frühling", SPRING, "About Spring 26")
    again = here("import", "recipients", spring.url(campaign=SPRING), "--campaign", "Frühling", store=path)
    assert again.exit_code == 0, again.output
    assert "unchanged" in again.stdout


def test_the_plan_of_a_campaign_that_has_not_begun_is_whom_it_would_go_to(
    listmonk: ListmonkTables, here: Run, tmp_path: Path
) -> None:
    single, double = listmonk.list("News"), listmonk.insert("lists", uuid=listmonk.uuid(), name="Sure", optin="double")
    listmonk.campaign("Autumn", (single, double), started_at=None)
    for name, list_, status in (
        ("ann", single, "unconfirmed"),
        ("bo", single, "unsubscribed"),
        ("cleo", double, "unconfirmed"),
        ("dan", double, "confirmed"),
    ):
        who = listmonk.subscriber(f"{name}@shop.example")
        listmonk.insert("subscriber_lists", subscriber_id=who, list_id=list_, status=status)
    path = tmp_path / "store.db"
    done = here("import", "recipients", listmonk.url(campaign="Autumn"), "--campaign", "Autumn", store=path)
    assert done.exit_code == 0, done.output
    assert addresses(path) == ["ann@shop.example", "dan@shop.example"]
    assert "listmonk counts" not in done.stderr


def test_a_plan_needs_a_campaign_and_a_server(listmonk: ListmonkTables, here: Run, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for url, words in (
        (listmonk.url(), "Say whose recipients are meant"),
        (listmonk.url(campaign="Nope"), "has no campaign “Nope”; it has none yet."),
        ("postgresql://me@127.0.0.1:1/lm?source=listmonk&campaign=x", "lm on 127.0.0.1:1 cannot be reached: "),
    ):
        done = here("import", "recipients", url, "--campaign", "X", store=path)
        assert done.exit_code == 1
        assert words in done.stderr


def test_a_campaign_with_a_key_of_its_own_keeps_it(spring: ListmonkTables, here: Run, tmp_path: Path) -> None:
    path, url = tmp_path / "store.db", spring.url(campaign="Spring 26")
    (tmp_path / "list.csv").write_text("email\nann@shop.example\n")
    first = here("import", "recipients", str(tmp_path / "list.csv"), "--campaign", "F", "--key", "s26", store=path)
    assert first.exit_code == 0, first.output
    done = here("import", "recipients", url, "--campaign", "F", store=path)
    assert done.exit_code == 0, done.output
    store = open_store(path)
    assert [row.key for row in list_campaigns(store)] == ["s26"]
    store.close()


def test_what_happened_is_read_by_its_url(spring: ListmonkTables, here: Run, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    assert here("import", "recipients", spring.url(campaign=SPRING), "--campaign", "F", store=path).exit_code == 0
    spring.view(1, 1)
    spring.view(1, None)
    done = here("ingest", spring.url(), store=path)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].split("  ")[0].startswith("postgresql://")
    assert "listmonk database" in done.stdout
    assert "Without a subscriber, so nobody's: 1 view (listmonk notes" in done.stderr
    again = here("ingest", spring.url(), store=path)
    assert "listmonk database, nothing new" in again.stdout
    told = here("history", "ann@shop.example", store=path)
    assert "opened" in told.stdout
    assert "listmonk" in told.stdout


def test_one_unreadable_server_does_not_keep_the_others_from_being_read(
    spring: ListmonkTables, here: Run, tmp_path: Path
) -> None:
    away = "postgresql://me@127.0.0.1:1/lm?source=listmonk"
    done = here("ingest", away, spring.url(), "mysql://me:s3cret@h/x", store=tmp_path / "store.db")
    assert done.exit_code == 1
    assert "listmonk database" in done.stdout
    assert "lm on 127.0.0.1:1 cannot be reached: " in done.stderr
    assert "What begins with mysql:// cannot be read; " in done.stderr
    assert "s3cret" not in done.output


def test_following_reads_it_too(spring: ListmonkTables, here: Run, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    spring.view(1, 1)
    done = here("follow", "--exit-when-idle", spring.url(), store=path)
    assert done.exit_code == 0, done.output
    store = open_store(path)
    assert store.rows("SELECT count(*) FROM stranger") == [(3,)]
    store.close()
    assert "nothing new" in here("ingest", spring.url(), store=path).stdout
