"""The pane of the policy: when addresses are blocked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.widget import Widget

from store.database import Store
from store.queries.policy import load
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import PolicyRequested
from tui.panes.reading import Found, ReadPane
from tui.present.policy import POLICY_COLUMNS, SettingRow, setting_lines, setting_rows
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import Row
from tui.widgets.table_message import Opened
from tui.widgets.text_lines import TextLines


class Explained(TextLines, can_focus=False):
    """The lines that explain the setting under the cursor."""

    DEFAULT_CSS = "Explained { height: 6; width: 1fr; background: $surface; }"


class PolicyPane(ReadPane):
    """The settings that decide when an address is blocked; Enter changes one after showing what that would do."""

    kind: ClassVar[Pane] = "policy"
    scopes = frozenset({"addresses"})
    BINDINGS = bindings("policy")

    def compose(self) -> Iterable[Widget]:
        """Draw the table and the lines under it."""
        yield BigTable(POLICY_COLUMNS)
        yield Explained()

    def on_mount(self) -> None:
        """Explain what is under the cursor; the rows are read by :class:`ReadPane`."""
        self.table.on_cursor = self._explain

    def rows(self, store: Store) -> Sequence[Row]:
        """Read the settings."""
        return setting_rows(load(store))

    def on_found(self, event: Found) -> None:
        """Explain the row under the cursor anew; the rows are shown by :class:`ReadPane`."""
        self.call_after_refresh(lambda: self._explain(self.table.cursor_row, None))

    def on_big_table_opened(self, event: Opened) -> None:
        """Ask for another value."""
        event.stop()
        row = self.table.current
        if isinstance(row, SettingRow):
            self.post_message(PolicyRequested(row.setting, row.value, self.seen))

    def _explain(self, position: int, row_id: int | None) -> None:
        row = self.table.current
        if isinstance(row, SettingRow):
            self.query_one(Explained).show(partial(setting_lines, row))
