"""What is stored about a person comes out whole: every text that names her, wherever it stands."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from store.actions.forgetting import forget
from store.database import Store
from store.errors import Refused
from store.exports.person import person_object, write_person
from store.ingest import ingest
from store.mentions import TEXTS
from store.queries.identity import identity_of, who_is
from tests.rights.world import FOLDED, NEEDLES, NOW, OLD, WHO, build

_NOT_TEXT = {("feed_position", "snapshot")}


@pytest.fixture
def needle(store: Store, tmp_path: Path) -> int:
    """The contact whose data are asked for."""
    return build(store, tmp_path)


def test_every_text_that_names_her_is_in_it(store: Store, needle: int) -> None:
    found = person_object(store, identity_of(store, [needle]), WHO, NOW)
    said = json.dumps(found, ensure_ascii=False)
    assert [text for text in NEEDLES if text not in said] == []
    for table, (_, columns) in TEXTS.items():
        for column in columns:
            for (text,) in store.rows(f"SELECT {column} FROM {table}"):
                named = text and any(word in str(text).lower() for word in FOLDED)
                inside = json.dumps(text, ensure_ascii=False)[1:-1] in said or column in {"before", "after", "record"}
                assert inside or not named, (table, column, text)


def test_the_rows_have_words_and_moments(store: Store, needle: int) -> None:
    stored = person_object(store, identity_of(store, [needle]), WHO, NOW)["stored"]
    assert {row["campaign"] for row in stored["recipients"]} == {"Spring", "Autumn"}
    assert {row["type"] for row in stored["events"]} >= {"sent", "delivered", "bounced", "opened", "clicked"}
    assert all(row["ts"].endswith("Z") for row in stored["events"])
    assert [row["name"] for row in stored["lists"]] == ["Friends of Nadja Needlemann"]
    assert {row["verb"] for row in stored["journal"]} >= {"mark-hard", "fix", "assign"}
    assert all(line["subject_id"] for row in stored["journal"] for line in row["lines"])
    assert stored["sent"][0]["state"] == "accepted"
    assert stored["contacts"][0]["tracking_consent"] is True


def test_lines_about_others_are_not_in_it(store: Store, needle: int) -> None:
    said = json.dumps(person_object(store, identity_of(store, [needle]), WHO, NOW)["stored"])
    assert "bo@example.org" not in said


def test_the_mails_themselves_are_in_it(store: Store, needle: int, tmp_path: Path) -> None:
    raw = (
        f"From: MAILER-DAEMON@mx.example\nTo: us@ours.example\nMessage-ID: <b1@mx.example>\n"
        "Date: Tue, 03 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nno\n--b\n'
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {OLD}\n"
        "Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"X-Campaign-ID: autumn\nMessage-ID: <m9@ours.example>\nTo: {OLD}\n\n--b--\n"
    )
    folder = tmp_path / "bounces"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    (folder / "cur" / "1.M1.host:2,S").write_text(raw, encoding="utf-8")
    ingest(store, [folder], NOW)
    mails = person_object(store, identity_of(store, [needle]), WHO, NOW)["mails"]
    texts = [b64decode(mail["base64"]).decode() for mail in mails if "base64" in mail]
    assert texts == [raw]


def test_the_file_is_private_and_written_once(store: Store, needle: int, tmp_path: Path) -> None:
    target = tmp_path / "nadja.json"
    write_person(store, identity_of(store, [needle]), target, WHO, NOW, overwrite=False)
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.loads(target.read_text(encoding="utf-8"))["names"] == ["Nadja Needlemann"]
    with pytest.raises(Refused):
        write_person(store, identity_of(store, [needle]), target, WHO, NOW, overwrite=False)


def test_of_a_forgotten_one_nothing_but_numbers_comes_out(store: Store, needle: int) -> None:
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    said = json.dumps(person_object(store, identity_of(store, [needle]), WHO, NOW), ensure_ascii=False).lower()
    assert [word for word in FOLDED if word in said] == []


def test_of_whom_no_plan_knows_the_records_come_out(store: Store, needle: int) -> None:
    found = person_object(store, who_is(store, "who@nowhere.example"), WHO, NOW)
    assert len(found["stored"]["strangers"]) == 1
