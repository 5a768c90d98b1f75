from __future__ import annotations

from store.feeds.record import Progress
from tui.cli.progress import bar_line


def test_the_bar_tells_the_share_and_after_a_second_the_time_left() -> None:
    assert bar_line("list.csv", Progress(25, 100), 0.5) == "list.csv  [######                  ]  25%"
    assert bar_line("list.csv", Progress(25, 100), 60.0).endswith("25%  3:00 left")
    assert bar_line("list.csv", Progress(100, 100), 2.0).endswith("[########################] 100%  0 s left")


def test_without_a_known_total_only_the_amount_is_told() -> None:
    assert bar_line("mailbox", Progress(1234, 0), 5.0) == "mailbox  1,234"
