"""Why a mail failed and whose fault it is, from the server's words, the status code and the SMTP command.

The rules are data (``rules.toml``). The words count most, then the RFC 3463 code, then what else the mail says, then
the SMTP command that was refused: servers write 5.0.0 for everything, but they say what they mean. A permanent code
alone never makes a failure hard; the reason does. A temporary failure is soft whatever its reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from store.feeds.bounces.rules import Rules, Verdict, load
from store.vocabulary import BounceKind

_NOISE = re.compile(
    # Addresses and links, whose words mean nothing here; the codes of each line of a reply; who speaks; ids.
    r"<[^<>\s]{0,320}>|[^\s<>@]{1,128}@[^\s<>@]{1,255}|https?://\S+"
    r"|\b[2-5]\d\d[- ](?:#?[245]\.\d{1,3}\.\d{1,3})?|\b[245]\.\d{1,3}\.\d{1,3}\b"
    r"|^host \S+ (?:said: |refused to talk to me: )|\(in reply to [^)]{0,80}\)|(?<!\S)[^\s\d]{0,80}\d\S{9,}"
)
_BLANKS = re.compile(r"\s+")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.:/@-])[2-5]\d\d(?=[ -](?![\d:/.]+ ?[apAP][mM])|$|[\"')\]#:;,])")
_REPLY_LEAD = re.compile(r"(?:^|said:|to me:|smtp;|:|>|<<<|[#\"'(\[]|\n|error|code|with|-\d\d\d) *$")
_COMMAND_GATE = (
    "rcpt",
    "data",
    "mail",
    "ehlo",
    "helo",
    "connect",
    "starttls",
    "bdat",
    "refused to talk",
    "auth",
    "text command",
)
_COMMAND = re.compile(
    r"\b(initial connection|connect(?:ion|ing)?|[el]hlo|helo|starttls|auth|mail[ _]from"
    r"|mail(?=[ \])\"':]*(?:command|\]|\)))"
    r"|rcpt(?:[ _]to)?|end of data|text(?= command)|data|bdat|quit|refused to talk(?= to me))\b(?=( (?:command"
    r"|failed|error))?)"
)
_COMMAND_LEAD = re.compile(
    r"(?:in (?:reply|response) to|response to|reply to|after|during|sending|like our|rejected our|>>>|-->|while"
    r"|commands?:?"
    r"|smtp:|sent|\bat|issued|error for|server for|\[|\(|refuse[ds]? our)"
    r"[\s:-]*(?:the |a |pipelined |our |their |your )?[\"'(]?$"
)
_COMMANDS = {"in": "CONN", "co": "CONN", "eh": "EHLO", "he": "HELO", "lh": "LHLO", "st": "STARTTLS", "au": "AUTH"}
_COMMANDS |= {
    "ma": "MAIL",
    "rc": "RCPT",
    "en": "DATA",
    "da": "DATA",
    "bd": "DATA",
    "te": "DATA",
    "qu": "QUIT",
    "re": "CONN",
}
_SPELT = frozenset({"rc", "ma", "da"})
_LETTERS = re.compile(r"[^\W\d_]{2}")
_WORDS = 4000
_AROUND = 6000
_NOT_YET = frozenset({None, "systemerror"})
_WORDLESS = frozenset({"0.0"})


def classify(
    status: str | None,
    reply: int | None,
    text: str | None,
    *,
    command: str | None = None,
    domain: str = "",
    remote: str | None = None,
    around: Sequence[str] = (),
    waits: bool = False,
    backed: bool = True,
) -> Verdict:
    """Return reason and kind of a failure.

    Args:
        status: RFC 3463 code "x.y.z".
        reply: SMTP reply code.
        text: the server's words.
        command: the SMTP command that was refused.
        domain: the recipient's domain.
        remote: the host that refused it.
        around: what else is said of the failure, the surest first; read where the words and the code are vague.
        waits: nothing failed yet, the sending server goes on trying.
        backed: False where the words are all there is: prose without any code or command is too little to give up an
            address for.
    """
    rules = load()
    core = _core(text[:_WORDS]) if text else ""
    core = core if _LETTERS.search(core) else ""
    detail = status.partition(".")[2] if status else ""
    temporary = waits or _temporary(status, reply)
    told = _overridden(rules, domain.lower(), (remote or "").lower(), core, status, command)
    name = told or _named(rules, core, detail, around)
    if detail == "4.4" and name in {None, "networkerror", "hostunknown"}:
        # No such host is final as 5.4.4; 4.4.4 is a name server that does not answer.
        name = "networkerror" if temporary else "hostunknown"
    if name is None:
        name = rules.replies.get(reply or 0)
    if waits and name in _NOT_YET:
        name = "expired"
    if name is None:
        name = rules.commands.get(command or "") or ("onhold" if core else "undefined")
    if command == "MAIL" or (told is None and not detail.startswith("1.")):
        name = rules.becomes.get((name, command or ""), name)
    if name == "userunknown" and told is None and not _is_sure(rules, detail, command, backed, (core, *around)):
        name = "filtered"
    return Verdict(name, BounceKind.SOFT if temporary else _kind(rules, name, status))


def _is_sure(rules: Rules, detail: str, command: str | None, backed: bool, texts: Sequence[str]) -> bool:
    """Tell whether "no such user" may be believed.

    A code 5.2.x says that the mailbox is there, and words without any code may be those of a filter; a look-up in a
    directory needs no code.
    """
    if detail.startswith("1."):
        return True
    if detail == "2.0" or (detail == "2.1" and command != "RCPT"):
        return False
    return backed or any(phrase in text.lower() for text in texts for phrase in rules.reasons["userunknown"].sure)


def _kind(rules: Rules, name: str, status: str | None) -> BounceKind:
    reason = rules.reasons[name]
    return reason.by_status.get(status or "", reason.kind)


def _named(rules: Rules, core: str, detail: str, around: Sequence[str]) -> str | None:
    """Return the reason by clear words, then by code and faint words, then by the words around."""
    if detail in rules.sure_codes:
        return rules.codes[detail]
    strong, faint = rules.by_words(core) if core else (None, None)
    if strong is not None:
        return strong
    code = rules.codes.get(detail)
    found = faint or code if detail in rules.vague_codes else code or faint
    if found is not None and not (detail in rules.vague_codes and faint is None):
        return found
    faint_around = None
    for text in around:
        strong, faint = rules.by_words(_core(text[:_AROUND]))
        if strong is not None:
            return strong
        faint_around = faint_around or faint
    return found or faint_around


def _overridden(
    rules: Rules, domain: str, remote: str, core: str, status: str | None, command: str | None
) -> str | None:
    for override in rules.overrides:
        if override.speaks(domain, remote) and override.holds(core, status, command):
            return override.reason
    return None


def sentence(reason: str | None) -> str:
    """Return the plain sentence for a reason ("The mailbox is full"); an unknown reason is its own sentence."""
    known = load().reasons.get(reason or "undefined")
    return known.sentence if known else str(reason)


def acts(reason: str | None) -> str:
    """Return who has to act: "recipient", "server" (the recipient's), "us" or "nobody"."""
    known = load().reasons.get(reason or "undefined")
    return known.acts if known else "nobody"


def reasons() -> dict[str, BounceKind]:
    """Return every reason with the kind that it has when the failure is permanent."""
    return {name: reason.kind for name, reason in load().reasons.items()}


def find_status(text: str) -> str | None:
    """Return the first RFC 3463 code in a server's words that says more than x.0.0; else the first one."""
    found = _STATUS.findall(text)
    for code in found:
        if code[2:] not in _WORDLESS:
            return str(code)
    return str(found[0]) if found else None


def find_reply(text: str) -> int | None:
    """Return the SMTP reply code with which a server's words begin."""
    for match in _REPLY.finditer(text[:_AROUND]):
        at = match.start()
        if _REPLY_LEAD.search(text[max(0, at - 10) : at].lower()):
            return int(match[0])
    return None


@lru_cache(maxsize=1024)
def find_command(text: str) -> str | None:
    """Return the SMTP command that a text says was refused: CONN, EHLO, MAIL, RCPT, DATA, ..."""
    low = text[:_WORDS].lower()
    if not any(word in low for word in _COMMAND_GATE):
        return None
    found = None
    for match in _COMMAND.finditer(low):
        word = match[1][:2]
        lead = low[max(0, match.start() - 30) : match.start()]
        if word == "re" or (match[2] and word in _SPELT) or _COMMAND_LEAD.search(lead):
            if not lead.rstrip().endswith((">>>", "-->")):
                return _COMMANDS[word]
            # A transcript: the last command before the mail was given up; QUIT comes after that.
            found = found if word == "qu" else _COMMANDS[word]
    return found


def _temporary(status: str | None, reply: int | None) -> bool:
    if reply is not None:
        return 400 <= reply < 500
    return status is not None and status.startswith("4.")


@lru_cache(maxsize=4096)
def _core(text: str) -> str:
    """Return the words of a reply without what differs from mail to mail."""
    return _BLANKS.sub(" ", _NOISE.sub(" ", text)).lower().strip(" .:;,()-")
