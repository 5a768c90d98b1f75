from store.database import Store
from tests.tui.conftest import Walk
from tui.actions import ACTIONS, Context


def test_a_store_opened_read_only_refuses_every_write_with_the_reason() -> None:
    for action in ACTIONS.values():
        for pane in action.panes:
            why = action.refusal(Context(pane, count=1, shown=1, read_only=True))
            assert (why == "The store was opened read-only; nothing can be changed.") == action.writes


def test_an_action_refuses_in_a_pane_where_it_does_not_work() -> None:
    why = "“fix” does not work here; it belongs to history, inbox, person, recipients."
    assert ACTIONS["fix"].refusal(Context("links")) == why


async def test_actions_without_a_row_say_so(walk: Walk) -> None:
    async with walk() as w:
        await w.press("slash")
        await w.type("nobody")
        await w.press("enter")
        for key in ("b", "f", "l", "x", "v"):
            w.hush()
            await w.press(key)
            assert "There is no row here" in w.text, key


async def test_a_read_only_store_can_be_looked_at(walk: Walk, store: Store) -> None:
    store.read_only = True
    async with walk() as w:
        assert w.at == "anna"
        await w.press("b")
        assert "opened read-only" in w.text
        await w.press("enter")
        assert "What happened" in w.text


async def test_a_key_of_other_panes_says_where_it_works(walk: Walk) -> None:
    async with walk() as w:
        await w.press("1", "f")
        assert "“fix” does not work here; it belongs to history, inbox, person, recipients." in w.text
