"""A PostgreSQL of the tests' own: a private cluster that lives as long as the test run, and a fresh database a test.

PostgreSQL refuses to run as root; tests that do run it as ``postgres`` or ``nobody``. Each worker of pytest-xdist has a
cluster of its own. The socket's folder is open to its owner (and root) only, so nobody needs a password there; on the
loopback address a password is asked for.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from psycopg import Connection

OWNER = "tests"
"""The cluster's superuser."""

PASSWORD = "geheim & schlüssel"

_NOT_ROOT = ("postgres", "nobody")
_SETTINGS = {
    # What a test writes need not outlive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "listen_addresses": "127.0.0.1",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    Attributes:
        folder: where its socket is.
        port: of the socket and of 127.0.0.1.
    """

    folder: Path
    port: int

    def url(self, database: str, user: str = OWNER, **parameters: str) -> str:
        """Return the URL of a database by the socket, with further parameters."""
        more = urlencode({"host": str(self.folder), "port": str(self.port), **parameters}, quote_via=quote)
        return f"postgresql://{user}@/{database}?{more}"

    def connect(self, database: str) -> Connection[tuple[Any, ...]]:
        """Return a connection of the superuser on which every statement stands for itself."""
        import psycopg

        return psycopg.connect(host=str(self.folder), port=self.port, user=OWNER, dbname=database, autocommit=True)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a test's own.

    Attributes:
        cluster: where it lives.
        name: its name.
        connection: the superuser's, as long as the test lasts.
    """

    cluster: Cluster
    name: str
    connection: Connection[tuple[Any, ...]]

    def url(self, user: str = OWNER, **parameters: str) -> str:
        """Return its URL by the socket."""
        return self.cluster.url(self.name, user, **parameters)

    def run(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser and return its rows, if it has any."""
        cursor = self.connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server that runs until the tests are over."""
    with server() as cluster:
        if cluster is None:
            pytest.skip("there is no PostgreSQL server here (initdb, pg_ctl)")
        yield cluster


@contextmanager
def server(settings: Mapping[str, str] | None = None) -> Iterator[Cluster | None]:
    """A server for a while, with settings of its own; None: its programs are not there."""
    tools = _tools()
    if tools is None:
        yield None
        return
    with _started(tools, settings or {}) as cluster:
        yield cluster


_numbers = count(1)


@contextmanager
def new_database(cluster: Cluster) -> Iterator[Database]:
    """An empty database for a while; making one takes half a second."""
    from psycopg import sql

    name = f"test_{next(_numbers)}"
    with closing(cluster.connect("postgres")) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        with closing(cluster.connect(name)) as own:
            yield Database(cluster, name, own)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def postgres_database(postgres: Cluster) -> Iterator[Database]:
    """An empty database of the test's own."""
    with new_database(postgres) as database:
        yield database


def _tools() -> Path | None:
    """Return the folder of the server's programs; Debian keeps them out of the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


@contextmanager
def _started(tools: Path, settings: Mapping[str, str]) -> Iterator[Cluster]:
    # Not in pytest's folder, which only its owner may enter; and the path of a socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    user = _unprivileged()
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".pw") as words:
            words.write(PASSWORD)
            words.flush()
            os.chmod(words.name, 0o644)
            made = ["initdb", "-D", str(data), "-U", OWNER, f"--pwfile={words.name}", "-E", "UTF8", "--no-sync"]
            _run(tools, [*made, "--auth-local=trust", "--auth-host=scram-sha-256"], user, folder)
        port = _free_port()
        options = {**_SETTINGS, **settings, "port": str(port), "unix_socket_directories": str(folder)}
        said = " ".join(f"-c {name}={value}" for name, value in options.items())
        log = str(folder / "log")
        _run(tools, ["pg_ctl", "start", "-w", "-t", "60", "-D", str(data), "-l", log, "-o", said], user, folder)
        try:
            yield Cluster(folder, port)
        finally:
            _run(tools, ["pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data)], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(tools: Path, command: list[str], user: pwd.struct_passwd | None, folder: Path) -> None:
    as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    said = folder / "said"
    # Into a file: the server that pg_ctl starts keeps what it inherits, and a pipe would never end.
    with open(said, "ab") as words:
        done = subprocess.run(
            [str(tools / command[0]), *command[1:]],
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
            **as_user,
        )
    assert done.returncode == 0, said.read_text(errors="replace")


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom to run the server as where the tests run as root; None: as themselves."""
    if os.geteuid() != 0:
        return None
    for name in _NOT_ROOT:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no user it could run as")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
