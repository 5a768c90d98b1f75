"""Suggestions, accepting them after a preview, and the corrections list, on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from store.mailhosts import MailHosts
from tests.cli.conftest import Run, _here
from tests.nameserver import name_server

PRICES = "price-list-2027"


@pytest.fixture
def run(sample_path: Path) -> Run:
    """Run the command on the sample world."""

    def call(*args: str, stdin: str | None = None) -> Any:
        return _here(*args, store=sample_path, stdin=stdin)

    return call


def objects(result: Any) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def fields(result: Any) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.stdout.splitlines()]


def typos(run: Run) -> dict[str, str]:
    """Return address -> what is meant, of the price list."""
    return {row["address"]: row["best"] for row in objects(run("suggest", PRICES, "--json")) if row["best"]}


def test_every_slip_of_the_sample_world_is_understood(run: Run) -> None:
    meant = {"gamil": "gmail", "gmial": "gmail", "gmail": "gmail", "postwnig": "postwing", "postwimg": "postwing",
             "kuvertpsot": "kuvertpost", "kuvertpost": "kuvertpost", "courielle": "courrielle"}  # fmt: skip
    rows = [row for row in objects(run("suggest", "--json")) if row["best"]]
    assert len(rows) >= 12
    for row in rows:
        local, _, domain = row["address"].partition("@")
        assert row["best"] == f"{local}@{meant[domain.partition('.')[0]]}.example"
    failed = [row for row in objects(run("bounces", "--open", "--json")) if row["reason"] == "hostunknown"]
    assert {row["address"] for row in rows} == {row["address"] for row in failed}


def test_a_table_tells_address_meaning_score_and_reason(run: Run) -> None:
    found = fields(run("suggest", PRICES))
    old, new = next(iter(typos(run).items()))
    row = next(row for row in found if row[0] == old)
    assert row[1] == new
    assert int(row[2]) >= 75
    assert "of your mails arrived." in row[3]
    assert row[4] == "Price list 2027"
    more = fields(run("suggest", PRICES, "--all"))
    assert {tuple(row[:2]) for row in found} <= {tuple(row[:2]) for row in more}


def test_nothing_is_changed_without_yes_and_all_of_a_group_with_it(run: Run) -> None:
    before = typos(run)
    group = next(
        row["group"]
        for row in objects(run("bounces", PRICES, "--group", "cause", "--json"))
        if row["reason"] == "hostunknown"
    )
    shown = run("accept", PRICES, "--group", group)
    assert {tuple(row[:2]) for row in fields(shown)} == set(before.items())
    assert f"Nothing was changed; --yes corrects these {len(before)}." in shown.stderr
    assert typos(run) == before
    assert [row["best"] for row in objects(run("accept", PRICES, "--group", group, "--json"))] == list(before.values())
    done = objects(run("accept", PRICES, "--group", group, "--yes", "--json"))[0]
    assert (done["verb"], done["count"], done["sentence"]) == (
        "accept",
        len(before),
        f"{len(before)} addresses corrected",
    )
    assert typos(run) == {}
    assert objects(run("resend", PRICES, "--json"))[0]["fixed"] == len(before)
    assert run("undo").exit_code == 0
    assert run("undo").exit_code == 0
    assert typos(run) == before


def test_single_addresses_are_accepted_and_others_named(run: Run) -> None:
    old, new = next(iter(typos(run).items()))
    failed = objects(run("bounces", PRICES, "--open", "--json"))
    full = next(row["address"] for row in failed if row["reason"] == "mailboxfull")
    shown = run("accept", PRICES, old, full)
    assert "--yes corrects this one." in shown.stderr
    assert f"No better address is known for {full}." in shown.stderr
    done = run("accept", PRICES, old, full, "--yes")
    assert done.stdout == f"{old} corrected to {new}\n"
    nothing = run("accept", PRICES, full)
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "Nothing can be accepted here" in nothing.stderr
    refused = run("accept", PRICES, full, "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert run("accept", PRICES).exit_code == 2
    assert run("accept", PRICES, old, "--group", "c1234567").exit_code == 2
    assert run("accept", PRICES, "nobody@x.example").exit_code == 1


def test_domains_are_looked_up_only_when_that_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = {(f"{name}.example", "MX"): f"10 mx.{name}.example." for name in ("postwing", "kuvertpost")}
    make = MailHosts.__init__
    with name_server(zone) as server:
        monkeypatch.setattr(MailHosts, "__init__", lambda self: make(self, ["127.0.0.1"], server.port, 0.3))
        run("suggest")
        assert server.asked == []
        rows = objects(run("suggest", "--dns", "--json"))
        assert server.asked != []
    best = {row["best"].partition("@")[2] for row in rows if row["best"]}
    assert best == {"postwing.example", "kuvertpost.example"}
    gone = [choice for row in rows for choice in row["choices"] if choice["address"].endswith("@gmail.example")]
    assert "Its domain does not exist." in {choice["against"] for choice in gone}
    assert all(choice["against"] for choice in gone)


def test_the_corrections_list_is_printed_and_written_for_the_crm(run: Run, tmp_path: Path) -> None:
    assert "Nothing was corrected." in run("corrections").stderr
    old, new = next(iter(typos(run).items()))
    assert run("accept", PRICES, old, "--yes").exit_code == 0
    (row,) = objects(run("corrections", "--json"))
    assert (row["old"], row["new"], row["campaign"], row["by"]) == (old, new, "Price list 2027", "ines")
    assert row["crm_id"].startswith("C")
    (line,) = fields(run("corrections"))
    assert line[:3] == [old, new, row["crm_id"]]
    assert fields(run("corrections", "--since", "2199-01-01")) == []
    target = tmp_path / "fixed.csv"
    assert run("corrections", "--to", str(target)).stdout == f"1 correction written to {target}.\n"
    with target.open(newline="") as stream:
        (read,) = csv.DictReader(stream)
    assert (read["Old address"], read["New address"], read["CRM id"], read["By"]) == (old, new, row["crm_id"], "ines")
    assert run("corrections", "--to", str(target)).exit_code == 1
    assert run("corrections", "--to", str(target), "--force").exit_code == 0
    assert run("corrections", "--json", "--to", str(target)).exit_code == 2
    assert run("undo").exit_code == 0
    assert objects(run("corrections", "--json")) == []
