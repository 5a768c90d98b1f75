from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui.cli.columns import Column, print_table

Capture = pytest.CaptureFixture[str]

COLUMNS = (
    Column("Campaign", floor=8),
    Column("State", rank=2),
    Column("Under way", right=True),
    Column("Planned", right=True),
)
ROWS = [("Autumn newsletter to everybody", "finished", "0", "1,204"), ("Übung 東京", "under way", "12", "9")]


def printed(capsys: Capture, width: int | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("tui.cli.columns.terminal_width", lambda: width)
    print_table(COLUMNS, ROWS)
    return capsys.readouterr().out.splitlines()


def test_in_a_pipe_rows_are_tab_separated_without_headings_and_numbers_have_no_commas(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(capsys, None, monkeypatch) == [
        "Autumn newsletter to everybody\tfinished\t0\t1204",
        "Übung 東京\tunder way\t12\t9",
    ]


def test_numbers_stand_on_the_right_and_wide_characters_count_two_cells(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(capsys, 80, monkeypatch) == [
        "CAMPAIGN                        STATE      UNDER WAY  PLANNED",
        "Autumn newsletter to everybody  finished           0    1,204",
        "Übung 東京                      under way         12        9",
    ]


@pytest.mark.parametrize("width", [52, 50, 45, 40, 34, 30])
def test_no_line_is_wider_than_the_terminal_and_what_is_cut_ends_with_an_ellipsis(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    lines = printed(capsys, width, monkeypatch)
    assert max(map(len, lines)) <= width
    assert any("…" in line for line in lines)
    assert "1,204" in "\n".join(lines)


def test_a_narrow_terminal_breaks_headings_and_then_leaves_out_the_least_important_column(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(capsys, 36, monkeypatch)[:2] == [
        "                      UNDER",
        "CAMPAIGN   STATE        WAY  PLANNED",
    ]
    narrow = "\n".join(printed(capsys, 26, monkeypatch))
    assert "STATE" not in narrow
    assert "finished" not in narrow


def test_rows_are_streamed_so_that_the_first_lines_are_out_before_the_last_row_is_made(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.columns.terminal_width", lambda: 40)
    made: list[int] = []

    def rows() -> Iterator[tuple[str, ...]]:
        for at in range(2000):
            made.append(at)
            yield (f"row {at}", "x", "1", "2")
            if at == 1000:
                assert "row 400" in capsys.readouterr().out

    assert print_table(COLUMNS, rows()) == 2000


def test_an_empty_table_prints_nothing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.columns.terminal_width", lambda: 80)
    assert print_table(COLUMNS, []) == 0
    assert capsys.readouterr().out == ""
