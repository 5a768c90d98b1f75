"""aftersend resend, wrong and pull: from the command line to sends that are ready."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from store.actions.imports import import_recipients
from store.database import Store
from store.queries.campaigns import find_campaign, list_campaigns
from tests.postfix import Postfix
from tests.store.test_it_went_out_wrong import ANN, NOW, World

Here = Callable[..., Result]

MESSAGE = "From: Ann <ann@news.example>\nSubject: We were wrong\n\nNothing is free.\n"


@pytest.fixture
def run(store: Store, here: Here) -> Here:
    """The command on a store with a send that was stopped half-way."""
    World(store)
    return lambda *arguments: here(*arguments, store=store.path)


@pytest.fixture
def message(tmp_path: Path) -> str:
    path = tmp_path / "message.eml"
    path.write_text(MESSAGE)
    return str(path)


def test_wrong_tells_what_can_be_done_and_what_cannot(run: Here) -> None:
    result = run("wrong", "prices", "--no-queue")
    assert result.exit_code == 0, result.output
    assert "What was delivered stays delivered: no mail can be called back, by nobody." in result.stdout
    assert (
        "2 mails wait in our outbox (Prices: interrupted); of 1 mail nobody can tell whether they left."
        in result.stdout
    )
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "5 get the erratum: everybody who got it" in lines
    assert "2 get the right mail, without a word about the wrong one" in lines
    assert "3 get nothing" in lines
    assert "1 bounced" in lines
    told = json.loads(run("wrong", "prices", "--json").stdout)
    assert (told["people"], told["waiting"], told["nothing"]["complained"]) == (10, 2, 1)


def test_wrong_makes_two_sends_ready_and_nothing_leaves(run: Here, store: Store, message: str) -> None:
    result = run("wrong", "prices", "--no-queue", "--erratum", message, "--right", message)
    assert result.exit_code == 1
    assert "can still be sent: stop it first" in result.stderr
    result = run("wrong", "prices", "--no-queue", "--stop", "--readers", "--erratum", message, "--right", message)
    assert result.exit_code == 0, result.output
    assert "“Prices” stopped with 2 not sent" in result.stdout
    assert "“Prices · erratum” is ready for 2 people" in result.stdout
    assert "“Prices · right mail” is ready for 2 people" in result.stdout
    assert "`aftersend send start prices-erratum` sends it" in result.stderr
    states = dict(store.rows("SELECT p.name, m.state FROM message AS m JOIN campaign AS p ON p.id = m.campaign_id"))
    assert states == {"Prices": 4, "Prices · erratum": 0, "Prices · right mail": 0}
    children = [row for row in map(json.loads, run("status", "--json").stdout.splitlines()) if row["parent"]]
    assert {(row["name"], row["follow_up"]) for row in children} == {
        ("Prices · erratum", "erratum"),
        ("Prices · right mail", "right mail"),
    }


def test_wrong_prints_by_name_who_is_in_a_part(run: Here) -> None:
    found = run("wrong", "prices", "--who", "nothing").stdout.splitlines()
    assert sorted(line.split("\t")[:2] for line in found) == [
        ["bounced@shop.example", "bounced"],
        ["complained@shop.example", "complained"],
        ["unsubscribed@shop.example", "unsubscribed"],
    ]
    found = run("wrong", "prices", "--link", "https://shop.example/prices", "--who", "erratum").stdout.splitlines()
    assert [line.split("\t")[0] for line in found] == ["clicked@shop.example"]
    assert "There is no link https://other.example" in run("wrong", "prices", "--link", "https://other.example").stderr


def test_wrong_makes_lists_where_there_is_no_message_yet(run: Here) -> None:
    result = run("wrong", "prices", "--no-queue", "--lists")
    assert "list “Prices · erratum” made with 5; list “Prices · right mail” made with 2" in result.stdout


def test_resend_goes_to_whom_the_message_has_not_reached(run: Here, store: Store) -> None:
    run("mark-soft", "prices", "late@shop.example")
    assert "late@shop.example\twaits in the outbox" in run("resend", "prices", "--not-reached", "--left-out").stdout
    result = run("resend", "prices", "--not-reached", "--dry-run")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["bounced@shop.example"]
    assert "1 person gets it; left out:" in result.stderr
    left = run("resend", "prices", "--not-reached", "--left-out").stdout
    assert "unsure@shop.example\tnobody can tell whether it left" in left
    result = run("resend", "prices", "--not-reached")
    assert result.exit_code == 0, result.output
    assert "“Prices · again” is ready for 1 person." in result.stdout
    again = find_campaign(store, "Prices · again")
    assert (again.parent, again.planned) == ("Prices", 1)
    assert "has reached everybody" in run("resend", "prices", "--not-reached").stderr


def test_resend_needs_a_message_where_the_campaign_was_not_sent_from_here(run: Here, message: str) -> None:
    run("mark-soft", "book", "late@shop.example")
    assert "Say with --message which one" in run("resend", "book", "--to", "late@shop.example").stderr
    result = run("resend", "book", "--to", "late@shop.example", "--message", message, "--name", "Once more")
    assert "“Once more” is ready for 1 person." in result.stdout, result.output
    assert run("resend", "book", "--fixed", "--not-reached").exit_code == 2
    assert run("resend", "book", "--send").exit_code == 2


def test_the_resend_list_is_made_as_before(run: Here) -> None:
    run("excuse", "prices", "bounced@shop.example")
    assert "Resend · Prices" in run("resend", "prices").stdout


def test_pull_shows_holds_and_deletes_in_a_real_postfix(
    postfix: Postfix, store: Store, here: Here, tmp_path: Path
) -> None:
    file = tmp_path / "spring.csv"
    addresses = [f"later{n}@shop.example" for n in range(3)]
    file.write_text("email\n" + "".join(f"{address}\n" for address in addresses))
    import_recipients(store, file, "Spring", ANN, NOW, key="spring")
    postfix.send(addresses, "spring")
    postfix.send(addresses, "other")
    postfix.settle()

    def run(*arguments: str) -> Result:
        return here("pull", "spring", "--postfix", str(postfix.config), *arguments, store=store.path)

    shown = run()
    assert sorted(line.split("\t")[:2] for line in shown.stdout.splitlines()) == [
        [address, "deferred"] for address in addresses
    ]
    assert "only mails on hold are deleted" in run("--delete", "--yes").stderr
    assert "3 mails of “Spring” put on hold" in run("--hold").stdout
    assert "3 of 3 are on hold." in run().stderr
    assert "3 mails of “Spring” released from hold" in run("--release").stdout
    assert run("--hold").exit_code == 0
    assert run("--delete").exit_code == 2
    assert "3 mails of “Spring” deleted from the queue" in run("--delete", "--yes").stdout
    assert [mail["queue_name"] for mail in postfix.queue()] == ["deferred"] * 3
    (row,) = list_campaigns(store)
    assert (row.rejected, row.adds_up) == (3, True)
    assert "Nothing of Spring waits in the queue" in run().stderr
    assert "no configuration of a Postfix" in here(
        "pull", "spring", "--postfix", str(tmp_path), store=store.path
    ).stderr  # fmt: skip
