"""Whether a domain takes mail, of a real name server on loopback."""

from __future__ import annotations

import dns.rcode
import pytest

from store.errors import StoreUnavailable
from store.mailhosts import MailHosts, Verdict
from store.queries.suggestions import with_dns
from store.rows import AdviceRow, SuggestionRow
from tests.nameserver import Zone, name_server

ZONE: Zone = {
    ("mail.example", "MX"): "20 mx2.mail.example.|10 mx1.mail.example.",
    ("null.example", "MX"): "0 .",
    ("old.example", "A"): "192.0.2.7",
    ("six.example", "AAAA"): "2001:db8::7",
    ("web.example", "TXT"): '"no mail here"',
    ("broken.example", "MX"): dns.rcode.SERVFAIL,
    ("silent.example", "MX"): None,
}


def test_every_sort_of_answer_becomes_a_verdict() -> None:
    with name_server(ZONE) as server:
        hosts = MailHosts(["127.0.0.1"], server.port, timeout_s=0.3)
        unknown = Verdict(None, "was not found out, the DNS did not answer")
        assert hosts.ask([*dict.fromkeys(domain for domain, _ in ZONE), "nowhere.example"]) == {
            "mail.example": Verdict(True, "takes mail at mx1.mail.example"),
            "null.example": Verdict(False, "says that it takes no mail"),
            "old.example": Verdict(True, "takes mail at its own address"),
            "six.example": Verdict(True, "takes mail at its own address"),
            "web.example": Verdict(False, "has no mail server"),
            "broken.example": unknown,
            "silent.example": unknown,
            "nowhere.example": Verdict(False, "does not exist"),
        }


def test_what_is_known_is_not_asked_again_but_what_was_not_found_out_is() -> None:
    with name_server(ZONE) as server:
        hosts = MailHosts(["127.0.0.1"], server.port, timeout_s=0.3)
        for _ in range(2):
            hosts.ask(["mail.example", "nowhere.example", "broken.example"])
        asked = [domain for domain, _ in server.asked]
        assert asked.count("mail.example") == asked.count("nowhere.example") == 1
        assert asked.count("broken.example") >= 2


@pytest.mark.parametrize("domain", ["a..b", "x" * 70 + ".example", "", "a b.example", "\u2603.example"])
def test_what_is_no_domain_takes_no_mail_or_is_not_found_out(domain: str) -> None:
    with name_server({}) as server:
        (verdict,) = MailHosts(["127.0.0.1"], server.port, timeout_s=0.3).ask([domain]).values()
        assert verdict.takes is not True


def test_a_machine_without_name_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from dns.resolver import NoResolverConfiguration, Resolver

    def none(self: Resolver, *_: object, **__: object) -> None:
        raise NoResolverConfiguration

    monkeypatch.setattr(Resolver, "__init__", none)
    with pytest.raises(StoreUnavailable, match="knows no name server"):
        MailHosts().ask(["mail.example"])


def test_a_suggestion_whose_domain_takes_no_mail_is_not_offered_and_the_next_one_is() -> None:
    choices = (SuggestionRow("a@null.example", 95, "Near."), SuggestionRow("a@mail.example", 90, "Near, too."))
    row = AdviceRow(1, 1, "Spring", "Anna", "a@nul.example", choices, choices[0])
    with name_server(ZONE) as server:
        (found,) = with_dns([row], MailHosts(["127.0.0.1"], server.port, timeout_s=0.3))
    assert found.best is not None
    assert (found.best.address, found.best.asked) == ("a@mail.example", "takes mail at mx1.mail.example")
    assert found.choices[1].against == "Its domain says that it takes no mail."
