"""The short way from a key to its binding ends where Textual's own does."""

from __future__ import annotations

import pytest
from textual.screen import Screen
from textual.widgets import Input

from tests.tui.conftest import Walk


@pytest.mark.parametrize("keys", [(), ("2",), ("2", "slash"), ("L",), ("question_mark",), ("P",)], ids=" ".join)
async def test_a_key_is_looked_for_in_the_same_places_as_by_textual(keys: tuple[str, ...], walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        await w.press(*keys)
        screen = w.app.screen
        whole = Screen._binding_chain.fget(screen)  # type: ignore[attr-defined]
        assert isinstance(screen.focused, Input) is ("slash" in keys)
        assert [node for node, _ in screen._binding_chain] == [node for node, _ in whole]
        for (_, short), (_, wanted) in zip(screen._binding_chain, whole, strict=True):
            assert short.key_to_bindings == wanted.key_to_bindings
