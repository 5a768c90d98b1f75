"""Lists and segments in their pane: combined, split, renamed, noted, deleted, reloaded, members taken off."""

from pathlib import Path

import pytest

from store.asking import RecipientFilter
from store.database import Store
from store.queries.lists import find_list, list_lists
from store.queries.recipients import stream
from store.queries.segments import list_segments
from store.vocabulary import EventType, ListKind, State
from tests.store.plan import happen
from tests.tui.conftest import Walk, Walker
from tui.panes.lists import ListsPane
from tui.present.lists import ListLine


def members(store: Store, name: str) -> str:
    rows = stream(store, RecipientFilter(list_id=find_list(store, name).id))
    return " ".join(row.address.partition("@")[0] for row in rows)


def lines(w: Walker) -> list[str]:
    pane = w.app.screen.query_one(ListsPane)
    found = pane.table.source.page(0, 99)
    return [f"{line.row.name} {line.people}" for line in found if isinstance(line, ListLine)]


async def two_lists(w: Walker) -> None:
    """Make A of anna, bert, cora and B of cora, dora; open the lists."""
    await w.press("space", "space", "space", "l")
    await w.type("A")
    await w.press("enter", "escape", "g", "j", "j", "space", "space", "l")
    await w.type("B")
    await w.press("down", "enter", "L")
    assert lines(w) == ["B 2", "A 3"]


async def test_two_marked_lists_become_one_and_undo_takes_it_back(walk: Walk) -> None:
    async with walk() as w:
        await two_lists(w)
        await w.press("plus")
        assert "Mark two lists or more first" in w.text
        await w.press("space", "space", "plus")
        assert "=         4  people on the new list" in w.text
        await w.press("enter")
        assert "Type a name for the new list." in w.text
        await w.type("Both")
        await w.press("enter")
        assert members(w.app.store, "Both") == "anna bert cora dora"
        assert "4 added to new selection “Both”. u takes it back." in w.text
        assert lines(w) == ["Both 4", "B 2", "A 3"]
        assert "marked" not in w.text
        await w.press("u")
        assert lines(w) == ["B 2", "A 3"]


async def test_a_difference_begins_with_the_list_that_stands_first(walk: Walk) -> None:
    async with walk() as w:
        await two_lists(w)
        await w.press("space", "space", "minus")
        await w.type("Rest")
        assert "=         2  people" in w.text
        await w.press("tab")
        assert "=         1  person" in w.text
        await w.press("down", "enter")
        made = find_list(w.app.store, "Rest")
        assert (made.kind, made.note, made.campaign) == (ListKind.PROJECT, "B minus A", "Autumn newsletter")
        assert members(w.app.store, "Rest") == "dora"


async def test_nobody_on_all_of_the_lists_makes_no_list(walk: Walk) -> None:
    async with walk() as w:
        await two_lists(w)
        await w.press("d", "y", "escape", "escape", "G", "l")
        await w.type("C")
        await w.press("enter", "L", "asterisk", "ampersand")
        await w.type("None")
        await w.press("enter")
        assert "Nobody would be on this list." in w.text
        await w.press("escape")
        assert len(list_lists(w.app.store)) == 2


async def test_a_list_is_split_after_a_look_at_the_numbers(walk: Walk, store: Store) -> None:
    store.run(lambda: store.execute("UPDATE contact SET responsible = 'Ida' WHERE email LIKE 'anna%'"))
    async with walk() as w:
        await two_lists(w)
        await w.press("j", "s")
        assert "3 people on 2 new selection lists" in w.text
        assert "1  A · Ida" in w.text
        assert "2  A · without responsible" in w.text
        await w.press("t")
        assert "3 people on 2 new project lists" in w.text
        await w.press("enter")
        assert members(store, "project:A · without responsible") == "bert cora"
        await w.press("u")
        assert lines(w) == ["B 2", "A 3"]


async def test_lists_are_renamed_noted_and_deleted(walk: Walk) -> None:
    async with walk() as w:
        await two_lists(w)
        await w.press("n", "backspace")
        await w.press("enter")
        assert "Type a name." in w.text
        await w.type("Calls")
        await w.press("enter", "N")
        await w.type("ask Ida")
        await w.press("enter")
        row = find_list(w.app.store, "Calls")
        assert (row.kind, row.note) == (ListKind.PROJECT, "ask Ida")
        await w.press("asterisk", "n")
        assert "This takes one list, and 2 are marked" in w.text
        await w.press("d")
        assert "Delete these 2 lists?" in w.text
        assert "project Calls · 2 members" in w.text
        await w.press("y")
        assert lines(w) == []
        await w.press("u")
        assert lines(w) == ["Calls 2", "A 3"]


async def test_all_of_the_marked_lists_go_on_another_one(walk: Walk) -> None:
    async with walk() as w:
        await two_lists(w)
        await w.press("asterisk", "l")
        assert "Everybody on 2 lists" in w.text
        await w.type("C")
        await w.press("enter")
        assert members(w.app.store, "C") == "anna bert cora dora"


async def test_members_are_taken_off_and_the_others_are_shown(walk: Walk) -> None:
    async with walk() as w:
        await w.press("minus")
        assert "Only members are taken off a list" in w.text
        await two_lists(w)
        await w.press("j", "enter")
        assert w.shown == ["anna", "bert", "cora"]
        await w.press("j", "minus")
        assert w.shown == ["anna", "cora"]
        assert w.at == "cora"
        assert "1 taken off selection “A”. u takes it back." in w.text
        await w.press("asterisk", "minus")
        assert "Take 2 recipients off the list?" in w.text
        await w.press("y")
        assert w.shown == []
        await w.press("u")
        assert w.shown == ["anna", "cora"]
        await w.press("u")
        assert w.shown == ["anna", "bert", "cora"]


async def test_a_reload_names_who_leaves_before_anybody_does(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await two_lists(w)
        happen(store, w.ids["cora"], EventType.UNSUBSCRIBED, 9000)
        await w.press("R")
        assert "1  of 2 leave the list" in w.text
        assert "- unsubscribed     cora@example.org" in w.text
        await w.press("escape")
        assert members(store, "B") == "cora dora"
        await w.press("R", "enter")
        assert members(store, "B") == "dora"
        assert "1 taken off (1 unsubscribed)" in w.text
        await w.press("R")
        assert "last reloaded" in w.text
        assert "Nothing has changed with its members." in w.text
        await w.press("escape", "u")
        assert members(store, "B") == "cora dora"


async def test_who_was_known_to_be_in_the_way_leaves_only_when_asked(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("B", "g")
        await two_lists(w)
        await w.press("j", "R")
        assert "stay although known before: 1 blocked" in w.text
        await w.press("a")
        assert "1  blocked, known before" in w.text
        await w.press("enter")
        assert members(store, "A") == "bert cora"


async def test_a_filter_is_saved_stands_beside_the_lists_and_opens_as_it_was(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("slash")
        await w.type("example")
        await w.press("enter", "g", "equals_sign")
        assert "state        hard" in w.text
        await w.press("enter")
        assert w.shown == ["anna"]
        await w.press("w")
        assert "Autumn newsletter · hard · “example”" in w.text
        await w.press("enter")
        assert "Type a name for the segment." in w.text
        await w.type("Dead")
        await w.press("enter")
        (saved,) = list_segments(store)
        assert saved.filter is not None
        assert (saved.filter.states, saved.filter.text) == (frozenset({State.HARD}), "example")
        await w.press("escape", "L")
        assert lines(w) == ["Dead 1"]
        assert "segment" in w.text
        await w.press("R")
        assert "A segment is always up to date" in w.text
        await w.press("enter")
        assert w.shown == ["anna"]
        assert "segment Dead · Autumn newsletter · hard" in w.text
        await w.press("escape")
        assert len(w.shown) == 8
        await w.press("w")
        await w.press("enter")
        assert "Give it this filter?" in w.text
        await w.press("y", "L")
        assert lines(w) == ["Dead 8"]


async def test_segments_follow_what_happens_while_they_are_shown(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("equals_sign", "enter", "w")
        await w.type("Dead")
        await w.press("enter", "escape", "L")
        assert lines(w) == ["Dead 1"]
        await w.press("escape", "j", "b", "L")
        assert lines(w) == ["Dead 2"]
        await w.press("u")
        assert lines(w) == ["Dead 1"]


async def test_a_condition_asked_for_twice_is_taken_off(walk: Walk) -> None:
    async with walk() as w:
        await w.press("equals_sign", "j", "enter")
        assert w.shown == ["anna"]
        assert "reason userunknown" in w.text
        await w.press("equals_sign")
        assert "[x] reason" in w.text
        await w.press("j", "enter")
        assert len(w.shown) == 8


async def test_a_segment_that_cannot_be_read_is_shown_and_says_why(walk: Walk, store: Store) -> None:
    columns = "(name, spec, note, created_at, created_by)"
    store.run(lambda: store.execute(f"INSERT INTO segment {columns} VALUES ('New', '{{\"version\":9}}', '', 1, 'x')"))
    async with walk(size=(140, 40)) as w:
        await w.press("L")
        assert "The filter was" in w.text
        await w.press("enter")
        assert "cannot be opened" in w.text


async def test_the_members_of_a_list_are_written_from_its_pane(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with walk() as w:
        await two_lists(w)
        await w.press("x", "down", "down")
        assert "[HTML]" in w.text
        await w.press("enter")
    page = (tmp_path / "project-b.html").read_text("utf-8")
    assert "cora@example.org" in page
    assert "<dt>List</dt><dd>project B</dd>" in page
    assert "<dt>By</dt><dd>ann at desk-1</dd>" in page
