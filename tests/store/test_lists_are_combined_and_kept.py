"""Lists and segments: union, difference, intersection, splitting, keeping; each with its way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.actions import combining, listkeeping, lists, segments, splitting, triage
from store.actions.lists import Target
from store.actions.undo import redo, undo
from store.asking import Combining, RecipientFilter, Source
from store.database import Store
from store.errors import NotFound, Refused
from store.journal import Operator
from store.queries.lists import find_list, list_lists
from store.queries.recipients import count, stream
from store.queries.segments import find_segment, find_source, list_segments, source_of
from store.vocabulary import BounceKind, EventType, ListKind, State
from tests.store.plan import happen, plan

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
ANN, BO = Operator("ann", "10.0.0.1"), Operator("bo", "10.0.0.2")
PEOPLE = "abcdefgh"


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    """A campaign of eight people; returns the recipients' ids by name."""
    return {address[0]: id_ for address, id_ in plan(store, "Spring", [f"{p}@x.example" for p in PEOPLE]).items()}


def listed(store: Store, ids: dict[str, int], name: str, people: str, kind: ListKind = ListKind.SELECTION) -> Source:
    change = lists.add(store, [ids[person] for person in people], kind, name, ANN, NOW)
    return Source(list_id=change.list_id)


def members(store: Store, name: str) -> str:
    rows = stream(store, RecipientFilter(list_id=find_list(store, name).id))
    return "".join(sorted(row.address[0] for row in rows))


def everything(store: Store) -> list[object]:
    """Return all that an export of the store holds of people, lists and segments."""
    tables = ("recipient", "contact", "address", "campaign_stat")
    live = {row.id for row in list_lists(store)}
    return [
        *(sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in tables),
        list_lists(store),
        list_segments(store),
        [row for row in store.rows("SELECT * FROM list_member ORDER BY 1, 2") if row[0] in live],
    ]


def there_and_back(store: Store, before: list[object]) -> None:
    """Undo the last action, compare with what was before, redo it, compare with what was after."""
    after = everything(store)
    undo(store, ANN, NOW + timedelta(hours=1))
    assert everything(store) == before
    redo(store, ANN, NOW + timedelta(hours=2))
    assert everything(store) == after


@pytest.mark.parametrize(
    ("how", "wanted"), [(Combining.UNION, "abcde"), (Combining.MINUS, "a"), (Combining.INTERSECT, "c")]
)
def test_three_lists_become_one_with_the_number_first(
    store: Store, ids: dict[str, int], how: Combining, wanted: str
) -> None:
    sources = [listed(store, ids, "A", "abc"), listed(store, ids, "B", "bcd"), listed(store, ids, "C", "ce")]
    before = everything(store)
    assert combining.counted(store, how, sources) == ([3, 3, 2], len(wanted))
    assert everything(store) == before
    change = lists.combine(store, how, sources, Target(ListKind.PROJECT, " All  of them "), ANN, NOW)
    assert (change.count, change.sentence) == (
        len(wanted),
        f"{len(wanted)} added to new project “All of them”",
    )
    assert members(store, "project:All of them") == wanted
    there_and_back(store, before)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(st.sampled_from(PEOPLE), min_size=1), min_size=2, max_size=4), st.sampled_from(Combining))
def test_combining_does_what_sets_do(store: Store, ids: dict[str, int], parts: list[set[str]], how: Combining) -> None:
    sources = []
    for part in parts:
        name = f"part {len(store.rows('SELECT id FROM mail_list'))}"
        sources.append(listed(store, ids, name, "".join(sorted(part))))
    first, *others = parts
    wanted = {
        Combining.UNION: first.union(*others),
        Combining.MINUS: first.difference(*others),
        Combining.INTERSECT: first.intersection(*others),
    }[how]
    assert combining.counted(store, how, sources) == ([len(part) for part in parts], len(wanted))
    name = f"result {len(store.rows('SELECT id FROM mail_list'))}"
    if not wanted:
        with pytest.raises(Refused, match="Nobody would be on this list"):
            lists.combine(store, how, sources, Target(ListKind.SELECTION, name), ANN, NOW)
        return
    lists.combine(store, how, sources, Target(ListKind.SELECTION, name), ANN, NOW)
    assert set(members(store, name)) == wanted


def test_a_combination_never_takes_the_name_of_a_list_that_is_there(store: Store, ids: dict[str, int]) -> None:
    sources = [listed(store, ids, "A", "abc"), listed(store, ids, "B", "bcd")]
    with pytest.raises(Refused, match="There is a selection list “A” already"):
        lists.combine(store, Combining.MINUS, sources, Target(ListKind.SELECTION, "A"), ANN, NOW)
    with pytest.raises(Refused, match="needs a name"):
        lists.combine(store, Combining.MINUS, sources, Target(ListKind.SELECTION, " "), ANN, NOW)
    with pytest.raises(Refused, match="Two lists or more"):
        lists.combine(store, Combining.MINUS, sources[:1], Target(ListKind.SELECTION, "N"), ANN, NOW)
    listkeeping.delete(store, sources[1:], ANN, NOW)
    with pytest.raises(NotFound, match="no longer there"):
        lists.combine(store, Combining.MINUS, sources, Target(ListKind.SELECTION, "N"), ANN, NOW)


def test_a_segment_stays_live_and_is_a_source_for_lists(store: Store, ids: dict[str, int]) -> None:
    happen(store, ids["a"], EventType.BOUNCED, kind=BounceKind.HARD)
    campaign = store.rows("SELECT id FROM campaign")[0][0]
    before = everything(store)
    asked = RecipientFilter(campaign, frozenset({State.BOUNCED}))
    assert segments.save(store, "Dead ends", asked, ANN, NOW).sentence == "Segment “Dead ends” saved"
    there_and_back(store, before)
    row = find_segment(store, "segment:dead  ENDS")
    assert (row.filter, row.words) == (asked, "Spring · bounced")
    assert count(store, asked) == 1
    happen(store, ids["b"], EventType.BOUNCED, kind=BounceKind.HARD)
    assert count(store, asked) == 2
    before = everything(store)
    change = lists.add_source(store, [source_of(row)], ListKind.PROJECT, "Check", ANN, NOW)
    assert (change.count, members(store, "Check")) == (2, "ab")
    there_and_back(store, before)
    happen(store, ids["c"], EventType.BOUNCED, kind=BounceKind.HARD)
    before = everything(store)
    assert lists.add_source(store, [source_of(row)], ListKind.PROJECT, "Check", ANN, NOW).count == 1
    there_and_back(store, before)
    with pytest.raises(Refused, match="Everybody is on the list “Check” already"):
        lists.add_source(store, [source_of(row)], ListKind.PROJECT, "Check", ANN, NOW)


def test_lists_and_segments_are_combined_with_each_other(store: Store, ids: dict[str, int]) -> None:
    happen(store, ids["b"], EventType.BOUNCED, kind=BounceKind.HARD)
    segments.save(store, "Bounced", RecipientFilter(states=frozenset({State.BOUNCED})), ANN, NOW)
    sources = [listed(store, ids, "A", "abc"), source_of(find_source(store, "bounced"))]
    assert combining.counted(store, Combining.MINUS, sources) == ([3, 1], 2)
    lists.combine(store, Combining.MINUS, sources, Target(ListKind.SELECTION, "Fine"), ANN, NOW)
    assert members(store, "Fine") == "ac"


def test_a_segment_gets_another_filter_only_when_that_is_meant(store: Store) -> None:
    segments.save(store, "S", RecipientFilter(text="a"), ANN, NOW)
    with pytest.raises(Refused, match="There is a segment “S” already"):
        segments.save(store, "S", RecipientFilter(text="b"), ANN, NOW)
    before = everything(store)
    assert segments.save(store, "S", RecipientFilter(text="b"), ANN, NOW, replace=True).count == 1
    there_and_back(store, before)
    with pytest.raises(Refused, match="has this filter already"):
        segments.save(store, "S", RecipientFilter(text="b"), ANN, NOW, replace=True)


def test_a_segment_of_a_newer_program_or_of_a_deleted_list_says_so(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "abc")
    segments.save(store, "Of A", RecipientFilter(list_id=source.list_id), ANN, NOW)
    segments.save(store, "New", RecipientFilter(), ANN, NOW)
    store.run(lambda: store.execute("UPDATE segment SET spec = '{\"version\":9,\"moon\":1}' WHERE name = 'New'"))
    listkeeping.delete(store, [source], ANN, NOW)
    new, of_a = list_segments(store)
    assert (new.filter, new.words) == (None, "The filter was saved by a newer aftersend; update the program.")
    assert of_a.words == "a list that is no longer there"
    assert of_a.filter is not None
    assert count(store, of_a.filter) == 0


def responsible(store: Store, ids: dict[str, int], **who: str) -> None:
    for name, people in who.items():
        for person in people:
            store.run(
                lambda name=name, person=person: store.execute(  # type: ignore[misc]
                    "UPDATE contact SET responsible = ? WHERE id = (SELECT contact_id FROM recipient WHERE id = ?)",
                    (name.replace("_", " "), ids[person]),
                )
            )


def test_a_list_is_split_by_who_looks_after_its_people_and_nobody_is_lost(store: Store, ids: dict[str, int]) -> None:
    responsible(store, ids, Ida_Ek="ab", ida_ek_="c", Jo="d")
    source = listed(store, ids, "Check", "abcdef", ListKind.PROJECT)
    before = everything(store)
    parts = splitting.preview(store, source, "Check")
    assert [(part.name, part.members) for part in parts] == [
        ("Check · Ida Ek", 3),
        ("Check · Jo", 1),
        ("Check · without responsible", 2),
    ]
    assert everything(store) == before
    change = splitting.split(store, source, Target(ListKind.PROJECT, "Check"), ANN, NOW)
    assert change.sentence == "“Check” split into 3 project lists with 6 people, 2 of them without responsible"
    assert [members(store, part.name) for part in parts] == ["abc", "d", "ef"]
    assert members(store, "Check") == "abcdef"
    there_and_back(store, before)
    with pytest.raises(Refused, match="There is a project list “Check · Ida Ek” and 2 more of these lists already"):
        splitting.split(store, source, Target(ListKind.PROJECT, "Check"), ANN, NOW)


def test_members_go_off_and_come_back(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "abc")
    assert source.list_id is not None
    before = everything(store)
    change = listkeeping.remove(store, source.list_id, [ids["a"], ids["b"], ids["h"]], ANN, NOW)
    assert change.sentence == "2 taken off selection “A” (1 left alone: It is not on the list.)"
    assert change.refused == ((ids["h"], "It is not on the list."),)
    assert members(store, "A") == "c"
    there_and_back(store, before)
    assert listkeeping.remove(store, source.list_id, [ids["a"]], ANN, NOW).count == 0


def test_who_was_put_on_again_by_somebody_else_is_left_alone_by_undo(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "abc")
    assert source.list_id is not None
    listkeeping.remove(store, source.list_id, [ids["a"], ids["b"]], ANN, NOW)
    lists.add(store, [ids["a"]], ListKind.SELECTION, "A", BO, NOW)
    change = undo(store, ANN, NOW)
    assert (change.count, change.refused) == (1, ((ids["a"], "It was changed since."),))
    assert members(store, "A") == "abc"


def test_members_of_a_list_that_somebody_deleted_since_are_not_moved(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "abc")
    lists.add(store, [ids["d"]], ListKind.SELECTION, "A", ANN, NOW)
    listkeeping.delete(store, [source], BO, NOW)
    with pytest.raises(Refused, match="cannot be undone: It was changed since"):
        undo(store, ANN, NOW)


def test_lists_and_segments_are_renamed_noted_and_deleted(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "ab")
    listed(store, ids, "B", "c")
    segments.save(store, "S", RecipientFilter(), ANN, NOW)
    segment = source_of(find_segment(store, "S"))
    for what, word in ((source, "Selection “A”"), (segment, "Segment “S”")):
        before = everything(store)
        assert listkeeping.rename(store, what, " New\x1b name ", ANN, NOW).sentence == (
            f"{word} is called “New␛ name” now"
        )
        there_and_back(store, before)
        before = everything(store)
        listkeeping.annotate(store, what, "for\tIda", ANN, NOW)
        assert find_source(store, "segment:New␛ name" if what is segment else "New␛ name").note == "for␉Ida"
        there_and_back(store, before)
    before = everything(store)
    assert listkeeping.delete(store, [source, segment, source], ANN, NOW).count == 2
    assert [row.name for row in list_lists(store)] == ["B"]
    assert list_segments(store) == ()
    there_and_back(store, before)


def test_names_are_not_taken_twice_and_not_given_back_twice(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "ab")
    listed(store, ids, "B", "c")
    listed(store, ids, "C", "c", ListKind.PROJECT)
    with pytest.raises(Refused, match="There is a selection “B” already"):
        listkeeping.rename(store, source, "B", ANN, NOW)
    with pytest.raises(Refused, match="It is called “A” already"):
        listkeeping.rename(store, source, "A", ANN, NOW)
    listkeeping.rename(store, source, "C", ANN, NOW)
    lists.add(store, [ids["d"]], ListKind.SELECTION, "A", BO, NOW)
    with pytest.raises(Refused, match="There is another list of that name by now"):
        undo(store, ANN, NOW)
    listkeeping.delete(store, [source], ANN, NOW)
    lists.add(store, [ids["d"]], ListKind.SELECTION, "C", BO, NOW)
    with pytest.raises(Refused, match="There is another list of that name by now"):
        undo(store, ANN, NOW)


def test_a_list_that_somebody_renamed_since_is_not_unmade(store: Store, ids: dict[str, int]) -> None:
    source = listed(store, ids, "A", "ab")
    listkeeping.rename(store, source, "B", BO, NOW)
    with pytest.raises(Refused, match="bo changed the list at 2026-03-05 08:00 UTC"):
        undo(store, ANN, NOW)


def test_excusing_still_makes_lists_that_undo_takes_back_whole(store: Store, ids: dict[str, int]) -> None:
    happen(store, ids["a"], EventType.BOUNCED, kind=BounceKind.BLOCK)
    before = everything(store)
    triage.excuse(store, [ids["a"]], ANN, NOW)
    assert members(store, "Resend · Spring") == "a"
    there_and_back(store, before)
