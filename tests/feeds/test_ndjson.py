"""The quick reader of lines says what the careful reader says, whatever the text."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.jsontext import json_objects
from store.feeds.ndjson import objects_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "mail"]), VALUES, max_size=3)
SHAPES = st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}, {"separators": (",", ":")}])
WRITTEN = st.builds(lambda found, shape: json.dumps(found, **shape), OBJECTS, SHAPES)
BROKEN = st.sampled_from([
    '{"a": 1',
    '{"a": "b',
    '"a": 1}',
    "lorem ipsum",
    '{"a": 1,}',
    '{"a": NaN}',
    '{"a": "\t"}',
    "[1, 2]",
    "}",
    "{",
    "]",
])
BETWEEN = st.sampled_from(["\n", "\n", "\n", "\r\n", ", ", ",\n", "", " ", "\n\n", "[", "\n]\n", "\ufeff", "\x00"])
TEXTS = st.lists(st.tuples(WRITTEN | WRITTEN | BROKEN, BETWEEN), max_size=8).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces)
)


def careful(data: bytes) -> list[object]:
    return list(json_objects(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", errors="replace", newline="")))


def quick(data: bytes) -> list[object]:
    return list(objects_of(io.BufferedReader(io.BytesIO(data))))  # type: ignore[arg-type]


@given(TEXTS)
def test_any_text_is_read_as_by_the_careful_reader(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert quick(data) == careful(data)


@pytest.mark.parametrize(
    "line",
    [
        '{"a": 123456789012345678901234567890}',
        '{"a": 1e400}',
        '{"a": "\\ud83d"}',
        '{"a": "\\ud83d\\ude00", "a": -0}',
        '{"a": ' + "[" * 3000 + "]" * 3000 + "}",
        '{"a": "' + "x" * (1 << 20) + '"}',
        '{"a": 1}' + " " * (1 << 20),
        "\ufeff" + '{"a": 1}',
    ],
)
@pytest.mark.parametrize("end", ["", "\n", '\n{"b": 2}\n', '{"b": 2}\n{"c": 3}'])
def test_odd_values_are_read_as_by_the_careful_reader(line: str, end: str) -> None:
    data = (line + end).encode()
    assert quick(data) == careful(data)


def test_bytes_that_are_no_utf8_are_read_as_by_the_careful_reader() -> None:
    data = b'{"a": "M\xfcller"}\n{"b": 2}\n\xff\n{"c": "\xc3'
    assert quick(data) == careful(data)
    assert quick(data)[:2] == [("line 1", {"a": "M\ufffdller"}), ("line 2", {"b": 2})]
