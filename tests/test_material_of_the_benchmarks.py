"""What the benchmarks read is about people of the lists that they import, however many of them it is about."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import material


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "CACHE", tmp_path)


def column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as handle:
        return [row[name] for row in csv.DictReader(handle)]


@pytest.mark.parametrize("count", [30, 200])
def test_a_log_tells_of_the_first_of_the_list(count: int) -> None:
    planned = column(material.recipients_csv(200), "E-Mail")
    told = list(dict.fromkeys(column(material.log_csv(200, count), "recipient")))
    assert told == planned[:count]
    with material.postfix_log(200, count).open(encoding="utf-8") as handle:
        assert planned[0] in "".join(islice(handle, 20))
    assert set(column(material.sending_csv(200, count), "recipient")) == set(planned[: count // 2])


def test_events_are_about_people_of_the_list() -> None:
    planned = set(column(material.recipients_csv(200), "E-Mail"))
    assert set(column(material.events_csv(200), "recipient")) <= planned
