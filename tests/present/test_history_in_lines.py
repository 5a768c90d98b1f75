from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from store.rows import JournalRow, OutcomeRow
from store.vocabulary import Actor, Attribution, BlockReason, BounceKind, Decision, Delivery, EventType, Triage
from tests.present.made import NOON, address, event, history, later, recipient
from tui.present.cells import width
from tui.present.colours import STYLE_NAMES
from tui.present.history import history_lines

WORDS = "host mx.example.org[192.0.2.7] said: 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown"


def shown(found, cells=80):
    return ["".join(text for text, _ in line) for line in history_lines(found, cells, later(days=3), UTC)]


def bounced():
    row = recipient(
        delivery=Delivery.BOUNCED,
        bounce_kind=BounceKind.HARD,
        reason="userunknown",
        status="5.1.1",
        triage=Triage.DONE,
        decision=Decision.FIXED,
        contact_address="anna@example.com",
    )
    failed = event(
        type=EventType.BOUNCED,
        kind=BounceKind.HARD,
        reason="userunknown",
        status="5.1.1",
        reply=550,
        diagnostic=WORDS,
        attribution=Attribution.INFERRED,
    )
    done = JournalRow(7, later(hours=2), "ute", "", "fix", "Fixed anna@example.org to anna@example.com", 1, None, True)
    return history(recipient=row, events=(failed,), journal=(done,), crm_id="K-17", former=True)


def test_the_servers_words_are_whole_however_narrow_the_terminal():
    for cells in (30, 60, 80, 200):
        joined = "".join(line.strip() for line in shown(bounced(), cells))
        assert WORDS.replace(" ", "") in joined.replace(" ", "")


@given(st.integers(20, 200), st.text())
def test_no_line_is_wider_than_asked_whatever_the_server_said(cells, words):
    found = history(events=(event(type=EventType.DEFERRED, diagnostic=words),), recipient=recipient(name=words))
    for line in history_lines(found, cells, NOON, UTC):
        assert sum(width(text) for text, _ in line) <= cells
        assert all(style in STYLE_NAMES for _, style in line)


def test_events_and_decisions_stand_in_the_order_of_time():
    text = "\n".join(shown(bounced(), 120))
    assert text.index("✗ bounced hard 5.1.1 550") < text.index("ute: Fixed anna@example.org")
    assert "2026-03-12 12:00" in text
    assert "(inferred, Postfix log)" in text


def test_the_head_says_who_it_is_and_where_it_stands():
    lines = shown(bounced())
    assert lines[0] == "Anna Berg"
    assert lines[1] == "anna@example.org (today anna@example.com)"
    assert lines[2] == "Berg GmbH · de · responsible: Ute · CRM K-17"
    assert lines[3].startswith("✗ Bounced hard · Autumn newsletter · 3 days ago · fixed, unknown user, 5.1.1")
    assert lines[4] == "former employee"


def test_a_blocked_address_says_since_when_and_why():
    found = history(address=address(blocked_at=NOON, block_reason=BlockReason.HARD_BOUNCE, consecutive=2))
    assert "address blocked 2026-03-12 12:00 (hard bounce) · 2 bounces in a row" in shown(found)


def test_several_outcomes_are_all_shown():
    rows = tuple(
        OutcomeRow("m", f"{name}@example.org", delivery, None, None, None, None, None, NOON)
        for name, delivery in (("a", Delivery.DELIVERED), ("b", Delivery.EXPIRED))
    )
    text = "\n".join(shown(history(outcomes=rows)))
    assert "2 outcomes" in text
    assert "✓ Delivered  a@example.org" in text
    assert "∅ Expired  b@example.org" in text


def test_opens_by_machines_are_told_apart():
    found = history(events=(event(type=EventType.OPENED, actor=Actor.MACHINE),))
    assert "● opened by a machine" in "\n".join(shown(found))


def test_an_undone_action_says_so():
    entry = JournalRow(7, NOON, "ute", "", "block", "Blocked 1", 1, later(hours=1), True)
    assert "ute: Blocked 1 (undone)" in "\n".join(shown(history(journal=(entry,))))


def test_somebody_without_events_has_a_history_too():
    assert "Nothing yet." in shown(history())


def test_other_campaigns_of_the_person_are_named():
    found = history(elsewhere=(recipient(id=2, campaign="Spring fair", sent_at=NOON),))
    assert "2026-03-12 12:00  Spring fair: ✓ Delivered" in shown(found)


def test_what_was_folded_says_for_how_many_it_stands():
    found = history(events=(event(type=EventType.OPENED, times=1234),))
    assert "opened x 1,234  (" in "\n".join(shown(found))
