from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.feeds.kumomta import KumoMtaLog, is_kumomta
from store.feeds.opening import open_feeds
from store.feeds.record import Defect, Record
from store.vocabulary import BounceKind, EventType, Source

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DELIVERY: dict[str, Any] = {
    "type": "Delivery",
    "id": "1d98",
    "sender": "bounces+ann=shop.example@news.example",
    "recipient": "ann@shop.example",
    "queue": "spring-26:acme@shop.example",
    "response": {
        "code": 250,
        "enhanced_code": {"class": 2, "subject": 0, "detail": 0},
        "content": "OK",
        "command": ".",
    },
    "peer_address": {"name": "mx.shop.example.", "addr": "203.0.113.5"},
    "timestamp": 1772438402,
    "num_attempts": 0,
    "bounce_classification": "Uncategorized",
    "nodeid": "n1",
    "headers": {"Message-ID": "<c1.7@news.example>"},
    "meta": {},
}


def event(name: str, code: int = 250, status: str = "", content: str = "OK", **more: Any) -> dict[str, Any]:
    parts = [int(part) for part in status.split(".")] if status else []
    enhanced = dict(zip(("class", "subject", "detail"), parts, strict=True)) if parts else None
    response = {"code": code, "enhanced_code": enhanced, "content": content, "command": "RCPT TO:<ann@shop.example>"}
    return DELIVERY | {"type": name, "response": response} | more


def read(*objects: dict[str, Any]) -> list[Record | Defect]:
    log = KumoMtaLog()
    return [item for number, found in enumerate(objects, 1) for item in log.records(found, f"line {number}")]


def one(*objects: dict[str, Any]) -> Record:
    found = read(*objects)[-1]
    assert isinstance(found, Record)
    return found


def feed(path: Path) -> tuple[str, list[Record], list[Defect]]:
    [found] = open_feeds(path, zone=UTC, now=NOW)
    items = list(found.records)
    return (
        found.format,
        [item for item in items if isinstance(item, Record)],
        [item for item in items if isinstance(item, Defect)],
    )


def test_a_delivery_carries_everything_by_itself() -> None:
    record = one(DELIVERY)
    assert (record.type, record.source, record.ts) == (EventType.DELIVERED, Source.KUMOMTA, 1772438402000)
    assert (record.campaign, record.message_id, record.verp) == ("spring-26", "c1.7@news.example", "ann@shop.example")
    assert (record.status, record.reply, record.diagnostic) == ("2.0.0", 250, "250 2.0.0 OK")


def test_the_finer_time_is_preferred() -> None:
    assert one(DELIVERY | {"event_time": "2026-03-02T08:00:02.123456789Z"}).ts == 1772438402123


@pytest.mark.parametrize(
    ("more", "campaign"),
    [
        ({"headers": {"x-campaign-id": ["spring-27"]}}, "spring-27"),
        ({"headers": {"List-ID": "<summer.news.example>"}}, "summer"),
        ({"queue": "acme@shop.example"}, None),
        ({"queue": ":acme@shop.example"}, None),
        ({"queue": "shop.example", "meta": {"campaign": "autumn"}}, "autumn"),
        ({"meta": {"x_campaign_id": "spring-27", "campaign": "autumn"}}, "spring-27"),
        ({"queue": "spring-26:@[IPv6:2001:db8::1]!gateway"}, "spring-26"),
    ],
)
def test_the_campaign_is_told_by_header_queue_or_meta(more: dict[str, Any], campaign: str | None) -> None:
    assert one(DELIVERY | more).campaign == campaign


def test_the_message_id_may_stand_in_the_meta_data() -> None:
    assert (
        one(DELIVERY | {"headers": {}, "meta": {"message_id": "<c1.8@news.example>"}}).message_id == "c1.8@news.example"
    )


def test_one_record_can_hold_several_recipients() -> None:
    records = read(DELIVERY | {"recipient": ["ann@shop.example", "bo@shop.example"]})
    assert [record.address for record in records if isinstance(record, Record)] == [
        "ann@shop.example",
        "bo@shop.example",
    ]


@pytest.mark.parametrize(
    ("found", "kind", "bounce", "reason"),
    [
        (event("Reception"), EventType.QUEUED, None, None),
        (event("Bounce", 550, "5.1.1", "no such user"), EventType.BOUNCED, BounceKind.HARD, "userunknown"),
        (event("TransientFailure", 452, "4.2.2", "mailbox full"), EventType.DEFERRED, None, "mailboxfull"),
        (event("Delayed", 451, "", "deferred by policy"), EventType.DEFERRED, None, None),
        (event("OOB", 550, "5.1.1", "no such user"), EventType.BOUNCED, BounceKind.HARD, "userunknown"),
        (event("Bounce", 550, "", "x7", bounce_classification="InvalidRecipient"), EventType.BOUNCED, "hard", None),
        (event("Bounce", 550, "", "x7", bounce_classification="SpamBlock"), EventType.BOUNCED, "block", None),
    ],
)
def test_every_type_has_its_meaning(
    found: dict[str, Any], kind: EventType, bounce: BounceKind | None, reason: str | None
) -> None:
    record = one(found)
    assert (record.type, record.kind) == (kind, bounce)
    assert reason is None or record.reason == reason


def test_an_expiry_takes_its_codes_from_the_last_deferral() -> None:
    full, over = event("TransientFailure", 452, "4.2.2", "mailbox full"), event("Expiration", 551, "5.4.7", "too long")
    record = one(full, over)
    assert (record.type, record.kind, record.expired) == (EventType.BOUNCED, BounceKind.SOFT, True)
    assert (record.status, record.reply, record.reason) == ("4.2.2", 452, "mailboxfull")
    assert (one(over).kind, one(over).expired) == (BounceKind.SOFT, True)


def test_a_late_bounce_does_not_take_the_bounce_mails_own_headers_for_the_campaigns() -> None:
    late = event("OOB", 550, "5.1.1", queue="x:y@news.example", headers={"Message-ID": "<dsn@mx>"})
    assert (one(late).campaign, one(late).message_id, one(late).verp) == (None, None, "ann@shop.example")


def test_a_complaint_is_that_of_the_original_recipient() -> None:
    report = {
        "feedback_type": "abuse",
        "original_mail_from": "bounces+bo=shop.example@news.example",
        "original_rcpt_to": ["bo@shop.example"],
        "original_message": "Message-ID: <c1.8@news.example>\nX-Campaign-ID: spring-26\n\nHi",
    }
    record = one(event("Feedback", sender="fbl@isp.example", recipient="fbl@news.example", feedback_report=report))
    assert (record.type, record.address, record.feedback) == (EventType.COMPLAINED, "bo@shop.example", "abuse")
    assert (record.campaign, record.message_id) == ("spring-26", "c1.8@news.example")
    redacted = one(event("Feedback", feedback_report=report | {"original_rcpt_to": None}))
    assert redacted.address == "bo@shop.example"
    assert read(event("Feedback", feedback_report=report | {"feedback_type": "not-spam"})) == []


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, EventType.REJECTED),
        ({"response": {"code": 451, "content": "try later"}}, EventType.DEFERRED),
        ({"sender": "spam@elsewhere.example"}, None),
        ({"sender": "app@other.example", "peer_address": {"name": "app", "addr": "10.0.0.9"}}, EventType.REJECTED),
    ],
)
def test_what_is_refused_at_the_door_counts_where_the_sender_is_ours(
    more: dict[str, Any], kind: EventType | None
) -> None:
    records = read(event("Rejection", 550, "5.1.1", "no such user", id="", queue="") | more)
    assert [record.type for record in records if isinstance(record, Record)] == ([kind] if kind else [])


@pytest.mark.parametrize("name", ["AdminRebind", "DeferredInjectionRebind", "XferOut", "XferIn"])
def test_moves_between_queues_and_notices_are_no_events(name: str) -> None:
    assert read(event(name)) == []
    assert read(DELIVERY | {"sender": ""}) == []


def test_unknown_types_and_times_are_defects() -> None:
    found = read(DELIVERY | {"type": "Dance"}, DELIVERY | {"timestamp": None}, DELIVERY | {"event_time": "soon"})
    assert [item.where for item in found if isinstance(item, Defect)] == ["line 1", "line 2", "line 3"]


LINES = "".join(json.dumps(DELIVERY | {"id": str(number), "x": number * 7919 % 10007}) + "\n" for number in range(3000))


def test_a_segment_of_several_frames_is_read(tmp_path: Path) -> None:
    middle = LINES.index("\n", len(LINES) // 2) + 1
    pack = zstandard.ZstdCompressor().compress
    (tmp_path / "seg").write_bytes(pack(LINES[:middle].encode()) + pack(LINES[middle:].encode()))
    kind, records, defects = feed(tmp_path / "seg")
    assert (kind, len(records), defects) == ("kumomta log", 3000, [])


def test_a_segment_still_being_written_gives_what_it_holds(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(LINES.encode())
    for name, data, sentence in [
        ("cut", packed[:-200], "the zstd archive ends in the middle; what comes after is lost"),
        ("torn", packed[:-900] + b"\x00" * 900, "the zstd archive is damaged here; what comes after is lost"),
    ]:
        (tmp_path / name).write_bytes(data)
        _, records, defects = feed(tmp_path / name)
        assert len(records) <= 3000
        assert [(defect.sentence, defect.ends) for defect in defects] == [(sentence, True)]


def test_segments_of_a_folder_are_read_in_order_of_time(tmp_path: Path) -> None:
    full = event("TransientFailure", 452, "4.2.2", "mailbox full")
    (tmp_path / "b").write_text(json.dumps(full))
    (tmp_path / "a").write_text(json.dumps(event("Expiration", 551, "5.4.7", timestamp=1772538402)))
    found = [item for found in open_feeds(tmp_path, zone=UTC, now=NOW) for item in found.records]
    records = [item for item in found if isinstance(item, Record)]
    assert [(record.status, record.expired) for record in records] == [("4.2.2", False), ("4.2.2", True)]


def test_zstd_without_its_library_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seg").write_bytes(zstandard.ZstdCompressor().compress(LINES.encode()))
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    with pytest.raises(BadInput, match="install the Python package zstandard"):
        feed(tmp_path / "seg")


@pytest.mark.parametrize("text", ['{"type": "Bounce", "email": "a@b.example"}', "[]", "{", '{"type": 5, "queue": 1}'])
def test_other_json_is_no_log_of_kumomta(text: str) -> None:
    assert not is_kumomta(text.encode())


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(["Delivery", "Bounce", "OOB", "Feedback", "Rejection", "Expiration", "?"]),
    st.dictionaries(st.sampled_from([*DELIVERY, "feedback_report", "event_time"]), VALUES, max_size=4),
)
def test_any_object_is_read_without_an_exception(name: str, broken: dict[str, Any]) -> None:
    read(DELIVERY | {"type": name} | broken)
    is_kumomta(json.dumps(broken).encode())
