"""F accepts what was probably meant, f offers choices, a group is shown first; D has the DNS asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import pytest

from store.database import Store
from store.journal import Operator
from store.mailhosts import MailHosts
from store.rows import BounceRow
from store.vocabulary import BounceKind, EventType
from tests.nameserver import name_server
from tests.store.plan import happen, plan
from tests.tui.conftest import Walker
from tui.app import AftersendApp
from tui.dialogs.accept import AcceptSuggestions
from tui.dialogs.fix import FixAddress
from tui.panes.inbox import InboxPane
from tui.screens.inbox import InboxScreen

UNKNOWN = {"kind": BounceKind.HARD, "reason": "hostunknown", "status": "5.1.2", "diagnostic": "Host not found"}
FULL = {"kind": BounceKind.SOFT, "reason": "mailboxfull", "status": "5.2.2", "diagnostic": "Mailbox full"}
WRONG = ("a@nroth.example", "b@nroth.example", "c@nroth.example", "d@other.example")


class Clerk(Walker):
    """Works with suggestions."""

    @property
    def inbox(self) -> InboxPane:
        """The pane."""
        return self.app.screen.query_one(InboxPane)

    @property
    def at(self) -> str:
        """The address under the cursor of the inbox."""
        row = self.inbox.table.current
        return row.recipient.address if isinstance(row, BounceRow) else ""

    def emails(self) -> list[str]:
        """Return the addresses of all contacts that were wrong, as they are today."""
        found = self.app.store.rows("SELECT email FROM contact WHERE name IN ('A', 'B', 'C', 'D') ORDER BY name")
        return [email for (email,) in found]


Work = Callable[..., AbstractAsyncContextManager[Clerk]]


@pytest.fixture
def work(store: Store, clock: datetime) -> Work:
    """Open the app on a campaign: mail arrives at north.example, three are one swap from it, one is elsewhere."""
    people = [f"p{number}@north.example" for number in range(4)]
    ids = plan(store, "Spring", [*people, *WRONG, "e@full.example"])
    for address in people:
        happen(store, ids[address], EventType.DELIVERED)
    for minutes, address in enumerate(WRONG):
        happen(store, ids[address], EventType.BOUNCED, minutes, **UNKNOWN)  # type: ignore[arg-type]
    happen(store, ids["e@full.example"], EventType.BOUNCED, 9, **FULL)  # type: ignore[arg-type]

    @asynccontextmanager
    async def opened(*keys: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Clerk]:
        app = AftersendApp(store, Operator("ann", "desk-1"), clock=lambda: clock)
        async with app.run_test(size=size) as pilot:
            clerk = Clerk(app, pilot, ids)
            await clerk.settle()
            await clerk.press(*keys)
            yield clerk

    return opened


async def test_one_key_accepts_what_is_shown_and_the_cursor_steps_on(work: Work) -> None:
    async with work("b", "t", "t", "t") as w:
        assert w.at == "a@nroth.example"
        assert "→ @north.example" in w.text
        assert "F accepts @north.example: nroth.example is one swap from north.example, where" in w.text
        await w.press("F")
        assert w.emails()[0] == "a@north.example"
        assert "u takes it back, R puts them" in w.text
        assert w.at == "b@nroth.example"
        assert [verb for verb, _ in w.journal()] == ["accept"]
        await w.press("u")
        assert w.emails()[0] == "a@nroth.example"
        assert w.at == "a@nroth.example"
        await w.press("F", "R", "enter")
        assert w.journal()[0] == ("resend", "List “Resend · Spring” made with 1 person")


async def test_where_nothing_is_known_it_says_so(work: Work) -> None:
    async with work("b", "t", "t", "t", "j", "j", "j") as w:
        assert w.at == "d@other.example"
        await w.press("F")
        assert "No better address is known for d@other.example; f asks for one." in w.text
        assert w.journal() == []


async def test_a_group_is_shown_old_and_new_before_it_is_accepted(work: Work) -> None:
    async with work("b") as w:
        await w.press("F")
        assert isinstance(w.app.screen, AcceptSuggestions)
        assert "3 of 4 have a suggestion that can be accepted" in w.text
        assert "a@nroth.example → @north.example" in w.text
        assert "1 is left alone: no better address is known." in w.text
        assert "nroth.example is one swap from north.example" in w.text
        await w.press("escape")
        assert w.journal() == []
        await w.press("F", "y")
        assert w.emails() == [f"{name}@north.example" for name in "abc"] + ["d@other.example"]
        assert w.journal() == [("accept", "3 addresses corrected")]
        assert "1 of 4" in w.text, "the rest of the group stays, and so does the cursor"
        await w.press("u")
        assert w.emails() == list(WRONG)


async def test_by_domain_the_group_tells_what_is_meant(work: Work) -> None:
    async with work("b", "t", size=(120, 30)) as w:
        assert "→ north.example · unknown" in w.text
        assert "nroth.example is probably north.example; F shows the addresses and accepts them" in w.text
        await w.press("F", "enter")
        assert w.emails()[:3] == [f"{name}@north.example" for name in "abc"]
        assert isinstance(w.app.screen, InboxScreen)


async def test_marked_rows_are_shown_first_with_those_left_alone_and_why(work: Work, store: Store) -> None:
    plan(store, "Winter", ["b@north.example"])
    async with work("j", "b", "t", "t", "t", "space", "space", "F") as w:
        assert "1 of 2 have a suggestion" in w.text
        assert "✗ b@nroth.example: b@north.example may be meant, but it belongs to B" in w.text
        await w.press("enter")
        assert w.emails()[0] == "a@north.example"
        assert w.inbox.table.marked == 0


async def test_many_want_their_number_typed(work: Work, store: Store) -> None:
    many = [f"q{number}@nroth.example" for number in range(101)]
    ids = plan(store, "Large", many)
    plan(store, "Good", [f"r{number}@north.example" for number in range(1100)])
    arrived = "UPDATE recipient SET delivery = 30 WHERE address LIKE 'r%@north.example'"
    store.run(lambda: store.execute(arrived))
    for id_ in ids.values():
        happen(store, id_, EventType.BOUNCED, 3, **UNKNOWN)  # type: ignore[arg-type]
    async with work("I", "F") as w:
        assert "104 of 105 have a suggestion" in w.text, w.text
        await w.press("escape", "t", "F")
        assert "104 of 104 have a suggestion" in w.text
        assert "Type 104 to go on:" in w.text
        await w.press("enter")
        assert "That is not 104; nothing was done." in w.text
        await w.type("104")
        await w.press("enter")
        assert w.journal() == [("accept", "104 addresses corrected")]


async def test_among_recipients_and_in_a_history_the_suggestion_is_shown_before_it_is_accepted(work: Work) -> None:
    async with work("enter", "slash") as w:
        await w.type("nroth")
        await w.press("enter", "F")
        assert "a@nroth.example → @north.example" in w.text
        assert "1 of 1 have a suggestion" in w.text
        await w.press("enter")
        assert w.emails()[0] == "a@north.example"
        await w.press("enter", "F")
        assert isinstance(w.app.screen, AcceptSuggestions)
        await w.press("enter")
        assert w.emails()[1] == "b@north.example"


async def test_f_offers_choices_by_number_and_by_arrow_and_digits_stay_digits(work: Work) -> None:
    async with work("b", "t", "t", "t", "f") as w:
        assert isinstance(w.app.screen, FixAddress)
        assert "1 a@north.example" in w.text
        await w.press("1")
        assert "a@nroth.example → a@north.example" in w.text
        assert "one swap from north.example" in w.text
        await w.press("home", "right", "1")
        assert "a@nroth.example → a1@north.example" in w.text
        await w.press("down")
        assert "a@nroth.example → a@north.example" in w.text
        await w.press("enter")
        assert w.emails()[0] == "a@north.example"
        assert w.journal()[0][0] == "fix"


async def test_the_dns_is_asked_only_after_d_and_what_it_refuses_is_not_offered(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = MailHosts.__init__
    with name_server({("else.example", "MX"): "10 mx.else.example."}) as server:
        monkeypatch.setattr(MailHosts, "__init__", lambda self: make(self, ["127.0.0.1"], server.port, 0.3))
        async with work("b", "t", "t", "t") as w:
            assert server.asked == []
            await w.press("D")
            assert "From now on the DNS is asked" in w.text
            assert {domain for domain, _ in server.asked} == {"north.example"}
            assert "→ @north.example" not in w.text
            w.hush()
            await w.press("F")
            assert "a@north.example may be meant, but its domain does not exist." in w.text
            await w.press("D")
            assert "The DNS is not asked any more." in w.text
            assert "→ @north.example" in w.text


async def test_what_was_corrected_is_a_list_that_leads_to_the_histories(work: Work) -> None:
    async with work("J", "F") as w:
        assert "No address was corrected yet" in w.text
        await w.press("escape", "escape", "b", "F", "enter", "escape", "J", "F")
        assert w.text.splitlines()[0].split() == "Corrections 3 addresses".split()
        assert w.text.splitlines()[2].split()[:2] == ["a@nroth.example", "a@north.example"]
        await w.press("enter")
        assert "History · A · Spring" in w.text
        await w.press("escape", "u")
        assert "0 addresses" in w.text
