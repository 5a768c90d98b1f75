"""A broken object costs itself: it is told with its place, and whatever stands beside it is read."""

from __future__ import annotations

import io
import json
import random

import pytest

from store.feeds import jsontext
from store.feeds.jsontext import growing_objects, json_objects

ONE = {"event": "open", "tags": [{"name": "a"}, {"name": "b"}], "n": 1}
TWO = {"event": "click", "headers": {"x": "} , {"}, "n": 2}
OTHER = {"RecordType": "Open", "n": 3}
NO_COMMA = '{"event": "open", "inner": [{"n": 8}, {"n": 9}] "email": "x"}'
NO_QUOTE = '{"event": "open, "email": "x"}'
CUT = '{"event": "open", "inner": [{"n": 8}, {"n": 9}'
BROKEN = {
    "no comma": NO_COMMA,
    "no quote": NO_QUOTE,
    "cut": CUT,
    "no value": '{"event": , "n": 7}',
    "word": '{"n": yes}',
}


def read(text: str) -> tuple[list[int], list[str]]:
    found = list(json_objects(io.StringIO(text)))
    numbers = [value["n"] for _, value in found if isinstance(value, dict)]
    return numbers, [where for where, value in found if isinstance(value, str)]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(
    "written",
    ["{}\n{}\n{}\n", "[{},{},{}]", "[\n{},\n{},\n{}\n]", "{}{}{}", "[\n  {},\n  {},\n  {}\n]", "[{},\n {},\n {}]"],
)
def test_those_beside_it_are_read(written: str, broken: str) -> None:
    numbers, places = read(written.format(json.dumps(ONE), broken, json.dumps(TWO)))
    assert (numbers, len(places)) == ([1, 2], 1)
    assert "column" in places[0]


@pytest.mark.parametrize("broken", [NO_COMMA, BROKEN["no value"]])
def test_one_of_another_make_on_the_same_line_is_read_too(broken: str) -> None:
    assert read(f"[{broken}, {json.dumps(OTHER)}, {json.dumps(ONE)}]")[0] == [3, 1]


@pytest.mark.parametrize("separator", ["},\n{", "}, {", "}\n{"])
def test_those_that_lie_within_it_are_not_taken_for_others(separator: str) -> None:
    pretty = [json.dumps(one, indent=2) for one in (ONE, TWO, OTHER)]
    broken = pretty[1].replace('"click",', '"click"')
    text = f"{pretty[0]}\n{broken}\n{pretty[2]}".replace("}\n{", separator)
    assert read(text)[0] == [1, 3]
    assert read(f"[{text}]")[0] == [1, 3]


def test_words_between_objects_are_told_once_each_and_what_amazon_remarks_is_none() -> None:
    remark = "Successfully validated SNS topic for Amazon SES event publishing."
    numbers, places = read(f"{json.dumps(ONE)}\n{remark}\n{json.dumps(TWO)}\nhello {json.dumps(OTHER)}\n{remark}")
    assert (numbers, places) == ([1, 2, 3], ["line 4, column 1"])


def test_an_object_that_is_not_the_first_of_its_line_is_told_with_its_column() -> None:
    one, two = json.dumps(ONE), json.dumps(TWO)
    text = f"[{one},{two}]\n{one}{two}\n  {two}\n"
    places = [where for where, _ in json_objects(io.StringIO(text))]
    columns = [len(one) + 3, len(one) + 1]
    assert places[0] == "line 1"
    assert places[1:] == [f"line 1, column {columns[0]}", "line 2", f"line 2, column {columns[1]}", "line 3"]
    lines = text.split("\n")
    assert all(lines[number][column - 1 :].startswith(two) for number, column in enumerate(columns))


@pytest.mark.parametrize("seed", range(30))
def test_in_whatever_pieces_the_text_comes_the_same_is_read(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    pieces = [json.dumps(ONE), json.dumps(TWO, indent=1), json.dumps(OTHER), *BROKEN.values(), "hello"]
    shape = chance.choice(["\n", ",\n", "", ", "])
    text = shape.join(chance.choices(pieces, k=40))
    whole = list(json_objects(io.StringIO(text)))
    assert any(isinstance(value, dict) for _, value in whole)
    grown = [(found.where, found.value) for found in growing_objects(text)]
    assert grown == whole[: len(grown)]
    monkeypatch.setattr(jsontext, "_CHUNK", chance.randint(1, 50))
    assert list(json_objects(io.StringIO(text))) == whole


def test_a_broken_piece_of_many_megabytes_ends_where_the_next_line_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "_LONGEST", 1 << 12)
    text = '{"event": "' + "x" * (1 << 15) + "\n" + json.dumps(ONE) + "\n"
    numbers, places = read(text)
    assert (numbers, len(places)) == ([1], 1)
