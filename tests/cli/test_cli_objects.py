from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from store.rows import StrangerRow
from store.vocabulary import BounceKind, Bucket, Delivery
from tui.cli.objects import plain, print_object

Capture = pytest.CaptureFixture[str]


def test_times_are_iso_8601_in_utc() -> None:
    moment = datetime(2026, 3, 2, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    assert plain(moment) == "2026-03-02T08:30:00.000Z"


def test_words_are_their_own_text_and_keys_too() -> None:
    assert plain({Bucket.UNDER_WAY: Delivery.BOUNCED}) == {"under_way": "bounced"}


def test_a_row_becomes_one_line_without_the_fields_left_out(capsys: Capture) -> None:
    row = StrangerRow(
        "Autumn", "m1", "a@x.example", None, Delivery.BOUNCED, BounceKind.HARD, "5.1.1", 550, "no such ümläut",
        datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    print_object(row, without=frozenset({"message_id"}))
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    found = json.loads(line)
    assert "message_id" not in found
    assert (found["bounce_kind"], found["reply"], found["ts"]) == ("hard", 550, "2026-03-02T00:00:00.000Z")


def test_what_json_cannot_say_is_an_error() -> None:
    with pytest.raises(TypeError):
        plain(object())
