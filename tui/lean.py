"""Loads Textual without what no frame needs before a key asks for it: a fifth of what the program loads at its start.

Textual's app imports the command palette with all its widgets at its top, and a table of Rich only to print colours;
asyncio loads TLS in case somebody wants it. While it is loaded, placeholders stand in their places; afterwards whoever
imports these modules gets the real ones. Functions load their module when they are called; :func:`load_palette` gives
Textual's app the palette before it is opened, and :func:`load_tls` gives asyncio TLS. This leans on names of Textual
and asyncio that are their own; Textual is pinned, and a test tells what is loaded at the start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module, reload
from types import ModuleType
from typing import Any

_PALETTE = "textual.command"
_HELD_BACK = {
    _PALETTE: ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider"),
    "rich.table": ("Table",),
}
"""Modules, and the classes that are taken from them."""

_CALLED = {
    "pickle": ("dumps", "loads"),
    "platformdirs": ("user_downloads_path",),
    "textual.markup": ("parse_style",),
}
"""Modules, and the functions that are taken from them."""

_TLS = "ssl"
_USERS_OF_TLS = ("asyncio.base_events", "asyncio.selector_events")


class _Placeholder:
    """Stands where a class will be that nothing is made of yet."""


def load_textual() -> None:
    """Load Textual's app; modules that were loaded before are left as they are."""
    if "textual.app" in sys.modules:
        return
    held: dict[str, ModuleType | None] = {
        name: _stand_in(name) for name in (*_HELD_BACK, *_CALLED) if name not in sys.modules
    }
    if _TLS not in sys.modules and "asyncio" not in sys.modules:
        held[_TLS] = None  # Python's own sign for "this import fails", with which asyncio does without TLS
    sys.modules.update(held)  # type: ignore[arg-type]
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


def load_tls() -> None:
    """Give asyncio TLS, if it was loaded without."""
    users = [module for module in map(import_module, _USERS_OF_TLS) if getattr(module, _TLS) is None]
    if users:
        tls = import_module(_TLS)
        reload(import_module("asyncio.sslproto"))
        for module in users:
            setattr(module, _TLS, tls)


def _stand_in(name: str) -> ModuleType:
    module = ModuleType(name)
    for each in _HELD_BACK.get(name, ()):
        setattr(module, each, _Placeholder)
    for each in _CALLED.get(name, ()):
        setattr(module, each, _late(name, each))
    return module


def _late(module: str, name: str) -> Callable[..., Any]:
    """Return a function that loads the function of this name when it is called."""

    def call(*args: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*args, **named)

    return call
