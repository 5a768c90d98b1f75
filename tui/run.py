"""Opening the screen on a store; whoever imports this module loads Textual."""

from __future__ import annotations

import sys

from store.database import open_store
from store.journal import current_operator
from tui.app import AftersendApp
from tui.lifeline import share_heap, terminal_refusal

WRONG_USAGE = 2


def run(store_url: str | None = None, *, mouse: bool = False, read_only: bool = False) -> int:
    """Open the full-screen app on the store and return its exit code when the operator leaves.

    Args:
        store_url: a path, ``sqlite:///path``, or None for the default place.
        mouse: whether the mouse works (it takes the terminal's own text selection away).
        read_only: whether nothing can be changed.

    Raises:
        StoreError: the store cannot be opened; its text is the sentence to show.
    """
    why = terminal_refusal()
    if why is not None:
        print(why, file=sys.stderr)
        return WRONG_USAGE
    store = open_store(store_url, read_only=read_only)
    store.spare_memory()
    share_heap()
    try:
        app = AftersendApp(store, current_operator())
        app.run(mouse=mouse)
        return app.return_code or 0
    finally:
        store.close()
