from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import CAMPAIGN, Run, mail_log

CLOSE = ("least=2", "domain-least=2", "domain=off", "hard=10%")


@pytest.fixture
def fresh_log(tmp_path: Path) -> Path:
    """The log of the campaign as if it had been sent some minutes ago: one of five bounced hard."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    path = tmp_path / "fresh.log"
    path.write_text(mail_log().replace("2026-09-01T08:00", f"{at:%Y-%m-%dT%H:%M}"))
    return path


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_status_is_quiet_before_anything_trips(run: Run) -> None:
    shown = run("status", CAMPAIGN, "--json")
    assert shown.exit_code == 0
    assert objects(shown.stdout)[0]["tripwires"] == []


def test_ingest_tells_what_trips_and_status_exits_with_3_until_somebody_acknowledges_it(
    run: Run, fresh_log: Path
) -> None:
    assert run("tripwire", "set", *CLOSE).exit_code == 0
    ingested = run("ingest", str(fresh_log))
    assert ingested.exit_code == 0
    why = "20.0 % bounced hard (1 of 5; the limit is 10%)"
    assert f"aftersend: Tripwire: {CAMPAIGN}: {why}." in ingested.stderr
    for words in (("status",), ("status", CAMPAIGN), ("status", "--json"), ("monitor", CAMPAIGN), ("tripwire", "list")):
        assert run(*words).exit_code == 3, words
    assert f"tripwire: {CAMPAIGN}: {why}, since " in run("status").stderr
    trip = objects(run("status", "--json").stdout)[0]["tripwires"]
    assert isinstance(trip, list)
    assert (trip[0]["wire"], trip[0]["part"], trip[0]["whole"], trip[0]["limit"]) == ("hard", 1, 5, 0.1)
    assert trip[0]["rings"] is True
    assert run("tripwire", "ack", CAMPAIGN).stdout == f"1 tripwire acknowledged: {CAMPAIGN}: hard\n"
    assert run("status").exit_code == 0
    assert run("status").stderr == ""
    assert objects(run("status", "--json").stdout)[0]["tripwires"][0]["acknowledged_by"] == "ines"  # type: ignore[index]
    assert run("undo").exit_code == 0
    assert run("status").exit_code == 3
    assert run("tripwire", "ack", "--wire", "domain").stderr == "aftersend: No tripwire rings.\n"
    assert "hard" in run("tripwire", "list", "--past").stdout


def test_status_of_another_campaign_does_not_ring(run: Run, fresh_log: Path, tmp_path: Path) -> None:
    people = tmp_path / "others.csv"
    people.write_text("email\nzoe@elsewhere.example\n")
    run("import", "recipients", str(people), "--campaign", "Winter", "--key", "winter")
    run("tripwire", "set", CAMPAIGN, *CLOSE)
    run("ingest", str(fresh_log))
    assert run("status", "Winter").exit_code == 0
    assert run("status").exit_code == 3


def test_following_tells_what_trips_and_runs_the_hook(run: Run, fresh_log: Path, tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text(f'#!/bin/sh\necho "$AFTERSEND_WIRE $1" >> {tmp_path}/ran\n')
    hook.chmod(0o700)
    run("tripwire", "set", *CLOSE, f"hook={hook} 'to me'")
    followed = run("follow", "--exit-when-idle", str(fresh_log))
    assert followed.exit_code == 0
    assert followed.stderr.count("Tripwire:") == 1
    assert (tmp_path / "ran").read_text() == "hard to me\n"
    assert run("follow", "--exit-when-idle", str(fresh_log)).stderr == ""
    assert (tmp_path / "ran").read_text() == "hard to me\n"


def test_watching_ends_with_3_too_if_something_rings(run: Run, world: Path, fresh_log: Path) -> None:
    run("tripwire", "set", *CLOSE)
    for command, code in ((("status",), 130), (("monitor", CAMPAIGN), 130)):
        assert interrupted(world, *command) == code
    run("ingest", str(fresh_log))
    for command in (("status",), ("monitor", CAMPAIGN)):
        assert interrupted(world, *command) == 3


def interrupted(world: Path, *command: str) -> int:
    """Watch until the first line stands there, then press Ctrl-C; return the exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *command, "--json", "--watch"],
        env=os.environ | {"AFTERSEND_STORE": str(world)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"{")
        process.send_signal(signal.SIGINT)
        return process.wait()


def test_an_old_log_rings_nobody(run: Run) -> None:
    set_ = run("tripwire", "set", *CLOSE)
    assert set_.exit_code == 0
    shown = run("monitor", CAMPAIGN)
    assert shown.exit_code == 0
    assert "Sending seems over since " in shown.stdout
    assert "a minute now" not in shown.stdout


def test_the_monitor_says_the_same_as_text_and_as_json(run: Run, fresh_log: Path) -> None:
    run("ingest", str(fresh_log))
    text = run("monitor", CAMPAIGN).stdout
    assert text.splitlines()[0].startswith(CAMPAIGN)
    assert "Done       100 % · 5 of 5 with an outcome" in text
    told = objects(run("monitor", CAMPAIGN, "--json").stdout)[0]
    assert (told["settled"], told["to_send"], told["done"], told["hard"], told["to_go"]) == (5, 5, 1.0, 1, 0)
    assert told["going"] == "over"
    assert told["domains"] == []
    assert sum(minute["delivered"] for minute in told["minutes"]) == 3  # type: ignore[attr-defined]


def test_settings_are_shown_set_and_taken_back(run: Run) -> None:
    assert "Hard bounces above" in run("tripwire").stdout
    names = [each["name"] for each in objects(run("tripwire", "show", "--json").stdout)]
    assert names[:3] == ["hard", "complaints", "complaint-rate"]
    said = run("tripwire", "set", CAMPAIGN, "hard=3%", "complaints=off").stdout
    assert said == f"Tripwires of {CAMPAIGN}: hard 2% → 3%; complaints 1 → off\n"
    shown = {each["name"]: each for each in objects(run("tripwire", "show", CAMPAIGN, "--json").stdout)}
    assert (shown["hard"]["value"], shown["hard"]["default"], shown["hard"]["set"]) == ("3%", "2%", True)
    assert (shown["domain"]["value"], shown["domain"]["set"]) == ("10%", False)
    assert objects(run("tripwire", "show", "--json").stdout)[0]["value"] == "2%"
    assert run("undo").stdout.startswith("Undone: Tripwires of")
    assert objects(run("tripwire", "show", CAMPAIGN, "--json").stdout)[0]["value"] == "2%"


def test_what_is_wrong_is_one_sentence(run: Run) -> None:
    for words, sentence in (
        (("set", "hard=2"), "“2” does not fit hard; give a share like 2% or 0.5‰, or off."),
        (("set", CAMPAIGN), f"Say what to set for {CAMPAIGN}, for example hard=2%."),
        (("set", CAMPAIGN, "hard"), "“hard” is not NAME=VALUE, for example hard=2%."),
        (("set", "soft=2%"), "“soft” is no tripwire; there are hard,"),
        (("set", "Nobody", "hard=2%"), "There is no campaign “Nobody”"),
        (("ack",), "No tripwire rings."),
        (("test", CAMPAIGN), "There is no hook"),
        (("set", "hook=page-me"), "give the whole path of a program"),
    ):
        refused = run("tripwire", *words)
        assert refused.exit_code == 1, words
        assert sentence in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_the_hook_can_be_tried_out(run: Run, tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text(f'#!/bin/sh\necho "$AFTERSEND_TEST $AFTERSEND_WHY" > {tmp_path}/told\n')
    assert f"{hook} is not there, or may not be run." in run("tripwire", "set", f"hook={hook}").stderr
    assert "Permission denied" in run("tripwire", "test", CAMPAIGN).stderr
    hook.chmod(0o700)
    assert run("tripwire", "test", CAMPAIGN).stdout == f"{hook} ended well.\n"
    assert (tmp_path / "told").read_text() == "yes 10.0 % bounced hard (100 of 1,000; the limit is 2%)\n"
    assert run("tripwire", "list").stderr == "aftersend: No tripwire has tripped.\n"
