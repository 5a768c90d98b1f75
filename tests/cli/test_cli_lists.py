"""Lists and segments on the command line: combined, split, kept, reloaded, exported."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.store.exports.workbooks import sheets
from tui.cli import aftersend

Run = Callable[..., Result]


def done(run: Run, line: str) -> str:
    result = run(*shlex.split(line))
    assert result.exit_code == 0, result.output
    return result.stdout


def objects(run: Run, line: str) -> list[dict[str, Any]]:
    return [json.loads(found) for found in done(run, line).splitlines()]


def members(run: Run, name: str) -> list[str]:
    return [line.partition("@")[0] for line in done(run, f"lists {shlex.quote(name)}").splitlines()]


@pytest.fixture
def lists(run: Run) -> Run:
    """Two lists: A of anna, bo, cleo, B of bo, cleo, dan."""
    done(run, "add autumn --to selection:A anna@gamil.example bo@north.example cleo@south.example")
    done(run, "add autumn --to project:B bo@north.example cleo@south.example dan@full.example")
    return run


def test_a_word_that_is_no_command_is_a_list(lists: Run) -> None:
    assert members(lists, "A") == members(lists, "selection:a") == ["anna", "bo", "cleo"]
    assert done(lists, "lists members A") == done(lists, "lists A")
    assert objects(lists, "lists A --json") == objects(lists, "lists --json A")
    assert [row["name"] for row in objects(lists, "lists --json")] == ["B", "A"]
    assert done(lists, "lists show") == done(lists, "lists")
    result = lists("lists", "Nobody")
    assert (result.exit_code, result.stderr) == (1, "aftersend: There is no list “Nobody”; there are “B”, “A”?\n")


@pytest.mark.parametrize(
    ("how", "wanted"),
    [("union", ["anna", "bo", "cleo", "dan"]), ("minus", ["anna"]), ("intersect", ["bo", "cleo"])],
)
def test_lists_are_combined_after_a_look_at_the_number(lists: Run, how: str, wanted: list[str]) -> None:
    before = done(lists, "lists --json")
    told = done(lists, f"lists {how} A B --into project:Both --dry-run")
    assert told.split() == ["3", "A", "3", "B", str(len(wanted)), "would", "be", "on", "the", "new", "list"]
    assert done(lists, "lists --json") == before
    (made,) = objects(lists, f"lists {how} A B --into project:Both --json")
    assert (made["verb"], made["count"]) == (how, len(wanted))
    assert members(lists, "Both") == wanted
    again = lists("lists", how, "A", "B", "--into", "project:Both")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "There is a project list “Both” already" in again.stderr
    done(lists, "undo")
    assert done(lists, "lists --json") == before


def test_one_list_cannot_be_combined(lists: Run) -> None:
    assert lists("lists", "union", "A", "--into", "project:X").exit_code == 2
    assert lists("lists", "union", "A", "B", "--into", "heap:X").exit_code == 2


def test_a_list_is_split_by_who_looks_after_its_people(lists: Run) -> None:
    done(lists, "lists union A B --into project:Check")
    parts = [["Check · kl", "2", "kl"], ["Check · ms", "2", "ms"]]
    assert [line.split("\t") for line in done(lists, "lists split Check --dry-run").splitlines()] == parts
    assert len(objects(lists, "lists --json")) == 3
    assert objects(lists, "lists split Check --kind selection --json") == [
        {"list": name, "responsible": who, "people": int(people)} for name, people, who in parts
    ]
    assert members(lists, "selection:Check · kl") == ["cleo", "dan"]
    done(lists, "undo")
    assert len(objects(lists, "lists --json")) == 3


def test_lists_are_kept_from_the_command_line(lists: Run) -> None:
    before = done(lists, "lists --json")
    assert done(lists, "lists remove A bo@north.example") == "1 taken off selection “A”\n"
    assert members(lists, "A") == ["anna", "cleo"]
    result = lists("lists", "remove", "A", "bo@north.example")
    assert (result.exit_code, result.stderr) == (1, "aftersend: bo@north.example: It is not on the list.\n")
    assert lists("lists", "remove", "A", "who@x.example").exit_code == 1
    done(lists, "lists rename A 'Some of them'")
    done(lists, "lists note 'Some of them' 'ask Ida'")
    assert objects(lists, "lists --json")[1]["note"] == "ask Ida"
    assert done(lists, "lists delete 'Some of them'") == "Selection “Some of them” deleted\n"
    assert [row["name"] for row in objects(lists, "lists --json")] == ["B"]
    for _ in range(4):
        done(lists, "undo")
    assert done(lists, "lists --json") == before


def test_a_segment_is_saved_printed_used_and_deleted(run: Run) -> None:
    assert run("segment", "save", "All").exit_code == 2
    done(run, "segment save 'Dead ends' --campaign autumn --state hard --reason userunknown")
    (row,) = objects(run, "segments --json")
    assert (row["name"], row["recipients"], row["words"]) == (
        "Dead ends",
        1,
        "Autumn newsletter · hard · reason userunknown",
    )
    assert {name: value for name, value in row["filter"].items() if name != "campaign_id"} == {
        "states": ["hard"],
        "reason": "userunknown",
    }
    assert done(run, "segments").startswith("Dead ends\t1\tAutumn newsletter · hard")
    assert done(run, "recipients --segment 'dead ends'").startswith("anna@gamil.example\t")
    assert run("recipients", "autumn", "--segment", "Dead ends").exit_code == 2
    done(run, "add --segment 'Dead ends' --to project:Check")
    assert members(run, "Check") == ["anna"]
    done(run, "segment save 'Dead ends' --campaign autumn --state bounced --replace")
    assert objects(run, "segments --json")[0]["recipients"] == 2
    done(run, "lists minus 'segment:Dead ends' Check --into project:Rest")
    assert members(run, "Rest") == ["dan"]
    done(run, "segment rename 'Dead ends' Failed")
    done(run, "segment note Failed 'every morning'")
    assert objects(run, "segments --json")[0]["note"] == "every morning"
    done(run, "segment delete Failed")
    assert objects(run, "segments --json") == []
    result = run("recipients", "--segment", "Failed")
    assert (result.exit_code, result.stderr) == (
        1,
        "aftersend: There is no segment “Failed”; the store holds none yet.\n",
    )


def test_the_conditions_of_the_screen_are_options(run: Run) -> None:
    def found(line: str) -> list[str]:
        return [text.partition("@")[0] for text in done(run, f"recipients autumn {line}").splitlines()]

    assert found("--responsible MS --state delivered") == ["bo"]
    assert found("--domain north.example --state delivered") == ["bo", "eve"]
    assert found("--company 'sur sa'") == ["cleo"]
    assert found("--reason 'no consent'") == ["finn"]
    assert found("--text ek --without again") == ["bo"]


def test_all_of_a_list_go_on_another_one(lists: Run) -> None:
    done(lists, "add --list A --to project:B")
    assert members(lists, "B") == ["anna", "bo", "cleo", "dan"]
    result = lists("add", "--list", "A", "--to", "project:B")
    assert (result.exit_code, result.stderr) == (1, "aftersend: Everybody is on the list “B” already.\n")
    assert lists("add", "--list", "A", "--state", "hard", "--to", "project:B").exit_code == 2
    assert lists("add", "autumn", "--list", "A", "--to", "project:B").exit_code == 2
    done(lists, "add autumn --domain full.example --to project:Full")
    assert members(lists, "Full") == ["dan"]


def test_a_reload_shows_what_has_changed_before_the_list_is_used_again(lists: Run) -> None:
    assert done(lists, "reload A") == ""
    done(lists, "block autumn bo@north.example")
    done(lists, "fix autumn anna@gamil.example anna@gmail.example")
    result = lists("reload", "A", "--dry-run")
    assert result.stdout.splitlines() == [
        "blocked\tbo@north.example\t\tBo Ek",
        "fixed\tanna@gamil.example\tanna@gmail.example\tAnna Berg",
    ]
    assert result.stderr.endswith("1 of 3 would leave the list (1 blocked), 1 fixed\n")
    assert members(lists, "A") == ["anna", "bo", "cleo"]
    (found,) = objects(lists, "reload A --json")
    assert (found["off"], found["fixed"], found["known_before"]) == ({"blocked": 1}, 1, {})
    assert [row["leaves"] for row in found["changes"]] == [True, False]
    assert members(lists, "A") == ["anna", "cleo"]
    assert lists("reload", "A").stderr.startswith("Nothing has changed with list “A” since")
    done(lists, "undo")
    assert members(lists, "A") == ["anna", "bo", "cleo"]


def test_members_clickers_and_segments_are_exported_with_what_they_are(lists: Run, tmp_path: Path) -> None:
    done(lists, "segment save North --domain north.example --state delivered")
    path = tmp_path / "north.xlsx"
    assert done(lists, f"export --segment North --to {path}") == f"2 recipients written to {path}.\n"
    found = sheets(path)
    about = {label: text for label, text in found["About"]}
    assert about["List"] == "segment North"
    assert about["Filter"] == "delivered · @north.example"
    assert about["By"].startswith("ines at ")
    assert [row[1] for row in found["Recipients"][1:]] == ["bo@north.example", "eve@north.example"]
    beside = tmp_path / "a.csv"
    done(lists, f"export --list A --to {beside} --sort name --reverse")
    meta = json.loads((tmp_path / "a.csv.meta.json").read_text())
    assert (meta["list"], meta["count"], meta["sort"]) == ("selection A", 3, {"column": "name", "reverse": True})
    assert [row["Name"][:3] for row in csv.DictReader(io.StringIO(beside.read_text()))] == ["Cle", "Bo ", "Ann"]
    done(lists, f"export autumn --to {tmp_path}/b.csv --no-meta")
    assert not (tmp_path / "b.csv.meta.json").exists()
    page = tmp_path / "clickers.html"
    assert done(lists, f"export autumn --clickers shop --to {page}") == f"1 clickers written to {page}.\n"
    assert "<td>bo@north.example</td>" in page.read_text()
    assert done(lists, "export --list A --to - --format text").splitlines()[0] == "Holds     3 recipients"
    result = lists("export", "autumn", "--to", str(tmp_path / "x.pdf"))
    assert (result.exit_code, "no format to export to" in result.stderr) == (1, True)


def test_a_workbook_goes_to_stdout_as_bytes(lists: Run, world: Path, tmp_path: Path) -> None:
    line = ["--store", str(world), "export", "--list", "A", "--to", "-", "--format", "xlsx"]
    result = CliRunner().invoke(aftersend, line)
    assert result.exit_code == 0, result.output
    (tmp_path / "out.xlsx").write_bytes(result.stdout_bytes)
    assert len(sheets(tmp_path / "out.xlsx")["Recipients"]) == 4


def test_names_of_lists_and_segments_complete(lists: Run, world: Path) -> None:
    done(lists, "segment save North --domain north.example")
    for words, at, wanted in (
        ("aftersend lists ", "2", {"union", "split", "A", "B"}),
        ("aftersend lists union ", "3", {"A", "B", "North"}),
        ("aftersend recipients --segment ", "3", {"North"}),
    ):
        env = {
            "_AFTERSEND_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": at,
            "AFTERSEND_STORE": str(world),
        }
        result = CliRunner().invoke(aftersend, [], env=env, prog_name="aftersend", complete_var="_AFTERSEND_COMPLETE")
        assert wanted <= {line.partition(",")[2] for line in result.output.splitlines()}
