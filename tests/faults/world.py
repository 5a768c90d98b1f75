"""A small world for faults: two campaigns with lists, a log of each, opens and clicks, and a message to be sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from tui.cli import aftersend

PEOPLE = 150
FIRST, SECOND = "Spring list", "Autumn list"
BEGAN = {"spring": datetime(2024, 3, 5, 9, tzinfo=UTC), "autumn": datetime(2024, 9, 5, 9, tzinfo=UTC)}

_LOGGED = """\
{t}.000000+00:00 mx postfix/cleanup[2]: {q}: message-id=<{n}.{key}@news.example>
{t}.000000+00:00 mx postfix/cleanup[2]: {q}: info: header X-Campaign-ID: {key} from localhost[127.0.0.1]; \
from=<bounces@news.example> to=<{to}> proto=ESMTP helo=<app>
{t}.100000+00:00 mx postfix/qmgr[3]: {q}: from=<bounces@news.example>, size=800, nrcpt=1 (queue active)
{t}.900000+00:00 mx postfix/smtp[4]: {q}: to=<{to}>, relay=mx.example[192.0.2.1]:25, delay=0.9, delays=0/0/0/0, \
dsn={dsn}, status={status} ({words})
{t}.950000+00:00 mx postfix/qmgr[3]: {q}: removed
"""
_SENT = ("2.0.0", "sent", "250 2.0.0 Ok: queued as 77")
_UNKNOWN = ("5.1.1", "bounced", "host mx said: 550 5.1.1 User unknown")
_FULL = ("5.2.2", "bounced", "host mx said: 552 5.2.2 Mailbox is full")
_NOWHERE = (
    "5.4.4",
    "bounced",
    "Host or domain name not found. Name service error for name=gamil.example type=A: Host not found",
)


def address(number: int) -> str:
    """Return the address of person ``number``: every fifth one's domain is misspelt."""
    return f"p{number}@{'gamil' if number % 5 == 1 else 'gmail'}.example"


def _fate(number: int) -> tuple[str, str, str]:
    return {1: _NOWHERE, 2: _UNKNOWN if number % 10 == 2 else _SENT, 3: _FULL}.get(number % 5, _SENT)


def write(folder: Path) -> None:
    """Write the lists, logs, events and the message into ``folder``."""
    lines = (f"{n},Person {n},{address(n)},Firm {n % 7},{'ann' if n % 2 else 'bob'},yes,yes\n" for n in range(PEOPLE))
    heading = "id,name,email,company,responsible,consent,tracking consent\n"
    (folder / "list.csv").write_text(heading + "".join(lines))
    for key, began in BEGAN.items():
        (folder / f"{key}.log").write_text("".join(_logged(key, began, n) for n in range(PEOPLE)))
        (folder / f"{key}.ndjson").write_text("".join(_opened(key, began, n) for n in range(0, PEOPLE, 5)))
    message = folder / "hello"
    message.mkdir()
    (message / "message.toml").write_text('subject = "Hello {{ name }}"\nfrom = "Ann <ann@shop.example>"\n')
    (message / "text.txt").write_text("Dear {{ name }},\n\nhello.\n")


def _logged(key: str, began: datetime, number: int) -> str:
    dsn, status, words = _fate(number)
    moment = (began + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S")
    queue = f"4{key[0]}T{number:05d}".upper()
    return _LOGGED.format(t=moment, q=queue, n=number, key=key, to=address(number), dsn=dsn, status=status, words=words)


def _opened(key: str, began: datetime, number: int) -> str:
    moment = (began + timedelta(hours=1, seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    url = ', "url": "https://shop.example/a"' if number % 10 == 0 else ""
    kind = "clicked" if url else "opened"
    told = f'"address": "{address(number)}", "campaign": "{key}"{url}'
    return f'{{"type": "{kind}", "ts": "{moment}", {told}}}\n'


def here(store: Path, *words: object) -> Result:
    """Run a command in this process."""
    env = {"AFTERSEND_STORE": str(store), "USER": "ann", "SUDO_USER": None, "SSH_CONNECTION": None}
    return CliRunner().invoke(aftersend, [str(word) for word in words], env=env, prog_name="aftersend")


def build(folder: Path) -> Path:
    """Write the world and a store that has read all of its first campaign; return the path of the store."""
    write(folder)
    store = folder / "store.db"
    steps = (
        ("import", "recipients", folder / "list.csv", "--campaign", FIRST, "--key", "spring"),
        ("ingest", folder / "spring.log", folder / "spring.ndjson"),
        ("relay", "set", "local", "smtp://127.0.0.1:9"),
    )
    for step in steps:
        done = here(store, *step)
        assert done.exit_code == 0, done.output
    return store
