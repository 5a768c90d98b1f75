"""Importing a recipient list into a campaign: one transaction, repeatable, nobody is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from pathlib import Path

from store import guesses, journal
from store.actions.landing import PLAIN, UNKNOWN, Landing, land, stage, stage_open
from store.addresses import address_key, campaign_key, search_fold
from store.claiming import claim_strangers
from store.cleaning import clean
from store.database import Store, spoken
from store.errors import DiskFull, Refused
from store.feeds.headings import Field
from store.feeds.recipients import RecipientFile, RecipientLines, read_recipients
from store.feeds.record import Defect, Progress
from store.pseudonyms import Pseudonyms, pseudonyms, remember
from store.syntax import all_plain, is_address
from store.times import to_ms
from store.vocabulary import SkipReason

ANALYZE_SHARE = 20
"""The tables are analysed when at least one of so many recipients is new."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``lines`` = imported + updated + unchanged + the skipped ones.

    Attributes:
        campaign_id, campaign: the campaign, with its name as it stands in the store.
        lines: recipients in the file.
        imported: new recipients who are to get the mail.
        updated: recipients who were there and of whom the file knew something new.
        unchanged: recipients who were there and of whom it knew nothing new.
        skipped: reason -> new recipients who are not to get the mail.
        bad: number of lines or fields that could not be read.
        defects: the first 1,000 of them.
    """

    campaign_id: int
    campaign: str
    lines: int
    imported: int
    updated: int
    unchanged: int
    skipped: dict[SkipReason, int]
    bad: int
    defects: tuple[Defect, ...]


def import_recipients(
    store: Store,
    source: Path | RecipientFile,
    campaign: str,
    who: journal.Operator,
    now: datetime,
    *,
    key: str | None = None,
    subject: str = "",
    delimiter: str | None = None,
    encoding: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_defect: Callable[[Defect], None] | None = None,
) -> ImportReport:
    """Import a recipient list; a second list adds to the campaign, the same list again changes nothing.

    Args:
        store: the open store.
        source: a CSV or TSV file, or one address a line (gz too); or a list that is open already.
        campaign: its name (or key), made if there is none; case does not matter.
        who: the operator.
        now: aware UTC time.
        key: what the campaign's mails carry; None: the name.
        subject: the mail's subject; "" leaves it as it is.
        delimiter: what stands between the columns; None: found out.
        encoding: of the file; None: found out.
        on_progress: told again and again how many bytes were read.
        on_defect: told what could not be read, as it is found, also beyond the first 1,000.

    Raises:
        BadInput: the file cannot be read, or has no address column.
        Refused: the key belongs to another campaign, or the campaign has another key.
        StoreUnavailable: the store is read-only or locked.
        DiskFull: no room; the store is as it was.
    """
    file = read_recipients(source, delimiter, encoding) if isinstance(source, Path) else source
    file.on_defect = on_defect
    # Whoever may not write should learn it before a long file is read.
    store.run(lambda: None)
    with store.connected(), spoken(store.place):
        with stage_open(store):
            veil = _Veil(pseudonyms(store))
            _stage_all(store, file, veil, on_progress)
            report, landing = store.run(lambda: _land(store, file, veil, _Wanted(campaign, key, subject), who, now))
    if landing.rebuilt or landing.added * ANALYZE_SHARE > landing.recipient_base:
        store.run(lambda: _analyze(store))
    # An import that was killed here has left it to the next.
    if landing.added or guesses.pending(store):
        claim_strangers(store)
    return report


def _stage_all(store: Store, file: RecipientFile, veil: _Veil, on_progress: Callable[[Progress], None] | None) -> None:
    """Read the whole file into the temporary table; the store is not locked meanwhile."""
    total = file.table.file.total
    try:
        with store.staging():
            for lines in file.batches():
                stage(store, veil.over(_staged(lines)))
                if on_progress is not None:
                    on_progress(Progress(file.table.file.done, total))
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise DiskFull("No room for temporary files (TMPDIR names their folder); nothing was imported.") from error
        raise
    if on_progress is not None:
        on_progress(Progress(total, total))


def _staged(lines: RecipientLines) -> Iterator[tuple[str | int, ...]]:
    """Return the lines as they are staged."""
    keys: Iterable[str] = map(str.lower, lines.address)
    bad: Iterable[int] = repeat(PLAIN, len(lines))
    if not all_plain(lines.address):
        keys = map(address_key, lines.address)
        bad = map(_wrong, lines.address)
    return zip(
        lines.address,
        keys,
        bad,
        lines.name,
        map(search_fold, lines.name),
        lines.company,
        map(search_fold, lines.company),
        lines.language,
        lines.responsible,
        lines.crm_id,
        map(_FLAG.__getitem__, lines.consent),
        map(_FLAG.__getitem__, lines.tracking_consent),
        map(int, lines.former),
        strict=True,
    )


@dataclass(slots=True)
class _Veil:
    """What forgotten people are known by, and which other addresses of theirs a list told."""

    names: Pseudonyms | None
    told: set[str] = field(default_factory=set)

    def over(self, lines: Iterator[tuple[str | int, ...]]) -> Iterator[tuple[str | int, ...]]:
        """Return staged lines as they may be kept: of whoever was forgotten the pseudonym, to be skipped under it."""
        return lines if self.names is None else map(self._line, lines)

    def _line(self, line: tuple[str | int, ...]) -> tuple[str | int, ...]:
        assert self.names is not None
        key, crm_id = str(line[1]), str(line[_CRM_ID])
        by_id = self.names.knows_contact(crm_id)
        if not (by_id or self.names.knows_address(key)):
            return line
        pseudonym = self.names.address(key)
        if key:
            self.told.add(self.names.digest(key))
        kept = self.names.contact(crm_id) if by_id else ""
        return (pseudonym, pseudonym, SkipReason.FORGOTTEN.code, *[""] * 6, kept, 0, 0, 0)

    def keep(self, store: Store, at: int) -> None:
        """Keep what the list told; call it inside the transaction in which its lines land.

        Raises:
            Refused: somebody was forgotten while the list was read.
        """
        if pseudonyms(store) is not self.names:
            raise Refused("Somebody was forgotten while the list was read; nothing was imported. Import it again.")
        if self.names is not None and self.told:
            remember(store, self.names, self.told, 0, at)


_CRM_ID = 9
"""Its place in a staged line."""

_FLAG = {None: UNKNOWN, False: 0, True: 1}


def _wrong(address: str) -> int:
    """Return the code of what is wrong with an address, 0 if it may be used."""
    if not address:
        return SkipReason.NO_ADDRESS.code
    return 0 if is_address(address) else SkipReason.INVALID.code


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The campaign as the operator named it."""

    name: str
    key: str | None
    subject: str


def _land(
    store: Store, file: RecipientFile, veil: _Veil, wanted: _Wanted, who: journal.Operator, now: datetime
) -> tuple[ImportReport, Landing]:
    veil.keep(store, to_ms(now))
    id_, name, made = _campaign(store, wanted, to_ms(now))
    landing = Landing(
        id_, to_ms(now), Field.CONSENT in file.columns, Field.TRACKING in file.columns, f"list {clean(file.path.name)}"
    )
    land(store, landing)
    skipped = sum(landing.skipped.values())
    report = ImportReport(
        campaign_id=id_,
        campaign=name,
        lines=landing.lines,
        imported=landing.added - skipped,
        updated=landing.updated,
        unchanged=landing.lines - landing.added - landing.updated,
        skipped=landing.skipped,
        bad=len(file.defects) + file.defects_left_out,
        defects=tuple(file.defects),
    )
    if landing.added or landing.updated or landing.contacts_changed or made:
        sentence = f"{landing.added:,} recipients ({skipped:,} of them skipped) imported from {clean(file.path.name)}"
        if landing.updated:
            sentence += f", {landing.updated:,} updated"
        journal.write(
            store,
            who,
            now,
            "import",
            f'{sentence} into "{clean(name)}"',
            undoable=False,
            subjects=landing.added + landing.updated,
        )
    return report, landing


def _campaign(store: Store, wanted: _Wanted, now: int) -> tuple[int, str, bool]:
    """Return the campaign's id and name, and whether it was made or changed."""
    name = " ".join("".join(char if char.isprintable() else " " for char in wanted.name).split())
    if not name:
        raise Refused("A campaign needs a name.")
    asked = campaign_key(wanted.key) if wanted.key and wanted.key.strip() else None
    known = store.execute("SELECT id, name, key, subject FROM campaign").fetchall()
    by_key = {row[2]: row for row in known}
    found = {campaign_key(row[1]): row for row in known}.get(campaign_key(name)) or by_key.get(campaign_key(name))
    owner = by_key.get(asked) if asked else None
    if owner is not None and owner is not found:
        raise Refused(f'The key "{asked}" belongs to the campaign "{clean(owner[1])}" already.')
    if found is None:
        cursor = store.execute(
            "INSERT INTO campaign (name, key, subject, keyed, created_at) VALUES (?, ?, ?, FALSE, ?)",
            (name, asked or campaign_key(name), wanted.subject, now),
        )
        return int(cursor.lastrowid), name, True
    id_, name, has_key, has_subject = found
    changed = False
    if asked and asked != has_key:
        if has_key != campaign_key(name):
            raise Refused(f'The campaign "{clean(name)}" has the key "{has_key}" already.')
        store.execute("UPDATE campaign SET key = ? WHERE id = ?", (asked, id_))
        changed = True
    if wanted.subject and wanted.subject != has_subject:
        store.execute("UPDATE campaign SET subject = ? WHERE id = ?", (wanted.subject, id_))
        changed = True
    return id_, name, changed


def _analyze(store: Store) -> None:
    # Without a limit: limited statistics make the planner believe in 1,001 rows a campaign.
    store.execute("ANALYZE recipient")
    store.execute("ANALYZE contact")
