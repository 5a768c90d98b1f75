from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tests.feeds.mails import block, report
from tui.cli import aftersend

FROM = b"From MAILER-DAEMON Mon Mar  2 08:00:05 2026\n"


def read(*args: str, given: bytes | str | None = None) -> Result:
    return CliRunner().invoke(aftersend, ["read", *args], input=given)


def answers(result: Result) -> list[tuple[str, list[str]]]:
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return [(Path(one["file"]).name, [person["address"] for person in one["recipients"]]) for one in lines]


def test_a_mail_an_mbox_and_a_maildir_give_an_object_for_each_mail(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(report(block()))
    (tmp_path / "box").write_bytes(FROM + report(block()) + b"\n" + FROM + report(block("bo@shop.example")))
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "dir" / folder).mkdir(parents=True)
    (tmp_path / "dir" / "new" / "1772000000.a").write_bytes(report(block("cy@shop.example")))
    result = read(*(str(tmp_path / name) for name in ("one.eml", "box", "dir")))
    assert result.exit_code == 0
    assert answers(result) == [
        ("one.eml", ["ann@shop.example"]),
        ("box: mail 1", ["ann@shop.example"]),
        ("box: mail 2", ["bo@shop.example"]),
        ("1772000000.a", ["cy@shop.example"]),
    ]


def test_paths_and_mails_come_from_standard_input_too(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(report(block()))
    assert answers(read("--files-from", "-", given=f"{tmp_path}/one.eml\n")) == [("one.eml", ["ann@shop.example"])]
    assert answers(read("-", given=report(block()))) == [("-", ["ann@shop.example"])]


def test_a_file_that_is_missing_costs_no_other_its_answer(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(report(block()))
    result = read(str(tmp_path / "no.eml"), str(tmp_path / "one.eml"))
    assert (result.exit_code, answers(result)) == (1, [("one.eml", ["ann@shop.example"])])
    assert "no.eml" in result.stderr


def test_nothing_to_read_is_wrong_usage() -> None:
    assert read().exit_code == 2
    assert read("a.eml", "--files-from", "-").exit_code == 2
