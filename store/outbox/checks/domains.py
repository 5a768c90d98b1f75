"""SPF, DKIM and DMARC of the domains in the mail, asked in the DNS.

A receiver takes a mail for the From domain's if SPF (RFC 7208) or DKIM (RFC 6376) passes for a domain *aligned* with it
(RFC 7489 3.1): the same, or one under the same organisation's. Which domain is the organisation's is found by walking
up the tree to the DMARC record (draft-ietf-dmarc-dmarcbis), which needs no list of public suffixes.
"""

from __future__ import annotations

import re
from typing import Final

from store.errors import BadInput
from store.outbox.checks.finding import AskText, Case, Found, Level
from store.outbox.headers import split_mailbox, wire_address
from store.outbox.places import RECIPIENT

_TAGS: Final = re.compile(r"\s*([A-Za-z]+)\s*=\s*([^;]*)")
_STEPS: Final = 8
_UNKNOWN: Final = "The DNS did not answer about"
_POLICED: Final = frozenset({"quarantine", "reject"})


def spf(case: Case) -> Found:
    """The domain of the return path says who may send for it."""
    domain = _envelope_domain(case)
    if not domain:
        return
    if case.ask_text is None:
        yield Level.YELLOW, "SPF, DKIM and DMARC were not looked up (--dns, or D)", ""
        return
    found = case.ask_text(domain)
    records = [text for text in found or [] if text.lower().split(" ")[0] == "v=spf1"]
    if found is None:
        yield Level.YELLOW, f"{_UNKNOWN} {domain}", ""
    elif not records:
        yield Level.RED, f"{domain} has no SPF record; receivers cannot know who may send for it", ""
    elif len(records) > 1:
        yield Level.RED, f"{domain} has {len(records)} SPF records, which is as good as none (RFC 7208 4.5)", ""
    elif re.search(r"(?:^|\s)\+?all\s*$", records[0], re.IGNORECASE):
        yield Level.YELLOW, f"The SPF record of {domain} lets everybody send for it", ""
    else:
        yield Level.GREEN, f"{domain} has an SPF record", ""


def dkim(case: Case) -> Found:
    """The key of the signature is in the DNS."""
    domain, selector = _from_domain(case), case.message.dkim
    if not domain or case.ask_text is None:
        return
    if not selector:
        yield Level.YELLOW, "Which key the relay signs with is not known; name it (dkim-selector)", case.at("dkim")
        return
    name = f"{selector}._domainkey.{domain}"
    found = case.ask_text(name)
    keys = [_tags(text) for text in found or []]
    held = [tags.get("p", "").strip() for tags in keys if tags.get("v", "DKIM1") == "DKIM1" and "p" in tags]
    if found is None:
        yield Level.YELLOW, f"{_UNKNOWN} {name}", ""
    elif not held:
        yield Level.RED, f"There is no DKIM key at {name}", case.at("dkim")
    elif not any(held):
        yield Level.RED, f"The DKIM key at {name} was withdrawn", case.at("dkim")
    else:
        yield Level.GREEN, f"The DKIM key is at {name}", ""


def dmarc(case: Case) -> Found:
    """Receivers can tell that the mail is the From domain's, and are told what to do if they cannot."""
    domain, ask = _from_domain(case), case.ask_text
    if not domain or ask is None:
        return
    found = _dmarc_of(domain, ask)
    if found is None:
        yield Level.YELLOW, f"{_UNKNOWN} DMARC of {domain}", ""
        return
    at, tags = found
    if not at:
        yield Level.RED, f"{domain} has no DMARC record; large receivers refuse bulk mail without one", ""
        return
    policy = tags.get("p" if at == domain else "sp", tags.get("p", "none")).strip().lower()
    envelope = _envelope_domain(case)
    strict = tags.get("aspf", "r").strip().lower() == "s"
    aligned = envelope == domain or (not strict and _under_one(envelope, domain, at))
    if aligned or _signed(case, domain, ask):
        by = f"the return path is in {envelope}" if aligned else f"DKIM signs for {domain}"
        yield Level.GREEN, f"{domain} has DMARC ({policy}), and {by}: aligned", ""
    else:
        grave = Level.RED if policy in _POLICED else Level.YELLOW
        words = (
            f"The return path's {envelope} is not aligned with {domain}, and no DKIM key is known: DMARC says {policy}"
        )
        yield grave, words, case.at("return_path")


def _dmarc_of(domain: str, ask: AskText) -> tuple[str, dict[str, str]] | None:
    """Return where the DMARC record that holds for a domain stands, and its tags; ("", {}): there is none.

    Returns:
        None if the DNS did not answer.
    """
    labels = domain.split(".")
    if len(labels) > _STEPS:
        labels = [*labels[:1], *labels[-_STEPS + 1 :]]
    for at in range(len(labels) - 1):
        name = domain if at == 0 else ".".join(labels[at:])
        found = ask(f"_dmarc.{name}")
        if found is None:
            return None
        records = [tags for tags in map(_tags, found) if tags.get("v") == "DMARC1"]
        if len(records) == 1:
            return name, records[0]
    return "", {}


def _under_one(one: str, other: str, record: str) -> bool:
    """Tell whether two domains are of one organisation, whose record stands at ``record``."""
    parents = (record, one, other)
    return any(_within(one, parent) and _within(other, parent) for parent in parents)


def _within(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _signed(case: Case, domain: str, ask: AskText) -> bool:
    """Tell whether a DKIM key of the From domain is known and in the DNS."""
    if not case.message.dkim:
        return False
    return any(_tags(text).get("p", "").strip() for text in ask(f"{case.message.dkim}._domainkey.{domain}") or [])


def _tags(text: str) -> dict[str, str]:
    return {match[1].lower(): match[2].strip() for match in map(_TAGS.match, text.split(";")) if match}


def _from_domain(case: Case) -> str:
    try:
        return split_mailbox("From", case.message.sender)[1].rpartition("@")[2].lower()
    except BadInput:
        return ""


def _envelope_domain(case: Case) -> str:
    pattern = case.how.verp.strip()
    if not pattern:
        return _from_domain(case)
    try:
        return wire_address(pattern.replace(RECIPIENT, "x=x.example")).rpartition("@")[2].lower()
    except BadInput:
        return ""
