from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import CAMPAIGN, Run

OPENED = '{{"type": "opened", "ts": "2020-09-01T09:{n:02d}:00Z", "address": "bo@north.example", "campaign": "old"}}\n'


def aged(run: Run, folder: Path) -> None:
    """Bring in a campaign of years ago that one person opened forty times."""
    (folder / "old.csv").write_text("email,name\nbo@north.example,Bo Ek\n", encoding="utf-8")
    lines = ['{"type": "sent", "ts": "2020-09-01T08:00:00Z", "address": "bo@north.example", "campaign": "old"}\n']
    lines += [OPENED.format(n=n) for n in range(40)]
    (folder / "old.ndjson").write_text("".join(lines), encoding="utf-8")
    assert run("import", "recipients", str(folder / "old.csv"), "--campaign", "Old", "--key", "old").exit_code == 0
    assert run("ingest", str(folder / "old.ndjson")).exit_code == 0


def test_rules_are_shown_set_and_refused(run: Run) -> None:
    assert [line.split()[:2] for line in run("retention").stdout.splitlines()[1:]] == [
        ["mails-after-days", "never"],
        ["words-after-days", "never"],
        ["events-after-months", "never"],
    ]
    assert "No rule is set" in run("retention", "run").stderr
    assert run("retention", "set", "events-after-months=24").stdout == "Retention: events-after-months never → 24\n"
    assert json.loads(run("retention", "show", "--json").stdout.splitlines()[-1])["value"] == "24"
    assert run("retention", "set", "events-after-months=x").exit_code == 1
    assert run("retention", "set", "events").exit_code == 1
    assert run("undo").exit_code == 0
    assert "No rule is set" in run("retention", "run").stderr


def test_a_dry_run_tells_and_a_run_does(run: Run, tmp_path: Path) -> None:
    aged(run, tmp_path)
    run("retention", "set", "events-after-months=24")
    before = [run("status", name, "--json").stdout for name in ("Old", CAMPAIGN)]
    told = json.loads(run("retention", "run", "--dry-run", "--json").stdout)
    assert [(row["campaign"], row["events"]) for row in told["events"]] == [("Old", 38)]
    done = run("retention", "run")
    assert done.stdout.startswith("Old\t38\t")
    assert done.stderr.endswith("Retention: 38 events of 1 campaign folded.\n")
    assert [run("status", name, "--json").stdout for name in ("Old", CAMPAIGN)] == before
    assert run("reconcile").exit_code == 0
    again = run("ingest", "--reread", str(tmp_path / "old.ndjson"))
    assert again.exit_code == 0
    assert [run("status", name, "--json").stdout for name in ("Old", CAMPAIGN)] == before
    assert "nothing is due" in run("retention", "run").stderr
