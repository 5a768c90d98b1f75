from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CAMPAIGN, Outside, Run


def test_a_report_is_printed_with_charts_or_figures(run: Run) -> None:
    charts = run("report", CAMPAIGN)
    assert charts.exit_code == 0, charts.output
    assert charts.stdout.startswith(f"Report on {CAMPAIGN}\n\nBuckets")
    assert "delivered │███" in charts.stdout
    assert "First openings in 48 hours" in charts.stdout
    assert "█ people 1  ░ machines only 1" in charts.stdout
    assert "shop.example/a" in charts.stdout
    assert "north.example" in charts.stdout
    figures = run("report", "autumn", "--figures")
    assert "Hours from the sending" in figures.stdout
    assert "░" not in figures.stdout.partition("First openings by hour")[2].partition("Receiving")[0]


def test_json_is_one_object_for_each_part(run: Run) -> None:
    lines = [json.loads(line) for line in run("report", CAMPAIGN, "--json").stdout.splitlines()]
    assert [line["part"] for line in lines] == [
        *("campaign", "openings", "hours", "links", "benchmark"),
        *("domain",) * (len(lines) - 5),
    ]
    parts = {line["part"]: line for line in lines}
    assert (parts["campaign"]["opened"], parts["campaign"]["machine"], parts["campaign"]["unknown"]) == (1, 1, 1)
    assert parts["openings"]["total"] == {"people": 1, "machines": 1}
    assert parts["openings"]["hours"][0]["machines"] == 1
    assert parts["openings"]["hours"][0]["begin"] == parts["openings"]["from"]
    assert sum(sum(day) for day in parts["hours"]["people"].values()) == 1
    assert parts["links"]["links"][0]["url"] == "https://shop.example/a"
    assert parts["benchmark"]["shares"]["bounced"]["rank"] is None
    domains = {line["domain"]: line for line in lines if line["part"] == "domain"}
    assert (domains["gamil.example"]["hard"], domains["north.example"]["clicked"]) == (1, 1)
    assert sum(line["planned"] for line in domains.values()) == parts["campaign"]["planned"]


def test_domains_alone_are_a_table_for_programs(run: Run) -> None:
    rows = [line.split("\t") for line in run("report", CAMPAIGN, "--domains").stdout.splitlines()]
    assert rows[0][0] == "north.example"
    assert {len(row) for row in rows} == {12}
    lines = run("report", CAMPAIGN, "--domains", "--json").stdout.splitlines()
    assert {json.loads(line)["part"] for line in lines} == {"domain"}


def test_two_campaigns_are_put_side_by_side(run: Run, feeds: Path) -> None:
    assert (
        run("import", "recipients", str(feeds / "list.csv"), "--campaign", "Second", "--key", "second").exit_code == 0
    )
    result = run("report", CAMPAIGN, "--compare", "second")
    assert f"A {CAMPAIGN}  beside  B Second" in result.stdout
    assert "people are in both plans" in result.stdout
    lines = [json.loads(line) for line in run("report", CAMPAIGN, "--compare", "Second", "--json").stdout.splitlines()]
    found = next(line for line in lines if line["part"] == "comparison")
    assert found["with"] == "Second"
    assert found["shares"]["opened"]["verdict"] == "nothing to compare"
    assert run("report", CAMPAIGN, "--compare", "third").exit_code == 1
    assert run("report", CAMPAIGN, "--compare", "autumn").exit_code == 2


def test_the_report_is_written_as_a_page(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    result = run("report", CAMPAIGN, "--html", str(target))
    assert result.stdout == f"The report was written to {target}.\n"
    assert target.read_text().startswith("<!DOCTYPE html>")
    again = run("report", CAMPAIGN, "--html", str(target))
    assert (again.exit_code, again.stderr) == (1, f"aftersend: {target} exists already; nothing was written.\n")
    assert run("report", CAMPAIGN, "--html", str(target), "--force").exit_code == 0
    assert run("report", CAMPAIGN, "--html", "-").stdout.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--html", "x.html", "--json"),
        ("--html", "x.html", "--domains"),
        ("--domains", "--compare", "autumn"),
        ("--force",),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(run: Run, wrong: tuple[str, ...]) -> None:
    assert run("report", CAMPAIGN, *wrong).exit_code == 2


def test_where_the_output_is_not_utf_8_the_charts_are_plain(
    outside: Outside, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    result = outside("report", CAMPAIGN, store=world)
    assert result.returncode == 0, result.stderr
    assert "delivered |###" in result.stdout
    assert "\\u" not in result.stdout
