"""What panes and screens tell each other about what is sent from here, and about what went out wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from store.queries.unreached import Wanted
    from store.queries.wrong import Narrow
    from store.rows.outbox import SendRow
    from store.rows.queued import QueueRow
    from store.rows.wrong import WrongRow


class WrongRequested(Message):
    """Posted by a pane: this campaign went out wrong; show what can be done."""

    def __init__(self, campaign_id: int, campaign: str) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.campaign = campaign


class SendOpened(Message):
    """Posted by the outbox: show the mails of this send."""

    def __init__(self, send: SendRow) -> None:
        super().__init__()
        self.send = send


class SendRequested(Message):
    """Posted by the outbox: do ``verb`` (start, pause, stop) to this send."""

    def __init__(self, verb: str, send: SendRow) -> None:
        super().__init__()
        self.verb = verb
        self.send = send


class UnsureRequested(Message):
    """Posted by the pane of a send's mails: take these for sent, or let them be sent again; ids of the outbox."""

    def __init__(self, ids: tuple[int, ...], *, sent: bool) -> None:
        super().__init__()
        self.ids = ids
        self.sent = sent


class SendAgainRequested(Message):
    """Posted by a pane: send the message of a campaign again to whom it has not reached of those wanted."""

    def __init__(self, wanted: Wanted, campaign: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.campaign = campaign


class RemedyRequested(Message):
    """Posted by the pane of what went out wrong: do ``verb`` (stop-all, hold, release, pull, narrow, who, correct…).

    Attributes:
        row: how the campaign stands; queue: what waits in Postfix, None if that is not known; narrow: who is told.
    """

    def __init__(self, verb: str, row: WrongRow, queue: QueueRow | None, narrow: Narrow) -> None:
        super().__init__()
        self.verb = verb
        self.row = row
        self.queue = queue
        self.narrow = narrow
