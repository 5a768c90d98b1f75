"""An action on rows that changed since they were shown leaves those out, and says what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from store.actions import blocks, contacts, later, listkeeping, lists, triage
from store.actions.policy import set_policy
from store.actions.segments import save
from store.actions.tripwires import set_tripwires
from store.actions.unchanged import Sight, on_addresses, on_lists, on_recipients, on_setting, on_tripwires
from store.actions.undo import redo, undo
from store.asking import RecipientFilter, Source
from store.database import Store
from store.errors import Refused
from store.journal import Operator
from store.outbox import control
from store.queries.outbox import send_row
from store.rows import Change
from store.seen import seen_now
from store.vocabulary import Actor, BounceKind, EventType, ListKind, SendState
from tests.outbox.sends import ready
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 5, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANN, BERT = Operator("ann", "10.0.0.1"), Operator("bert", "10.0.0.2")
Act = Callable[[Sequence[int]], Change]


@pytest.fixture
def ids(store: Store) -> list[int]:
    """Six recipients; the mails of all bounced hard but for the last one's, which arrived."""
    found = list(plan(store, "Spring", [f"p{n}@shop.example" for n in range(1, 7)]).values())
    for id_ in found[:-1]:
        happen(store, id_, EventType.BOUNCED, 1, BounceKind.HARD, reason="userunknown")
    happen(store, found[-1], EventType.DELIVERED, 1)
    return found


def journal_of(store: Store) -> list[tuple[str, str]]:
    return [(who, verb) for who, verb in store.rows("SELECT operator, verb FROM journal ORDER BY id")]


def by_ann(store: Store, verb: str) -> Act:
    return lambda some: getattr(triage, verb)(store, some, ANN, NOW + MINUTE)


@pytest.mark.parametrize("mine", ["mark_hard", "mark_soft", "clear", "excuse", "block", "former", "delete", "later"])
@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ("mark_soft", "was marked as bounced soft"),
        ("clear", "was cleared"),
        ("excuse", "was excused"),
        ("block", "was blocked"),
        ("former", "was marked as a former employee"),
        ("delete", "was deleted"),
        ("later", "was put off"),
    ],
)
def test_no_decision_is_made_over_another_one_unseen(
    store: Store, ids: list[int], mine: str, theirs: str, told: str
) -> None:
    sight = Sight(seen_now(store))
    getattr(triage, theirs)(store, ids[:1], BERT, NOW)
    held = store.rows("SELECT * FROM recipient")
    with pytest.raises(Refused) as refused:
        on_recipients(store, sight, ids[:1], by_ann(store, mine))
    assert str(refused.value) == f"p1@shop.example {told} by bert at 10:12 UTC; look again with `.`."
    assert store.rows("SELECT * FROM recipient") == held
    assert [who for who, _ in journal_of(store)] == ["bert"]


def test_of_many_rows_those_that_changed_are_left_out_and_the_others_done(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    triage.clear(store, [ids[1], ids[3]], BERT, NOW)
    done = on_recipients(store, sight, ids[:5], by_ann(store, "excuse"))
    assert done.count == 3
    assert done.sentence.startswith("3 recipients excused")
    assert done.sentence.endswith(
        "(2 changed since shown and left out: p2@shop.example was cleared by bert at 10:12 UTC; look again with `.`)"
    )
    assert [id_ for id_, _ in done.refused] == [ids[1], ids[3]]


def test_when_all_of_many_changed_nothing_is_done_and_one_of_them_is_told(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    triage.clear(store, ids[:3], BERT, NOW)
    with pytest.raises(Refused, match=r"^All 3 changed since they were shown: p1@shop\.example was cleared by bert"):
        on_recipients(store, sight, ids[:3], by_ann(store, "block"))
    assert journal_of(store) == [("bert", "clear")]


def test_whoever_has_seen_a_decision_may_decide_otherwise(store: Store, ids: list[int]) -> None:
    triage.clear(store, ids[:1], BERT, NOW)
    assert on_recipients(store, Sight(seen_now(store)), ids[:1], by_ann(store, "mark_hard")).count == 1


def test_ones_own_decisions_surprise_nobody(store: Store, ids: list[int]) -> None:
    seen = seen_now(store)
    own = triage.clear(store, ids[:1], ANN, NOW).journal_id
    assert own is not None
    with pytest.raises(Refused, match="by ann"):
        on_recipients(store, Sight(seen), ids[:1], by_ann(store, "mark_hard"))
    assert on_recipients(store, Sight(seen, {own}), ids[:1], by_ann(store, "mark_hard")).count == 1


def test_decisions_about_others_are_in_nobodys_way(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    triage.block(store, ids[1:], BERT, NOW)
    assert on_recipients(store, sight, ids[:1], by_ann(store, "clear")).count == 1


def test_a_decision_in_another_campaign_counts_if_it_is_about_the_person_or_the_address(
    store: Store, ids: list[int]
) -> None:
    again = list(plan(store, "Autumn", ["p1@shop.example", "p2@shop.example", "p3@shop.example"]).values())
    for id_ in again:
        happen(store, id_, EventType.BOUNCED, 9, BounceKind.HARD)
    sight = Sight(seen_now(store))
    triage.block(store, again[:1], BERT, NOW)
    triage.former(store, again[1:2], BERT, NOW)
    triage.clear(store, again[2:3], BERT, NOW)
    done = on_recipients(store, sight, ids[:3], by_ann(store, "excuse"))
    assert [why.split(" at ")[0] for _, why in done.refused] == [
        "p1@shop.example was blocked by bert",
        "p2@shop.example was marked as a former employee by bert",
    ]


def test_a_decision_that_was_taken_back_again_is_none(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    triage.clear(store, ids[:1], BERT, NOW)
    undo(store, BERT, NOW)
    assert on_recipients(store, sight, ids[:1], by_ann(store, "excuse")).count == 1


def test_taking_back_what_was_seen_is_a_change_and_so_is_doing_it_again(store: Store, ids: list[int]) -> None:
    triage.clear(store, ids[:1], BERT, NOW)
    sight = Sight(seen_now(store))
    undo(store, BERT, NOW)
    with pytest.raises(Refused, match=r"p1@shop\.example was put back by bert at 10:12 UTC"):
        on_recipients(store, sight, ids[:1], by_ann(store, "mark_soft"))
    sight = Sight(seen_now(store))
    redo(store, BERT, NOW)
    with pytest.raises(Refused, match=r"p1@shop\.example was changed again by bert"):
        on_recipients(store, sight, ids[:1], by_ann(store, "mark_soft"))


def test_a_corrected_address_is_not_corrected_over(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    contacts.fix(store, ids[0], "paul@shop.example", BERT, NOW)
    with pytest.raises(Refused, match=r"p1@shop\.example was corrected by bert"):
        on_recipients(store, sight, ids[:1], lambda _: contacts.fix(store, ids[0], "pia@shop.example", ANN, NOW))
    assert store.row("SELECT email FROM contact WHERE id = 1") == ("paul@shop.example",)


@pytest.mark.parametrize(
    ("type_", "kind", "told"),
    [
        (EventType.BOUNCED, BounceKind.SOFT, "bounced soft"),
        (EventType.REJECTED, None, "was rejected"),
        (EventType.COMPLAINED, None, "complained about spam"),
        (EventType.UNSUBSCRIBED, None, "unsubscribed"),
    ],
)
def test_a_failure_or_a_wish_that_came_in_meanwhile_is_a_change(
    store: Store, ids: list[int], type_: EventType, kind: BounceKind | None, told: str
) -> None:
    sight = Sight(seen_now(store))
    happen(store, ids[0], type_, 30, kind)
    with pytest.raises(Refused) as refused:
        on_recipients(store, sight, ids[:1], by_ann(store, "clear"))
    assert str(refused.value) == f"p1@shop.example {told} meanwhile; look again with `.`."


def test_the_same_failure_once_more_is_no_change(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    happen(store, ids[0], EventType.BOUNCED, 31, BounceKind.HARD, reason="userunknown")
    assert on_recipients(store, sight, ids[:1], by_ann(store, "clear")).count == 1


def test_an_open_is_a_change_only_where_it_makes_a_failure_a_false_one(store: Store, ids: list[int]) -> None:
    sight = Sight(seen_now(store))
    happen(store, ids[0], EventType.OPENED, 40, actor=Actor.HUMAN)
    happen(store, ids[1], EventType.OPENED, 40, actor=Actor.MACHINE)
    happen(store, ids[-1], EventType.OPENED, 40, actor=Actor.HUMAN)
    chosen = [ids[0], ids[1], ids[-1]]
    done = on_recipients(store, sight, chosen, by_ann(store, "block"))
    assert done.count == 2
    assert [why for _, why in done.refused] == [
        "p1@shop.example opened, which makes its failure a false one, meanwhile"
    ]
    sight = Sight(seen_now(store))
    happen(store, ids[0], EventType.CLICKED, 50)
    assert on_recipients(store, sight, ids[:1], by_ann(store, "former")).count == 1


def test_many_rows_are_compared_as_few_are(store: Store, ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    sight = Sight(seen_now(store))
    triage.clear(store, ids[:1], BERT, NOW)
    triage.block(store, ids[1:2], BERT, NOW)
    triage.former(store, ids[2:3], BERT, NOW)
    happen(store, ids[3], EventType.COMPLAINED, 40)

    def told() -> dict[int, str]:
        return store.run(lambda: later.Later(store, sight.seen).recipients(ids))

    few = told()
    monkeypatch.setattr(later, "_FEW", 0)
    assert told() == few
    assert list(few) == ids[:4]


def test_an_address_is_not_freed_after_somebody_blocked_it_anew_or_it_failed_again(
    store: Store, ids: list[int]
) -> None:
    of = dict(store.rows("SELECT address, id FROM address"))
    first, second, third = (of[f"p{n}@shop.example"] for n in (1, 2, 3))
    sight = Sight(seen_now(store))
    triage.block(store, ids[:1], BERT, NOW)
    happen(store, ids[1], EventType.BOUNCED, 60, BounceKind.HARD, reason="disabled")
    done = on_addresses(
        store, sight, [first, second, third], lambda some: blocks.clear_block(store, some, ANN, NOW + MINUTE)
    )
    assert done.count == 1
    assert [why for _, why in done.refused] == [
        "p1@shop.example was blocked by bert at 10:12 UTC",
        "p2@shop.example bounced hard meanwhile",
    ]


def test_lists_are_not_renamed_deleted_or_emptied_over_anothers_change(store: Store, ids: list[int]) -> None:
    list_id = lists.add(store, ids[:2], ListKind.PROJECT, "Call", ANN, NOW).list_id
    assert list_id is not None
    source = Source(list_id)
    sight = Sight(seen_now(store))
    lists.add(store, ids[2:3], ListKind.PROJECT, "Call", BERT, NOW)

    def about(act: Callable[[], Change], *, members: bool) -> Change:
        return on_lists(store, sight, [source], act, members=members)

    with pytest.raises(Refused, match=r"^“Call” was added to by bert at 10:12 UTC; look again"):
        about(lambda: listkeeping.delete(store, [source], ANN, NOW), members=True)
    assert about(lambda: listkeeping.annotate(store, source, "by phone", ANN, NOW), members=False).count == 1
    sight = Sight(seen_now(store))
    listkeeping.rename(store, source, "Ring", BERT, NOW)
    with pytest.raises(Refused, match=r"^“Ring” was renamed by bert"):
        about(lambda: listkeeping.rename(store, source, "Phone", ANN, NOW), members=False)
    with pytest.raises(Refused, match=r"^“Ring” was renamed by bert"):
        on_recipients(store, sight, ids[:1], lambda some: listkeeping.remove(store, list_id, some, ANN, NOW), source)


def test_segments_and_settings_are_not_saved_over_anothers_change(store: Store, ids: list[int]) -> None:
    save(store, "Shops", RecipientFilter(text="shop"), ANN, NOW)
    segment = Source(segment_id=1)
    sight = Sight(seen_now(store))
    save(store, "Shops", RecipientFilter(text="store"), BERT, NOW, replace=True)
    set_policy(store, {"block-after": "7"}, BERT, NOW)
    write = partial(save, store, "Shops", RecipientFilter(text="mine"), ANN, NOW, replace=True)
    with pytest.raises(Refused, match=r"^“Shops” was given another filter by bert"):
        on_lists(store, sight, [segment], write, members=False)
    with pytest.raises(Refused, match=r"^“block-after” was changed by bert"):
        on_setting(store, sight, "block-after", lambda: set_policy(store, {"block-after": "3"}, ANN, NOW))


def test_tripwires_are_not_set_over_anothers_change(store: Store, ids: list[int]) -> None:
    set_tripwires(store, 1, {"hard": "3%"}, ANN, NOW)
    sight = Sight(seen_now(store))
    set_tripwires(store, 1, {"hard": "4%"}, BERT, NOW)

    def set_to(name: str) -> Change:
        return on_tripwires(store, sight, 1, {name}, lambda: set_tripwires(store, 1, {name: "5%"}, ANN, NOW))

    with pytest.raises(Refused, match=r"^“hard” was changed by bert at 10:12 UTC; look again"):
        set_to("hard")
    assert set_to("complaint-rate").count == 1


def test_an_import_that_gave_a_person_another_address_is_a_change(store: Store, tmp_path: object) -> None:
    from pathlib import Path

    from store.actions.imports import import_recipients

    assert isinstance(tmp_path, Path)
    first, second = tmp_path / "spring.csv", tmp_path / "autumn.csv"
    first.write_text("id,email,name\n7,old@shop.example,Pia\n8,same@shop.example,Sam\n", encoding="utf-8")
    import_recipients(store, first, "Spring", ANN, NOW)
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient ORDER BY id")]
    for id_ in ids:
        happen(store, id_, EventType.BOUNCED, 1, BounceKind.HARD)
    sight = Sight(seen_now(store))
    second.write_text("id,email,name\n7,new@shop.example,Pia\n8,same@shop.example,Samuel\n", encoding="utf-8")
    import_recipients(store, second, "Autumn", BERT, NOW + MINUTE)
    done = on_recipients(store, sight, ids, by_ann(store, "former"))
    assert done.count == 1
    assert [why for _, why in done.refused] == [
        "old@shop.example was given another address by an import by bert at 10:13 UTC"
    ]


def test_a_send_that_somebody_halted_meanwhile_does_not_go_on(store: Store) -> None:
    message = ready(store, 1, ["p1@shop.example"]).message_id
    store.run(lambda: store.execute("UPDATE message SET state = ?", (SendState.SENDING.code,)))
    shown = send_row(store, message, NOW)
    control.pause(store, message, BERT, NOW)
    with pytest.raises(Refused, match=r"^“Again” is paused by now \(paused by bert\); look again with `\.`\.$"):
        control.resume(store, message, ANN, NOW, shown)
    seen = send_row(store, message, NOW)
    control.stop(store, message, BERT, NOW, "wrong price")
    with pytest.raises(Refused, match=r"is stopped by now \(wrong price\)"):
        control.resume(store, message, ANN, NOW, seen)
    assert control.resume(store, message, ANN, NOW, send_row(store, message, NOW)).count == 1
