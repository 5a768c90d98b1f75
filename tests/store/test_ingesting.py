"""Feeds into the tables: each event once, each to its recipient, whatever the order; strangers kept aside."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.derive import happenings
from store.errors import BadInput
from store.fold import outcomes
from store.ingest import ingest
from store.journal import Operator
from store.queries.campaigns import list_campaigns
from store.vocabulary import Attribution, Delivery
from tests.store.plan import counters_are_right

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")
KEPT = ("recipient", "event", "stranger", "address", "campaign_stat", "clicker", "link", "contact")


def stamp(second: int) -> str:
    return f"2026-03-02T08:{second // 60:02d}:{second % 60:02d}.100000+00:00 mx1 postfix"


def mail_log(*lines: str) -> str:
    return "".join(line + "\n" for line in lines)


def message(queue_id: str, second: int, message_id: str, sender: str, campaign: str | None = "spring") -> list[str]:
    lines = [
        f"{stamp(second)}/smtpd[1]: {queue_id}: client=localhost[127.0.0.1]",
        f"{stamp(second)}/cleanup[2]: {queue_id}: message-id=<{message_id}>",
    ]
    if campaign:
        lines.append(
            f"{stamp(second)}/cleanup[2]: {queue_id}: info: header X-Campaign-ID: {campaign} from localhost[127.0.0.1];"
            f" from=<{sender}> to=<x@x.example> proto=ESMTP helo=<app>"
        )
    return [*lines, f"{stamp(second)}/qmgr[3]: {queue_id}: from=<{sender}>, size=822, nrcpt=1 (queue active)"]


def sent(queue_id: str, second: int, to: str, more: str = "") -> str:
    return (
        f"{stamp(second)}/smtp[4]: {queue_id}: to=<{to}>,{more} relay=mx.x.example[203.0.113.5]:25, delay=1,"
        " delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 12345)"
    )


def bounced(queue_id: str, second: int, to: str, more: str = "") -> str:
    return (
        f"{stamp(second)}/smtp[4]: {queue_id}: to=<{to}>,{more} relay=mx.x.example[203.0.113.5]:25, delay=1,"
        " delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.x.example[203.0.113.5] said: 550 5.1.1"
        f" <{to}>: Recipient address rejected: User unknown (in reply to RCPT TO command))"
    )


def notice(to: str, message_id: str, campaign: str | None = "spring") -> bytes:
    header = f"X-Campaign-ID: {campaign}\n" if campaign else ""
    verp = to.replace("@", "=")
    return f"""Return-Path: <>
Delivered-To: bounces+{verp}@ours.example
Date: Mon, 2 Mar 2026 08:00:09 +0000
From: MAILER-DAEMON@ours.example
To: bounces+{verp}@ours.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-{message_id}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

could not be delivered
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; ours.example

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address rejected: User unknown

--b
Content-Type: message/rfc822

From: news@ours.example
To: {to}
Message-ID: <{message_id}>
{header}Subject: Spring

hello
--b--
""".encode()


def maildir(folder: Path, *mails: bytes) -> Path:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"177243840{number}.M1.host").write_bytes(mail)
    return folder


def planned(store: Store, folder: Path, campaign: str, *addresses: str) -> None:
    file = folder / f"{campaign}.csv"
    file.write_text("email\n" + "".join(f"{a}\n" for a in addresses))
    import_recipients(store, file, campaign, WHO, NOW)


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in KEPT}


def states(store: Store) -> dict[str, str]:
    return {a: Delivery.of(d).value for a, d in store.rows("SELECT address, delivery FROM recipient ORDER BY id")}


def small_world(tmp_path: Path) -> tuple[Path, Path]:
    log = tmp_path / "mail.log"
    log.write_text(
        mail_log(
            *message("AAAAAA1", 1, "m1@ours", "bounces+a=x.example@ours.example"),
            sent("AAAAAA1", 2, "a@x.example"),
            *message("AAAAAA2", 3, "m2@ours", "bounces+b=x.example@ours.example"),
            bounced("AAAAAA2", 4, "b@x.example"),
            *message("AAAAAA3", 5, "order@ours", "shop@ours.example", None),
            sent("AAAAAA3", 6, "a@x.example"),
            f"{stamp(7)}/qmgr[3]: AAAAAA3: removed",
        )
    )
    return log, maildir(tmp_path / "bounces", notice("b@x.example", "m2@ours"))


def test_the_log_and_the_bounce_mail_of_one_failure_count_once(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    ingest(store, small_world(tmp_path), NOW)
    assert states(store) == {"a@x.example": "delivered", "b@x.example": "bounced"}
    (campaign,) = list_campaigns(store)
    assert (campaign.delivered, campaign.bounced, campaign.open_bounces) == (1, 1, 1)
    assert campaign.adds_up
    assert counters_are_right(store)
    assert store.row("SELECT consecutive FROM address WHERE key = 'b@x.example'") == (1,)


def test_reading_everything_again_changes_no_row(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    feeds = small_world(tmp_path)
    ingest(store, feeds, NOW)
    before = contents(store)
    assert all(report.unchanged for report in ingest(store, feeds, NOW))
    again = ingest(store, feeds, NOW, reread=True)
    assert [(r.new_events, r.strangers) for r in again] == [(0, 0), (0, 0)]
    copy = tmp_path / "rotated.log.1"
    copy.write_bytes(feeds[0].read_bytes())
    assert ingest(store, [copy], NOW)[0].new_events == 0
    assert contents(store) == before


def test_any_order_of_list_log_and_mailbox_gives_the_same_states(tmp_path: Path) -> None:
    log, mails = small_world(tmp_path)
    results = []
    for number, order in enumerate(itertools.permutations(["list", "log", "mails"])):
        store = open_store(tmp_path / f"{number}.db")
        for step in order:
            if step == "list":
                planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
            else:
                ingest(store, [log if step == "log" else mails], NOW)
        results.append((states(store), store.rows("SELECT key, blocked_at FROM address"), counters_are_right(store)))
        store.close()
    assert results == [results[0]] * 6
    assert results[0][0] == {"a@x.example": "delivered", "b@x.example": "bounced"}


def test_mail_outside_any_campaign_stays_a_stranger_even_to_a_recipient(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    report = ingest(store, small_world(tmp_path)[:1], NOW)[0]
    assert (report.new_events, report.strangers) == (2, 1)
    assert store.row("SELECT message_id, campaign_id FROM stranger") == ("order@ours", None)


def test_mail_of_a_campaign_to_somebody_not_planned_is_counted_beside(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example")
    ingest(store, small_world(tmp_path)[:1], NOW)
    (campaign,) = list_campaigns(store)
    assert (campaign.planned, campaign.strangers, campaign.adds_up) == (1, 1, True)


def test_a_log_without_campaign_headers_is_matched_by_address_and_time(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example")
    log = tmp_path / "mail.log"
    log.write_text(
        mail_log(*message("AAAAAA1", 1, "m1@ours", "news@ours.example", None), sent("AAAAAA1", 2, "a@x.example"))
    )
    ingest(store, [log], NOW)
    assert states(store) == {"a@x.example": "delivered"}
    assert store.rows("SELECT attribution FROM event") == [(Attribution.INFERRED.code,)]


def test_a_known_message_id_does_not_mean_that_the_campaign_carries_a_key(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    log, more = tmp_path / "mail.log", tmp_path / "mail.log.2"
    sender = "news@ours.example"
    log.write_text(mail_log(*message("AAAAAA1", 1, "m1@ours", sender, None), sent("AAAAAA1", 2, "a@x.example")))
    ingest(store, [log, maildir(tmp_path / "late", notice("a@x.example", "m1@ours", None))], NOW)
    more.write_text(mail_log(*message("AAAAAA2", 5, "m2@ours", sender, None), sent("AAAAAA2", 6, "b@x.example")))
    ingest(store, [more], NOW)
    assert states(store) == {"a@x.example": "bounced", "b@x.example": "delivered"}


def test_a_bounce_mail_that_only_names_a_known_message_id_finds_its_campaign(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    planned(store, tmp_path, "summer", "b@x.example")
    log, _ = small_world(tmp_path)
    late = maildir(tmp_path / "late", notice("b@x.example", "m2@ours", None))
    ingest(store, [late, log], NOW)
    assert store.rows("SELECT DISTINCT campaign_id, attribution FROM event WHERE recipient_id = 2") == [(1, 0)]


def test_an_alias_is_one_planned_recipient_with_all_its_outcomes(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "team@x.example")
    log = tmp_path / "mail.log"
    log.write_text(
        mail_log(
            *message("AAAAAA1", 1, "m1@ours", "bounces+team=x.example@ours.example"),
            sent("AAAAAA1", 2, "bob@y.example", " orig_to=<team@x.example>,"),
            bounced("AAAAAA1", 3, "gone@y.example", " orig_to=<team@x.example>,"),
        )
    )
    ingest(store, [log], NOW)
    assert states(store) == {"team@x.example": "delivered"}
    assert store.row("SELECT partly FROM recipient") == (1,)
    assert [(o.address, o.delivery.value) for o in outcomes(happenings(store, 1))] == [
        ("bob@y.example", "delivered"),
        ("gone@y.example", "bounced"),
    ]


def test_a_new_campaign_does_not_take_the_mail_of_an_old_one(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example", "b@x.example")
    ingest(store, small_world(tmp_path), NOW)
    before = contents(store)["event"]
    planned(store, tmp_path, "autumn", "a@x.example", "b@x.example")
    assert contents(store)["event"] == before


def test_good_records_land_and_bad_ones_are_counted_and_kept(store: Store, tmp_path: Path) -> None:
    planned(store, tmp_path, "spring", "a@x.example")
    events = tmp_path / "events.ndjson"
    events.write_text(
        '{"email": "a@x.example", "event": "opened", "time": "2026-03-02T09:00:00Z", "campaign": "spring"}\n'
        '{"email": "a@x.example", "event": \n'
        '{"email": "a@x.example", "event": "clicked", "time": "2026-03-02T09:01:00Z", "campaign": "spring",'
        ' "url": "https://ours.example/a"}\n'
    )
    (report,) = ingest(store, [events], NOW)
    assert (report.new_events, len(report.defects)) == (2, 1)
    assert "2" in report.defects[0].where
    assert store.row("SELECT defects FROM feed") == (1,)
    assert store.row("SELECT location FROM feed_defect") == (report.defects[0].where,)
    assert store.row("SELECT url, clicks FROM link JOIN clicker ON link.id = link_id") == ("https://ours.example/a", 1)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(3000), b"lorem ipsum\ndolor\n"])
def test_what_is_no_feed_is_refused_with_a_sentence_and_changes_nothing(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "what"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="what"):
        ingest(store, [file], NOW)
    assert store.row("SELECT count(*) FROM event") == (0,)


_KILLED = """
import sys
from datetime import datetime, UTC
from pathlib import Path
import store.ingest
import store.stride
from store.database import open_store
store.ingest.BATCH = store.stride.MOST = 7
landed = store.ingest._land
def land(reading, batch):
    print("batch", flush=True)
    return landed(reading, batch)
store.ingest._land = land
store.ingest.ingest(open_store(sys.argv[1]), [Path(sys.argv[2])], datetime(2026, 3, 5, 8, tzinfo=UTC))
"""


@pytest.mark.parametrize("batches", [1, 3, 8])
def test_killed_in_the_middle_and_read_again_nothing_is_lost_or_doubled(tmp_path: Path, batches: int) -> None:
    people = [f"p{n}@x.example" for n in range(80)]
    lines: list[str] = []
    for number, address in enumerate(people):
        queue_id = f"AAAA{number:03d}"
        lines += message(queue_id, number, f"m{number}@ours", f"bounces+p{number}=x.example@ours.example")
        lines.append((bounced if number % 5 == 0 else sent)(queue_id, number, address))
    log = tmp_path / "mail.log"
    log.write_text(mail_log(*lines))
    whole, killed = open_store(tmp_path / "whole.db"), open_store(tmp_path / "killed.db")
    for store in (whole, killed):
        planned(store, tmp_path, "spring", *people)
    ingest(whole, [log], NOW)
    killed.close()
    command = [sys.executable, "-c", _KILLED, str(killed.path), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(batches):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    killed = open_store(tmp_path / "killed.db")
    assert killed.rows("PRAGMA integrity_check") == [("ok",)]
    assert counters_are_right(killed)
    ingest(killed, [log], NOW)
    assert states(killed) == states(whole)
    assert killed.rows("SELECT count(*), count(DISTINCT dedupe) FROM event") == [(80, 80)]
