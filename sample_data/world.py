"""The sample world as files: three recipient lists, a mail log, a bounce mailbox and the tracking server's events."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sample_data.engagement import events_text
from sample_data.mailbox import Returned, collect, complained_by_mail, write_maildir
from sample_data.maillog import MailLog
from sample_data.messages import write_messages
from sample_data.people import make_people
from sample_data.plan import Plan, make_plans
from sample_data.traffic import write_traffic

SEED = 20270115
FIXED_NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
"""For when the copy in ``sample_data/files`` is made."""


@dataclass(frozen=True, slots=True)
class CampaignFiles:
    """The files of one campaign, and what a store that has read all of the world must say of it.

    Attributes:
        log: the piece of the mail log in which it was sent.
        truth: bucket -> number of recipients, and ``planned``.
    """

    name: str
    key: str
    subject: str
    started_at: datetime
    recipients: Path
    log: Path
    events: Path
    truth: dict[str, int]


@dataclass(frozen=True, slots=True)
class World:
    """Where the files of the sample world lie; campaigns in the order of sending, ``messages`` are yet to be sent."""

    folder: Path
    now: datetime
    campaigns: tuple[CampaignFiles, ...]
    maildir: Path
    messages: tuple[Path, Path]

    @property
    def feeds(self) -> list[Path]:
        """All that can be ingested."""
        return [*(files.log for files in self.campaigns), self.maildir, *(files.events for files in self.campaigns)]


def write(folder: Path, now: datetime, seed: int = SEED) -> World:
    """Write the sample world as it stands at ``now``; the same moment and seed give the same bytes.

    Args:
        folder: where to; made if it is missing.
        now: aware UTC time; the third campaign is under way then.
        seed: of everything that is left to chance.
    """
    now = now.replace(second=0, microsecond=0)
    rng = Random(seed)
    people = make_people(rng)
    plans = make_plans(rng, people, now)
    log = MailLog(rng, now)
    for plan in plans:
        log.plan(plan)
    write_traffic(log, rng, people, plans[0].campaign.start - timedelta(hours=6))
    mails: list[Returned] = []
    files: list[CampaignFiles] = []
    for name in ("recipients", "log", "events"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for plan, path, text in zip(plans, _log_files(folder / "log"), _log_texts(log, plans), strict=True):
        _write_text(path, text)
        mails += collect(plan, log)
        files.append(_campaign_files(rng, plan, folder, path, now))
    write_maildir(folder / "bounces", mails)
    return World(folder, now, tuple(files), folder / "bounces", write_messages(folder / "messages", now))


def _log_files(folder: Path) -> tuple[Path, Path, Path]:
    """Return the pieces of the log as they were rotated, the oldest first."""
    return folder / "mail.log.2.gz", folder / "mail.log.1.gz", folder / "mail.log"


def _log_texts(log: MailLog, plans: Sequence[Plan]) -> tuple[str, str, str]:
    """Return the log cut in three, where nothing waits in the queue."""
    start = plans[0].campaign.start - timedelta(days=1)
    first_cut = plans[1].campaign.start - timedelta(hours=1)
    second_cut = log.now - timedelta(hours=22)
    return (
        log.text(start, first_cut),
        log.text(first_cut, second_cut),
        log.text(second_cut, log.now + timedelta(seconds=1)),
    )


def _campaign_files(rng: Random, plan: Plan, folder: Path, log: Path, now: datetime) -> CampaignFiles:
    campaign = plan.campaign
    recipients = folder / "recipients" / campaign.file_name
    campaign.write(recipients, plan.lines)
    packed = ".gz" if now - campaign.start > timedelta(days=7) else ""
    events = folder / "events" / f"{campaign.key}.ndjson{packed}"
    _write_text(events, events_text(rng, plan, now, complained_by_mail(plan)))
    return CampaignFiles(
        campaign.name, campaign.key, campaign.subject, campaign.start, recipients, log, events, plan.truth
    )


def _write_text(path: Path, text: str) -> None:
    content = text.encode("utf-8")
    if path.suffix == ".gz":
        packed = io.BytesIO()
        # Neither name nor time in the file: the same text gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as stream:
            stream.write(content)
        content = packed.getvalue()
    path.write_bytes(content)
