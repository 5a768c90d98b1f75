import pytest
from rich.cells import cell_len

from tests.tui.conftest import Walk, Walker


def panes(w: Walker) -> list[str]:
    names = ("campaigns", "recipients", "links")
    return [name for name in names if w.app.screen.query_one(f"#{name}").region.area]


async def test_a_narrow_terminal_shows_the_pane_that_has_the_keys(walk: Walk) -> None:
    async with walk(at="campaigns") as w:
        assert panes(w) == ["campaigns"]
        await w.press("tab")
        assert panes(w) == ["recipients"]
        await w.press("3")
        assert panes(w) == ["links"]
        await w.press("tab")
        assert panes(w) == ["campaigns"]
        await w.press("shift+tab")
        assert panes(w) == ["links"]


async def test_a_wide_terminal_shows_all_three_and_the_campaign_under_the_cursor(walk: Walk) -> None:
    async with walk(size=(140, 40), at="campaigns") as w:
        assert panes(w) == ["campaigns", "recipients", "links"]
        assert len(w.shown) == 8
        await w.press("j")
        assert w.shown == ["anna", "ida"]
        assert "of 2 planned" in w.text
        await w.press("k")
        assert "example.org/offer" in w.text


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (140, 40), (200, 50), (60, 15)])
async def test_every_line_fits_at_any_size(walk: Walk, size: tuple[int, int]) -> None:
    async with walk(size=size) as w:
        lines = w.text.splitlines()
        assert len(lines) <= size[1]
        assert all(cell_len(line) <= size[0] for line in lines)
        assert "anna@" in w.text
        assert "help" in lines[-1]


async def test_the_screen_follows_when_the_terminal_is_resized(walk: Walk) -> None:
    async with walk() as w:
        await w.pilot.resize_terminal(140, 40)
        await w.settle()
        assert panes(w) == ["campaigns", "recipients", "links"]
        await w.pilot.resize_terminal(80, 24)
        await w.settle()
        assert panes(w) == ["recipients"]
        assert w.at == "anna"
