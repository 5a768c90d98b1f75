"""Being forgotten, handed out and folded works with a store on a server, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.actions.consent import track
from store.actions.forgetting import forget
from store.actions.retention import run, set_rules
from store.database import Store, open_store
from store.exports.person import person_object
from store.pseudonyms import key_path
from store.queries.identity import identity_of, who_is
from store.queries.person import person
from store.recompute import differences
from store.sweeping import sweep
from tests.postgres import Database
from tests.rights.test_old_events_are_folded import NOW as LATER
from tests.rights.world import NEEDLES, NOW, OLD, WHO, build, land_again


@pytest.fixture
def needle(postgres_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, int]]:
    """A store on a server in which she stands everywhere, and her contact's number."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    store = open_store(postgres_database.url())
    yield store, build(store, tmp_path)
    store.close()


def texts(store: Store) -> str:
    """Return all that the tables hold."""
    names = [
        name
        for (name,) in store.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
        )
    ]
    return "\n".join(repr(row) for name in names for row in store.rows(f"SELECT * FROM {name}")).lower()


def test_she_is_handed_out_and_forgotten(needle: tuple[Store, int], tmp_path: Path) -> None:
    store, contact = needle
    said = json.dumps(person_object(store, who_is(store, OLD), WHO, NOW), ensure_ascii=False)
    assert [text for text in NEEDLES if text not in said] == []
    assert track(store, [contact], "no", WHO, NOW).count == 1
    assert person(store, contact).tracking_consent is False
    forget(store, [identity_of(store, [contact])], WHO, NOW)
    held = texts(store)
    assert [text for text in NEEDLES if text.lower() in held] == []
    assert key_path(store).is_relative_to(tmp_path / "data")
    assert "VACUUM" in sweep(store).why
    land_again(store)
    held = texts(store)
    assert [text for text in NEEDLES if text.lower() in held] == []
    assert list(differences(store)) == []


def test_old_events_are_folded(needle: tuple[Store, int]) -> None:
    store, _ = needle
    set_rules(store, {"events-after-months": "6", "words-after-days": "30"}, WHO, NOW)
    before = store.rows("SELECT id, delivery, engagement, clicks, opened_at FROM recipient ORDER BY id")
    _, going = run(store, WHO, LATER)
    assert going.words > 0
    land_again(store)
    assert store.rows("SELECT id, delivery, engagement, clicks, opened_at FROM recipient ORDER BY id") == before
    assert list(differences(store)) == []
