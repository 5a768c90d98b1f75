from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.feeds.mapping import Mapping
from store.feeds.opening import open_feeds
from store.feeds.powermta import read_powermta
from store.feeds.record import Defect, Record
from store.vocabulary import BounceKind, EventType, Source

NOW = datetime(2026, 3, 10, tzinfo=UTC)
HEADER = "type,timeLogged,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,vmta,jobId,header_Message-Id"
SENDER = "bounces+ann=shop.example@news.example"


def row(
    kind: str,
    *,
    at: str = "2026-03-02 09:00:02+0100",
    sender: str = SENDER,
    rcpt: str = "ann@shop.example",
    orcpt: str = "",
    status: str = "",
    diag: str = "",
    category: str = "",
    job: str = "spring-26",
) -> str:
    cells = [kind, at, sender, rcpt, orcpt, "", status, diag, "mx.shop.example (203.0.113.5)", category, "v1", job]
    return ",".join([*(f'"{cell}"' if "," in cell else cell for cell in cells), "<c1.7@news.example>"])


def read(path: Path, *rows: str, header: str = HEADER) -> list[Record | Defect]:
    path.write_text("\r\n".join([header, *rows]) + "\r\n")
    [feed] = open_feeds(path, zone=UTC, now=NOW)
    assert feed.format == "powermta accounting"
    return [item for item in feed.records if isinstance(item, Record | Defect)]


def one(tmp_path: Path, line: str, header: str = HEADER) -> Record:
    [found] = read(tmp_path / "acct.csv", line, header=header)
    assert isinstance(found, Record)
    return found


def test_a_delivery_is_read_by_the_names_of_the_columns(tmp_path: Path) -> None:
    record = one(tmp_path, row("d", status="2.0.0 (success)", diag="smtp;250 2.0.0 OK, queued"))
    assert (record.type, record.source, record.ts) == (EventType.DELIVERED, Source.POWERMTA, 1772438402000)
    assert (record.campaign, record.message_id, record.verp) == ("spring-26", "c1.7@news.example", "ann@shop.example")
    assert (record.status, record.reply, record.diagnostic) == ("2.0.0", 250, "smtp;250 2.0.0 OK, queued")


@pytest.mark.parametrize(
    "at", ["1772438402", "2026-03-02 09:00:02+0100", "2026-03-02T08:00:02Z", "2026-03-02 08:00:02"]
)
def test_times_are_epochs_or_have_a_zone_or_take_the_given_one(tmp_path: Path, at: str) -> None:
    assert one(tmp_path, row("d", at=at)).ts == 1772438402000


@pytest.mark.parametrize(
    ("line", "kind", "bounce", "reason", "expired"),
    [
        (
            row(
                "b",
                status="5.1.1 (bad destination mailbox address)",
                diag="smtp;550 5.1.1 unknown",
                category="bad-mailbox",
            ),
            *(EventType.BOUNCED, BounceKind.HARD, "userunknown", False),
        ),
        (
            row("b", status="5.0.0 (undefined status)", diag="smtp;554 no", category="spam-related"),
            *(EventType.BOUNCED, BounceKind.BLOCK, "spamdetected", False),
        ),
        (
            row("b", status="5.2.1", diag="smtp;550 account disabled", category="inactive-mailbox"),
            *(EventType.BOUNCED, BounceKind.HARD, "suspend", False),
        ),
        (
            row("b", status="4.4.7 (delivery time expired)", category="message-expired"),
            *(EventType.BOUNCED, BounceKind.SOFT, "expired", True),
        ),
        (
            row("rb", status="5.1.1", diag="smtp;550 5.1.1 no such user"),
            *(EventType.BOUNCED, BounceKind.HARD, "userunknown", False),
        ),
        (row("t", status="4.2.2", diag="smtp;452 mailbox full"), EventType.DEFERRED, None, "mailboxfull", False),
        (row("tq", status="4.4.1"), EventType.DEFERRED, None, None, False),
        (row("r"), EventType.QUEUED, None, None, False),
    ],
)
def test_every_type_has_its_meaning(
    tmp_path: Path, line: str, kind: EventType, bounce: BounceKind | None, reason: str | None, expired: bool
) -> None:
    record = one(tmp_path, line)
    assert (record.type, record.kind, record.expired) == (kind, bounce, expired)
    assert reason is None or record.reason == reason


def test_an_alias_stands_beside_the_address_it_leads_to(tmp_path: Path) -> None:
    record = one(tmp_path, row("d", orcpt="rfc822;team@news.example"))
    assert (record.address, record.original) == ("ann@shop.example", "team@news.example")


def test_a_header_of_the_mail_names_the_campaign_before_the_job_does(tmp_path: Path) -> None:
    header = "type,timeLogged,orig,rcpt,jobId,header_X-Campaign-ID"
    assert one(tmp_path, f"d,1772438402,{SENDER},ann@shop.example,job7,spring-26", header).campaign == "spring-26"


def test_a_complaint_is_that_of_the_original_recipient(tmp_path: Path) -> None:
    header = "type,timeLogged,originalMailFrom,originalRcptTo,feedbackType,jobId"
    record = one(tmp_path, f"f,1772438402,{SENDER},,abuse,spring-26", header)
    assert (record.type, record.address, record.feedback) == (EventType.COMPLAINED, "ann@shop.example", "abuse")


def test_a_header_line_in_the_middle_changes_the_columns(tmp_path: Path) -> None:
    rows = [row("d"), "type,rcpt,timeLogged,orig", f"d,bo@shop.example,1772438403,{SENDER}"]
    records = [item for item in read(tmp_path / "a", *rows) if isinstance(item, Record)]
    assert [(record.address, record.campaign) for record in records] == [
        ("ann@shop.example", "spring-26"),
        ("bo@shop.example", None),
    ]


def test_notices_and_remote_states_are_no_events(tmp_path: Path) -> None:
    assert read(tmp_path / "a", row("d", sender=""), row("d", sender="<>"), row("rs")) == []


def test_what_cannot_be_read_is_told_by_its_line(tmp_path: Path) -> None:
    rows = [row("x"), row("d", rcpt=""), row("d", at="soon"), "d,1772438402"]
    defects = [item for item in read(tmp_path / "a", *rows) if isinstance(item, Defect)]
    assert [defect.where for defect in defects] == ["line 2", "line 3", "line 4", "line 5"]


def test_a_cut_gz_gives_its_rows_and_a_defect(tmp_path: Path) -> None:
    rows = "\n".join([HEADER, *(row("d", rcpt=f"r{number * 7919 % 10007}@shop.example") for number in range(3000))])
    (tmp_path / "a.gz").write_bytes(gzip.compress(rows.encode())[:-500])
    [feed] = open_feeds(tmp_path / "a.gz", zone=UTC, now=NOW)
    found = list(feed.records)
    assert sum(isinstance(item, Record) for item in found) > 1000
    assert [item.ends for item in found if isinstance(item, Defect)] == [True]


def test_a_mapping_that_is_given_takes_it_for_an_event_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{HEADER}\n{row('d')}\n")
    mapping = Mapping.parse("address=rcpt,time=timeLogged,type:=delivered")
    [feed] = open_feeds(tmp_path / "a", mapping=mapping, zone=UTC, now=NOW)
    assert feed.format == "event file"


CELL = st.sampled_from([
    "d",
    "b",
    "f",
    "type",
    '"',
    "",
    "5.1.1 (x",
    "smtp;550",
    "a@b.example",
    "1772438402",
    "\x00",
    "é",
])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, max_size=14), max_size=5))
def test_broken_rows_are_read_without_an_exception(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "a"
    path.write_text("\n".join([HEADER, *(",".join(cells) for cells in rows)]))
    with suppress(BadInput):
        list(read_powermta(path, None))
