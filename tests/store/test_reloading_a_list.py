"""What has changed with a list's members since it was made, and what a reload does about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.actions import contacts, listkeeping, lists, resends, triage
from store.actions.reloading import reload
from store.actions.undo import redo, undo
from store.database import Store
from store.errors import NotFound
from store.journal import Operator
from store.obstacles import Obstacle
from store.queries.lists import list_lists
from store.queries.reloading import changes
from store.vocabulary import BounceKind, EventType, ListKind
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ANN = Operator("ann", "10.0.0.1")
PEOPLE = "abcdefghij"


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    found = plan(store, "Spring", [f"{p}@x.example" for p in PEOPLE])
    for id_ in found.values():
        happen(store, id_, EventType.DELIVERED)
    return {address[0]: id_ for address, id_ in found.items()}


def make(store: Store, ids: dict[str, int], kind: ListKind = ListKind.SELECTION) -> int:
    change = lists.add(store, [ids[person] for person in PEOPLE], kind, "List", ANN, NOW)
    assert change.list_id is not None
    return change.list_id


def people(store: Store, list_id: int) -> str:
    found = store.rows(
        "SELECT r.address FROM list_member AS m JOIN recipient AS r ON r.id = m.recipient_id WHERE m.list_id = ?"
        " ORDER BY 1",
        (list_id,),
    )
    return "".join(address[0] for (address,) in found)


def tell(store: Store, ids: dict[str, int], person: str, **columns: object) -> None:
    """Change a contact as an import would."""
    sets = ", ".join(f"{name} = ?" for name in columns)
    store.run(
        lambda: store.execute(
            f"UPDATE contact SET {sets} WHERE id = (SELECT contact_id FROM recipient WHERE id = ?)",
            (*columns.values(), ids[person]),
        )
    )


def trouble(store: Store, ids: dict[str, int]) -> None:
    """Let something happen to everybody but i and j, the events older than the list."""
    happen(store, ids["a"], EventType.UNSUBSCRIBED, 5)
    happen(store, ids["b"], EventType.COMPLAINED, 6)
    triage.block(store, [ids["c"]], ANN, LATER)
    triage.former(store, [ids["d"]], ANN, LATER)
    tell(store, ids, "e", consent=False)
    triage.delete(store, [ids["f"]], ANN, LATER)
    contacts.fix(store, ids["g"], "gina@x.example", ANN, LATER)
    happen(store, ids["h"], EventType.BOUNCED, 7, BounceKind.SOFT)


def test_the_changes_are_counted_and_named_before_anything_is_done(store: Store, ids: dict[str, int]) -> None:
    list_id = make(store, ids)
    trouble(store, ids)
    counts, rows = changes(store, list_id)
    assert counts.off == {
        "complained": 1,
        "unsubscribed": 1,
        "former employee": 1,
        "no address": 1,
        "blocked": 1,
        "no consent": 1,
    }
    assert (counts.members, counts.fixed, counts.told, counts.before, counts.since) == (10, 1, {"bounced": 1}, {}, NOW)
    assert [(row.what, row.address[0], row.leaves) for row in rows] == [
        ("blocked", "c", True),
        ("complained", "b", True),
        ("former employee", "d", True),
        ("no address", "f", True),
        ("no consent", "e", True),
        ("unsubscribed", "a", True),
        ("bounced", "h", False),
        ("fixed", "g", False),
    ]
    assert (rows[-1].address, rows[-1].new_address, rows[-1].name) == ("g@x.example", "gina@x.example", "G")
    assert people(store, list_id) == PEOPLE
    assert len(changes(store, list_id, limit=2)[1]) == 2


def test_a_reload_takes_off_whom_it_named_and_undo_brings_them_back(store: Store, ids: dict[str, int]) -> None:
    list_id = make(store, ids)
    trouble(store, ids)
    before = store.rows("SELECT * FROM list_member ORDER BY 2"), list_lists(store)
    change = reload(store, list_id, ANN, LATER)
    assert change.sentence == (
        "List “List” reloaded: 6 taken off (1 complained, 1 unsubscribed, 1 former employee, 1 no address, 1 blocked,"
        " 1 no consent), 1 address fixed, 1 bounced since"
    )
    after = store.rows("SELECT * FROM list_member ORDER BY 2"), list_lists(store)
    assert people(store, list_id) == "ghij"
    again = reload(store, list_id, ANN, LATER + timedelta(minutes=1))
    assert (again.count, again.sentence) == (
        0,
        "Nothing has changed with list “List” since 2026-03-06 08:00 UTC",
    )
    undo(store, ANN, LATER)
    assert (store.rows("SELECT * FROM list_member ORDER BY 2"), list_lists(store)) == before
    redo(store, ANN, LATER)
    assert (store.rows("SELECT * FROM list_member ORDER BY 2"), list_lists(store)) == after


def test_who_was_put_on_knowingly_stays_unless_all_shall_go(store: Store, ids: dict[str, int]) -> None:
    triage.block(store, [ids["c"]], ANN, NOW)
    list_id = make(store, ids)
    happen(store, ids["a"], EventType.UNSUBSCRIBED, 5)
    counts, rows = changes(store, list_id)
    assert (counts.off, counts.before) == ({"unsubscribed": 1}, {"blocked": 1})
    assert [row.address[0] for row in rows] == ["a"]
    reload(store, list_id, ANN, LATER)
    assert people(store, list_id) == "bcdefghij"
    change = reload(store, list_id, ANN, LATER, everybody=True)
    assert change.sentence == "List “List” reloaded: 1 taken off (1 for reasons known before)"
    assert people(store, list_id) == "bdefghij"


def test_who_may_be_written_to_again_and_then_may_not_is_news_again(store: Store, ids: dict[str, int]) -> None:
    list_id = make(store, ids)
    tell(store, ids, "a", consent=False)
    listkeeping.remove(store, list_id, [ids[p] for p in "bcdefghij"], ANN, NOW)
    undo(store, ANN, NOW)
    tell(store, ids, "a", consent=True)
    assert reload(store, list_id, ANN, LATER).count == 0
    tell(store, ids, "a", consent=False)
    assert changes(store, list_id)[0].off == {"no consent": 1}


def test_an_address_that_an_import_changed_is_told_with_the_old_one(store: Store, ids: dict[str, int]) -> None:
    list_id = make(store, ids)
    later = int(LATER.timestamp() * 1000)
    tell(store, ids, "a", email="anna@x.example", email_key="anna@x.example", updated_at=later)
    tell(store, ids, "b", name="Bo", updated_at=later)
    counts, (row,) = changes(store, list_id)
    assert (counts.fixed, row.address, row.new_address) == (1, "a@x.example", "anna@x.example")


def test_a_fix_that_was_undone_is_no_change(store: Store, ids: dict[str, int]) -> None:
    list_id = make(store, ids)
    contacts.fix(store, ids["g"], "gina@x.example", ANN, LATER)
    undo(store, ANN, LATER)
    assert changes(store, list_id)[0].changed == 0


def test_a_reminder_loses_who_read_it_since_and_a_resend_list_who_got_it(store: Store, ids: dict[str, int]) -> None:
    reminder = make(store, ids, ListKind.REMINDER)
    happen(store, ids["a"], EventType.OPENED, 5)
    happen(store, ids["b"], EventType.REPLIED, 5)
    assert changes(store, reminder)[0].off == {"read it since": 2}
    reload(store, reminder, ANN, LATER)
    assert people(store, reminder) == "cdefghij"
    resend = lists.add(store, [ids["c"], ids["d"]], ListKind.RESEND, "Again", ANN, NOW).list_id
    assert resend is not None
    counts, _ = changes(store, resend)
    assert counts.off == {"reached since": 2}


def earlier_failure(store: Store, *people: str) -> None:
    """Let a mail of another campaign to these people fail for a while."""
    for id_ in plan(store, "Winter", [f"{person}@x.example" for person in people]).values():
        happen(store, id_, EventType.BOUNCED, 1, BounceKind.SOFT, reason="mailboxfull")


def test_what_was_known_when_a_reminder_or_a_resend_list_was_made_is_no_change(
    store: Store, ids: dict[str, int]
) -> None:
    happen(store, ids["b"], EventType.BOUNCED, 5, BounceKind.BLOCK)
    later = plan(store, "Late letter", ["a@x.example"])
    happen(store, later["a@x.example"], EventType.BOUNCED, 9, BounceKind.SOFT, reason="mailboxfull")
    earlier_failure(store, "b")
    campaign = store.rows("SELECT campaign_id FROM recipient WHERE id = ?", (ids["a"],))[0][0]
    for change in (
        lists.remind(store, campaign, "Again", 0, ANN, NOW),
        triage.excuse(store, [ids["b"]], ANN, NOW),
        resends.resend(store, campaign, ANN, NOW),
    ):
        assert change.list_id is not None
        assert changes(store, change.list_id)[0].changed == 0, change.sentence


def test_who_comes_back_on_a_resend_list_comes_back_with_what_was_known(store: Store, ids: dict[str, int]) -> None:
    happen(store, ids["b"], EventType.BOUNCED, 5, BounceKind.BLOCK)
    earlier_failure(store, "b")
    list_id = triage.excuse(store, [ids["b"]], ANN, NOW).list_id
    triage.clear(store, [ids["b"]], ANN, LATER)
    before = store.rows("SELECT * FROM list_member")
    campaign = store.rows("SELECT campaign_id FROM recipient WHERE id = ?", (ids["b"],))[0][0]
    assert resends.resend(store, campaign, ANN, LATER).list_id == list_id
    assert store.rows("SELECT * FROM list_member") == []
    undo(store, ANN, LATER)
    assert store.rows("SELECT * FROM list_member") == before
    assert before[0][-1] == Obstacle.BOUNCED


def test_a_list_that_is_gone_cannot_be_reloaded(store: Store) -> None:
    with pytest.raises(NotFound, match="no longer there"):
        changes(store, 7)
    with pytest.raises(NotFound, match="no longer there"):
        reload(store, 7, ANN, NOW)
