"""Mail that is no bounce: automatic answers (RFC 3834), answers of people; and the signs of a failure notice."""

from __future__ import annotations

import re

from store.feeds.bounces.finding import Letter
from store.feeds.bounces.parts import Headers
from store.feeds.bounces.returned import addresses, box_addresses, referred
from store.feeds.record import Record
from store.vocabulary import EventType, Source

_ANSWERED = re.compile(
    r"^(?:(?:re|aw|sv|antw|rif|tr)\s*:\s*)?[\[(]?(?:automatic[- ]?(?:re(?:ply|sponse)|answer)|auto[- ]?reply"
    r"|auto\s?:|auto[- ]?respon[sd]"
    r"|autoanswer|automated (?:re(?:ply|sponse)|answer)|out[- ]of[- ](?:the )?office|o{3}\b|(?:on "
    r"|in )?(?:vacation|holiday)"
    r"|away (?:from|message)|i(?:['\u2019]m| am) (?:away|out|on)|abwesen|automatische (?:antwort|reactie|e-?mail)"
    r"|ich bin (?:nicht|im)"
    r"|réponse automatique|absence|absent|message d['\u2019]absence|risposta automatica|fuori (?:ufficio|sede)"
    r"|assenza"
    r"|respuesta automática|fuera de (?:la )?oficina|ausente|ausencia|resposta automática|ausência"
    r"|fora do escritório"
    r"|autosvar|automatiskt? svar|frånvaro|automatisch antwoord|afwezig|niet aanwezig|odpowiedź automatyczna"
    r"|autoodpowiedź|nieobecno|автоответ|автоматический ответ|отсутств|自動返信|自動応答|不在|自动回复|自動回覆)",
    re.IGNORECASE,
)
_ANSWER_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply-from",
    "x-mail-autoreply",
)
_RETURN_BOX = re.compile(
    r"^(?:bounces?|returns?|news|newsletter|mailing|mailer|campaigns?|no-?reply|b)(?:[+._-]|@)", re.IGNORECASE
)
_DAEMON = re.compile(
    r"mailer-?daemon|mail[ -]?delivery|postmaster|mail-?er\b|mdaemon|maildaemon|mail\.?daemon|mail (?:system"
    r"|administrator)"
    r"|system (?:administrator|attendant)|delivery (?:subsystem|system|agent|service|notification)|bounces?@"
    r"|mail router"
    r"|internet mail (?:connector|delivery)|mail transport|ndr@|symantec|mailmarshal|surfcontrol|postmaestro"
    r"|no-?reply@sns\.amazon",
    re.IGNORECASE,
)
_LIST_SERVER = re.compile(
    r"[-+](?:admin|owner|request|bounces|errors)@|^(?:majordomo|listserv|mailman|owner-|sympa)", re.IGNORECASE
)
_FAILED = re.compile(
    r"failure notice|errors? from|undeliver|returned?[ -](?:e-?)?mail|return(?:ed|ing)?(?: message)? to sender"
    r"|deliver(?:y|ing)[^.]{0,40} (?:fail|error|problem|stat|has not|notif|incomp)"
    r"|fail(?:ed|ure)?[^.]{0,40}(?:deliver|mail|message|recipient)|mail system error|(?:not|never"
    r"|n't) (?:be )?(?:sent|deliver|reach)|mail failure|message status"
    r"|bounced|nondeliver|non[- ]deliver|rejected (?:mail|message)|message (?:rejected|refused|blocked|bounced"
    r"|not )|mail error|error[ -]mail"
    r"|(?:delivery|dsn|mail) (?:error|report|status|failure)|unzustellbar|nicht zugestellt|zustellung"
    r"|nicht übermittelt|fehlgeschlagen"
    r"|non remis|non délivr|échec|retour|no (?:se ha )?(?:podido|entregad)|no entregado|devuelto|devolución"
    r"|mancato recapito|mancata consegna"
    r"|non recapitabile|niet (?:bezorgd|afgeleverd)|onbestelbaar|não (?:foi )?entregue|falha na entrega"
    r"|kan inte levereras|olevererat"
    r"|niedostarcz|nie (?:został|można) dostarcz|zwrot|не доставлен|недоставлен|невозможно доставить|доставк"
    r"|не удалось"
    r"|退信|未送达|无法送达|投递失败|系统退信|配信不能|配送不能|送信できません|送信エラー|配信エラー|エラー|戻り"
    r"|デリバリー|returned mail"
    r"|could not be (?:sent|delivered)|not delivered|unsolicited bulk|considered|banned|virus|content filter|spam"
    r"|quota|unknown user"
    r"|user unknown|invalid recipient|mailbox full|not (?:a )?member|address(?:es)? (?:unknown|not found)"
    r"|mail delivery|undelivered",
    re.IGNORECASE,
)
_NO_NOTICE = re.compile(r"report domain:|quarantine|digest|\btls[- ]?rpt\b|aggregate report", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?:could|can|was|were|did|is|has|have) ?n[o']t (?:be )?(?:been )?(?:be )?(?:deliver|reach|sent|accept|receiv"
    r"|process|complet)|unable to (?:deliver|send|be)"
    r"|undeliver|delivery (?:to|of|has|attempt|status|failed|notification|error|incomplete)|fail(?:ed|ure)"
    r"|returned (?:to|mail|message|because)|rejected|bounc|not (?:be )?deliver"
    r"|user unknown|unknown user|no such (?:user|recipient|address)|mailbox|over quota|fatal error|permanent error"
    r"|not a member|does(?: no|n')t (?:exist|have)"
    r"|\b[45]\d\d[ -][45]\.\d|recipient|problem(?:s)? (?:while )?deliver|nicht (?:zugestellt|ausgeliefert)|zustell"
    r"|pas (?:pu|été)|non (?:remis|délivré)|no (?:se )?(?:pudo|ha)|non (?:è stato|recapit)"
    r"|niet (?:worden )?(?:bezorgd|afgeleverd)|não (?:foi|pôde)|не (?:было|может|удалось|достав)|无法|失败"
    r"|できません|できない|エラー|配信|見つかり|खोज|समूह",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delay|warning|still being retried|not yet (?:been )?(?:deliver|sent)|will (?:be )?(?:retr|try|keep trying"
    r"|continue)|deferred"
    r"|verzögert|retard|retraso|ritardo|vertra|atraso|задерж|延迟|遅延|temporary (?:failure|problem)|incomplete",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"warning message only|do not need to resend|still (?:being |be )?(?:retried|retrying|trying|queued|try)"
    r"|will (?:keep (?:on )?trying|continue (?:to )?(?:try|retr|attempt)|be retried|retry|try again)"
    r"|delivery (?:attempts? will|will be) (?:continue|attempt|retried)|not yet been delivered|has been delayed"
    r"|(?:is|was) delayed|no action is required"
    r"|delivery is delayed|wird weiter versucht|weitere zustellversuche|noch nicht zugestellt|nouvelle tentative"
    r"|será reintentado|seguirá intentando",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"giving up|gave up|given up|permanent(?:ly)?(?: fail| error| fatal)|fatal|last attempt"
    r"|returned to (?:the )?sender|will not be retried|no further attempt"
    r"|no longer (?:be )?(?:tr|attempt)|stopped trying|abandon|(?:retry )?time ?out exceeded|expired",
    re.IGNORECASE,
)


def is_answer(headers: Headers) -> bool:
    """Tell whether a machine answered for a person (RFC 3834, and those who do not know it)."""
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted == "auto-replied":
        return not notice_weight(headers)
    if any(name in headers for name in _ANSWER_HEADERS) or headers.get("precedence").lower() == "auto_reply":
        return headers.get("x-autoreply").lower() != "no"
    return bool(_ANSWERED.match(headers.text("subject").strip()))


def notice_weight(headers: Headers, *, returned: bool = False) -> int:
    """Return how strongly the headers say that a server wrote this about mail that failed; 0: not at all.

    Args:
        headers: those of the mail.
        returned: another mail is attached to it.
    """
    weight = 6 if "x-failed-recipients" in headers else 0
    named = headers.text("from")
    sender = (addresses(headers.all("from")) or [headers.get("from")])[0]
    if _DAEMON.search(sender) or _DAEMON.search(named) or not sender.strip("<> "):
        weight += 4
    subject = headers.text("subject")
    empty = [value.strip() in {"<>", "<MAILER-DAEMON>", "MAILER-DAEMON"} for value in headers.all("return-path")]
    failing = bool(_FAILED.search(subject))
    if failing and not re.match(r"(?i)(?:re|aw|fwd?|wg|tr|sv)\s*:", subject):
        weight += 4 if returned else 2
    if any(empty):
        weight += 2
    if failing and _LIST_SERVER.search(sender):
        weight += 1
    if "list-unsubscribe" in headers or (headers.get("in-reply-to") and not any(empty)):
        weight -= 2
    return weight if weight >= 3 else 0


def speaks_of_failure(subject: str, words: str) -> bool:
    """Tell whether a text says that mail failed; digests and reports on many mails (DMARC, TLS) say no such thing."""
    if _NO_NOTICE.search(subject):
        return False
    return bool(_FAILED.search(subject) or _DELAYED.search(subject) or _SPOKEN.search(words, 0, 6000))


def waits(subject: str, words: str) -> bool:
    """Tell whether a notice only warns: the server goes on trying."""
    if _FINAL.search(subject):
        return False
    if _STILL.search(words, 0, 6000):
        return not _FINAL.search(words, 0, 3000) or bool(_DELAYED.search(subject))
    return bool(_DELAYED.search(subject)) and not _FAILED.search(_DELAYED.sub(" ", subject))


def is_reply(headers: Headers, verp: str | None) -> bool:
    """Tell whether a person answered a sending: to its VERP address, or to its return box with a reference."""
    if headers.get("auto-submitted").lower() not in {"", "no"} or "list-unsubscribe" in headers or "list-id" in headers:
        return False
    if headers.get("precedence").lower() in {"bulk", "list", "junk"} or not addresses(headers.all("from")):
        return False
    return verp is not None or answers_ours(headers)


def answers_ours(headers: Headers) -> bool:
    """Tell whether a mail refers to another one and came to an address where sendings come back."""
    return referred(headers) is not None and any(map(_RETURN_BOX.match, box_addresses(headers)))


def answer(letter: Letter, kind: EventType) -> Record:
    """Return the record of an automatic answer or of a reply."""
    headers = letter.mail.headers
    sender = (addresses(headers.all("from")) or [""])[0]
    return Record(
        kind,
        letter.ts,
        sender,
        Source.BOUNCE_MAIL,
        letter.where,
        verp=letter.verp,
        message_id=referred(headers),
        campaign=letter.original.campaign,
        identity=letter.identity(sender or letter.verp or "", str(kind)),
    )
