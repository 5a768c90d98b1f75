"""Access logs in the tables: whose clicks they are, in any order, and what becomes of those that are nobody's."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.errors import BadInput
from store.feeds.access.tokens import with_tokens
from store.feeds.mapping import Mapping
from store.ingest import IngestReport, ingest
from store.journal import Operator
from store.vocabulary import Attribution
from tests.feeds.access.lines import line

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
LIST = "id,name,email,token\n1,Ann,ann@shop.example,t-ann\n2,Bo,bo@north.example,t-bo\n"
PATHS = Mapping.parse(
    "click=/r/{link}?c={campaign}&u={recipient},click=/r/{link}?c={campaign},pixel=/o/{recipient}.gif,"
    "unsubscribe=/u/{recipient}"
)
State = list[tuple[object, ...]]


def bring_in(store: Store, folder: Path, name: str = "Spring", key: str = "spring-26", text: str = LIST) -> None:
    file = folder / f"{key}.csv"
    file.write_text(text)
    import_recipients(store, file, name, Operator("ines", ""), NOW, key=key)


def read(store: Store, path: Path, *lines: str, mapping: Mapping = PATHS) -> IngestReport:
    path.write_text("\n".join(lines) + "\n")
    [report] = ingest(store, [path], NOW, mapping=mapping, reread=True)
    assert report.defects == []
    return report


def clicked(store: Store) -> State:
    return store.rows(
        "SELECT p.key, r.address, r.clicks, r.clicked_at IS NOT NULL, r.machine_clicked_at IS NOT NULL,"
        " r.opened_at IS NOT NULL, r.unsubscribed_at IS NOT NULL FROM recipient AS r"
        " JOIN campaign AS p ON p.id = r.campaign_id ORDER BY p.key, r.address"
    )


def strangers(store: Store) -> State:
    return store.rows("SELECT address_key, campaign_id FROM stranger ORDER BY id")


def test_an_address_and_a_contacts_id_lead_to_the_recipient(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    report = read(store, tmp_path / "x", line("/r/7?c=spring-26&u=ann@shop.example"), line("/r/7?c=spring-26&u=2"))
    assert (report.format, report.new_events, report.strangers) == ("access log", 2, 0)
    assert [row[:4] for row in clicked(store)] == [
        ("spring-26", "ann@shop.example", 1, 1),
        ("spring-26", "bo@north.example", 1, 1),
    ]
    assert store.rows("SELECT DISTINCT attribution FROM event") == [(Attribution.EXACT.code,)]


def test_a_contacts_id_leads_to_the_address_of_each_campaign(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    bring_in(store, tmp_path, "Autumn", "autumn-26", LIST.replace("ann@shop", "ann@new"))
    read(store, tmp_path / "x", line("/r/7?c=autumn-26&u=1"), line("/r/7?c=spring-26&u=1", client="198.51.100.2"))
    assert [row[:3] for row in clicked(store) if row[2]] == [
        ("autumn-26", "ann@new.example", 1),
        ("spring-26", "ann@shop.example", 1),
    ]


def test_without_a_campaign_a_request_is_the_latest_sendings(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    read(store, tmp_path / "x", line("/u/1", method="POST", status=200), line("/o/bo@north.example.gif", status=200))
    assert [row[-2:] for row in clicked(store)] == [(0, 1), (1, 0)]
    assert store.rows("SELECT DISTINCT attribution FROM event") == [(Attribution.INFERRED.code,)]


def test_a_campaign_alone_is_counted_beside_and_is_nobodys(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    report = read(store, tmp_path / "x", line("/r/7?c=spring-26"), line("/r/8?c=spring-26"))
    assert (report.new_events, report.strangers) == (0, 2)
    assert strangers(store) == [("", 1), ("", 1)]
    assert {row[2] for row in clicked(store)} == {0}


def test_a_list_that_comes_later_claims_the_requests_of_its_contacts(store: Store, tmp_path: Path) -> None:
    report = read(store, tmp_path / "x", line("/r/7?c=spring-26&u=2"), line("/u/ann@shop.example", method="POST"))
    assert (report.new_events, report.strangers) == (0, 2)
    assert [key for key, _ in strangers(store)] == ["crm:2", "ann@shop.example"]
    bring_in(store, tmp_path)
    assert strangers(store) == []
    assert [row[2:4] for row in clicked(store)] == [(0, 0), (1, 1)]
    assert read(store, tmp_path / "x", line("/r/7?c=spring-26&u=2")).new_events == 0


def test_tokens_that_come_later_find_their_people_and_nothing_is_counted_twice(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    lines = [line("/r/7?c=spring-26&u=t-bo"), line("/r/7?c=spring-26&u=1"), line("/r/7?c=spring-26&u=t-nobody")]
    assert read(store, tmp_path / "x", *lines).strangers == 2
    assert PATHS.web is not None
    known = Mapping(web=with_tokens(PATHS.web, [tmp_path / "spring-26.csv"]))
    for mapping, new in ((known, 1), (known, 0), (PATHS, 0)):
        report = read(store, tmp_path / "x", *lines, mapping=mapping)
        assert (report.new_events, report.strangers) == (new, 0)
        assert [key for key, _ in strangers(store)] == ["crm:t-nobody"]
        assert [row[2] for row in clicked(store)] == [1, 1]


def test_a_log_its_rotated_copy_and_a_gz_of_it_are_the_same_events(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    lines = [line(f"/r/{n}?c=spring-26&u=1", time=f"02/Mar/2026:09:{n:02d}:00 +0100") for n in range(20)]
    assert read(store, tmp_path / "access.log", *lines).new_events == 20
    assert read(store, tmp_path / "access.log.1", *lines[5:], *lines[:3]).new_events == 0
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    [report] = ingest(store, [tmp_path / "access.log.2.gz"], NOW, mapping=PATHS)
    assert (report.new_events, report.duplicates) == (0, 20)
    assert clicked(store)[0][2] == 20


def test_a_folder_of_rotated_logs_is_read_in_the_order_of_time(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    logs = tmp_path / "nginx"
    logs.mkdir()
    (logs / "access.log").write_text(line("/r/7?c=spring-26&u=1", time="02/Mar/2026:09:00:04 +0100") + "\n")
    head = line("/r/7?c=spring-26&u=1", method="HEAD", time="02/Mar/2026:09:00:02 +0100")
    (logs / "z.1").write_text(head + "\n")
    first, second = ingest(store, [logs], NOW, mapping=PATHS)
    assert (first.path.name, second.path.name) == ("z.1", "access.log")
    assert clicked(store)[0][2:5] == (0, 0, 1)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_order_of_reading_does_not_matter(tmp_path: Path, order: tuple[int, ...]) -> None:
    store = open_store(tmp_path / "store.db")
    times = [f"02/Mar/2026:09:00:{second:02d} +0100" for second in (2, 3, 3, 30)]
    pieces = [line(f"/r/{n}?c=spring-26&u=1", time=time) for n, time in enumerate(times)]
    steps = [
        lambda: bring_in(store, tmp_path),
        lambda: read(store, tmp_path / "a", *pieces[:2]),
        lambda: read(store, tmp_path / "b", *pieces[1:]),
    ]
    for step in order:
        steps[step]()
    # Three links within two seconds are a scanner's, the fourth a person's.
    assert clicked(store)[0][2:5] == (1, 1, 1)
    assert strangers(store) == []
    store.close()


def test_an_access_log_without_paths_is_refused_and_says_what_to_give(store: Store, tmp_path: Path) -> None:
    for text in (line(), '{"time_iso8601": "2026-03-02T08:00:02Z", "request": "GET / HTTP/1.1", "status": 200}'):
        (tmp_path / "access.log").write_text(text + "\n")
        with pytest.raises(BadInput, match=r"is a web server's access log; say what its paths mean: --map 'click=/r/"):
            ingest(store, [tmp_path / "access.log"], NOW)


def test_paths_leave_other_files_what_they_are(store: Store, tmp_path: Path) -> None:
    bring_in(store, tmp_path)
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "access.log").write_text(line("/r/7?c=spring-26&u=1") + "\n")
    (folder / "events.csv").write_text("email,event,time\nbo@north.example,open,2026-03-02T08:00:00Z\n")
    reports = ingest(store, [folder], NOW, mapping=PATHS)
    assert [(report.format, report.new_events) for report in reports] == [("access log", 1), ("event file", 1)]
