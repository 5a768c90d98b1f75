"""An IMAP server of the tests' own: Dovecot on free ports of the loopback interface, run by an unprivileged user.

Every name is a user there and finds an empty INBOX, so a test that takes a name of its own shares nothing. Each worker
of pytest-xdist has a server of its own.
"""

from __future__ import annotations

import base64
import grp
import hmac
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "geheim"
STRANGE_USER, STRANGE_PASSWORD = "søren", 'ge heim "süß" \\ &'
"""A user whose name and password need care on their way."""

_FOLDERS = "/usr/sbin:/usr/local/sbin"
_CONFIG = """\
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
mail_fsync = never
mailbox_idle_check_interval = 1 secs
auth_mechanisms = plain login xoauth2
auth_username_chars =
auth_failure_delay = 0 secs
login_log_format_elements = user=<%u> %c
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=plain {home}/users
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home/%u
}}
protocol imap {{
  mail_max_userip_connections = 100
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""

_OAUTH2 = """\
introspection_mode = local
username_attribute = sub
local_validation_key_dict = fs:posix:prefix={home}/keys/
"""
_NEVER = 4_102_444_800
_TOKEN_KEY = b"a key that only the tests know, long enough for HMAC"


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server.

    Attributes:
        home: where it keeps everything.
        imap: the port for plain connections and STARTTLS.
        imaps: the port for TLS.
        ca_file: the authority that signed its certificate, which is for "localhost" and 127.0.0.1.
    """

    home: Path
    imap: int
    imaps: int
    ca_file: Path

    @contextmanager
    def client(self, user: str) -> Iterator[Any]:
        """Log in a client that may change things."""
        from imapclient import IMAPClient

        with IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=30) as client:
            client.plain_login(user, PASSWORD)
            yield client

    def logged(self) -> str:
        """Return what the server has logged so far."""
        return (self.home / "log").read_text(errors="replace")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server that runs until the tests are over."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path=_FOLDERS)
    if program is None or shutil.which("openssl") is None:
        pytest.skip("there is no IMAP server here (Debian's dovecot-imapd, and openssl for its certificate)")
    with _started(program) as server:
        yield server


_numbers = count(1)


@pytest.fixture
def imap_user() -> str:
    """A name that nobody logged in with before."""
    return f"bounces{next(_numbers)}@our.example"


@contextmanager
def _started(program: str) -> Iterator[Dovecot]:
    home = Path(tempfile.mkdtemp(prefix="aftersend-imap-"))
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    try:
        _certificates(home)
        server = Dovecot(home, *_free_ports(2), home / "ca.pem")
        _configure(server, owner)
        as_owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        with subprocess.Popen([program, "-F", "-c", home / "dovecot.conf"], cwd="/", **as_owner) as process:
            try:
                _wait_for(process, server)
                yield server
            finally:
                process.send_signal(signal.SIGTERM)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _configure(server: Dovecot, owner: pwd.struct_passwd) -> None:
    (server.home / "users").write_text(f"{STRANGE_USER}:{{PLAIN}}{STRANGE_PASSWORD}\n")
    (server.home / "oauth2.conf").write_text(_OAUTH2.format(home=server.home))
    key = server.home / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(_TOKEN_KEY))
    (server.home / "dovecot.conf").write_text(
        _CONFIG.format(
            home=server.home,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            imap=server.imap,
            imaps=server.imaps,
            password=PASSWORD,
        )
    )


def token(user: str) -> str:
    """Return an OAuth2 access token (a JWT, RFC 7519) that the server takes from ``user``."""
    signed = ".".join(
        _base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": user, "exp": _NEVER})
    )
    return f"{signed}.{_base64url(hmac.digest(_TOKEN_KEY, signed.encode(), 'sha256'))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _certificates(home: Path) -> None:
    """Make an authority, and a certificate of it for this machine."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    _openssl(home, "req", "-x509", *key, "-subj", "/CN=Tests", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(home, "req", "-x509", *key, "-subj", "/CN=Server", "-addext", names, "-addext",
             "basicConstraints=critical,CA:FALSE", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-keyout", "server.key", "-out", "server.pem")  # fmt: skip


def _openssl(home: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=home, check=True, capture_output=True)


def _free_ports(count_: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count_)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _wait_for(process: subprocess.Popen[bytes], server: Dovecot) -> None:
    """Return when the server greets; a test that cannot have it fails with the server's own words."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.imap), timeout=30) as connection:
                if connection.recv(100).startswith(b"* OK"):
                    return
        except ConnectionError:
            pass
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"Dovecot did not start: {server.logged()}")
