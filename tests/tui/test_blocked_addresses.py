from store.database import Store
from tests.tui.conftest import Walk, Walker
from tui.panes.blocked import BlockedPane


def addresses(w: Walker) -> list[str]:
    """Return the first parts of the addresses that the screen on top lists."""
    table = w.app.screen.query_one(BlockedPane).table
    return [row.address.partition("@")[0] for row in table.source.page(0, 100)]  # type: ignore[attr-defined]


async def test_an_address_is_freed_and_the_cursor_steps_on(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A")
        assert addresses(w) == ["bert", "anna"]
        assert "operator" in w.text
        assert "hard bounce" in w.text
        assert "2 addresses" in w.text
        await w.press("c")
        assert w.journal()[0] == ("clear-block", "1 address freed")
        assert "freed" in w.text
        assert addresses(w) == ["bert", "anna"]
        await w.press("full_stop")
        assert addresses(w) == ["anna"]
        await w.press("u", "full_stop")
        assert addresses(w) == ["bert", "anna"]


async def test_groups_are_opened_before_anything_is_done_to_them(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "t")
        assert "by reason" in w.text
        assert "2 groups" in w.text
        await w.press("c")
        assert "Enter opens the group; there * marks all of it." in w.text
        await w.press("enter")
        assert len(addresses(w)) == 1
        await w.press("asterisk", "c")
        assert "Free 1 address?" in w.text
        assert "1 of 1 shown" in w.text
        await w.press("y")
        assert w.journal()[0][0] == "clear-block"
        await w.press("escape")
        assert "1 group" in w.text


async def test_marked_addresses_go_on_a_list_and_lose_their_contacts_address(walk: Walk, store: Store) -> None:
    async with walk() as w:
        await w.press("A", "d")
        assert store.rows("SELECT email FROM contact WHERE email_key = 'anna@example.org'") == []
        await w.press("u", "enter")
        assert "What happened" in w.text


async def test_the_order_is_chosen_and_turned_round(walk: Walk) -> None:
    async with walk() as w:
        await w.press("j", "B", "A", "o", "j", "enter")
        assert addresses(w) == ["anna", "bert"]
        await w.press("O")
        assert addresses(w) == ["bert", "anna"]
