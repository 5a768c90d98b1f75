"""What panes, screens and the gateway tell each other.

Requests are named ``…Requested``; facts stand in the past tense.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from store.asking import RecipientFilter, Sort
    from store.rows import (
        AdviceRow,
        CampaignRow,
        Change,
        LinkRow,
        ListRow,
        RecipientRow,
        SegmentRow,
        StrangerRow,
    )
    from store.rows.monitor import DeferredRow
    from store.rows.reports import DomainRow, ReportRow
    from store.seen import Seen
    from store.settings import Setting


@dataclass(frozen=True, slots=True)
class Choice:
    """The frozen rows that a request is about.

    Attributes:
        ids: recipient ids, in the order of the pane.
        shown: rows that the pane showed.
        scope: the words for what is shown ("Autumn newsletter", "Autumn newsletter · bounced").
        campaign_id: the campaign, if the rows are of one.
        marked: whether they were marked; else it is the row under the cursor.
        seen: how far the store had come when they were shown; None: it does not matter.
    """

    ids: tuple[int, ...]
    shown: int
    scope: str
    campaign_id: int | None = None
    marked: bool = False
    seen: Seen | None = None


class DecisionRequested(Message):
    """Posted by a pane: do ``verb`` (mark-hard, clear, excuse, …) to the rows."""

    def __init__(self, verb: str, choice: Choice) -> None:
        super().__init__()
        self.verb = verb
        self.choice = choice


class FixRequested(Message):
    """Posted by a pane: correct the address of this recipient, shown when the store had come as far as ``seen``."""

    def __init__(self, row: RecipientRow, seen: Seen | None) -> None:
        super().__init__()
        self.row = row
        self.seen = seen


class AcceptRequested(Message):
    """Posted by a pane: accept what may be meant; ``advice`` is what was shown for the one row, None asks first."""

    def __init__(self, choice: Choice, advice: AdviceRow | None = None) -> None:
        super().__init__()
        self.choice = choice
        self.advice = advice


class AddRequested(Message):
    """Posted by a pane: add the rows to a list."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


class ExportRequested(Message):
    """Posted by a pane: write the rows to a file.

    Attributes:
        filter: what the pane shows; None if it has no filter of recipients.
        sort: in which order.
        campaign: the campaign's name; "" if the rows are not of one.
        members_of: the list, if they are its members.
    """

    def __init__(
        self,
        choice: Choice,
        *,
        asked: RecipientFilter | None = None,
        sort: Sort | None = None,
        campaign: str = "",
        members_of: str = "",
    ) -> None:
        super().__init__()
        self.choice = choice
        self.filter = asked
        self.sort = sort
        self.campaign = campaign
        self.members_of = members_of


class RemindRequested(Message):
    """Posted by a pane: make the reminder list of a campaign."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign


class ClearBlockRequested(Message):
    """Posted by the pane of the blocked addresses: free these; the ids of ``choice`` are addresses' numbers."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


class ResendRequested(Message):
    """Posted by a pane: make or refresh the resend list of a campaign."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign


class BouncesRequested(Message):
    """Posted by a pane: open the bounce inbox of a campaign; None: of all."""

    def __init__(self, campaign: CampaignRow | None) -> None:
        super().__init__()
        self.campaign = campaign


class ReportRequested(Message):
    """Posted by a pane: open the report on a campaign."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign


class MonitorRequested(Message):
    """Posted by a pane: watch this campaign go out."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign


class DeferredOpened(Message):
    """Posted by the send monitor: show the recipients of the campaign whose mail this domain defers."""

    def __init__(self, campaign: CampaignRow, domain: DeferredRow) -> None:
        super().__init__()
        self.campaign = campaign
        self.domain = domain


class TripwiresRequested(Message):
    """Posted by the send monitor: set the tripwires of a campaign; None: of all."""

    def __init__(self, campaign: CampaignRow | None) -> None:
        super().__init__()
        self.campaign = campaign


class AcknowledgeRequested(Message):
    """Posted by the send monitor: take note of these trips."""

    def __init__(self, trip_ids: tuple[int, ...]) -> None:
        super().__init__()
        self.trip_ids = trip_ids


class DomainsRequested(Message):
    """Posted by a report: show the receiving domains of its campaign."""

    def __init__(self, campaign: CampaignRow) -> None:
        super().__init__()
        self.campaign = campaign


class DomainOpened(Message):
    """Posted by the domains pane: show the recipients of this receiving domain."""

    def __init__(self, campaign: CampaignRow, domain: DomainRow) -> None:
        super().__init__()
        self.campaign = campaign
        self.domain = domain


class CompareRequested(Message):
    """Posted by a report: let another campaign be chosen to stand beside its own."""


class ReportFileRequested(Message):
    """Posted by a report: write it to a file."""

    def __init__(self, report: ReportRow) -> None:
        super().__init__()
        self.report = report


class PolicyRequested(Message):
    """Posted by the policy pane: change this setting, which had ``value`` when the store had come to ``seen``."""

    def __init__(self, setting: Setting, value: str, seen: Seen | None) -> None:
        super().__init__()
        self.setting = setting
        self.value = value
        self.seen = seen


class AssignRequested(Message):
    """Posted by a pane: give these strangers' records to a recipient."""

    def __init__(self, rows: tuple[StrangerRow, ...]) -> None:
        super().__init__()
        self.rows = rows


class StrangerOpened(Message):
    """Posted by the strangers pane: show the records of this row whole."""

    def __init__(self, row: StrangerRow) -> None:
        super().__init__()
        self.row = row


class MailsRequested(Message):
    """Posted by a history: show the mails or log lines behind these events, one after the other."""

    def __init__(self, event_ids: tuple[int, ...], whose: str) -> None:
        super().__init__()
        self.event_ids = event_ids
        self.whose = whose


class UndoRequested(Message):
    """Posted by a pane: take back the operator's last action."""


class RedoRequested(Message):
    """Posted by a pane: do again what was taken back."""


class HistoryRequested(Message):
    """Posted by a pane: show everything about this recipient."""

    def __init__(self, recipient_id: int) -> None:
        super().__init__()
        self.recipient_id = recipient_id


class CampaignChosen(Message):
    """Posted by the campaigns pane: the cursor rests on this campaign; ``entered``: Enter was pressed on it."""

    def __init__(self, campaign: CampaignRow, entered: bool = False) -> None:
        super().__init__()
        self.campaign = campaign
        self.entered = entered

    def can_replace(self, message: Message) -> bool:
        """A burst of cursor moves collapses into the last one."""
        return isinstance(message, CampaignChosen) and not message.entered


class LinkOpened(Message):
    """Posted by the links pane: Enter was pressed on this link."""

    def __init__(self, link: LinkRow) -> None:
        super().__init__()
        self.link = link


class ListOpened(Message):
    """Posted by the lists pane: show the members of this list, or who fits this segment."""

    def __init__(self, row: ListRow | SegmentRow) -> None:
        super().__init__()
        self.row = row


class ListsRequested(Message):
    """Posted by the lists pane: do ``verb`` (union, split, rename, reload, …) to these lists and segments.

    They were shown when the store had come as far as ``seen``.
    """

    def __init__(self, verb: str, rows: tuple[ListRow | SegmentRow, ...], seen: Seen | None) -> None:
        super().__init__()
        self.verb = verb
        self.rows = rows
        self.seen = seen


class TakeOffRequested(Message):
    """Posted by a pane: take the rows off this list."""

    def __init__(self, choice: Choice, members_of: ListRow) -> None:
        super().__init__()
        self.choice = choice
        self.members_of = members_of


class SegmentRequested(Message):
    """Posted by a pane: save this filter as a segment; ``opened`` is the one that it came from, if any."""

    def __init__(self, wanted: RecipientFilter, opened: SegmentRow | None) -> None:
        super().__init__()
        self.filter = wanted
        self.opened = opened


class PaneLeft(Message):
    """Posted by a pane: there is nothing left to take back here, go one step back."""


class PaneRequested(Message):
    """Posted by a pane: focus pane ``number`` (1, 2, 3), or move by ``step`` when it is 0."""

    def __init__(self, number: int = 0, step: int = 0) -> None:
        super().__init__()
        self.number = number
        self.step = step


class ScreenRequested(Message):
    """Posted by a pane: open the screen of this name ("lists", "journal", "strangers", "help")."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class WordsChanged(Message):
    """Posted by a pane when what it shows, its counts or its marks changed: the title line must be drawn again."""

    def can_replace(self, message: Message) -> bool:
        """One drawing is enough."""
        return isinstance(message, WordsChanged)


class Told(Message):
    """Posted by whoever has a sentence for the operator that needs no answer."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Refused(Message):
    """Posted when something the operator asked for is not done; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Failed(Message):
    """Posted by the gateway when a write failed for a reason that lies outside (disk full, locked, read-only)."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Changed(Message):
    """Posted by the gateway when a write was done."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change
