"""Which column of an event file means what: found out from its header, or said by the operator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store.errors import BadInput
from store.feeds.access.patterns import PATHS, WebPaths
from store.feeds.numbers import DECIMALS
from store.feeds.times import ORDERS
from store.vocabulary import BounceKind, EventType

SYNONYMS: dict[str, tuple[str, ...]] = {
    "address": (
        *("email", "emailaddress", "address", "recipient", "rcpt", "recipientemail", "mail", "mailaddress", "to"),
        *("emailadresse", "mailadresse", "empfänger", "empfaenger", "adresse", "epost", "contact", "subscriber"),
    ),
    "type": ("event", "eventtype", "type", "action", "activity", "ereignis", "ereignistyp", "typ", "aktion", "vorgang"),
    "time": (
        *(
            "time",
            "timestamp",
            "eventtime",
            "datetime",
            "date",
            "occurredat",
            "createdat",
            "created",
            "ts",
            "timelogged",
        ),
        *(
            "zeit",
            "zeitpunkt",
            "zeitstempel",
            "datum",
            "datumuhrzeit",
            "openedat",
            "clickedat",
            "opentime",
            "clicktime",
        ),
    ),
    "campaign": (
        *("campaign", "campaignid", "campaignkey", "campaignname", "xcampaignid", "utmcampaign", "jobid", "mailing"),
        *("kampagne", "kampagnenid", "aussendung", "versand", "newsletter", "tag", "tags", "category"),
    ),
    "message_id": ("messageid", "msgid", "smtpid", "nachrichtenid", "messageheadersmessageid"),
    "id": ("eventid", "sgeventid", "ereignisid", "eventuuid"),
    "url": ("url", "link", "linkurl", "clickedurl", "originallink", "clickurl", "ziel", "zielurl", "href"),
    "agent": ("useragent", "agent", "ua", "clientinfouseragent"),
    "machine": (
        *("machine", "bot", "isbot", "ismachine", "sgmachineopen", "machineopen", "prefetched", "isprefetched"),
        *("proxy", "isproxy", "maschine", "maschinell", "clientinfobot", "useragentparsedisprefetched"),
    ),
    "status": ("dsn", "dsnstatus", "enhancedcode", "enhancedstatus", "enhancedstatuscode", "status"),
    "reply": ("reply", "replycode", "smtpcode", "smtpreply", "bouncecode", "code", "antwortcode"),
    "diagnostic": (
        *("diagnostic", "diagnosticcode", "dsndiag", "diagnose", "reason", "response", "bouncereason", "description"),
        *("grund", "fehler", "fehlermeldung", "error", "errormessage", "details"),
    ),
    "kind": ("kind", "bouncekind", "bouncetype", "bounceclass", "bouncecategory", "severity", "bounceart"),
    "name": ("name", "fullname", "displayname", "recipientname"),
    "ip": ("ip", "ipaddress", "ipadresse", "openip", "clickip", "clientip"),
}
"""The fields of an event and the column names by which each is known, the surest first."""

TYPES: dict[str, EventType] = {
    spelling: kind
    for kind, spellings in {
        EventType.QUEUED: "queued processed accepted request requests injected eingereiht angenommen",
        EventType.SENT: "sent send sends sending versendet gesendet verschickt",
        EventType.DEFERRED: "deferred deferral delayed delay deliverydelay deliverydelayed tempfail verzögert",
        EventType.DELIVERED: "delivered delivery deliveries zugestellt zustellung ausgeliefert",
        EventType.BOUNCED: "bounce bounced bounces hardbounce hardbounced hardbounces softbounce softbounced"
        " softbounces blocked block rückläufer ruecklaeufer unzustellbar undelivered undeliverable permfail expired",
        EventType.REJECTED: "rejected reject dropped drop suppressed invalidemail abgelehnt",
        EventType.FAILED: "failed failure fail error renderingfailure fehlgeschlagen",
        EventType.OPENED: "open opened opens opening view viewed views read reads firstopen firstopening uniqueopened"
        " geöffnet geoeffnet öffnung öffnungen oeffnung gelesen machineopen proxyopen uniqueproxyopen botopen apple",
        EventType.CLICKED: "click clicked clicks clickthrough linkclick linkclicked klick klicks geklickt angeklickt"
        " machineclick botclick",
        EventType.REPLIED: "reply replied replies antwort geantwortet beantwortet",
        EventType.AUTOREPLIED: "autoreply autoreplied autoresponse autoresponded autoresponder outofoffice vacation"
        " abwesend abwesenheit",
        EventType.COMPLAINED: "complaint complained complaints spam spamreport spamcomplaint markedasspam abuse"
        " abusereport beschwerde spambeschwerde",
        EventType.UNSUBSCRIBED: "unsubscribe unsubscribed unsubscribes unsub optout groupunsubscribe abgemeldet"
        " abmeldung abmelden ausgetragen austragung",
    }.items()
    for spelling in spellings.split()
}
"""Every known spelling of an event type."""

IGNORED = frozenset("subscribed subscribe resubscribe groupresubscribe inbound angemeldet anmeldung".split())
"""What happens to a contact but is no event of a sending."""

KINDS: dict[str, BounceKind] = {
    spelling: kind
    for kind, spellings in {
        BounceKind.HARD: "hard permanent permanently hardbounce hardbounced hardbounces dauerhaft",
        BounceKind.SOFT: "soft transient temporary softbounce softbounced softbounces vorübergehend expired",
        BounceKind.BLOCK: "block blocked policy spam reputation",
        BounceKind.CONTENT: "content",
        BounceKind.UNDETERMINED: "undetermined unknown",
    }.items()
    for spelling in spellings.split()
}
"""Every known spelling of a bounce kind."""

MACHINE_TYPES = frozenset("machineopen proxyopen uniqueproxyopen botopen machineclick botclick".split())
"""Event types that say by themselves that no person did it."""

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
"""Words for what stands between columns, for shells and mappings in which the character itself is awkward."""

_CONSTANTS = ("type", "campaign", "time", "zone", "dates", "decimal", "delimiter", "encoding", "preset")
_ALWAYS_CONSTANT = frozenset(_CONSTANTS[3:])
_ITEM = re.compile(r'(?:[^,"]|"[^"]*"?)+')
_PLAIN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the operator said about the columns of an event file.

    Attributes:
        columns: field -> column name; what is not said is found out from the header.
        type: every line is this event.
        campaign: every line belongs to this campaign.
        zone: IANA name of the zone of times that tell none.
        dates: order of day, month and year in dates like 03/02/2026: "dmy", "mdy" or "ymd".
        time: when it was, for lines that do not tell; as written.
        decimal: what cuts decimals off: "point" or "comma".
        delimiter: the character between the columns.
        encoding: the file's, by a name Python knows.
        preset: the tool whose export it is.
        web: what the paths in a web server's access log mean; None: nothing was said of any.
    """

    columns: dict[str, str] = field(default_factory=dict)
    type: EventType | None = None
    campaign: str | None = None
    zone: str | None = None
    dates: str | None = None
    time: str | None = None
    decimal: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    preset: str | None = None
    web: WebPaths | None = None

    @classmethod
    def parse(cls, spec: str) -> Self:
        """Read ``address=E-Mail,time=Zeit,type:=opened,zone=Europe/Berlin``: "=" names a column, ":=" a constant.

        A name with a comma or a blank at its ends stands in double quotes. ``click=/r/{link}?u={recipient}`` says what
        a path in an access log means (pixel and unsubscribe alike), ``paths=listmonk`` whose paths they are.

        Raises:
            BadInput: something in it is no field, no event type, no zone, no order of dates or no pattern.
        """
        columns: dict[str, str] = {}
        constants: dict[str, str] = {}
        web: list[tuple[str, str]] = []
        for item in _ITEM.findall(spec):
            name, equals, value = item.partition("=")
            fixed = name.endswith(":")
            key, value = name.rstrip(":").strip().lower().replace("-", "_"), value.strip().strip('"')
            if not equals or not value:
                raise BadInput(f"--map: {item.strip()!r} should be FIELD=COLUMN or FIELD:=VALUE.")
            if key in PATHS or key == "paths":
                web.append((key, value))
            elif key in _ALWAYS_CONSTANT or (fixed and key in _CONSTANTS):
                constants[key] = value
            elif fixed:
                raise BadInput(f"--map: {key!r} cannot be the same for a whole file; only {_listed(_CONSTANTS)} can.")
            elif key in SYNONYMS:
                columns[key] = value
            else:
                raise BadInput(f"--map: {key!r} is no field; the fields are {_listed(SYNONYMS)}.")
        return cls._checked(columns, constants, web)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises:
            BadInput: it is something else.
        """
        try:
            data = json.loads(text)
            columns = {str(key): str(value) for key, value in data.pop("columns", {}).items()}
            web = [(str(key), str(pattern)) for key, pattern in data.pop("web", ())]
            constants = {key: str(value) for key, value in data.items() if value is not None}
        except (ValueError, AttributeError, TypeError) as error:
            raise BadInput("The saved mapping cannot be read.") from error
        return cls._checked(columns, constants, web)

    def to_json(self) -> str:
        """Write the mapping as one line of JSON."""
        said = asdict(replace(self, web=None)) | {"web": self.web.said() if self.web else None}
        return json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False)

    @classmethod
    def _checked(cls, columns: dict[str, str], constants: dict[str, str], web: Sequence[tuple[str, str]]) -> Self:
        kind = constants.get("type")
        dates = constants.get("dates", "").lower() or None
        if kind is not None and plain(kind) not in TYPES:
            raise BadInput(f"--map: {kind!r} is no event type; the types are {_listed(EventType)}.")
        if dates is not None and dates not in ORDERS:
            raise BadInput(f"--map: dates must be {_listed(ORDERS)}, not {dates!r}.")
        decimal = constants.get("decimal")
        if decimal is not None and decimal not in DECIMALS:
            raise BadInput(f"--map: decimal must be {_listed(DECIMALS)}, not {decimal!r}.")
        zone = constants.get("zone")
        if zone is not None:
            zone_of(zone)
        delimiter = constants.get("delimiter")
        paths = WebPaths.parse(web) if web else None
        return cls(
            columns,
            TYPES[plain(kind)] if kind else None,
            constants.get("campaign"),
            zone,
            dates,
            constants.get("time"),
            decimal,
            DELIMITERS.get(delimiter, delimiter) if delimiter else None,
            constants.get("encoding"),
            constants.get("preset"),
            paths,
        )

    @property
    def own(self) -> bool:
        """Whether the operator says what the columns mean, and so knows them better than any tool's preset."""
        return bool(self.columns)

    @property
    def decides(self) -> bool:
        """Whether it says so much of an event file that a file which could be anything is taken for one."""
        return bool(self.columns or self.type or self.preset)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        BadInput: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{name!r} is no time zone; give one like Europe/Berlin or UTC.") from None


def plain(text: str) -> str:
    """Fold a column name or a word for comparing: case, blanks and punctuation do not count."""
    return _PLAIN.sub("", text.casefold())


def find_columns(header: Iterable[str], mapping: Mapping | None, *, only_said: bool = False) -> dict[str, str]:
    """Return field -> column name for the columns of ``header``, said or (unless ``only_said``) found out.

    Raises:
        BadInput: the mapping names a column that is not there.
    """
    names = list(header)
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name), name)
    found: dict[str, str] = {}
    for key, column in (mapping.columns if mapping else {}).items():
        known = column if column in names else by_plain.get(plain(column))
        if known is None:
            raise BadInput(f"there is no column {column!r}; the columns are {_listed(names)}")
        found[key] = known
    if only_said:
        return found
    taken = set(found.values())
    for key, spellings in SYNONYMS.items():
        if key in found or (key == "type" and mapping and mapping.type):
            continue
        for spelling in spellings:
            column = by_plain.get(spelling, "")
            if column and column not in taken:
                found[key] = column
                taken.add(column)
                break
    return found


def _listed(names: Iterable[str]) -> str:
    words = [str(name) for name in names]
    return ", ".join(words[:12]) + (" …" if len(words) > 12 else "")
