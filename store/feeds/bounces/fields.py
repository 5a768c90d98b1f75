"""The fields of a delivery status report (RFC 3464), read from any text by a tolerant line scanner.

Blank lines and boundaries between the blocks are not trusted: a field that a recipient already has begins the next
recipient. Fields may be indented, quoted, glued to the line before, or folded without indentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAMES = (
    "original-envelope-id|reporting-mta|dsn-gateway|received-from-mta|arrival-date|original-recipient|final-recipient"
    "|x-actual-recipient|action|status|remote-mta|diagnostic-code|last-attempt-date|final-log-id|will-retry-until"
    "|x-supplementary-info|x-display-name|x-original-message-id|x-[a-z][\\w-]{1,40}"
)
_FIELD = re.compile(rf"[ \t>|*]*({_NAMES})[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_GLUED = re.compile(
    # A pattern that begins with a set of characters is looked for in a third of the time.
    r"[ \t](?<=\S[ \t])[ \t]*(?=(?:final-recipient|original-recipient|diagnostic-code|remote-mta|reporting-mta"
    r"|last-attempt-date"
    r"|action(?=:[ \t]*(?:failed|delayed|delivered|relayed|expanded)\b)"
    r"|status(?=:[ \t]*[245]\.\d{1,3}\.\d{1,3}))[ \t]*:)",
    re.IGNORECASE,
)
_BEGIN = frozenset({"final-recipient", "original-recipient", "action", "status", "x-actual-recipient"})
_FOLLOWED = frozenset({"diagnostic-code", "final-recipient", "x-supplementary-info", "status", "original-recipient"})
_RECIPIENTS = 1000
_VALUE = (1 << 14) + 100


@dataclass
class Block:
    """The fields of one recipient, lower-case name -> value unfolded."""

    fields: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return the value of the field ``name``, "" if it is missing."""
        return self.fields.get(name, "")


@dataclass
class _Scan:
    common: Block = field(default_factory=Block)
    blocks: list[Block] = field(default_factory=list)
    now: Block = field(default_factory=Block)
    name: str = ""
    blank: bool = False

    def close(self) -> None:
        """End the recipient that is being read."""
        if "final-recipient" in self.now.fields or "original-recipient" in self.now.fields:
            self.blocks.append(self.now)
        elif not self.common.fields:
            self.common = self.now
        elif "x-actual-recipient" in self.now.fields:
            self.blocks.append(self.now)
        self.now = Block()

    def begins(self, name: str) -> bool:
        """Tell whether a field ``name`` is the first of another recipient."""
        if name not in _BEGIN:
            return False
        if name in self.now.fields:
            return True
        has = self.now.fields.keys()
        if not self.blank:
            return False
        if not has & _BEGIN:
            return True
        return "final-recipient" in has and ("status" in has or "action" in has) and name == "original-recipient"


def scan(text: str) -> tuple[Block, list[Block]]:
    """Return the fields of the message and those of each recipient that ``text`` holds."""
    state = _Scan()
    for line in _lines(text):
        if not line.strip(" \t>|"):
            state.blank = True
            continue
        match = _FIELD.match(line[:_VALUE])
        if match:
            name = match[1].lower()
            if state.begins(name):
                state.close()
                if len(state.blocks) >= _RECIPIENTS:
                    break
            state.name, state.blank = name, False
            state.now.fields.setdefault(name, match[2].strip())
        elif _continues(state, line):
            state.now.fields[state.name] = f"{state.now.fields[state.name]} {line.strip(' >')}".strip()[:_VALUE]
    state.close()
    return state.common, state.blocks


def _lines(text: str) -> list[str]:
    if "l-Recipient" not in text and "l-recipient" not in text and "L-RECIPIENT" not in text:
        return []
    return _GLUED.sub("\n", text).split("\n")


def _continues(state: _Scan, line: str) -> bool:
    """Tell whether a line that is no field goes on with the last one."""
    if not state.name:
        return False
    if state.blank or line.startswith("--"):
        state.name = ""
        return False
    if state.name not in state.now.fields or len(state.now.fields[state.name]) >= _VALUE:
        return False
    return line[0] in " \t>" or state.name in _FOLLOWED
