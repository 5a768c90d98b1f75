"""What a CRM's campaign follow-up offers, point by point: a real terminal, keys only, then the file on disk."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from store.vocabulary import Decision, Delivery, ListKind, State
from tests.terminal.harness import Terminal

COMMAND = Path(sys.executable).parent / "aftersend"
CAMPAIGN = "Price list 2027"
EXCUSED, FIXED = Decision.EXCUSED.code, Decision.FIXED.code
OF_CAMPAIGN = "JOIN campaign AS p ON p.id = r.campaign_id AND p.name = 'Price list 2027'"

Desk = Callable[[], AbstractContextManager[Terminal]]


@pytest.fixture
def desk(sample_path: Path, tmp_path: Path) -> Desk:
    """Opens the program on the sample world, on the campaign; it ends with q, and the file is whole then."""

    @contextmanager
    def opened() -> Iterator[Terminal]:
        env = {"USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": None}
        with Terminal([str(COMMAND), "--store", str(sample_path)], env=env, cwd=tmp_path) as terminal:
            terminal.wait_for(CAMPAIGN)
            terminal.press("j")
            terminal.wait_for(f" {CAMPAIGN}  ", "the campaign in the title")
            yield terminal
            terminal.press("q")
            assert terminal.wait_end() == 0
        assert rows(sample_path, "PRAGMA integrity_check") == [("ok",)]

    return opened


def rows(path: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as db:
        found = db.execute(sql, parameters).fetchall()
    db.close()
    return found


def number(path: Path, sql: str, *parameters: object) -> int:
    return int(str(rows(path, sql, *parameters)[0][0]))


def members(path: Path, kind: str, name: str) -> list[tuple[object, ...]]:
    """Return the contacts on a list."""
    sql = (
        "SELECT m.contact_id FROM list_member AS m JOIN mail_list AS l ON l.id = m.list_id"
        " WHERE l.kind = ? AND l.name = ? ORDER BY 1"
    )
    return rows(path, sql, ListKind(kind).code, name)


def choose_state(terminal: Terminal, state: str) -> None:
    terminal.press("t")
    terminal.wait_for("Show which states?")
    terminal.press(*["j"] * list(State).index(State(state)), "space", "enter")
    terminal.wait_for(f"{CAMPAIGN} · {state}")


def back_to_the_campaigns(terminal: Terminal) -> None:
    terminal.press("esc")
    terminal.wait_for(lambda text: "To do" in text and "╭" not in text, "the campaigns")


def put_on_list(terminal: Terminal, name: str, *keys: str) -> None:
    terminal.press("l")
    terminal.wait_for("Add to which list?")
    terminal.press(*name)
    terminal.wait_for(f"{name} · new")
    terminal.press(*keys, "enter")
    terminal.wait_for(f"“{name}”")


def test_statistics_are_charts_with_their_figures(desk: Desk, sample_path: Path) -> None:
    of = f"SELECT count(*) FROM recipient AS r {OF_CAMPAIGN} WHERE r."
    delivered = number(sample_path, of + f"delivery = {Delivery.DELIVERED.code}")
    clicked = number(sample_path, of + "clicked_at IS NOT NULL")
    with desk() as terminal:
        terminal.press("p")
        text = terminal.wait_for("of 897 delivered")
        lines = {line.split("│")[0].strip(): line.split() for line in text.splitlines() if "│" in line}
        assert str(delivered) in lines["delivered"]
        assert str(clicked) in lines["clicked"]
        terminal.press("t")
        terminal.wait_for("of 115", "the figures, too")
        terminal.press("D")
        terminal.wait_for("Receiving domains")
        terminal.wait_for("gmail.example")


def test_recipients_go_to_selections_and_projects(desk: Desk, sample_path: Path) -> None:
    with desk() as terminal:
        terminal.press("enter")
        terminal.wait_for("Why or when")
        choose_state(terminal, "clicked")
        terminal.press("*")
        terminal.wait_for("185 marked")
        put_on_list(terminal, "Hot leads")
        put_on_list(terminal, "Call these", "down")
        terminal.press("L")
        terminal.wait_for("2 lists")
    clicked = rows(
        sample_path, f"SELECT r.contact_id FROM recipient AS r {OF_CAMPAIGN} WHERE r.clicked_at > 0 ORDER BY 1"
    )
    assert members(sample_path, "selection", "Hot leads") == clicked
    assert members(sample_path, "project", "Call these") == clicked


def test_undelivered_addresses_are_checked_and_corrected(desk: Desk, sample_path: Path) -> None:
    with desk() as terminal:
        terminal.press("b")
        terminal.wait_for("100 of 100 left")
        terminal.press("j", "j", "j")
        terminal.wait_for("5 x The domain does not exist")
        terminal.press("F")
        terminal.wait_for("tanjahuebner@gamil.example → @gmail.example")
        terminal.press("enter")
        terminal.wait_for("5 addresses corrected")
        terminal.wait_for("95 of 100 left")
        terminal.press("g", "t", "t", "t")
        terminal.wait_for("one by one")
        terminal.press("f")
        terminal.wait_for("Fix the address")
        terminal.press("\x15", *"somebody@right.example", "enter")
        terminal.wait_for("corrected to somebody@right.example")
    ((before, after, decision),) = rows(
        sample_path,
        f"SELECT r.address, c.email, r.decision FROM recipient AS r {OF_CAMPAIGN} JOIN contact AS c"
        " ON c.id = r.contact_id WHERE r.address = 'tanjahuebner@gamil.example'",
    )
    assert (before, after) == ("tanjahuebner@gamil.example", "tanjahuebner@gmail.example")
    assert decision == FIXED
    assert number(sample_path, f"SELECT count(*) FROM recipient AS r {OF_CAMPAIGN} WHERE r.decision = {FIXED}") == 6
    assert number(sample_path, "SELECT blocked_at FROM address WHERE key = 'tanjahuebner@gamil.example'") > 0
    assert number(sample_path, "SELECT count(*) FROM contact WHERE email = 'somebody@right.example'") == 1


def test_who_clicked_a_link_is_shown_and_kept(desk: Desk, sample_path: Path) -> None:
    with desk() as terminal:
        terminal.press("3")
        terminal.wait_for("go/pricelist.pdf")
        terminal.press("enter")
        terminal.wait_for("126 clickers")
        terminal.press("enter")
        terminal.wait_for("clicked")
        terminal.press("esc")
        terminal.wait_for("126 clickers")
        terminal.press("space", "space", "l")
        terminal.wait_for("2 of 126 shown · clicked")
        terminal.press(*"Asked for it", "enter")
        terminal.wait_for("2 added to new selection")
    kept = members(sample_path, "selection", "Asked for it")
    newest = rows(
        sample_path,
        "SELECT r.contact_id FROM clicker AS k JOIN link AS l ON l.id = k.link_id AND l.url LIKE '%/pricelist.pdf'"
        " JOIN recipient AS r ON r.id = k.recipient_id WHERE k.clicks > 0 ORDER BY k.last_at DESC LIMIT 2",
    )
    assert kept == sorted(newest)


def test_permanent_and_repeated_bounces_are_seen_and_decided(desk: Desk, sample_path: Path) -> None:
    blocked = number(sample_path, "SELECT count(*) FROM address WHERE blocked_at IS NOT NULL")
    with desk() as terminal:
        terminal.press("A")
        terminal.wait_for(f"{blocked} addresses")
        terminal.press("o")
        terminal.wait_for("Sort by")
        terminal.press(*"jjjjj", "enter")
        terminal.wait_for("Failed ▲")
        terminal.press("O")
        terminal.wait_for("Failed ▼")
        terminal.press("g")
        terminal.wait_for(lambda text: "      2 " in text.splitlines()[2], "who failed twice stands first")
        terminal.press("c")
        terminal.wait_for("1 address freed")
        back_to_the_campaigns(terminal)
        terminal.press("b")
        terminal.wait_for("44 x Our mail failed their check")
        terminal.press("E")
        terminal.wait_for("Excuse the bounces of 44 recipients?")
        terminal.press("y")
        terminal.wait_for("56 of 100 left")
        terminal.press("j", "B")
        terminal.wait_for("51 of 100 left")
        terminal.press("u")
        terminal.wait_for("Undone: Address of 5 recipients blocked")
        terminal.wait_for("56 of 100 left")
    assert number(sample_path, "SELECT count(*) FROM address WHERE blocked_at IS NOT NULL") == blocked - 1
    assert (
        number(sample_path, "SELECT count(*) FROM address WHERE operator_freed_at IS NOT NULL AND blocked_at IS NULL")
        == 1
    )
    assert number(sample_path, f"SELECT count(*) FROM recipient AS r {OF_CAMPAIGN} WHERE r.decision = {EXCUSED}") == 44


def test_each_recipients_status_is_filtered_and_told(desk: Desk, sample_path: Path) -> None:
    with desk() as terminal:
        terminal.press("enter")
        terminal.wait_for("Why or when")
        choose_state(terminal, "bounced")
        terminal.wait_for("100 of 1,084 shown")
        terminal.press("/", *"gamil", "enter")
        terminal.wait_for("1 of 1,084 shown")
        assert "unknown domain" in terminal.text
        terminal.press("enter")
        terminal.wait_for("tanjahuebner@gamil.example")
        terminal.wait_for("5.4.4")
        terminal.press("esc")
        terminal.wait_for("Why or when")
        terminal.press("esc")
        terminal.wait_for(lambda text: " of 1,084 shown" not in text and "Why or when" in text, "no filter")
    assert number(sample_path, "SELECT count(*) FROM journal WHERE operator = 'ann'") == 0


def test_a_reminder_goes_to_those_who_have_not_read_it(desk: Desk, sample_path: Path) -> None:
    with desk() as terminal:
        terminal.press("r")
        terminal.wait_for("surely not read")
        terminal.wait_for("513 will be on the list")
        terminal.press("tab", "tab", "down", "down", "space")
        terminal.wait_for("[ ]        60  opened by a machine only")
        terminal.wait_for("453 will be on the list")
        terminal.press("enter")
        terminal.wait_for("made with 453 people")
    of_list = (
        "FROM list_member AS m JOIN mail_list AS l ON l.id = m.list_id AND l.kind ="
        f" {ListKind.REMINDER.code} JOIN recipient AS r ON r.id = m.recipient_id"
    )
    assert number(sample_path, f"SELECT count(*) {of_list}") == 453
    read = "coalesce(r.opened_at, r.machine_opened_at, r.clicked_at, r.replied_at)"
    gone = "coalesce(r.bounced_at, r.unsubscribed_at, r.complained_at)"
    never = f"r.delivery <> {Delivery.DELIVERED.code} OR {read} IS NOT NULL OR {gone} IS NOT NULL"
    assert number(sample_path, f"SELECT count(*) {of_list} WHERE {never}") == 0


def test_a_resend_list_is_made_and_reloaded_before_it_is_used(desk: Desk, sample_path: Path, tmp_path: Path) -> None:
    with desk() as terminal:
        terminal.press("b")
        terminal.wait_for("44 x Our mail failed their check")
        terminal.press("E")
        terminal.wait_for("Excuse the bounces of 44 recipients?")
        terminal.press("y")
        terminal.wait_for("44 on the list “Resend")
        back_to_the_campaigns(terminal)
        terminal.press("R")
        terminal.wait_for("44  will be on the list")
        back_to_the_campaigns(terminal)
        someone = number(sample_path, "SELECT min(recipient_id) FROM list_member")
        with sqlite3.connect(sample_path) as db:
            db.execute(
                "UPDATE contact SET consent = FALSE WHERE id = (SELECT contact_id FROM recipient WHERE id = ?)",
                (someone,),
            )
        db.close()
        terminal.press("L")
        terminal.wait_for("1 list")
        terminal.press("R")
        terminal.wait_for("1  of 44 leave")
        terminal.press("enter")
        terminal.wait_for("1 taken off (1 no consent)")
        terminal.press("x")
        terminal.wait_for("43 rows")
        terminal.press("\x15", *"resend.csv", "enter")
        terminal.wait_for("exported to")
    assert number(sample_path, "SELECT count(*) FROM list_member WHERE recipient_id = ?", someone) == 0
    assert len((tmp_path / "resend.csv").read_text(encoding="utf-8").splitlines()) == 44
