"""Whether somebody may be tracked is noted with its time and source, taken back, and heeded by reminders."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions.consent import track
from store.actions.imports import import_recipients
from store.actions.undo import undo
from store.database import Store
from store.errors import Refused
from store.journal import Operator
from store.queries.person import person
from store.queries.reminders import reminder_counts
from store.vocabulary import EventType
from tests.store.plan import happen

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")


def listed(store: Store, folder: Path, said: str, now: datetime = NOW, campaign: str = "Spring") -> None:
    path = folder / "march.csv"
    path.write_text(f"E-mail;Name;Tracking consent\nbo@example.org;Bo Berg;{said}\n", encoding="utf-8")
    import_recipients(store, path, campaign, WHO, now)


def told(store: Store) -> tuple[bool | None, datetime | None, str]:
    found = person(store, 1)
    return found.tracking_consent, found.tracking_at, found.tracking_source


def test_a_list_tells_it_with_its_name_and_time(store: Store, tmp_path: Path) -> None:
    listed(store, tmp_path, "yes")
    assert told(store) == (True, NOW, "list march.csv")
    listed(store, tmp_path, "yes", LATER, "Summer")
    assert told(store) == (True, NOW, "list march.csv")
    listed(store, tmp_path, "no", LATER, "Autumn")
    assert told(store) == (False, LATER, "list march.csv")


def test_an_operator_notes_it_and_takes_it_back(store: Store, tmp_path: Path) -> None:
    listed(store, tmp_path, "yes")
    done = track(store, [1], "no", WHO, LATER, "call of 31 March")
    assert done.sentence == "Tracking of Bo Berg: no (call of 31 March)"
    assert told(store) == (False, LATER, "call of 31 March")
    undo(store, WHO, LATER)
    assert told(store) == (True, NOW, "list march.csv")


def test_what_is_known_or_no_answer_is_refused(store: Store, tmp_path: Path) -> None:
    listed(store, tmp_path, "yes")
    track(store, [1], "no", WHO, NOW)
    with pytest.raises(Refused, match="“no” is known already"):
        track(store, [1], "no", WHO, LATER)
    with pytest.raises(Refused, match="there are yes, no, unknown"):
        track(store, [1], "perhaps", WHO, LATER)
    assert track(store, [1], "unknown", WHO, LATER).count == 1
    assert told(store)[0] is None


def test_a_reminder_names_those_who_refuse(store: Store, tmp_path: Path) -> None:
    listed(store, tmp_path, "yes")
    happen(store, 1, EventType.DELIVERED)
    assert reminder_counts(store, 1, 0, LATER).not_read == 1
    track(store, [1], "no", WHO, NOW)
    counts = reminder_counts(store, 1, 0, LATER)
    assert (counts.not_read, counts.unknown) == (0, 1)
    assert json.dumps(counts.why_unknown) == '{"no consent to track": 1}'
