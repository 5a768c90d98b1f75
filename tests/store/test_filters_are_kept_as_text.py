from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.asking import RecipientFilter
from store.database import Store
from store.errors import BadInput
from store.filters import described, from_text, to_object, to_text
from store.queries.recipients import count, stream
from store.vocabulary import Delivery, SkipReason, State
from tests.store.building import Builder

_texts = st.none() | st.text(max_size=8)
FILTERS = st.builds(
    RecipientFilter,
    campaign_id=st.none() | st.integers(-1, 99),
    states=st.frozensets(st.sampled_from(State)),
    text=st.text(max_size=8),
    without=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    link_id=st.none() | st.integers(0, 99),
    list_id=st.none() | st.integers(0, 99),
    responsible=_texts,
    company=_texts,
    domain=_texts,
    reason=_texts,
)


@given(FILTERS)
def test_a_filter_comes_back_as_it_was(wanted: RecipientFilter) -> None:
    assert from_text(to_text(wanted)) == wanted
    described(wanted)


def test_only_what_is_asked_is_written() -> None:
    wanted = RecipientFilter(3, frozenset({State.READ, State.BOUNCED}), without=("a",))
    assert json.loads(to_text(wanted)) == {"version": 1, **to_object(wanted)}
    assert to_object(wanted) == {"campaign_id": 3, "states": ["read", "bounced"], "without": ["a"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"version":1,"states":["new word"]}',
        '{"version":1,"states":7}',
        '{"version":1,"text":7}',
        '{"version":1,"without":"ab"}',
        '{"version":1,"campaign_id":true}',
    ],
)
def test_a_damaged_filter_is_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="The filter is damaged"):
        from_text(text)


@pytest.mark.parametrize("text", ["{}", '{"version":2}', '{"version":1,"moon":"full"}'])
def test_a_filter_of_a_newer_version_is_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="saved by a newer aftersend"):
        from_text(text)


def test_filters_know_whom_what_and_where(store: Store) -> None:
    build = Builder(store)
    campaign = build.campaign("Spring")
    for n, (address, company, responsible) in enumerate([
        ("a@x.example", "Grün & Co", "Ida"),
        ("b@sub.x.example", "GRUN & CO", "ida "),
        ("c_@y_z.example", "", ""),
    ]):
        contact = build.contact(address, f"P{n}", company, responsible=responsible)
        build.recipient(campaign, contact, delivery=Delivery.BOUNCED.code, reason="userunknown" if n else "mailboxfull")
    build.skipped(campaign, build.contact("d@x.example"), SkipReason.NO_CONSENT)
    build.count()

    def found(**asked: str) -> str:
        wanted = RecipientFilter(campaign, **asked)  # type: ignore[arg-type]
        shown = "".join(row.address[0] for row in stream(store, wanted))
        assert count(store, wanted) == len(shown)
        return shown

    assert found(responsible="IDA") == "ab"
    assert found(responsible="") == "cd"
    assert found(company="grun & co") == "ab"
    assert found(company="") == "cd"
    assert found(domain="X.example") == "ad"
    assert found(domain="@y_z.example") == "c"
    assert found(domain="yaz.example") == ""
    assert found(reason="userunknown") == "bc"
    assert found(reason="no consent") == "d"
    assert found(reason="") == ""
    assert found(responsible="ida", reason="userunknown", text="b") == "b"
