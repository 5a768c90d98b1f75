"""Whatever stands where a value is expected, reading goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.feeds.esp.reader import ProviderReader
from store.feeds.esp.vendors import vendors
from store.feeds.record import Defect, Record
from store.feeds.storing import dedupe_key, record_from_json, record_to_json
from tests.feeds.esp.payloads import Event, records_of
from tests.feeds.esp.test_how_events_lie_in_files import ONE_OF_EACH
from tests.feeds.esp.test_what_each_provider_says import ALL

WORDS = [key for vendor in vendors() for claim in vendor.claims for path, _ in claim.has for key in path]
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["a@b.example", "<", '{"a": [', "[1]", "2026-03-02", "9" * 30, "\ud800", "email.sent", "\x00"]),
)
ANYTHING = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


def changed(event: Any, draw: Any) -> Any:
    """Return the event with something else at one place in it."""
    if isinstance(event, dict) and event and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(event)))
        return event | {key: changed(event[key], draw)}
    if isinstance(event, list) and event and draw(st.booleans()):
        return [changed(event[0], draw), *event[1:]]
    return draw(ANYTHING)


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from([event for event, _ in ALL] + ONE_OF_EACH))
def test_an_event_with_anything_in_it_gives_records_or_defects(data: st.DataObject, event: Event) -> None:
    found = changed(changed(event, data.draw), data.draw)
    if isinstance(found, dict):
        for item in ProviderReader().records(found, "line 1") or ():
            assert isinstance(item, Record | Defect)
            if isinstance(item, Record):
                assert "@" in item.address
                dedupe_key(item)
                assert record_from_json(record_to_json(item)) == item


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(ONE_OF_EACH))
def test_a_torn_file_is_read_without_an_exception(tmp_path: Path, data: st.DataObject, event: Event) -> None:
    text = json.dumps(event)
    at = data.draw(st.integers(0, len(text)))
    records_of(tmp_path / "x", f"{json.dumps(event)}\n{text[:at]}{data.draw(st.text(max_size=3))}{text[at:]}\n{text}")


def test_a_deep_and_a_long_event_do_no_harm() -> None:
    deep: Any = {"Message": "x"}
    for _ in range(50):
        deep = {"body": deep}
    assert ProviderReader().records(deep, "") is None
    nested = '{"body": ' * 300 + "1" + "}" * 300
    assert ProviderReader().records({"body": nested}, "") is None
    assert ProviderReader().records(
        {"event": "open", "sg_event_id": "1", "email": "a@b.example", "timestamp": 10**400}, ""
    )
