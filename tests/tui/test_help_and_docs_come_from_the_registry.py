from tests.tui.conftest import Walk
from tui.actions import ACTIONS
from tui.keys import keys_page, shown
from tui.present.keys import help_lines


async def test_the_help_is_about_the_pane_it_was_called_from(walk: Walk) -> None:
    async with walk() as w:
        await w.press("question_mark")
        assert "Help · Recipients" in w.text
        assert "Mark as bounced hard" in w.text
        await w.press("G")
        assert "Show the addresses that were corrected" in w.text
        await w.press("escape")
        assert w.at == "anna"


def test_the_help_names_every_action_once() -> None:
    text = "\n".join("".join(piece for piece, _ in line) for line in help_lines("recipients", 200))
    assert [action.id for action in ACTIONS.values() if text.count(action.help) != 1] == []


def test_the_page_of_keys_names_every_key() -> None:
    page = keys_page()
    for action in ACTIONS.values():
        assert action.help in page
        assert all(f"`{shown(key)}`".replace("|", "\\|") in page for key in action.keys)
