"""bounces in groups, decisions about groups, and the resend list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Here = Callable[..., Result]

PRICES = "Price list 2027"


@pytest.fixture
def run(here: Here, sample_path: Path) -> Run:
    """Run the command on the sample world."""

    def call(*args: str) -> Result:
        return here(*args, store=sample_path)

    return call


def objects(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def groups(run: Run, by: str = "cause") -> list[dict[str, Any]]:
    return objects(run("bounces", PRICES, "--group", by, "--json"))


@pytest.mark.parametrize("by", ["cause", "domain", "time"])
def test_groups_add_up_to_what_is_undecided(run: Run, by: str) -> None:
    assert sum(group["count"] for group in groups(run, by)) == 100


def test_what_is_ours_is_told_with_the_domain_and_the_time(run: Run) -> None:
    first = groups(run)[0]
    assert (first["count"], first["acts"], first["reason"], first["status"]) == (44, "us", "authfailure", "5.7.26")
    assert first["domains"] == {"gmail.example": 44}
    assert first["first"][:13] == first["last"][:13] == "2026-11-13T07"
    line = run("bounces", PRICES, "--group", "cause").stdout.splitlines()[0].split("\t")
    assert line[:5] == [first["group"], "44", "ours", "sender not authenticated 5.7.26", "all gmail.example"]


def test_a_group_is_excused_by_its_name_and_taken_back(run: Run) -> None:
    before = groups(run)
    name = before[0]["group"]
    wrong = run("excuse", PRICES, "--group", name, "--count", "40")
    assert wrong.exit_code == 1
    assert "has 44 undecided bounces by now, not 40" in wrong.stderr
    done = objects(run("excuse", PRICES, "--group", name, "--count", "44", "--json"))[0]
    assert (done["verb"], done["count"], done["refused"]) == ("excuse", 44, [])
    assert [group["group"] for group in groups(run)] == [group["group"] for group in before[1:]]
    again = run("excuse", PRICES, "--group", name)
    assert again.exit_code == 1
    assert "There is no group" in again.stderr
    assert run("undo").exit_code == 0
    assert groups(run) == before


def test_addresses_or_a_group_but_not_both(run: Run) -> None:
    assert run("excuse", PRICES).exit_code == 2
    assert run("later", PRICES, "a@x.example", "--group", "c1234567").exit_code == 2


def test_single_bounces_are_put_off_excused_and_their_addresses_deleted(run: Run) -> None:
    one, two, three = [row["address"] for row in objects(run("bounces", PRICES, "--open", "--json"))][:3]
    assert run("later", PRICES, one).stdout == "1 recipient put off\n"
    assert sum(group["later"] for group in groups(run)) == 1
    assert run("delete", PRICES, two).stdout == "Address of 1 recipient deleted\n"
    assert run("delete", PRICES, two).stderr == f"aftersend: {two}: The contact has no address any more.\n"
    said = run("excuse", PRICES, three).stdout
    assert said.startswith("1 recipient excused, 1 on the list “Resend · Price list 2027”")
    assert len(objects(run("bounces", PRICES, "--open", "--json"))) == 98


def test_the_resend_list_is_counted_made_and_refreshed(run: Run) -> None:
    nobody = run("resend", PRICES)
    assert nobody.exit_code == 1
    assert "Nobody is excused or fixed" in nobody.stderr
    for group in groups(run)[:2]:
        assert run("excuse", PRICES, "--group", group["group"]).exit_code == 0
    dry = objects(run("resend", PRICES, "--dry-run", "--json"))[0]
    assert (dry["excused"], dry["fixed"], dry["total"], dry["coming"], dry["list"]) == (53, 0, 53, 0, None)
    same = run("resend", PRICES)
    assert same.exit_code == 0
    assert "is up to date: 53 people" in same.stdout
    typo = next(row for row in objects(run("bounces", PRICES, "--open", "--json")) if row["reason"] == "hostunknown")
    assert run("fix", PRICES, typo["address"], "right@north.example").exit_code == 0
    made = objects(run("resend", PRICES, "--json"))[0]
    assert (made["excused"], made["fixed"], made["coming"], made["members"]) == (53, 1, 1, 54)
    members = objects(run("lists", "Resend · Price list 2027", "--json"))
    assert len(members) == 54
