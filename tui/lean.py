"""Loads Textual without what no frame needs before a key asks for it: a sixth of what the program loads at its start.

Textual's app imports the command palette with all its widgets at its top, and a table of Rich only to print colours.
While it is loaded, placeholders stand in their places; afterwards whoever imports these modules gets the real ones, and
:func:`load_palette` gives Textual's app the palette before it is opened. This leans on names of Textual that are its
own; Textual is pinned, and a test tells what is loaded at the start.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

_PALETTE = "textual.command"
_HELD_BACK = {
    _PALETTE: ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider"),
    "rich.table": ("Table",),
}
"""Modules, and the names that are taken from them."""


class _Placeholder:
    """Stands where a class will be that nothing is made of yet."""


def load_textual() -> None:
    """Load Textual's app; modules that were loaded before are left as they are."""
    if "textual.app" in sys.modules:
        return
    held = {name: names for name, names in _HELD_BACK.items() if name not in sys.modules}
    for name, names in held.items():
        module = ModuleType(name)
        for each in names:
            setattr(module, each, _Placeholder)
        sys.modules[name] = module
    try:
        import_module("textual.app")
    finally:
        for name in held:
            del sys.modules[name]


def load_palette() -> None:
    """Give Textual's app the command palette, if placeholders stand in its place."""
    app, palette = import_module("textual.app"), import_module(_PALETTE)
    for each in _HELD_BACK[_PALETTE]:
        if getattr(app, each, None) is _Placeholder:
            setattr(app, each, getattr(palette, each))
