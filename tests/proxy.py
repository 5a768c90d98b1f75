"""A line to a server that a test can cut, or on which it changes what the server says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Line:
    """A TCP proxy on the loopback interface.

    Attributes:
        port: where it listens.
        cut_after: each connection is cut when the server has sent so many bytes on it; None: never.
        said: changes what the server says, piece by piece as it comes.
        connections: how many there were.
    """

    port: int
    cut_after: int | None = None
    said: Callable[[bytes], bytes] = bytes
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def cut(self) -> None:
        """Cut every connection that is open now."""
        for one in list(self._open):
            _end(one)


@contextmanager
def line_to(port: int, host: str = "127.0.0.1") -> Iterator[Line]:
    """Listen on a free port of ``host`` and pass everything on to ``port`` until the block ends."""
    with socket.create_server((host, 0)) as listening:
        line = Line(listening.getsockname()[1])
        threads = [threading.Thread(target=_accept, args=(listening, port, line))]
        threads[0].start()
        try:
            yield line
        finally:
            _end(listening)
            threads[0].join()
            line.cut()


def _accept(listening: socket.socket, port: int, line: Line) -> None:
    passing: list[threading.Thread] = []
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            break
        line.connections += 1
        server = socket.create_connection(("127.0.0.1", port))
        line._open += [client, server]
        passing += [
            threading.Thread(target=_pass, args=(client, server, None)),
            threading.Thread(target=_pass, args=(server, client, line)),
        ]
        for thread in passing[-2:]:
            thread.start()
    line.cut()
    for thread in passing:
        thread.join()
    for one in line._open:
        one.close()


def _pass(source: socket.socket, target: socket.socket, line: Line | None) -> None:
    passed = 0
    try:
        while data := source.recv(4096):
            if line is not None:
                if line.cut_after is not None and passed + len(data) > line.cut_after:
                    target.sendall(data[: line.cut_after - passed])
                    break
                passed += len(data)
                data = line.said(data)
            target.sendall(data)
    except OSError:
        pass
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
