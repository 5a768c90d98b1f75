"""What an HTML part shows: its text, its links and its images, each with its line."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav"
    " ol p pre section table td th tr ul".split()
)
_UNSEEN = frozenset({"style", "script", "title", "head", "template"})
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "area", "base", "col", "source", "wbr"})


@dataclass(slots=True)
class Link:
    """A link of the page: where it leads, its line, and the words that are shown for it."""

    url: str
    line: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its source, its line, and its alternative text (None: it has none, "": it is decoration)."""

    source: str
    line: int
    alt: str | None


@dataclass(slots=True)
class Page:
    """What an HTML part shows.

    Attributes:
        text: the words, blocks parted by line breaks.
        links, images: in order.
        starts, lines: where pieces of ``text`` begin, and the line of each.
    """

    text: str = ""
    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def line_of(self, position: int) -> int:
        """Return the line of the HTML from which a position of the text comes."""
        at = bisect_right(self.starts, position) - 1
        return self.lines[at] if at >= 0 else 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._pieces: list[str] = []
        self._length = 0
        self._unseen = 0
        self._link: Link | None = None

    def add(self, text: str) -> None:
        self.page.starts.append(self._length)
        self.page.lines.append(self.getpos()[0])
        self._pieces.append(text)
        self._length += len(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in reversed(attrs)}
        line = self.getpos()[0]
        if tag in _BLOCKS:
            self.add("\n")
        if tag in _UNSEEN and tag not in _VOID:
            self._unseen += 1
        if tag in {"a", "area"} and "href" in known:
            self._link = Link(known["href"].strip(), line)
            self.page.links.append(self._link)
        if tag == "img":
            self.page.images.append(Image(known.get("src", "").strip(), line, known.get("alt")))
            if self._link is not None:
                self._link.words += known.get("alt", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _UNSEEN:
            self._unseen -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag == "a":
            self._link = None
        if tag in _BLOCKS:
            self.add("\n")

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._link is not None:
            self._link.words += data
        self.add(data)

    def finished(self) -> Page:
        self.close()
        self.page.text = "".join(self._pieces)
        return self.page


def read_page(html: str) -> Page:
    """Return what an HTML part shows; broken HTML is read as far as it goes, as browsers do."""
    reader = _Reader()
    try:
        reader.feed(html)
    except AssertionError:
        # html.parser gives up on a few declarations that no browser minds (python/cpython 77057); what was read counts.
        pass
    return reader.finished()
