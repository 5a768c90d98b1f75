from __future__ import annotations

import pytest

from store.errors import BadInput
from store.feeds.mapping import Mapping, find_columns
from store.vocabulary import EventType


def test_a_mapping_is_read_from_what_the_operator_types() -> None:
    mapping = Mapping.parse('address=E-Mail, time="Zeit, lokal",zone=Europe/Berlin,type:=geöffnet,dates=dmy')
    assert mapping.columns == {"address": "E-Mail", "time": "Zeit, lokal"}
    assert (mapping.type, mapping.zone, mapping.dates) == (EventType.OPENED, "Europe/Berlin", "dmy")


def test_a_mapping_survives_its_own_json() -> None:
    mapping = Mapping.parse("address=E-Mail,type:=clicked,campaign:=spring-26,zone:=UTC")
    assert Mapping.from_json(mapping.to_json()) == mapping
    assert Mapping.from_json("{}") == Mapping()


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("address", "should be FIELD=COLUMN"),
        ("address=", "should be FIELD=COLUMN"),
        ("colour=x", "'colour' is no field"),
        ("address:=ann@x", "cannot be the same for a whole file"),
        ("type:=danced", "'danced' is no event type"),
        ("zone=Mars/Olympus", "is no time zone"),
        ("zone=../etc/passwd", "is no time zone"),
        ("dates=dym", "dates must be dmy, mdy, ymd"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_reason(spec: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        Mapping.parse(spec)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"columns": 3}'])
def test_a_saved_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Mapping.from_json(text)


def test_columns_are_known_by_many_names() -> None:
    header = ["E-Mail", "Ereignis", "Zeit", "Kampagne", "Link", "User Agent"]
    assert find_columns(header, None) == {
        "address": "E-Mail",
        "type": "Ereignis",
        "time": "Zeit",
        "campaign": "Kampagne",
        "url": "Link",
        "agent": "User Agent",
    }


def test_what_is_said_wins_over_what_is_found_out() -> None:
    found = find_columns(["email", "alt email", "time"], Mapping({"address": "Alt-Email"}))
    assert found["address"] == "alt email"


def test_a_column_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput, match="no column 'Mail'; the columns are email, time"):
        find_columns(["email", "time"], Mapping({"address": "Mail"}))
