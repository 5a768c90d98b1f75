"""SPF, DKIM and DMARC are looked up on a real name server."""

from __future__ import annotations

from datetime import UTC, datetime

from store.mailhosts import TextRecords
from store.outbox.checks.finding import Level
from store.outbox.gate import gate, open_case
from tests.nameserver import name_server
from tests.outbox.writing import how, message

ZONE: dict[tuple[str, str], str | int | None] = {
    ("news.shop.example", "TXT"): '"v=spf1 ip4:192.0.2.1 " "-all"|"google-site-verification=x"',
    ("_dmarc.shop.example", "TXT"): '"v=DMARC1; p=quarantine; rua=mailto:d@shop.example"',
    ("s1._domainkey.shop.example", "TXT"): '"v=DKIM1; k=rsa; p=MII" "BIj"',
    ("broken.example", "TXT"): 2,
}


def test_records_are_put_together_and_told_from_none_and_from_no_answer() -> None:
    with name_server(ZONE) as server:
        ask = TextRecords(["127.0.0.1"], server.port, timeout_s=1)
        assert sorted(ask("news.shop.example") or []) == ["google-site-verification=x", "v=spf1 ip4:192.0.2.1 -all"]
        assert ask("nowhere.example") == []
        assert ask("broken.example") is None


def test_a_domain_in_order_is_green_three_times() -> None:
    with name_server(ZONE) as server:
        ask = TextRecords(["127.0.0.1"], server.port, timeout_s=1)
        case = open_case(message(dkim="s1"), how(), datetime(2027, 2, 20, tzinfo=UTC))
        found = {one.rule: one for one in gate(case, ask_text=ask)}
        assert [found[rule].level for rule in ("spf", "dkim", "dmarc")] == [Level.GREEN] * 3
        assert found["dmarc"].sentence == (
            "shop.example has DMARC (quarantine), and the return path is in news.shop.example: aligned"
        )
        assert ("_dmarc.shop.example", "TXT") in server.asked
