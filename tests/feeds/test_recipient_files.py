"""Recipient lists as people export them."""

from __future__ import annotations

import gzip
from collections import namedtuple
from dataclasses import fields
from pathlib import Path

import pytest

from store.errors import BadInput
from store.feeds.headings import HEADINGS, Field, find_columns
from store.feeds.recipients import RecipientFile, RecipientLines, read_recipients


def written(tmp_path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


RecipientLine = namedtuple("RecipientLine", [column.name for column in fields(RecipientLines)])


def lines_of(file: RecipientFile) -> list[RecipientLine]:
    return [
        RecipientLine(*line)
        for batch in file.batches()
        for line in zip(*(getattr(batch, column) for column in RecipientLine._fields), strict=True)
    ]


def read(tmp_path: Path, text: str | bytes, encoding: str = "utf-8") -> list[RecipientLine]:
    return lines_of(read_recipients(written(tmp_path, text, encoding)))


GERMAN = """E-Mail;Name;Firma;Sprache;Betreuer;Kundennummer;Einwilligung
jörg@müller.example;Jörg Müller;Bäckerei Süß;de;Eva;17;ja
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_a_list_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    (line,) = read(tmp_path, GERMAN, encoding)
    assert line == RecipientLine(
        2, "jörg@müller.example", "Jörg Müller", "Bäckerei Süß", "de", "Eva", "17", True, None, False
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    (line,) = read(tmp_path, f"Name{delimiter}Email\nAnn Berg{delimiter}ann@shop.example\n")
    assert (line.name, line.address) == ("Ann Berg", "ann@shop.example")


def test_the_delimiter_and_the_encoding_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "E-Mail#Name\nann@shop.example#Zoë\n", "mac-roman")
    (line,) = lines_of(read_recipients(path, "#", "mac-roman"))
    assert line.name == "Zoë"


def test_a_packed_list_is_read(tmp_path: Path) -> None:
    (line,) = read(tmp_path, gzip.compress(GERMAN.encode()))
    assert line.company == "Bäckerei Süß"


@pytest.mark.parametrize(
    "heading",
    [
        "email", "E-Mail", "e-mail", "EMAIL ADDRESS", "E-Mail-Adresse", "eMailAdresse", "Mailadresse", "mail",
        "Empfänger", "EMPFAENGER", "Address", "Adresse e-mail", "Courriel", "E-post", "E-postadresse", "e_mail",
    ],
)  # fmt: skip
def test_the_address_column_is_known_by_many_names(heading: str) -> None:
    assert find_columns(["Anrede", heading, "Name"]) == {Field.ADDRESS: 1, Field.NAME: 2}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Firma", Field.COMPANY), ("Organisation", Field.COMPANY), ("Société", Field.COMPANY),
        ("Bedrift", Field.COMPANY), ("Langue", Field.LANGUAGE), ("Språk", Field.LANGUAGE),
        ("Zuständig", Field.RESPONSIBLE), ("Verantwortliche/r", Field.RESPONSIBLE), ("Owner", Field.RESPONSIBLE),
        ("CRM-ID", Field.CRM_ID), ("Kunden-Nr.", Field.CRM_ID), ("customer id", Field.CRM_ID), ("ID", Field.CRM_ID),
        ("Einwilligung", Field.CONSENT), ("Opt-In", Field.CONSENT), ("Samtykke", Field.CONSENT),
        ("Tracking-Einwilligung", Field.TRACKING), ("Consent (tracking)", Field.TRACKING),
        ("ausgeschieden", Field.FORMER), ("Former employee?", Field.FORMER), ("Ancien employé", Field.FORMER),
    ],
)  # fmt: skip
def test_the_other_columns_are_known_by_many_names(heading: str, field: Field) -> None:
    assert find_columns(["E-Mail", heading])[field] == 1


def test_no_heading_stands_for_two_things() -> None:
    from store.feeds.headings import heading_key

    seen: dict[str, Field] = {}
    for field, texts in HEADINGS.items():
        for heading in ",".join(texts).split(","):
            assert seen.setdefault(heading_key(heading), field) is field, heading


def test_the_surer_of_two_address_columns_counts() -> None:
    assert find_columns(["Adresse", "PLZ", "E-Mail"])[Field.ADDRESS] == 2


@pytest.mark.parametrize("header", ["Vorname,Nachname,Mail", "Vorname,Name,Mail", "Prénom,Nom,Mail"])
def test_first_and_last_name_make_the_name(tmp_path: Path, header: str) -> None:
    (line,) = read(tmp_path, f"{header}\nAnn,Berg,ann@shop.example\n")
    assert line.name == "Ann Berg"


def test_what_is_not_used_is_named(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "Anrede,E-Mail,Telefon\nFrau,ann@shop.example,123\n"))
    assert file.ignored == ("Anrede", "Telefon")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ja", True), ("JA", True), ("yes", True), ("Y", True), ("true", True), ("1", True), ("x", True),
        (" X ", True), ("oui", True), ("wahr", True), ("nein", False), ("no", False), ("0", False), ("non", False),
        ("FALSE", False), ("nei", False), ("-", False), ("", None),
    ],
)  # fmt: skip
def test_yes_and_no_are_understood_in_many_spellings(tmp_path: Path, text: str, meant: bool | None) -> None:
    (line,) = read(tmp_path, f"E-Mail;Einwilligung\nann@shop.example;{text}\n")
    assert line.consent is meant


def test_whom_listmonk_does_not_mail_has_not_consented(tmp_path: Path) -> None:
    when = "2026-03-02 08:00:00.1 +0000 UTC"
    row = f"{{name}}-1,{{name}}@shop.example,{{name}},{{{{}}}},{{status}},{when},{when}\n"
    people = {"ann": "enabled", "bo": "disabled", "cy": "blocklisted"}
    text = "uuid,email,name,attributes,status,created_at,updated_at\n"
    text += "".join(row.format(name=name, status=status) for name, status in people.items())
    lines = lines_of(read_recipients(written(tmp_path, text)))
    assert [(line.name, line.consent) for line in lines] == [("ann", True), ("bo", False), ("cy", False)]


def test_an_unknown_word_for_consent_is_a_defect_and_no_consent(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "E-Mail;Einwilligung\nann@shop.example;vielleicht\n"))
    (line,) = lines_of(file)
    assert line.consent is None
    (defect,) = file.defects
    assert defect.where == "line 2"
    assert '"vielleicht"' in defect.sentence


def test_a_bare_column_of_addresses_needs_no_heading(tmp_path: Path) -> None:
    lines = read(tmp_path, "ann@shop.example\nbo@shop.example\n")
    assert [(line.line, line.address) for line in lines] == [(1, "ann@shop.example"), (2, "bo@shop.example")]


def test_a_list_without_an_address_column_says_what_it_found(tmp_path: Path) -> None:
    path = written(tmp_path, "Name;Telefon;Ort\nAnn;1;Ulm\n")
    with pytest.raises(BadInput) as error:
        read_recipients(path)
    assert str(error.value).startswith(f'{path} has no address column: found "Name", "Telefon", "Ort"; expected')


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"), (b"\n \n", "holds no text")],
)
def test_what_is_no_list_is_refused_in_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as error:
        read_recipients(written(tmp_path, content))
    assert "\n" not in str(error.value)


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"reader{number}@shop{number % 7}.example,{number * 7919}\n" for number in range(9000))
    path = written(tmp_path, gzip.compress(f"E-Mail,Id\n{rows}".encode())[:-2000])
    file = read_recipients(path)
    with pytest.raises(BadInput, match="gz archive"):
        lines_of(file)


def test_a_short_line_with_an_address_lands(tmp_path: Path) -> None:
    lines = read(tmp_path, "E-Mail;Name;Firma\nann@shop.example;Ann\n")
    assert [(line.address, line.name, line.company) for line in lines] == [("ann@shop.example", "Ann", "")]


def test_delimiters_at_the_end_of_a_line_do_not_matter(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "E-Mail;Name\nann@shop.example;Ann;;;\n"))
    assert lines_of(file)[0].name == "Ann"
    assert file.defects == []


def test_of_a_line_with_shifted_cells_only_the_address_is_taken(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "Name;E-Mail;Einwilligung\nBerg; Ann;ann@shop.example;ja\n"))
    (line,) = lines_of(file)
    assert (line.address, line.name, line.consent) == ("ann@shop.example", "", None)
    assert file.defects[0].sentence == "4 fields instead of 3; only the address ann@shop.example was taken"


def test_a_line_of_the_wrong_width_without_an_address_is_a_defect(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "E-Mail;Name\na;b;c\nann@shop.example;Ann\n"))
    assert [line.line for line in lines_of(file)] == [3]
    assert file.defects[0].where == "line 2"


def test_a_line_that_names_nobody_is_a_defect(tmp_path: Path) -> None:
    file = read_recipients(written(tmp_path, "E-Mail;Name;Firma\n;;Werft\n;Ann;Werft\n"))
    assert [line.name for line in lines_of(file)] == ["Ann"]
    assert file.defects[0].sentence == "neither address nor name nor id; left out"


def test_line_breaks_and_escapes_never_travel_on(tmp_path: Path) -> None:
    text = 'E-Mail,Name,Firma\n"ann@shop.example\r\nBcc: eve@evil.example","Ann\r\nX: y\x1b[2J","\x9b31mWerft\x00"\n'
    (line,) = read(tmp_path, text)
    assert line.name == "Ann X: y [2J"
    assert line.company == "31mWerft"
    assert line.address == "ann@shop.exampleBcc: eve@evil.example"


def test_invisible_characters_around_an_address_go(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "E-Mail\n\u200b ann@shop.example\ufeff\u00ad\n")
    assert line.address == "ann@shop.example"


@pytest.mark.parametrize(
    ("cell", "address", "name"),
    [
        ("Ann Berg <ann@shop.example>", "ann@shop.example", "Ann Berg"),
        ("<ann@shop.example>", "ann@shop.example", ""),
        ("mailto:ann@shop.example", "ann@shop.example", ""),
        ("Ann.Berg@Shop.EXAMPLE", "Ann.Berg@Shop.EXAMPLE", ""),
    ],
)
def test_an_address_is_taken_out_of_its_wrapping_and_kept_as_written(
    tmp_path: Path, cell: str, address: str, name: str
) -> None:
    (line,) = read(tmp_path, f"E-Mail;Firma\n{cell};Werft\n")
    assert (line.address, line.name) == (address, name)


def test_only_the_first_thousand_defects_are_kept(tmp_path: Path) -> None:
    rows = "".join(f"r{number}@shop.example;?\n" for number in range(1500))
    file = read_recipients(written(tmp_path, f"E-Mail;Einwilligung\n{rows}"))
    assert len(lines_of(file)) == 1500
    assert (len(file.defects), file.defects_left_out) == (1000, 500)
