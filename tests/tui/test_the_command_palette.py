from tests.tui.conftest import Walk
from tui.keys import actions_of


async def test_the_palette_offers_every_action_of_the_pane(walk: Walk) -> None:
    async with walk() as w:
        commands = {command.help: command for command in w.app.get_system_commands(w.app.screen)}
        assert set(commands) == {action.help for action in actions_of("recipients") if action.id != "palette"}


async def test_a_command_does_what_its_key_does(walk: Walk) -> None:
    async with walk() as w:
        (command,) = (each for each in w.app.get_system_commands(w.app.screen) if each.title == "Mark soft")
        await command.callback()  # type: ignore[misc]
        await w.settle()
        assert w.journal()[0][0] == "mark-soft"


async def test_colon_opens_it_and_escape_closes_it(walk: Walk) -> None:
    async with walk() as w:
        await w.press("colon")
        assert type(w.app.screen).__name__ == "CommandPalette"
        await w.press("escape")
        assert w.at == "anna"
