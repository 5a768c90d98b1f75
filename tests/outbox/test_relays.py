"""Relays: what their address says, TLS, logins, and passwords that lie nowhere."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from store.database import Store
from store.errors import BadInput, Refused, Unreachable
from store.models import TABLES
from store.outbox.dialogue import greet
from store.outbox.relay import Relay, Security, checked, from_text, relay_at, to_text
from tests.outbox.sends import QUICK, counts, people, ready, send
from tests.smtp_server import DROP, SmtpServer, running


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that signs itself, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    key = path.with_suffix(".key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def secured(server: SmtpServer, security: Security, certificate: Path | None, **more: str) -> Relay:
    relay = relay_at("local", f"smtp://localhost:{server.port}", security)
    return replace(relay, ca_file=str(certificate or ""), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_the_way_to_the_relay_is_secured_and_the_login_goes_over_it(
    certificate: Path, tmp_path: Path, security: Security
) -> None:
    password = tmp_path / "password"
    password.write_text("s3cret\n")
    password.chmod(0o600)
    implicit = security is Security.TLS
    made = SmtpServer(tls=server_context(certificate), implicit=implicit, users={"ann": "s3cret"})
    with running(made) as server:
        relay = secured(server, security, certificate, user="ann", password_file=str(password))
        assert "pipelining" in asyncio.run(greet(relay, QUICK))
    assert [(session.secure, session.user) for session in server.sessions] == [(True, "ann")]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path, security: Security) -> None:
    made = SmtpServer(tls=server_context(certificate), implicit=security is Security.TLS)
    with running(made) as server, pytest.raises(Refused, match="is not trusted"):
        asyncio.run(greet(secured(server, security, None), QUICK))


def test_nothing_is_sent_in_the_clear_where_tls_is_asked_for(certificate: Path) -> None:
    with running(SmtpServer()) as server, pytest.raises(Refused, match="STARTTLS"):
        asyncio.run(greet(secured(server, Security.STARTTLS, certificate), QUICK))


def test_a_wrong_password_is_told_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSEND_SMTP_PASSWORD", "wr0ng")
    with running(SmtpServer(users={"ann": "s3cret"})) as server:
        relay = replace(relay_at("local", f"smtp://127.0.0.1:{server.port}"), user="ann")
        with pytest.raises(Refused, match="refuses the password of ann") as raised:
            asyncio.run(greet(relay, QUICK))
    assert "wr0ng" not in str(raised.value)


@pytest.mark.parametrize(("stage", "answer"), [("connect", DROP), ("connect", "421 4.3.2 Later"), ("ehlo", DROP)])
def test_a_relay_that_is_not_there_now_can_be_asked_later(stage: str, answer: str) -> None:
    with running(SmtpServer(lambda at, recipient: answer if at == stage else None)) as server:
        relay = relay_at("local", f"smtp://127.0.0.1:{server.port}")
        with pytest.raises(Unreachable):
            asyncio.run(greet(relay, QUICK))


def test_the_password_lies_in_no_table(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSEND_SMTP_PASSWORD", "s3cret-of-ann")
    with running(SmtpServer(users={"ann": "s3cret-of-ann"})) as server:
        sent = send(store, ready(store, server.port, people(2), user="ann").message_id)
    assert counts(sent) == {"accepted": 2}
    for table in TABLES:
        assert "s3cret-of-ann" not in repr(store.rows(f"SELECT * FROM {table._meta.table_name}"))


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mail.shop.example", Security.STARTTLS, 587),
        ("smtp://ann@mail.shop.example:25", Security.STARTTLS, 25),
        ("smtps://mail.shop.example", Security.TLS, 465),
        ("smtp://localhost:25", Security.NONE, 25),
        ("smtp://[::1]:2525/", Security.NONE, 2525),
        ("smtp://127.0.0.1", Security.NONE, 587),
    ],
)
def test_what_the_address_of_a_relay_says(url: str, security: Security, port: int) -> None:
    relay = relay_at("main", url)
    assert (relay.security, relay.port) == (security, port)
    assert from_text("main", to_text(relay)) == relay


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("main", "mail.shop.example"),
        ("main", "http://mail.shop.example"),
        ("main", "smtp://mail.shop.example:99999"),
        ("main", "smtp://"),
        ("a b", "smtp://mail.shop.example"),
        ("", "smtp://mail.shop.example"),
    ],
)
def test_what_is_no_relay_is_refused(name: str, url: str) -> None:
    with pytest.raises(BadInput):
        relay_at(name, url)


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": -1},
        {"connections": 0},
        {"retry_s": 0},
        {"give_up_s": 1},
        {"unsubscribe": "javascript:alert(1)"},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float | str]) -> None:
    with pytest.raises(BadInput):
        checked(replace(relay_at("main", "smtp://mail.shop.example"), **settings))  # type: ignore[arg-type]
