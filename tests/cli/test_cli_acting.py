from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Here = Callable[..., Result]


def recipient(run: Run, address: str) -> dict[str, Any]:
    rows = [json.loads(line) for line in run("recipients", "autumn", "--json").stdout.splitlines()]
    (found,) = [row for row in rows if row["address"] == address and row["reason"] != "duplicate"][:1]
    return found


def test_importing_tells_what_became_of_every_line(here: Here, feeds: Path, tmp_path: Path) -> None:
    result = here(
        "import", "recipients", str(feeds / "list.csv"), "--campaign", "Autumn", store=tmp_path / "new.db"
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["Autumn:", "8", "lines", "read."]
    assert ["imported", "5"] in lines
    assert any(line[:2] == ["skipped", "3"] and "duplicate" in line and "consent" in line for line in lines)


def test_importing_the_same_list_again_changes_nothing(run: Run, feeds: Path) -> None:
    before = run("recipients", "autumn", "--json").stdout
    result = run("import", "recipients", str(feeds / "list.csv"), "--campaign", "autumn newsletter")
    assert result.exit_code == 0, result.output
    assert [line.split() for line in result.stdout.splitlines() if "imported" in line] == [["imported", "0"]]
    assert run("recipients", "autumn", "--json").stdout == before


def test_bad_lines_are_listed_up_to_twenty_and_written_whole_to_a_file(run: Run, tmp_path: Path) -> None:
    path, bad = tmp_path / "list.csv", tmp_path / "bad.csv"
    path.write_text("email,name\nann@x.example,Ann\n" + "one,two,three\n" * 1500)
    result = run("import", "recipients", str(path), "--campaign", "New", "--bad-lines", str(bad))
    assert result.exit_code == 0, result.output
    assert ["bad", "lines", "1,500"] in [line.split() for line in result.stdout.splitlines()]
    told = result.stderr.splitlines()
    assert told[0] == "aftersend: 1,500 bad lines:"
    assert len([line for line in told if line.startswith("  line ")]) == 20
    assert told[-1] == "  and 1,480 more"
    assert len(list(csv.reader(bad.read_text().splitlines()))) == 1501
    assert bad.stat().st_mode & 0o077 == 0


def test_a_file_for_bad_lines_that_cannot_be_made_stops_the_import_before_it_begins(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("email\nann@x.example\n")
    result = run("import", "recipients", str(path), "--campaign", "New", "--bad-lines", str(tmp_path / "no" / "b.csv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"aftersend: {tmp_path}/no/b.csv: No such file or directory.\n"
    assert run("status", "New").exit_code == 1


def test_ingesting_the_same_files_again_changes_nothing_and_says_so(run: Run, feeds: Path) -> None:
    files = (str(feeds / "mail.log"), str(feeds / "events.ndjson"))
    before = run("recipients", "autumn", "--json").stdout
    for more in ((), ("--reread",)):
        result = run("ingest", *files, *more)
        assert result.exit_code == 0, result.output
        assert [line.split()[-4] for line in result.stdout.splitlines()[1:]] == ["0", "0"]
    assert run("recipients", "autumn", "--json").stdout == before


def test_a_mapping_can_be_saved_and_used_by_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "opens.csv"
    path.write_text("Who,When\neve@north.example,2026-09-02 10:00:00\n")
    spec = "address=Who, time=When, type:=opened, campaign:=autumn"
    assert run("ingest", str(path), "--map", spec, "--save-map", "opens", "--zone", "Europe/Berlin").exit_code == 0
    assert recipient(run, "eve@north.example")["opened_at"] == "2026-09-02T08:00:00.000Z"
    result = run("ingest", str(path), "--use-map", "opens", "--zone", "Europe/Berlin", "--reread")
    assert result.exit_code == 0, result.output
    refused = run("ingest", str(path), "--use-map", "clicks")
    assert (refused.exit_code, "opens" in refused.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [("--map", "a=b", "--use-map", "x"), ("--save-map", "x")])
def test_mapping_options_that_contradict_each_other_are_wrong_usage(
    run: Run, feeds: Path, arguments: tuple[str, ...]
) -> None:
    assert run("ingest", str(feeds / "mail.log"), *arguments).exit_code == 2


def test_an_unknown_zone_is_refused(run: Run, feeds: Path) -> None:
    result = run("ingest", str(feeds / "mail.log"), "--zone", "Mars/Olympus")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Mars/Olympus" in result.stderr


@pytest.mark.parametrize(
    ("verb", "address", "field", "value"),
    [
        ("mark-hard", "bo@north.example", "bounce_kind", "hard"),
        ("mark-soft", "anna@gamil.example", "bounce_kind", "soft"),
        ("clear", "anna@gamil.example", "bounce_kind", None),
        ("block", "bo@north.example", "blocked", True),
    ],
)
def test_a_decision_changes_the_recipient_is_in_the_journal_and_can_be_undone_and_redone(
    run: Run, verb: str, address: str, field: str, value: Any
) -> None:
    before = recipient(run, address)
    done = run(verb, "autumn", address)
    assert (done.exit_code, done.stderr) == (0, "")
    after = recipient(run, address)
    assert before[field] != after[field] == value
    (entry,) = [row for row in journal(run) if row["verb"] == verb]
    assert (entry["operator"], entry["subjects"]) == ("ines", 1)
    assert run("undo").exit_code == 0
    assert recipient(run, address) == before
    assert run("redo").exit_code == 0
    assert recipient(run, address) == after


def journal(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("journal", "--json").stdout.splitlines()]


def test_a_former_employee_is_marked_on_the_contact(run: Run) -> None:
    assert run("former", "autumn", "eve@north.example").exit_code == 0
    assert "former employee" in run("history", "eve@north.example").stdout


def test_several_recipients_are_decided_about_at_once_or_not_at_all(run: Run) -> None:
    before = run("recipients", "autumn", "--json").stdout
    refused = run("mark-hard", "autumn", "bo@north.example", "nobody@x.example")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "aftersend: nobody@x.example is no recipient of Autumn newsletter; nothing was changed.\n"
    assert run("recipients", "autumn", "--json").stdout == before
    assert run("mark-hard", "autumn", "bo@north.example", "eve@north.example").exit_code == 0
    assert journal(run)[0]["subjects"] == 2


def test_undo_with_nothing_to_undo_is_refused(run: Run) -> None:
    while run("undo").exit_code == 0:
        pass
    result = run("undo")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing" in result.stderr.lower()


def test_fixing_an_address_moves_the_contact_and_the_old_one_still_finds_it(run: Run) -> None:
    assert run("fix", "autumn", "anna@gamil.example", "anna@gmail.example").exit_code == 0
    found = recipient(run, "anna@gamil.example")
    assert found["contact_address"] == "anna@gmail.example"
    for address in ("anna@gamil.example", "anna@gmail.example"):
        assert run("history", address).exit_code == 0


def test_an_address_with_wrong_syntax_is_refused(run: Run) -> None:
    result = run("fix", "autumn", "anna@gamil.example", "anna at gmail")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "anna at gmail" in result.stderr


def test_recipients_go_to_a_list_by_address_or_by_state(run: Run) -> None:
    assert run("add", "autumn", "--to", "project:Spring", "bo@north.example", "eve@north.example").exit_code == 0
    assert run("add", "autumn", "--to", "project:Spring", "--state", "hard").exit_code == 0
    members = run("lists", "Spring").stdout.splitlines()
    assert sorted(line.split("\t")[1] for line in members) == ["Anna Berg", "Bo Ek", "Eve Gray"]
    (row,) = [json.loads(line) for line in run("lists", "--json").stdout.splitlines()]
    assert (row["name"], row["kind"], row["members"], row["created_by"]) == ("Spring", "project", 3, "ines")
    again = run("add", "autumn", "--to", "project:Spring", "bo@north.example")
    assert (again.exit_code, again.stdout) == (1, "")


@pytest.mark.parametrize("target", ["Spring", "nonsense:Spring", "project:"])
def test_a_list_that_is_not_kind_and_name_is_wrong_usage(run: Run, target: str) -> None:
    assert run("add", "autumn", "--to", target, "bo@north.example").exit_code == 2


def test_reminding_counts_first_and_leaves_out_who_bounced_or_clicked(run: Run) -> None:
    dry = run("remind", "autumn", "--dry-run", "--json")
    assert dry.exit_code == 0, dry.output
    counts = json.loads(dry.stdout)
    assert (counts["not_read"], counts["unknown"], counts["machine"], counts["total"]) == (0, 1, 1, 2)
    assert counts["list"] is None
    assert run("lists", "--json").stdout == ""
    made = run("remind", "autumn")
    assert made.exit_code == 0, made.output
    names = {line.split("\t")[1] for line in run("lists", "Reminder: Autumn newsletter").stdout.splitlines()}
    assert names == {"Cleo Diaz", "Eve Gray"}


def test_the_journal_is_narrowed_and_any_entry_of_it_is_taken_back(run: Run) -> None:
    run("mark-hard", "autumn", "bo@north.example")
    run("former", "autumn", "eve@north.example")
    objects = [json.loads(line) for line in run("journal", "--own", "--standing", "--json").stdout.splitlines()]
    verbs = {found["verb"]: found["id"] for found in objects}
    assert {"mark-hard", "former"} <= set(verbs)
    assert [json.loads(run("journal", "--verb", "former", "--json").stdout)["verb"]] == ["former"]
    assert run("journal", "--find", "former employee", "--campaign", "autumn").stdout.count("\n") == 1
    assert run("journal", "--since", "2999-01-01", "--json").stdout == ""
    entry = str(verbs["mark-hard"])
    (told,) = map(json.loads, run("journal", entry, "--json").stdout.splitlines())
    assert told["lines"][0]["name"] == "bo@north.example"
    assert told["lines"][0]["changes"]["decision"] == {"before": None, "after": "marked hard"}
    assert "bo@north.example\tmarked as bounced: - → hard" in run("journal", entry).stdout
    undone = run("undo", "--entry", entry)
    assert undone.stdout == "Undone: 1 recipient marked as bounced hard\n"
    assert "was undone already" in run("undo", "--entry", entry).stderr
    assert run("redo", "--entry", entry).exit_code == 0
    assert "no entry 9999" in run("undo", "--entry", "9999").stderr


def test_the_journal_is_written_to_a_file(run: Run, tmp_path: Path) -> None:
    run("former", "autumn", "eve@north.example")
    target = tmp_path / "j.csv"
    result = run("journal", "--verb", "former", "--to", str(target))
    assert result.stdout == f"1 action written to {target}.\n"
    assert "1 recipient marked as former employee" in target.read_text(encoding="utf-8")
    assert run("journal", "--to", str(target)).exit_code == 1


def test_groups_are_left_out_of_a_reminder_and_those_left_out_are_named(run: Run) -> None:
    dry = json.loads(run("remind", "autumn", "--dry-run", "--json", "--without", "machine").stdout)
    assert dry["groups"] == ["not read", "unknown"]
    assert dry["total"] == dry["not_read"] + dry["unknown"]
    named = run("remind", "autumn", "--left-out").stdout.splitlines()
    because = {line.split("\t")[0]: line.split("\t")[2] for line in named}
    assert because["anna@gamil.example"] == "bounced"
    assert because["bo@north.example"] in {"clicked", "skipped"}
    objects = [json.loads(line) for line in run("remind", "autumn", "--left-out", "--json").stdout.splitlines()]
    assert {found["because"] for found in objects} == set(dry["left_out"])
    assert len(objects) == len(named)
    every = [word for group in ("not-read", "unknown", "machine") for word in ("--without", group)]
    assert run("remind", "autumn", *every).exit_code == 2


def test_a_second_reminder_of_the_same_name_is_refused(run: Run) -> None:
    assert run("remind", "autumn", "--name", "Once").exit_code == 0
    result = run("remind", "autumn", "--name", "Once", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Once" in result.stderr


def written_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_export_writes_csv_with_headings_to_a_file_and_does_not_overwrite_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    result = run("export", "autumn", "--to", str(path), "--state", "bounced")
    assert result.exit_code == 0, result.output
    rows = written_rows(path)
    assert {row["Address"] for row in rows} == {"anna@gamil.example", "dan@full.example"}
    again = run("export", "autumn", "--to", str(path))
    assert (again.exit_code, again.stdout) == (1, "")
    assert len(written_rows(path)) == 2
    assert run("export", "autumn", "--to", str(path), "--force").exit_code == 0
    assert len(written_rows(path)) == 8


def test_export_to_stdout_prints_the_data_and_nothing_else(run: Run) -> None:
    result = run("export", "autumn", "--to", "-", "--state", "hard")
    assert [row["Address"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["anna@gamil.example"]
    found = run("export", "autumn", "--to", "-", "--format", "json")
    assert found.stdout == run("recipients", "autumn", "--json").stdout


def test_the_members_of_a_list_are_exported(run: Run) -> None:
    run("add", "autumn", "--to", "selection:Two", "bo@north.example", "eve@north.example")
    rows = list(csv.DictReader(io.StringIO(run("export", "--list", "Two", "--to", "-").stdout)))
    assert {row["Address"] for row in rows} == {"bo@north.example", "eve@north.example"}


def test_a_byte_order_mark_is_written_only_when_asked(run: Run, tmp_path: Path) -> None:
    for more, marked in (((), False), (("--bom",), True)):
        path = tmp_path / f"{marked}.csv"
        assert run("export", "autumn", "--to", str(path), *more).exit_code == 0
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") is marked


def test_an_export_into_a_missing_folder_is_one_sentence(run: Run, tmp_path: Path) -> None:
    result = run("export", "autumn", "--to", str(tmp_path / "none" / "out.csv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1


def test_campaigns_and_lists_complete_from_the_store(world: Path, run: Run) -> None:
    run("add", "autumn", "--to", "selection:Two", "bo@north.example")
    for words, wanted in (("aftersend status Aut", "autumn"), ("aftersend lists t", "Two")):
        env = {"_AFTERSEND_COMPLETE": "fish_complete", "COMP_WORDS": words, "COMP_CWORD": words.split()[-1]}
        found = subprocess.run(
            [sys.executable, "-m", "tui.cli"],
            env={**os.environ, **env, "AFTERSEND_STORE": str(world)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.startswith(f"plain,{wanted}")
