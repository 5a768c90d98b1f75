import pytest
from textual.binding import Binding

from tests.tui.conftest import Walk, Walker
from tui.actions import ACTIONS, Action, Pane
from tui.dialogs.dialog import Dialog
from tui.keys import KEY_BARS, PANE_NAMES, actions_of, key_bar, shown
from tui.panes.campaigns import CampaignsPane
from tui.panes.clickers import ClickersPane
from tui.panes.complaints import ComplaintsPane
from tui.panes.corrections import CorrectionsPane
from tui.panes.domains import DomainsPane
from tui.panes.inbox import InboxPane
from tui.panes.journal import EntryPane, JournalPane
from tui.panes.links import LinksPane
from tui.panes.lists import ListsPane
from tui.panes.mail import MailPane
from tui.panes.monitor import MonitorPane
from tui.panes.outbox import MailsPane, OutboxPane
from tui.panes.pane import Acting, TablePane
from tui.panes.people import PeoplePane
from tui.panes.person import PersonPane
from tui.panes.recipients import RecipientsPane
from tui.panes.reconciliation import ReconciliationPane
from tui.panes.report import ReportPane
from tui.panes.strangers import StrangerPane, StrangersPane
from tui.panes.text import HelpPane, HistoryPane, WelcomePane
from tui.panes.wrong import WrongPane
from tui.screens.main import MainScreen
from tui.widgets.big_table import BigTable

PANES: dict[Pane, type[Acting]] = {
    "campaigns": CampaignsPane,
    "recipients": RecipientsPane,
    "links": LinksPane,
    "clickers": ClickersPane,
    "lists": ListsPane,
    "journal": JournalPane,
    "entry": EntryPane,
    "corrections": CorrectionsPane,
    "people": PeoplePane,
    "person": PersonPane,
    "complaints": ComplaintsPane,
    "reconcile": ReconciliationPane,
    "strangers": StrangersPane,
    "stranger": StrangerPane,
    "inbox": InboxPane,
    "report": ReportPane,
    "domains": DomainsPane,
    "monitor": MonitorPane,
    "outbox": OutboxPane,
    "mails": MailsPane,
    "wrong": WrongPane,
    "history": HistoryPane,
    "mail": MailPane,
    "help": HelpPane,
    "welcome": WelcomePane,
}
WAY: dict[Pane, tuple[str, ...]] = {
    "campaigns": (),
    "recipients": ("2",),
    "links": ("3",),
    "clickers": ("3", "enter"),
    "lists": ("L",),
    "corrections": ("J", "F"),
    "journal": ("J",),
    "entry": ("J", "enter"),
    "people": ("slash", "enter"),
    "person": ("slash", "enter", "enter"),
    "complaints": ("C",),
    "reconcile": ("T",),
    "strangers": ("S",),
    "stranger": ("S", "enter"),
    "inbox": ("I",),
    "report": ("p",),
    "domains": ("p", "D"),
    "monitor": ("M",),
    "outbox": ("X",),
    "wrong": ("exclamation_mark",),
    "history": ("2", "enter"),
    "mail": ("2", "enter", "m"),
    "help": ("question_mark",),
}
MOVES = {action.id for action in ACTIONS.values() if action.group == "Move"} - {"open", "back"}


def here(w: Walker) -> Acting | None:
    """Return the pane that has the keys."""
    focused = w.app.screen.focused
    return next((node for node in focused.ancestors_with_self if isinstance(node, Acting)), None) if focused else None


async def go_home(w: Walker) -> None:
    """Leave every dialog and screen, and go to the campaigns."""
    while not isinstance(w.app.screen, MainScreen) or not isinstance(w.app.screen.focused, BigTable):
        await w.press("escape")
    w.pane.release_marks()
    await w.press("1", "g")
    w.hush()
    await w.settle()


def state(w: Walker) -> tuple[object, ...]:
    """Return everything a key may change: screen, pane with the keys, words."""
    return (type(w.app.screen), here(w), w.text)


@pytest.mark.parametrize("pane", list(WAY))
async def test_every_key_of_the_registry_does_something_there_or_says_why_not(walk: Walk, pane: Pane) -> None:
    silent = []
    async with walk(at="campaigns") as w:
        await w.press("r", "enter")
        for action in actions_of(pane):
            if action.id in MOVES | {"quit", "refresh", "redraw", "suspend"}:
                continue
            await go_home(w)
            await w.press(*WAY[pane])
            there = here(w)
            assert there is not None
            assert there.kind == pane
            before = state(w)
            await w.press(action.keys[0])
            if state(w) == before:
                silent.append(action.id)
            if isinstance(w.app.screen, Dialog):
                await w.press("escape")
                assert not isinstance(w.app.screen, Dialog)
        await go_home(w)
        await w.press(*WAY[pane], "q")
        assert w.app.return_code == 0
    assert silent == []


@pytest.mark.parametrize("pane", ["campaigns", "recipients", "links"])
async def test_every_move_works_in_the_panes(walk: Walk, pane: Pane) -> None:
    async with walk(at="campaigns") as w:
        await w.press(*WAY[pane])
        there = here(w)
        assert isinstance(there, TablePane)
        there.table.focus()
        last = there.table.total - 1
        seen = []
        for key in ("G", "g", "j", "k", "end", "home", "down", "up", "pagedown", "pageup", "ctrl+f", "ctrl+b"):
            await w.press(key)
            seen.append(there.table.cursor_row)
        one = min(1, last)
        assert seen == [last, 0, one, 0, last, 0, one, 0, last, 0, last, 0]


@pytest.mark.parametrize("pane", list(PANES))
def test_every_key_is_bound_and_every_action_has_its_method(pane: Pane) -> None:
    bound = {binding.key: binding.action for binding in PANES[pane].BINDINGS if isinstance(binding, Binding)}
    for action in actions_of(pane):
        for key in action.keys:
            assert bound[key] == f"act({action.id!r})"


@pytest.mark.parametrize("pane", list(PANES))
def test_no_two_actions_of_a_pane_share_a_key(pane: Pane) -> None:
    keys = [key for action in actions_of(pane) for key in action.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("pane", list(PANES))
def test_the_key_bar_shows_only_what_works_there_and_never_hides_help_or_the_way_out(pane: Pane) -> None:
    verbs = KEY_BARS[pane].split()
    assert len(verbs) == len(set(verbs))
    assert all(pane in ACTIONS[verb].panes for verb in verbs)
    assert "quit" in verbs
    cells = 0
    for key, label in key_bar(pane):
        cells += len(key) + len(label) + 3
        if key == "?":
            assert cells <= 80


def test_every_action_tells_what_it_does_and_where() -> None:
    for action in ACTIONS.values():
        assert action.help.endswith("."), action.id
        assert action.panes <= set(PANE_NAMES), action.id
        assert all(shown(key) for key in action.keys)


def test_every_decision_asks_in_words_of_its_own() -> None:
    asking: list[Action] = [action for action in ACTIONS.values() if action.question]
    assert {action.id for action in asking} == {
        "accept",
        "clear-block",
        "mark-hard",
        "mark-soft",
        "clear",
        "excuse",
        "block",
        "former",
        "delete",
        "later",
        "take-off",
        "forget",
    }
    assert all("{n}" in action.question and action.done and action.warning for action in asking)
