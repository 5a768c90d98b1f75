"""The gate that a message passes before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.group import say
from tui.cli.opening import now
from tui.cli.progress import ProgressBar

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.content import Message
    from store.outbox.relay import Relay
    from store.outbox.whom import Whom


def passed(
    store: Store, message: Message, whom: Whom | None = None, relay: Relay | None = None, campaign_id: int = 0
) -> None:
    """Let everything be checked before a message is sent; what keeps it from that is told, one sentence a line.

    Raises:
        Refused: something is red and not overridden, or asked and not ticked.
    """
    from store.feeds.record import Progress
    from store.outbox.checking import check
    from tui.present.checks import gravest_first, label_of

    with ProgressBar("mails tried") as bar:
        checked = check(
            store,
            message,
            whom,
            now(),
            relay=relay,
            campaign_id=campaign_id,
            on_tried=lambda done, of: bar(Progress(done, of)),
        )
    for one in gravest_first(checked.blocking):
        say(" · ".join(part for part in (label_of(one.rule), one.sentence, one.where) if part))
    checked.refuse()
