from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from store.actions.imports import import_recipients
from store.database import Store
from store.ingest import ingest
from store.journal import Operator
from store.queries.campaigns import find_campaign

WHO = Operator("ines", "desk")
MAIL = """\
{at} mx postfix/cleanup[2]: {queue}: message-id=<{id}@news.example>
{header}{at} mx postfix/qmgr[3]: {queue}: from=<news@news.example>, size=800, nrcpt=1 (queue active)
{at} mx postfix/smtp[4]: {queue}: to=<ann@shop.example>, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0,\
 status=sent (250 2.0.0 Ok)
{at} mx postfix/qmgr[3]: {queue}: removed
"""


def mail(at: datetime, queue: str, identity: str, key: str = "") -> str:
    stamp = at.isoformat(timespec="microseconds")
    header = (
        f"{stamp} mx postfix/cleanup[2]: {queue}: info: header X-Campaign-ID: {key} from app[192.0.2.2];"
        " from=<news@news.example> to=<ann@shop.example> proto=ESMTP helo=<app>\n"
    )
    return MAIL.format(at=stamp, queue=queue, id=identity, header=header if key else "")


def test_an_order_confirmation_is_not_taken_for_a_campaign_that_was_only_imported(
    store: Store, clock: datetime, tmp_path: Path
) -> None:
    people, log = tmp_path / "people.csv", tmp_path / "mail.log"
    people.write_text("email\nann@shop.example\n")
    import_recipients(store, people, "Spring", WHO, clock, key="spring")
    yesterday = clock - timedelta(days=1)
    log.write_text(mail(yesterday, "4bTA01", "c1", "spring") + mail(yesterday, "4bTA02", "order-7"))
    ingest(store, [log], clock)
    import_recipients(store, people, "Summer", WHO, clock, key="summer")
    log.write_text(log.read_text() + mail(clock, "4bTA03", "order-8"))
    ingest(store, [log], clock)
    assert find_campaign(store, "Spring").delivered == 1
    assert find_campaign(store, "Summer").ready == 1
    assert store.rows("SELECT message_id FROM stranger ORDER BY ts, id") == [
        ("order-7@news.example",),
        ("order-8@news.example",),
    ]
