"""The page of figures is made of what a run printed, and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.figure import Figure, Missing, table
from benchmarks.page import machine, page, summary

ROOT = Path(__file__).parent.parent
RUN: list[Figure | Missing] = [
    Figure("T3 full import", "recipients/s", 50_000, ".import", 200_000, None, size=10_000),
    Figure("T3 full import", "recipients/s", 40_000, ".import", 200_000, 0.30, size=1_000_000, busy=0.25),
    Figure("T9 view", "ms", 150.0, "sum(id)", 100.0, 5, at_most=True, size=1_000_000),
    Missing("Postfix log, lines", "pflogsumm is not installed"),
    Figure("SES events as they are sent, 5,000,000 held", "events/s", 45_000, "", None, 40_000),
    Figure("T6 SES events, 20,000,000 held", "events/s", 40_000, "none held", 44_000, 0.8),
    Figure("file, a person", "bytes", 300.0, "", None, None, at_most=True),
    Figure("file, a recipient", "bytes", 200.0, "", None, None, at_most=True),
    Figure("file, an event", "bytes", 250.0, "", None, None, at_most=True),
]


def printed() -> str:
    return "\n".join(json.dumps(line) for line in (machine(), *(figure.as_object() for figure in RUN)))


def test_the_page_is_what_the_kept_run_gives() -> None:
    kept = (ROOT / "docs" / "performance.jsonl").read_text(encoding="utf-8")
    assert (ROOT / "docs" / "performance.md").read_text(encoding="utf-8") == page(kept), "run `make bench-page`"


def test_the_figures_of_the_readme_are_those_of_the_kept_run() -> None:
    said = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert summary((ROOT / "docs" / "performance.jsonl").read_text(encoding="utf-8")) in said


def test_a_run_becomes_a_table_with_verdicts_and_names_what_was_missed() -> None:
    text = page(printed())
    assert (
        "| T3 full import | 1,000,000 | 40,000 recipients/s | .import 200,000 | 0.20 | 0.25 | ≥ 0.30 | NOT MET |"
        in text
    )
    assert "| T9 view | 1,000,000 | 150 ms | sum(id) 100 | 1.50 | - | ≤ 5 | met |" in text
    assert "| Postfix log, lines |  | - | pflogsumm is not installed | - | - | - |  |" in text
    assert "3 of 4 targets are met. Not met: T3 full import (1,000,000)." in text


def test_why_a_target_is_missed_is_said_once_and_only_if_it_is() -> None:
    missed = [Figure(f"T12 marking {count}", "ms", 9.0, "bare UPDATE", 1.0, 2, at_most=True) for count in (500, 1000)]
    text = page("\n".join(json.dumps(line) for line in (machine(), *(figure.as_object() for figure in missed))))
    assert text.count("- **T12**: ") == 1
    assert "- **T12**" not in page(printed())


def test_the_cost_of_one_stands_beside_the_size() -> None:
    assert "| T3 full import | 20.00 | 25.00 |" in page(printed())


def test_larger_stores_follow_from_what_one_of_each_takes() -> None:
    text = page(printed())
    assert "| 20,000,000 | 1,000,000, 8,000,000 | 6.4 GiB | 0.1 h |" in text
    assert "| 1,000,000,000 | 50,000,000, 400,000,000 | 321.3 GiB | 6.2 h |" in text


def test_a_smoke_run_tells_no_verdict() -> None:
    assert "NOT MET" not in table(RUN, judged=False)
    assert "NOT MET" in table(RUN)
