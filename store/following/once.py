"""Reading a source that could be followed (a mailbox or a database on a server) up to its present end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from importlib import import_module

from store.claiming import claim_strangers
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput, StoreBusy
from store.feeds.record import Defect, Progress
from store.following.landing import Landing, Stopped
from store.following.source import OPENERS, Followed, How, Step
from store.ingest import BATCH, IngestReport
from store.landing import last_stranger


def open_source(url: str, how: How) -> Followed:
    """Return the source that a URL names, without connecting.

    Raises:
        BadInput: the URL means nothing.
        Refused: a password stands in it.
    """
    scheme = url.partition("://")[0].lower()
    if scheme not in OPENERS:
        raise BadInput(f"What begins with {clean(scheme)}:// cannot be read; {', '.join(OPENERS)} can.")
    found: Followed = import_module(OPENERS[scheme]).followed(url, how)
    return found


def read_once(
    store: Store,
    source: Followed,
    how: How,
    *,
    reread: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Read what is new in a source, a transaction a step, and close it.

    Args:
        store: the open store.
        source: the source; it is not yet resumed.
        how: what the operator said.
        reread: begin at its start; what is known already changes nothing.
        on_progress: told after each step how much was read, of how much.

    Raises:
        BadInput: it cannot be read.
        StoreError: the store cannot be written; whole steps before it have landed.
    """
    landing = Landing(store, how.now, lambda: False)
    report = IngestReport(source.name, source.format)
    last = last_stranger(store)
    try:
        with closing(source):
            source.resume(None if reread else landing.saved(source.name))
            _read(source, landing, report, on_progress)
    except Stopped as stopped:
        raise StoreBusy(str(stopped.__cause__)) from stopped
    finally:
        if report.records:
            claimed = claim_strangers(store, after=last).total()
            report.strangers -= claimed
            report.new_events += claimed
    report.unchanged = not report.records and not report.defects
    return report


def _read(
    source: Followed, landing: Landing, report: IngestReport, on_progress: Callable[[Progress], None] | None
) -> None:
    more = True
    while more:
        step = source.step(BATCH)
        more = step.more
        _land(source, step, landing, report)
        where = source.where()
        if where.waiting is not None:
            if not report.records:
                raise BadInput(where.waiting)
            lost = Defect("the rest", where.waiting.rstrip("."), ends=True)
            _land(source, Step([lost]), landing, report)
            return
        if on_progress is not None and where.behind is not None:
            on_progress(Progress(report.records, report.records + where.behind))
    _land(source, source.finish(), landing, report)


def _land(source: Followed, step: Step, landing: Landing, report: IngestReport) -> None:
    if not step.items and step.position is None and not step.pieces and not step.note:
        return
    tally = landing.land([(source, step)])
    report.format = source.format
    report.records += tally.records
    report.new_events += tally.new_events
    report.strangers += tally.strangers
    for item in step.items:
        if isinstance(item, Defect):
            report.add(item)
    report.note = " ".join(filter(None, (report.note, step.note)))
