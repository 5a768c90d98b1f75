"""A rotated log read by itself and together with the one before it: each event once, with all that is known of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions.imports import import_recipients
from store.database import Store, open_store
from store.ingest import ingest
from store.journal import Operator
from store.vocabulary import Attribution
from tests.store.building import careless
from tests.store.plan import counters_are_right

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
_HEAD = """\
2026-03-02T08:00:0{n}.100000+00:00 mx postfix/cleanup[1]: {q}: message-id=<{n}@news.example>
2026-03-02T08:00:0{n}.100000+00:00 mx postfix/cleanup[1]: {q}: info: header X-Campaign-ID: spring from \
localhost[127.0.0.1]; from=<bounces@news.example> to=<{to}> proto=ESMTP helo=<app>
2026-03-02T08:00:0{n}.200000+00:00 mx postfix/qmgr[2]: {q}: from=<bounces@news.example>, size=9, nrcpt=1 (queue active)
"""
_END = (
    "2026-03-02T08:01:0{n}.500000+00:00 mx postfix/smtp[3]: {q}: to=<{to}>, relay=mx.shop.example[192.0.2.1]:25,"
    " delay=60, delays=0/0/0/60, dsn={dsn}, status={status} ({words})\n"
)
_NEWS = (
    "2026-03-02T08:00:0{n}.100000+00:00 mx postfix/cleanup[1]: {q}: message-id=<{n}@news.example>\n"
    "2026-03-02T08:00:0{n}.100000+00:00 mx postfix/qmgr[2]: {q}: from=<shop@news.example>, size=9, nrcpt=1 (queue"
    " active)\n"
)
_FATES = (
    ("ann@shop.example", "2.0.0", "sent", "250 2.0.0 Ok: queued as 1"),
    ("bo@shop.example", "5.1.1", "bounced", "host mx said: 550 5.1.1 <bo@shop.example>: User unknown"),
    ("cy@shop.example", "4.2.2", "deferred", "host mx said: 452 4.2.2 Mailbox full"),
    ("stray@shop.example", "5.1.1", "bounced", "host mx said: 550 5.1.1 <stray@shop.example>: User unknown"),
)
_COLUMNS = (
    "SELECT r.address, r.delivery, r.bounce_kind, r.bounced_at, r.delivered_at, r.deferred_at, r.outcome_min"
    " FROM recipient AS r ORDER BY r.id"
)
_EVENTS = "SELECT recipient_id, type, ts, message_id, outcome, attribution, dedupe FROM event ORDER BY dedupe"
_STRANGERS = "SELECT address_key, type, ts, message_id, campaign_id, dedupe FROM stranger ORDER BY dedupe"
_ADDRESSES = "SELECT key, consecutive, last_bounce_at, blocked_at FROM address ORDER BY key"


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with a log of the mails' beginnings and one of their ends, and a copy of the ends."""
    folder, alone = tmp_path / "log", tmp_path / "alone"
    folder.mkdir()
    alone.mkdir()
    head = end = ""
    for number, (to, dsn, status, words) in enumerate(_FATES):
        queue = f"4bT{number}cX2"
        head += _HEAD.format(n=number, q=queue, to=to)
        end += _END.format(n=number, q=queue, to=to, dsn=dsn, status=status, words=words)
    (folder / "mail.log.1").write_text(head)
    (folder / "mail.log").write_text(end)
    (alone / "copy.log").write_text(end)
    os.utime(folder / "mail.log.1", (1_772_438_460, 1_772_438_460))
    return folder, alone


def planned(store: Store, tmp_path: Path) -> Store:
    """Plan everybody but the stranger."""
    rows = tmp_path / "list.csv"
    rows.write_text("email\n" + "".join(f"{to}\n" for to, *_ in _FATES[:3]))
    import_recipients(store, rows, "Spring", Operator("ann", "desk"), NOW, key="spring")
    return store


def test_the_end_alone_after_the_whole_is_nothing_new(store: Store, tmp_path: Path, logs: tuple[Path, Path]) -> None:
    folder, alone = logs
    ingest(planned(store, tmp_path), [folder], NOW)
    before = [store.rows(sql) for sql in (_COLUMNS, _EVENTS, _STRANGERS)]
    (report,) = ingest(store, [alone], NOW)
    assert (report.records, report.new_events, report.strangers) == (4, 0, 0)
    assert [store.rows(sql) for sql in (_COLUMNS, _EVENTS, _STRANGERS)] == before


def test_what_the_end_alone_left_to_be_guessed_is_known_after_the_whole(
    store: Store, tmp_path: Path, logs: tuple[Path, Path]
) -> None:
    folder, alone = logs
    ingest(planned(store, tmp_path), [alone], NOW)
    assert all(attribution for *_, attribution, _ in store.rows(_EVENTS))
    ingest(store, [folder], NOW)
    events = store.rows(_EVENTS)
    assert [message_id for _, _, _, message_id, *_ in events] == [f"{n}@news.example" for n in range(3)]
    assert not any(attribution for *_, attribution, _ in events)
    assert [row[:2] + row[3:5] for row in store.rows(_STRANGERS)] == [("stray@shop.example", 50, "3@news.example", 1)]
    assert not store.rows("SELECT 1 FROM guess")


@pytest.mark.parametrize("order", [("mail.log", "mail.log.1"), ("mail.log.1", "mail.log")])
def test_rotated_logs_named_in_any_order_are_read_as_one(
    store: Store, tmp_path: Path, logs: tuple[Path, Path], order: tuple[str, str]
) -> None:
    reports = ingest(planned(store, tmp_path), [logs[0] / name for name in order], NOW)
    assert [str(report.path).rpartition("/")[2] for report in reports] == ["mail.log.1", "mail.log"]
    events = store.rows(_EVENTS)
    assert [message_id for _, _, _, message_id, *_ in events] == [f"{n}@news.example" for n in range(3)]
    assert not any(attribution for *_, attribution, _ in events)


def test_a_log_that_was_read_by_itself_is_read_anew_behind_the_one_before_it(
    store: Store, tmp_path: Path, logs: tuple[Path, Path]
) -> None:
    folder, _ = logs
    ingest(planned(store, tmp_path), [folder / "mail.log"], NOW)
    assert store.rows("SELECT DISTINCT attribution, message_id FROM event") == [(Attribution.INFERRED.code, None)]
    ingest(store, [folder], NOW)
    assert [message_id for _, _, _, message_id, *_ in store.rows(_EVENTS)] == [f"{n}@news.example" for n in range(3)]
    assert not store.rows("SELECT 1 FROM guess")
    assert all(report.unchanged for report in ingest(store, [folder], NOW))


@pytest.mark.parametrize("names", [(), ("mail.log", "mail.log.1")])
def test_a_log_that_grew_is_read_with_what_the_one_before_it_told(
    store: Store, tmp_path: Path, logs: tuple[Path, Path], names: tuple[str, ...]
) -> None:
    folder, _ = logs
    paths = [folder / name for name in names] or [folder]
    ingest(planned(store, tmp_path), paths, NOW)
    with (folder / "mail.log").open("a") as log:
        log.write(_END.format(n=9, q="4bT2cX2", to="cy@shop.example", dsn="2.0.0", status="sent", words="250 2.0.0 Ok"))
    before, grown = ingest(store, paths, NOW)
    assert (before.unchanged, grown.records, grown.new_events) == (True, 5, 1)
    assert store.rows("SELECT message_id, attribution FROM event ORDER BY ts DESC LIMIT 1") == [("2@news.example", 0)]
    assert all(report.unchanged for report in ingest(store, paths, NOW))


@pytest.mark.parametrize("key_first", [False, True])
def test_a_log_cut_anywhere_is_as_it_was_once_it_is_read_as_a_whole(tmp_path: Path, key_first: bool) -> None:
    told: list[str] = []
    for number, (to, dsn, status, words) in enumerate(_FATES):
        queue = f"4bT{number}cX2"
        # The second mail is an order confirmation to somebody who is planned.
        head = _NEWS if number == 1 else _HEAD
        told += head.format(n=number, q=queue, to=to).splitlines(keepends=True)
        told += _END.format(n=number, q=queue, to=to, dsn=dsn, status=status, words=words).splitlines(keepends=True)
    # cleanup writes its lines in the order of the mail's header.
    told.sort(key=lambda line: (line[:32], ("info" in line) != key_first))
    (tmp_path / "mail.log").write_text("".join(told))
    clean = _read(tmp_path, "clean", ["mail.log"])
    for cut in range(1, len(told)):
        (tmp_path / f"{cut}-begin.log").write_text("".join(told[:cut]))
        (tmp_path / f"{cut}-end.log").write_text("".join(told[cut:]))
        assert _read(tmp_path, f"{cut}", [f"{cut}-end.log", f"{cut}-begin.log", "mail.log"]) == clean, f"cut at {cut}"


def _read(folder: Path, name: str, logs: list[str]) -> list[list[tuple[object, ...]]]:
    """Read logs one after the other into a new store, and return what it holds."""
    store = planned(open_store(folder / f"{name}.db"), folder)
    careless(store)
    for log in logs:
        ingest(store, [folder / log], NOW)
    assert counters_are_right(store)
    found = [store.rows(sql) for sql in (_COLUMNS, _EVENTS, _STRANGERS, _ADDRESSES)]
    store.close()
    return found
