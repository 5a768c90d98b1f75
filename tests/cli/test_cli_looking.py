from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Outside = Callable[..., "subprocess.CompletedProcess[str]"]

TIMES = (
    "sent_at delivered_at deferred_at bounced_at opened_at machine_opened_at clicked_at machine_clicked_at replied_at"
    " complained_at unsubscribed_at cleared_at"
).split()


def objects(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_status_prints_a_table_of_campaigns_with_their_buckets_and_rates(run: Run) -> None:
    result = run("status")
    assert result.exit_code == 0
    heading, row = result.stdout.splitlines()
    assert heading.split() == "CAMPAIGN STATE PLANNED DELIVERED UNDER WAY FAILED SKIPPED READY OPEN CLICK TO DO".split()
    assert row.split("  ")[0] == "Autumn newsletter"
    assert row.split()[2:] == ["finished", "8", "3", "0", "2", "3", "0", "33.3", "%", "33.3", "%", "2"]


def test_status_json_has_the_buckets_by_name_and_they_add_up_to_the_planned(run: Run) -> None:
    (found,) = objects(run("status", "--json"))
    buckets = ("ready", "skipped", "under_way", "delivered", "bounced", "expired", "rejected")
    assert found["planned"] == 8 == sum(found["buckets"][name] for name in buckets)
    assert (found["name"], found["key"], found["adds_up"]) == ("Autumn newsletter", "autumn", True)


def test_status_of_one_campaign_is_found_by_key_and_tells_more(run: Run) -> None:
    lines = run("status", "AUTUMN").stdout.splitlines()
    assert lines[0] == "Autumn newsletter  (autumn, finished)"
    assert any(line.split()[:2] == ["planned", "8"] for line in lines)
    assert any(line.split()[:2] == ["bounced", "2"] for line in lines)
    assert any(line.split()[:2] == ["strangers", "1"] for line in lines)


def test_a_campaign_that_is_not_there_is_refused_and_near_names_are_told(run: Run) -> None:
    result = run("status", "Autum")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Autumn newsletter" in result.stderr


def test_watch_without_a_terminal_is_wrong_usage(run: Run) -> None:
    assert run("status", "--watch").exit_code == 2


def test_recipients_json_prints_every_planned_recipient_with_times_in_utc(run: Run) -> None:
    found = objects(run("recipients", "autumn", "--json"))
    assert len(found) == 8
    wanted = "campaign address name delivery engagement bounce_kind reason status reply triage blocked outcomes".split()
    for row in found:
        assert set(wanted) | set(TIMES) <= set(row)
    anna = found[0]
    assert (anna["address"], anna["delivery"], anna["bounce_kind"]) == ("anna@gamil.example", "bounced", "hard")
    assert (anna["status"], anna["reply"], anna["triage"]) == ("5.1.1", 550, "open")
    assert anna["bounced_at"].startswith("2026-09-01T08:00:01.9")
    assert anna["bounced_at"].endswith("Z")
    assert "User unknown" in anna["outcomes"][0]["diagnostic"]


def test_recipients_in_a_pipe_are_tab_separated_without_headings(run: Run) -> None:
    lines = run("recipients", "autumn", "--state", "bounced", "--sort", "address").stdout.splitlines()
    assert [line.split("\t")[:3] for line in lines] == [
        ["anna@gamil.example", "Anna Berg", "Bounced hard"],
        ["dan@full.example", "Dan Fox", "Bounced soft"],
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--text", "berg"), ["Anna Berg"]),
        (("--text", "north", "--without", "gray hall"), ["Bo Ek", "Bo Ek again"]),
        (("--state", "clicked"), ["Bo Ek"]),
        (("--state", "skipped", "--sort", "name", "--reverse"), ["Gil", "Finn Hall", "Bo Ek again"]),
        (("--state", "clicked", "--state", "hard", "--sort", "name"), ["Anna Berg", "Bo Ek"]),
    ],
)
def test_recipients_are_filtered_and_sorted_as_asked(run: Run, options: tuple[str, ...], names: list[str]) -> None:
    lines = run("recipients", "autumn", *options).stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == names


def test_strangers_are_printed_on_demand(run: Run) -> None:
    (found,) = objects(run("recipients", "autumn", "--strangers", "--json"))
    assert (found["address"], found["delivery"]) == ("stray@elsewhere.example", "bounced")
    assert run("recipients", "--strangers").stdout.startswith("stray@elsewhere.example\t")


def test_bounces_print_the_servers_words(run: Run) -> None:
    lines = run("bounces").stdout.splitlines()
    assert len(lines) == 2
    assert any("Mailbox is full" in line for line in lines)
    assert len(objects(run("bounces", "autumn", "--json"))) == 2


def test_bounces_that_somebody_decided_about_leave_the_open_ones(run: Run) -> None:
    run("mark-hard", "autumn", "anna@gamil.example")
    assert [row["address"] for row in objects(run("bounces", "--open", "--json"))] == ["dan@full.example"]
    assert len(objects(run("bounces", "--json"))) == 2


def test_links_and_their_clickers_are_printed(run: Run) -> None:
    (link,) = objects(run("links", "autumn", "--json"))
    assert (link["url"], link["clicks"], link["clickers"]) == ("https://shop.example/a", 1, 1)
    for name in (link["url"], str(link["id"]), "shop.example"):
        (clicker,) = objects(run("links", "autumn", "--clickers", name, "--json"))
        assert clicker["address"] == "bo@north.example"
    assert run("links", "autumn").stdout.count("\t") == 5


def test_a_link_that_is_not_there_is_refused(run: Run) -> None:
    result = run("links", "autumn", "--clickers", "nowhere")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nowhere" in result.stderr


def test_history_tells_the_events_with_the_servers_words_and_what_operators_did(run: Run) -> None:
    run("mark-soft", "autumn", "anna@gamil.example")
    text = run("history", "ANNA@gamil.example").stdout
    assert text.splitlines()[0] == "Anna Berg"
    assert "550 5.1.1 <anna@gamil.example>: User unknown" in text
    assert "ines: " in text
    (found,) = objects(run("history", "anna@gamil.example", "--json"))
    assert found["recipient"]["campaign"] == "Autumn newsletter"
    assert [event["type"] for event in found["events"]]


def test_an_address_without_history_is_refused(run: Run) -> None:
    result = run("history", "nobody@x.example")
    assert (result.exit_code, result.stderr) == (1, "aftersend: nobody@x.example is in no campaign.\n")


def test_status_and_recipients_load_neither_textual_nor_rich_widgets(world: Path) -> None:
    for words in (["status"], ["status", "autumn"], ["recipients", "autumn"], ["recipients", "autumn", "--json"]):
        script = (
            "import sys; from click.testing import CliRunner; from tui.cli import aftersend;"
            f"result = CliRunner().invoke(aftersend, {['--store', str(world), *words]!r});"
            "assert result.exit_code == 0, result.output;"
            "print(*sorted({name.split('.')[0] for name in sys.modules}), *(n for n in sys.modules if 'rich.' in n))"
        )
        found = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split()
        assert "sqlite3" in found
        slow = {
            "textual",
            "asyncio",
            "email_validator",
            "importlib.metadata",
            "peewee",
            "rich.console",
            "rich.progress",
            "rich.text",
        }
        assert not slow & set(found), words


def test_a_reader_that_goes_away_ends_the_command_quietly(outside: Outside, world: Path, tmp_path: Path) -> None:
    people = tmp_path / "many.csv"
    people.write_text("email,name\n" + "".join(f"p{n}@large.example,Person {n}\n" for n in range(5000)))
    assert outside("import", "recipients", str(people), "--campaign", "Large", store=world).returncode == 0
    command = [sys.executable, "-m", "tui.cli", "--store", str(world), "recipients", "Large", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "p0@large.example" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_reconciling_tells_whether_all_adds_up_and_exits_with_1_if_not(run: Run, world: Path) -> None:
    result = run("reconcile")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "Everything adds up."
    objects = [json.loads(line) for line in run("reconcile", "--json").stdout.splitlines()]
    campaign = next(found for found in objects if found["kind"] == "campaign")
    assert campaign["sum"] == campaign["planned"] == sum(campaign["buckets"].values())
    feed = next(found for found in objects if found["kind"] == "feed")
    assert feed["records"] == feed["events"] + feed["strangers"] + feed["known"]
    assert objects[-1] == {"kind": "total", "events_without_feed": 0, "adds_up": True}
    with sqlite3.connect(world) as connection:
        connection.execute("UPDATE campaign_stat SET n = n + 1")
    result = run("reconcile")
    assert result.exit_code == 1
    assert "This does not add up: Autumn newsletter." in result.stdout


def test_complaints_are_printed_with_what_was_sent_since(run: Run) -> None:
    assert "Nobody complained." in run("complaints").stderr
    assert run("complaints", "--json").stdout == ""
    assert "Every complaint was heeded." in run("complaints", "--wrong").stderr
