"""Saying what a file of events does not tell: type, campaign, time, order of dates, whose export it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from store.feeds.presets.shapes import NAMES

Run = Callable[..., Result]

REPORT = '"Email Address","First Name",MEMBER_RATING\nbo@north.example,Bo,4\ncleo@south.example,Cleo,2\n'


def recipient(run: Run, address: str) -> dict[str, Any]:
    rows = map(json.loads, run("recipients", "autumn", "--json").stdout.splitlines())
    return next(row for row in rows if row["address"] == address)


def sentence(result: Result) -> str:
    """Return the one sentence of a refusal."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_report_is_read_once_it_is_said_what_it_does_not_tell(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(REPORT)
    assert "say it: --type opened" in sentence(run("ingest", str(path)))
    assert "say when it was: --time" in sentence(run("ingest", str(path), "--type", "opened"))
    said = (
        "--type",
        "Opened",
        "--time",
        "2026-09-02 10:00",
        "--zone",
        "Europe/Berlin",
        "--campaign",
        "Autumn newsletter",
    )
    for name in ("report.csv", "a copy.csv"):
        (tmp_path / name).write_text(REPORT)
        result = run("ingest", str(tmp_path / name), *said)
        assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].split()[-5:] == ["2", "0", "2", "0", "0"]
    assert recipient(run, "bo@north.example")["opened_at"] == "2026-09-02T08:00:00.000Z"
    assert recipient(run, "cleo@south.example")["engagement"] == "opened"


def test_the_name_of_a_report_tells_its_type(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "Autumn_unsubscribed_Sep_2.csv"
    path.write_text(REPORT)
    assert run("ingest", str(path), "--time", "2026-09-02T08:00:00Z", "--campaign", "autumn").exit_code == 0
    assert recipient(run, "bo@north.example")["engagement"] == "unsubscribed"


def test_a_campaign_that_is_not_there_is_refused_with_the_ones_that_sound_alike(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "opened.csv"
    path.write_text(REPORT)
    refused = sentence(run("ingest", str(path), "--time", "2026-09-02T08:00:00Z", "--campaign", "autum newsleter"))
    assert "“Autumn newsletter”" in refused


def test_the_order_of_dates_is_never_guessed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("email,event,time,campaign\ncleo@south.example,click,09/02/2026 8:00 am,autumn\n")
    assert sentence(run("ingest", str(path), "--zone", "UTC")).endswith(
        "'09/02/2026 8:00 am' can be two different days: say --date-style dmy or --date-style mdy.\n"
    )
    assert run("ingest", str(path), "--zone", "UTC", "--date-style", "mdy").exit_code == 0
    assert recipient(run, "cleo@south.example")["clicked_at"] == "2026-09-02T08:00:00.000Z"


def test_all_that_is_said_can_be_saved_and_options_beside_it_win(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Wer|Wann\nbo@north.example|02-09-2026 10:00\n")
    saved = (
        "--type",
        "opened",
        "--date-style",
        "dmy",
        "--delimiter",
        "|",
        "--campaign",
        "autumn",
        "--decimal",
        "comma",
    )
    result = run(
        "ingest", str(path), "--map", "address=Wer,time=Wann", *saved, "--zone", "Europe/Berlin", "--save-map", "a,b"
    )
    assert result.exit_code == 0, result.output
    path.write_text("Wer|Wann\neve@north.example|02-09-2026 11:00\n")
    result = run("ingest", str(path), "--use-map", "a,b", "--type", "clicked", "--reread")
    assert result.exit_code == 0, result.output
    assert recipient(run, "bo@north.example")["opened_at"] == "2026-09-02T08:00:00.000Z"
    assert recipient(run, "eve@north.example")["clicked_at"] == "2026-09-02T09:00:00.000Z"


def test_states_of_superoffice_fold_to_what_became_of_each(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mailing.csv"
    head = "Mottaker;E-post;Status;Sendt;Bounce-kode\r\n"
    day = "01.09.2026 12:00"
    rows = {
        "anna@gamil": "Sent",
        "bo@north": "Opened",
        "cleo@south": "Clicked",
        "dan@full": "Bounced",
        "eve@north": "Complained",
    }
    path.write_text(head + "".join(f"X;{who}.example;{status};{day};550\r\n" for who, status in rows.items()))
    said = ("--campaign", "autumn", "--zone", "Europe/Oslo")
    result = run("ingest", str(path), *said)
    assert result.stdout.splitlines()[1].split()[-5:] == ["4", "4", "0", "0", "0"]
    path.write_text(path.read_text().replace("Sent", "Opened"))
    assert run("ingest", str(path), *said).stdout.splitlines()[1].split()[-5:] == ["4", "1", "3", "0", "0"]
    assert recipient(run, "anna@gamil.example")["engagement"] == "opened"
    assert recipient(run, "eve@north.example")["engagement"] == "complained"
    assert recipient(run, "cleo@south.example")["engagement"] == "none"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--preset", "eloqua"), "is no preset; the presets are brevo"),
        (("--time", "teatime"), "--time: 'teatime' is no time"),
        (("--encoding", "klingon"), "is no encoding"),
        (("--delimiter", "::"), "is no delimiter"),
        (("--delimiter", '"'), "has a quote in it"),
        (("--use-map", "nobody's"), "No mapping is saved"),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(
    run: Run, tmp_path: Path, said: tuple[str, ...], words: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("email,event,time\nbo@north.example,open,2026-09-02T08:00:00Z\n")
    assert words in sentence(run("ingest", str(path), *said))


@pytest.mark.parametrize(
    "said", [("--type", "danced"), ("--date-style", "dym"), ("--decimal", "dot"), ("--save-map", "x")]
)
def test_wrong_words_are_wrong_usage(run: Run, tmp_path: Path, said: tuple[str, ...]) -> None:
    assert run("ingest", str(tmp_path / "x.csv"), *said).exit_code == 2


def test_the_help_names_all_presets(run: Run) -> None:
    text = " ".join(run("ingest", "--help").stdout.split())
    assert [name for name in NAMES if name not in text] == []
