from __future__ import annotations

from dataclasses import replace

import pytest
from textual.actions import SkipAction
from textual.geometry import Region

from store.asking import Selection
from tests.tui.tables import COLUMNS, People, TableApp
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows


async def test_a_million_rows_are_shown_by_reading_a_page_or_two():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        assert app.table.source.read <= 64
        app.table.action_last()
        assert app.table.cursor_id == 1_000_000
        assert app.sight()[-1] == 1_000_000
        assert app.table.source.read <= 64 * 3


async def test_the_heading_and_the_rows_stand_in_columns():
    app = TableApp(3)
    async with app.run_test(size=(60, 10)):
        assert app.line(0).split() == ["Name", "Town"]
        assert app.line(1).split() == ["Person", "1", "Town", "1"]
        assert app.line(1).index("Town") == app.line(0).index("Town")
        assert app.line(4) == ""


async def test_a_cursor_step_repaints_two_lines_only(monkeypatch):
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        painted: list[Region] = []
        monkeypatch.setattr(app.table, "refresh", lambda *regions, **_: painted.extend(regions))
        app.table.action_cursor_down()
        assert painted == [Region(0, 1, 60, 1), Region(0, 2, 60, 1)]


async def test_past_the_last_line_the_rows_scroll_by_half_a_page():
    app = TableApp()
    async with app.run_test(size=(60, 21)):
        app.table.move_cursor(19)
        assert app.sight() == list(range(1, 21))
        app.table.action_cursor_down()
        assert app.sight() == list(range(11, 31))
        assert app.table.cursor_id == 21


async def test_pages_ends_and_edges():
    app = TableApp(100)
    async with app.run_test(size=(60, 21)):
        table = app.table
        table.action_page_down()
        assert (table.cursor_row, app.sight()[0]) == (20, 21)
        table.action_page_up()
        table.action_page_up()
        table.action_cursor_up()
        assert (table.cursor_row, app.sight()[0]) == (0, 1)
        table.action_last()
        table.action_cursor_down()
        assert (table.cursor_row, app.sight()[-1]) == (99, 100)
        table.action_first()
        assert table.cursor_id == 1


async def test_the_hook_hears_of_the_cursor_at_once_and_the_message_follows():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        seen = []
        app.table.on_cursor = lambda position, row_id: seen.append((position, row_id))
        for _ in range(3):
            app.table.action_cursor_down()
        assert seen == [(1, 2), (2, 3), (3, 4)]
        await pilot.pause()
        moved = [event for event in app.heard if isinstance(event, BigTable.CursorMoved)]
        assert (moved[-1].position, moved[-1].row_id, moved[-1].control) == (3, 4, app.table)


async def test_space_marks_with_a_sign_and_steps_on():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.action_mark()
        app.table.action_mark()
        assert app.table.selection == Selection(frozenset({1, 2}))
        assert app.table.cursor_id == 3
        assert app.line(1).startswith("* Person 1")
        app.table.move_cursor(0)
        app.table.action_mark()
        assert app.table.selection == Selection(frozenset({2}))
        await pilot.pause()
        assert [event.count for event in app.heard if isinstance(event, BigTable.MarksChanged)][-1] == 1


async def test_a_range_marks_what_lies_between():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        app.table.move_cursor(4)
        app.table.action_range()
        app.table.move_cursor(2)
        assert app.line(4).startswith("+ Person 4")
        app.table.action_range()
        assert app.table.selection == Selection(frozenset({3, 4, 5}))
        assert not app.table.in_range


async def test_a_long_range_is_asked_for_and_nothing_is_read():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.action_range()
        app.table.action_last()
        app.table.action_range()
        await pilot.pause()
        asked = [event for event in app.heard if isinstance(event, BigTable.RangeRequested)]
        assert [(event.first, event.last) for event in asked] == [(0, 999_999)]
        assert app.table.marked == 0


async def test_all_rows_are_marked_without_their_ids_and_unmarked_again():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        app.table.action_mark_all()
        assert app.table.selection == Selection(inverted=True)
        assert app.table.marked == 1_000_000
        app.table.action_mark()
        assert app.table.marked == 999_999
        app.table.action_mark_all()
        assert app.table.marked == 1_000_000
        app.table.action_mark_all()
        assert app.table.marked == 0


async def test_all_like_this_cell_asks_with_the_current_column():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.action_column_right()
        app.table.action_column_right()
        app.table.action_mark_like()
        await pilot.pause()
        asked = [event for event in app.heard if isinstance(event, BigTable.LikeRequested)]
        assert [(event.row_id, event.column) for event in asked] == [(1, "town")]
        app.table.mark_ids([1, 8, 15])
        assert app.table.marked == 3


async def test_esc_ends_the_range_first_then_clears_the_marks_then_goes_on():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        app.table.action_mark()
        app.table.action_range()
        app.table.action_clear_marks()
        assert (app.table.in_range, app.table.marked) == (False, 1)
        app.table.action_clear_marks()
        assert app.table.marked == 0
        with pytest.raises(SkipAction):
            app.table.action_clear_marks()


async def test_newer_rows_repaint_changed_lines_only(monkeypatch):
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        rows = {row.id: row for row in app.table.visible_rows()}
        painted: list[Region] = []
        monkeypatch.setattr(app.table, "refresh", lambda *regions, **_: painted.extend(regions))
        assert app.table.replace_rows(rows) == 0
        assert app.table.replace_rows(rows | {5: replace(rows[5], name="Somebody else")}) == 1
        assert painted == [Region(0, 5, 60, 1)]
        assert "Somebody else" in app.line(5)


async def test_other_rows_keep_the_cursor_on_its_row():
    app = TableApp(100)
    async with app.run_test(size=(60, 20)):
        app.table.move_cursor(9)
        app.table.set_source(People(100, backwards=True), keep_id=10)
        assert (app.table.cursor_row, app.table.cursor_id) == (90, 10)
        app.table.set_source(ListedRows(People(100).page(50, 5)), keep_id=10)
        assert (app.table.cursor_row, app.table.cursor_id) == (0, 51)
        app.table.set_source(People(100), position=99)
        assert app.table.cursor_id == 100


async def test_marks_go_with_the_rows_unless_they_shall_stay():
    app = TableApp(100)
    async with app.run_test(size=(60, 20)):
        app.table.action_mark()
        app.table.set_source(People(100, backwards=True), keep_marks=True)
        assert app.table.marked == 1
        app.table.set_source(People(50))
        assert app.table.marked == 0


async def test_no_rows_say_so_and_no_key_does_harm():
    app = TableApp(0)
    async with app.run_test(size=(60, 20)) as pilot:
        table = app.table
        table.set_empty("No recipient fits.")
        assert app.line(2).strip() == "No recipient fits."
        for name in ("cursor_down", "page_up", "last", "mark", "range", "mark_like", "open", "column_right"):
            getattr(table, f"action_{name}")()
        await pilot.pause()
        assert (table.cursor_row, table.cursor_id, table.current, table.marked) == (0, None, None, 0)


async def test_a_resize_keeps_the_cursor_in_sight_and_drops_columns_that_do_not_fit():
    app = TableApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.table.move_cursor(28)
        await pilot.resize_terminal(22, 10)
        assert app.table.cursor_id in app.sight()
        assert app.line(0).split() == ["Name"]
        assert app.table.current_column.key == "name"


async def test_the_order_is_shown_by_an_arrow():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        app.table.show_sort("town", reverse=True)
        assert "Town ▼" in app.line(0)
        app.table.show_sort("town")
        assert "Town ▲" in app.line(0)
        app.table.show_sort(None)
        assert app.line(0).split() == ["Name", "Town"]


async def test_every_line_is_exactly_as_wide_as_the_table():
    app = TableApp()
    async with app.run_test(size=(61, 20)):
        app.table.action_mark()
        app.table.action_range()
        for y in range(20):
            strip = app.table.render_line(y)
            assert strip.cell_length == sum(segment.cell_length for segment in strip) == 61


async def test_a_row_changes_style_three_times_at_most():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        assert len(list(app.table.render_line(1))) == 1
        assert len(list(app.table.render_line(2))) <= 2


async def test_a_click_puts_the_cursor_and_a_second_one_opens():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(app.table, offset=(5, 4))
        assert app.table.cursor_id == 4
        await pilot.click(app.table, offset=(5, 4))
        await pilot.pause()
        assert [event.row_id for event in app.heard if isinstance(event, BigTable.Opened)] == [4]


async def test_other_columns_can_be_shown():
    app = TableApp()
    async with app.run_test(size=(60, 20)):
        app.table.set_columns(COLUMNS[1:])
        assert app.line(0).split() == ["Town"]
        assert app.line(1).split() == ["Town", "1"]


async def test_a_theme_change_is_seen_in_the_next_line():
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        before = next(iter(app.table.render_line(1))).style
        app.theme = "aftersend-ansi"
        await pilot.pause()
        after = next(iter(app.table.render_line(1))).style
        assert before != after
        assert after.reverse
