"""A Postfix of the tests' own on the loopback interface, and the receiving servers behind it.

It is an instance with its own configuration, queue and log in a private folder (``postfix -c``), and delivers every
mail to one SMTP server of the tests, which takes it, puts it off or does not know the recipient, as the address says.
What comes back to ``news.example`` (DSNs) lies in a Maildir. Postfix needs root. Each worker of pytest-xdist has an
instance of its own.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

OUR_DOMAIN = "news.example"
"""The domain of senders, whose bounces come back."""

LATER, UNKNOWN = "later", "unknown"
"""How the local part of an address begins that is put off (4xx), or that nobody has (5xx)."""

_SBIN = "/usr/sbin:/usr/local/sbin"
_PATIENCE_S = 60
_MAIN = """\
compatibility_level = 3.6
config_directory = {home}/etc
queue_directory = {home}/spool
data_directory = {home}/data
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
maillog_file_permissions = 0644
syslog_name = postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{domain}
mydomain = {domain}
myorigin = {domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtp_address_preference = ipv4
disable_dns_lookups = yes
default_destination_concurrency_limit = 20
default_destination_concurrency_failed_cohort_limit = 0
in_flow_delay = 0
transport_maps = texthash:{home}/etc/transport
header_checks = regexp:{home}/etc/header_checks
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = static:bounces/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60   1 pickup
cleanup   unix  n - n -    0 cleanup
qmgr      unix  n - n 300  1 qmgr
rewrite   unix  - - n -    - trivial-rewrite
bounce    unix  - - n -    0 bounce
defer     unix  - - n -    0 bounce
trace     unix  - - n -    0 bounce
verify    unix  - - n -    1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -    - proxymap
smtp      unix  - - n -    - smtp
showq     unix  n - n -    - showq
error     unix  - - n -    - error
retry     unix  - - n -    - error
virtual   unix  - n n -    - virtual
anvil     unix  - - n -    1 anvil
scache    unix  - - n -    1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the receiving server took.

    Attributes:
        sender: its envelope sender.
        to: its envelope recipients.
        data: its bytes.
    """

    sender: str
    to: tuple[str, ...]
    data: bytes


@dataclass(slots=True)
class Receiver:
    """The server that stands for all the world's mail exchangers.

    Attributes:
        port: on 127.0.0.1.
        taken: what it took, in that order.
        relenting: whether addresses that are put off are taken from now on.
    """

    port: int
    taken: list[Taken] = field(default_factory=list)
    relenting: bool = False


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running instance.

    Attributes:
        home: where it keeps everything.
        port: where it takes mail to relay.
        receiver: to which it delivers.
    """

    home: Path
    port: int
    receiver: Receiver

    @property
    def config(self) -> Path:
        """Its configuration directory, as the option ``-c`` of Postfix's commands wants it."""
        return self.home / "etc"

    @property
    def log(self) -> Path:
        """The file that it logs to."""
        return self.home / "mail.log"

    @property
    def maildir(self) -> Path:
        """Where what comes back lies."""
        return self.home / "mail" / "bounces"

    def queue(self) -> list[dict[str, Any]]:
        """Return what ``postqueue -j`` says."""
        said = _run("postqueue", "-c", str(self.config), "-j")
        return [json.loads(line) for line in said.splitlines()]

    def settle(self) -> None:
        """Return when every mail was tried (none is on its way in, or being delivered) and all that is in the log."""
        self._until(lambda: all(mail["queue_name"] in {"deferred", "hold"} for mail in self.queue()))
        mark = f"mark {next(_numbers)}."
        _run("postlog", "-c", str(self.config), "-t", "tests", mark)
        self.wait_for(re.escape(mark))

    def flush(self) -> None:
        """Have it try everything again that was put off, and return when it has."""
        _run("postqueue", "-c", str(self.config), "-f")
        self.settle()

    def wait_for(self, pattern: str, times: int = 1) -> None:
        """Return when the log holds ``times`` places that look like ``pattern``."""
        self._until(lambda: len(re.findall(pattern, self.logged())) >= times)

    def logged(self) -> str:
        """Return what it has logged so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, recipients: Iterable[str], campaign: str = "", subject: str = "News") -> list[str]:
        """Hand over one mail for each recipient, with a VERP sender, and return their Message-IDs."""
        sent = []
        with smtplib.SMTP("127.0.0.1", self.port, timeout=_PATIENCE_S) as connection:
            for address in recipients:
                mail = EmailMessage()
                mail["From"], mail["To"], mail["Subject"] = f"news@{OUR_DOMAIN}", address, subject
                mail["Message-ID"] = f"<mail{next(_numbers)}@{OUR_DOMAIN}>"
                if campaign:
                    mail["X-Campaign-ID"] = campaign
                mail.set_content("What is new.\n")
                connection.send_message(mail, f"bounces+{address.replace('@', '=')}@{OUR_DOMAIN}", [address])
                sent.append(str(mail["Message-ID"]).strip("<>"))
        return sent

    def empty(self) -> None:
        """Throw away what is in the queue, in the Maildir and with the receiver."""
        self.receiver.relenting = False
        _run("postsuper", "-c", str(self.config), "-d", "ALL")
        self.receiver.taken.clear()
        shutil.rmtree(self.maildir, ignore_errors=True)

    def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"Postfix does not come to rest: {self.logged()[-4000:]}"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postfix_server() -> Iterator[Postfix]:
    """A Postfix that runs until the tests are over."""
    if os.geteuid() != 0:
        pytest.skip("a Postfix of the tests' own needs root, and they run as somebody else")
    if shutil.which("postfix", path=_SBIN) is None:
        pytest.skip("there is no Postfix here (Debian's postfix)")
    with _received() as receiver, _started(receiver) as running:
        yield running


@pytest.fixture
def postfix(postfix_server: Postfix) -> Iterator[Postfix]:
    """A Postfix with an empty queue."""
    yield postfix_server
    postfix_server.empty()


_numbers = count(1)


@contextmanager
def _started(receiver: Receiver) -> Iterator[Postfix]:
    # Not in pytest's folder, which only its owner may enter: Postfix works as a user of its own.
    home = Path(tempfile.mkdtemp(prefix="aftersend-mta-"))
    home.chmod(0o755)
    running = Postfix(home, _free_port(), receiver)
    nobody, owner = pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    for folder in ("etc", "spool", "data", "mail"):
        (home / folder).mkdir()
    os.chown(home / "data", owner.pw_uid, owner.pw_gid)
    os.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
    etc = running.config
    (etc / "main.cf").write_text(_MAIN.format(home=home, domain=OUR_DOMAIN, uid=nobody.pw_uid, gid=nobody.pw_gid))
    (etc / "master.cf").write_text(_MASTER.format(port=running.port))
    (etc / "transport").write_text(f"{OUR_DOMAIN} virtual:\n* smtp:[127.0.0.1]:{receiver.port}\n")
    (etc / "header_checks").write_text("/^X-Campaign-ID:/ INFO\n")
    try:
        _run("postfix", "-c", str(etc), "start")
        try:
            yield running
        finally:
            _run("postfix", "-c", str(etc), "abort")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: str, *arguments: str) -> str:
    program = shutil.which(command, path=_SBIN)
    assert program is not None, f"{command} is missing"
    # Into files: the server that `postfix start` leaves behind keeps what it inherits, and a pipe would never end.
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as words:
        done = subprocess.run(
            [program, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=words, check=False, timeout=120
        )
        said.seek(0)
        words.seek(0)
        assert done.returncode == 0, f"{command} {' '.join(arguments)}: {words.read()}"
        return said.read()


class _Dialogue(StreamRequestHandler):
    """One SMTP dialogue of the receiving server (RFC 5321), no more of it than Postfix uses."""

    receiver: Receiver

    def handle(self) -> None:
        sender, to = "", list[str]()
        self._say("220 mx.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"MAIL":
                sender, to = _path(line), []
                self._say("250 2.1.0 Ok")
            elif verb == b"RCPT":
                address = _path(line)
                answer = self._judged(address)
                if answer.startswith("250"):
                    to.append(address)
                self._say(answer)
            elif verb == b"DATA":
                self._say("354 Go on")
                self.receiver.taken.append(Taken(sender, tuple(to), self._mail()))
                self._say("250 2.0.0 Ok: taken")
            elif verb == b"QUIT":
                self._say("221 2.0.0 Bye")
                return
            else:
                self._say("250 Ok")

    def _judged(self, address: str) -> str:
        if address.startswith(UNKNOWN):
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        if address.startswith(LATER) and not self.receiver.relenting:
            return f"450 4.2.1 <{address}>: Mailbox is busy, come again later"
        return "250 2.1.5 Ok"

    def _mail(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100


@contextmanager
def _received() -> Iterator[Receiver]:
    receiver = Receiver(0)
    dialogue = type("Dialogue", (_Dialogue,), {"receiver": receiver})
    with _Server(("127.0.0.1", 0), dialogue) as server:
        receiver.port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def _path(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
