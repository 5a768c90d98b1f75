"""Links are asked on a real server: HEAD, GET where that is refused, redirections, and what does not answer at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from store.outbox.checks.asking import LinkAsker


class _Site(BaseHTTPRequestHandler):
    asked: list[tuple[str, str]]
    hung: threading.Event

    def do_HEAD(self) -> None:
        self.asked.append(("HEAD", self.path))
        if self.path == "/hangs":
            self.hung.wait()
            return
        if self.path in {"/moved", "/circle"}:
            self.send_response(302)
            self.send_header("Location", "/good" if self.path == "/moved" else "/circle")
        elif self.path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
        else:
            self.send_response({"/good": 200, "/no-head": 405, "/b%C3%BCcher": 200}.get(self.path, 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path))
        self.send_response(200 if self.path in {"/no-head", "/good"} else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def site() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []
    hung = threading.Event()
    kind = type("Site", (_Site,), {"asked": asked, "hung": hung})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        hung.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_answers_and_what_does_not(site: tuple[str, list[tuple[str, str]]]) -> None:
    root, asked = site
    paths = ("/good", "/moved", "/no-head", "/gone", "/circle", "/file", "/bücher", "/good#part")
    found = LinkAsker()([f"{root}{path}" for path in paths])
    answers = {url.removeprefix(root): answer for url, answer in found.items()}
    assert {path: answer.status for path, answer in answers.items() if path not in {"/circle", "/file"}} == {
        "/good": 200, "/moved": 200, "/no-head": 200, "/gone": 404, "/bücher": 200, "/good#part": 200,
    }  # fmt: skip
    assert answers["/gone"].words == "answers 404 Not Found"
    assert answers["/circle"].status not in range(200, 300)
    assert answers["/file"].status not in range(200, 300)
    assert asked.count(("HEAD", "/good")) >= 1
    assert ("GET", "/no-head") in asked
    assert ("GET", "/b%C3%BCcher") not in asked


def test_no_file_is_ever_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    assert LinkAsker()([secret.as_uri()])[secret.as_uri()].status == 0


def test_a_server_that_says_nothing_is_left_after_a_while(site: tuple[str, list[tuple[str, str]]]) -> None:
    url = f"{site[0]}/hangs"
    assert LinkAsker(timeout_s=0.2)([url])[url].words == "does not answer in time"
    assert LinkAsker(all_s=-1)([url])[url].words == "was not asked any more: it took too long"


def test_nobody_listens_and_nobody_is_there() -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{held.getsockname()[1]}/"
        assert LinkAsker()([closed])[closed].words == "leads to a server that takes no connection"
    broken = "http://[::1/"
    assert LinkAsker()([broken])[broken].status == 0
    assert LinkAsker()([]) == {}
