"""Texts of a megabyte, and marks in heaps, cost time in proportion: what is quadratic here would take hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.addresses import address_key
from store.cleaning import clean, normalized
from store.feeds.headings import heading_key
from store.feeds.record import DEFECTS_KEPT, Defect
from store.ingest import IngestReport
from tests.hostile.needles import LONG
from tui.dialogs.dialog import shown
from tui.present.cells import cut, fit, squeeze, width, wrap

MARKS = "a" + "\u0301\u0316" * 500_000
TEXTS = {"marks": MARKS, "wide": "\u674e" * 500_000, "blanks": " " * 500_000, "words": LONG, "breaks": "\n" * 500_000}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_megabyte_is_cleaned_cut_and_wrapped(text: str) -> None:
    told = clean(text)
    assert width(cut(told, 20)) <= 20
    assert width(fit(told, 20)) == 20
    assert width(squeeze(told, 20)) <= 20
    assert all(width(line) <= 78 for line in wrap(told, 78))
    assert len(shown(told)) <= 2_001
    assert heading_key(text) is not None
    assert address_key(f"{text}@shop.example")


@pytest.mark.parametrize("text", ["ស្ត្រី", "ပို့", "བསྒྲུབས", "שָׁלוֹם", "Zoë", "Nguyễn"])
def test_scripts_that_stack_marks_stay_as_they_are(text: str) -> None:
    assert clean(normalized("NFC", text)) == normalized("NFC", text)


@pytest.mark.parametrize("marks", ["\u0301" * 9, "\u0489" * 9, "\u0e31" * 9, "\u20dd\u0301" * 9])
def test_heaps_of_marks_of_any_kind_are_bounded(marks: str) -> None:
    assert len(clean(f"x{marks}")) <= 5


def test_defects_are_short_and_so_many_are_kept() -> None:
    report = IngestReport(Path("log"), "log")
    for number in range(DEFECTS_KEPT + 5):
        report.add(Defect(f"line {number}", "x" * 100_000))
    report.add(Defect("the end", "cut off", ends=True))
    assert len(report.defects) == DEFECTS_KEPT + 1
    assert report.bad == DEFECTS_KEPT + 6
    assert report.cut
    assert len(report.defects[0].sentence) <= 501
