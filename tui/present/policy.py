"""The policy: the columns of its settings, and the lines that explain the one under the cursor."""

from __future__ import annotations

from dataclasses import dataclass

from store.policy import SETTINGS, UNCHANGED, Policy
from store.settings import Setting
from tui.present.cells import wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting with the value that holds; ``id`` is its place, from 1."""

    id: int
    setting: Setting
    value: str


def setting_rows(policy: Policy) -> tuple[SettingRow, ...]:
    """Return the settings of a policy, in the order of the page."""
    return tuple(SettingRow(at, setting, policy.text(setting.name)) for at, setting in enumerate(SETTINGS, 1))


def setting_lines(row: SettingRow, cells: int) -> list[Line]:
    """Return what a setting does and what it takes, as lines of at most ``cells`` cells."""
    lines: list[Line] = [((part, "text"),) for part in wrap(row.setting.help, cells)]
    told = f"Takes {row.setting.allowed}; {row.setting.text(UNCHANGED)} unless changed."
    return [*lines, *(((part, "muted"),) for part in wrap(told, cells))]


def _value_cell(row: SettingRow) -> Cell:
    return (row.value, "text") if row.value == row.setting.text(UNCHANGED) else (f"{row.value} *", "warn")


POLICY_COLUMNS: tuple[Column[SettingRow], ...] = (
    Column("label", "Setting", lambda row: (row.setting.label, "strong"), width=28, weight=1, limit=44),
    Column("value", "Value", _value_cell, width=24),
    Column("default", "Unless changed", lambda row: (row.setting.text(UNCHANGED), "muted"), width=22, priority=1),
    Column("name", "Name", lambda row: (row.setting.name, "muted"), width=16, priority=2),
)
"""What is set, to what, what it is unless somebody changes it, and its name on the command line; * marks changes."""
