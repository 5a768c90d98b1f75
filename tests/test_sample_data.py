from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from email import message_from_bytes
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from sample_data.__main__ import FILES
from sample_data.world import FIXED_NOW, World, write
from store.database import Store
from store.ingest import ingest
from store.queries.campaigns import list_campaigns
from store.queries.links import list_links
from store.vocabulary import Bucket

RESERVED = (".example", ".test", ".invalid")
NETS = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def all_files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): content(file) for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return write(tmp_path_factory.mktemp("world"), FIXED_NOW)


def test_the_committed_files_are_what_the_script_writes(world: World) -> None:
    fresh, kept = all_files(world.folder), all_files(FILES)
    assert sorted(fresh) == sorted(kept), "run `python -m sample_data`"
    assert [name for name in fresh if fresh[name] != kept[name]] == [], "run `python -m sample_data`"


def test_another_seed_makes_another_world(world: World, tmp_path: Path) -> None:
    other = write(tmp_path, FIXED_NOW, seed=1)
    assert content(other.campaigns[0].recipients) != content(world.campaigns[0].recipients)


def test_all_files_together_are_small() -> None:
    assert sum(file.stat().st_size for file in FILES.rglob("*") if file.is_file()) < 3_000_000


def test_nobody_in_it_could_be_real(world: World) -> None:
    for name, data in all_files(world.folder).items():
        text = data.decode({"preisliste-2027.csv": "cp1252", "trade-fair.tsv": "utf-16"}.get(Path(name).name, "utf-8"))
        domains = {match.lower() for match in re.findall(r"@([\w-]+(?:\.[\w-]+)+)", text)}
        hosts = {match.lower() for match in re.findall(r"https?://([\w.-]+)", text)}
        assert [domain for domain in domains | hosts if not domain.endswith(RESERVED)] == [], name
        numbers = set(re.findall(r"[\[\"](\d+\.\d+\.\d+\.\d+)[\]\"]", text))
        assert [number for number in numbers if not any(ip_address(number) in net for net in NETS)] == [], name


def test_the_mailbox_holds_about_sixty_mails_in_many_styles(world: World) -> None:
    mails = [message_from_bytes(file.read_bytes()) for file in world.maildir.glob("[nc]*/*")]
    assert 50 <= len(mails) <= 75
    assert len({re.sub(r"@.*", "", str(mail["From"])) for mail in mails}) >= 8
    assert {"multipart/report", "multipart/mixed", "text/plain", "text/html"} <= {
        mail.get_content_type() for mail in mails
    }


def test_nothing_in_it_lies_in_the_future(world: World) -> None:
    last = f"{FIXED_NOW:%Y-%m-%dT%H:%M}"
    for campaign in world.campaigns:
        for line in content(campaign.log).decode().splitlines():
            assert line[:16] <= last
        for line in content(campaign.events).decode().splitlines():
            assert re.findall(r'"time": "(.{16})', line)[0] <= last


@pytest.mark.parametrize("now", [datetime(2027, 1, 1, 0, 3, tzinfo=UTC), datetime(2028, 2, 29, 23, 59, tzinfo=UTC)])
def test_it_can_be_made_for_any_moment(now: datetime, tmp_path: Path) -> None:
    world = write(tmp_path, now)
    for campaign in world.campaigns:
        buckets = dict(campaign.truth)
        assert buckets.pop("planned") == sum(buckets.values())


def test_the_store_says_of_it_what_is_true(sample_store: Store, world: World) -> None:
    rows = {row.name: row for row in list_campaigns(sample_store)}
    for campaign in world.campaigns:
        row = rows[campaign.name]
        said = {bucket.value: number for bucket, number in row.buckets.items()} | {"planned": row.planned}
        assert said == campaign.truth, campaign.name
        assert row.adds_up


def test_reading_it_again_changes_nothing(sample_store: Store, world: World) -> None:
    before = list_campaigns(sample_store)
    for report in ingest(sample_store, world.feeds, FIXED_NOW, reread=True):
        assert (report.new_events, report.strangers) == (0, 0), report.path
    assert list_campaigns(sample_store) == before


def test_there_is_something_to_do_in_it(sample_store: Store) -> None:
    newest, prices, autumn = list_campaigns(sample_store)
    assert (newest.state, prices.state, autumn.state) == ("under way", "finished", "finished")
    assert newest.buckets[Bucket.READY] > 300
    assert prices.open_bounces == 100
    assert prices.machine > 50
    assert prices.clicked > 100
    assert autumn.unsubscribed > 4
    assert autumn.complained == 2
    assert autumn.replied == 2
    assert len(list_links(sample_store, autumn.id)) + len(list_links(sample_store, prices.id)) == 7


def test_one_provider_refused_the_price_list_because_of_us(sample_store: Store) -> None:
    rows = sample_store.rows("SELECT bounce_kind, address_key FROM recipient WHERE status = '5.7.26'")
    assert len(rows) > 30
    assert {key.partition("@")[2] for _, key in rows} == {"gmail.example"}
    assert len({kind for kind, _ in rows}) == 1


def test_each_list_is_written_in_a_dialect_of_its_own(world: World) -> None:
    autumn, prices, fair = (campaign.recipients.read_bytes() for campaign in world.campaigns)
    assert b"Full name,Company" in autumn
    assert "ü".encode() in autumn
    assert b"Vorname;Nachname" in prices
    assert "ü".encode("cp1252") in prices
    assert "ü".encode() not in prices
    assert "Full name\tCompany" in fair.decode("utf-16")
