"""The countdown of a send in the table is the one of now, however long the screen has been open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from store.vocabulary import SendState
from tui.present.sends import send_columns

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_cell_tells_the_seconds_that_are_left_when_it_is_drawn() -> None:
    now = NOON
    state = next(column for column in send_columns(lambda: now) if column.key == "state")
    row = cast(Any, SimpleNamespace(state=SendState.STARTING, starts_at=NOON + timedelta(seconds=130), alive=True))
    assert "2 min" in state.cell(row)[0]
    now = NOON + timedelta(seconds=103)
    assert "27 s" in state.cell(row)[0]
