"""Tokens that try to drive a terminal or a page, and checks that they do not."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

HOSTILE = [
    b"\x1b[2J", b"\x1b]0;title\x07", "\x9b31m".encode(), b"\x9b", "\u202edcba".encode(),
    "\u2066\u200b\u200d".encode(), "\u2028\u2029".encode(), b"\x7f\x08\x00", b"[red]x[/red]",
    b"[link=http://x]", b":smile:", b"<script>alert(1)</script>", b"</script>", b"<!--", b"]]>",
    b'" onmouseover="x', b"' onload='x", b"<img src=x onerror=x>", b"&lt;", b"javascript:x",
    b"\xff\xfe", "€".encode()[:2], "\u0301".encode(), "\U0010ffff".encode(), b"\r\n", b"`${x}`",
    "ﷺ".encode(), "\ue000".encode(), b"|", b"\\x1b",
    "👩\u200d👩🏽\u200d👧 a\u200db \u200d👧\u200d".encode(), "🏳\ufe0f\u200d🌈".encode()[:9],
]  # fmt: skip
TEXT = b" a ".join(HOSTILE) + b" \xe2\x82 <|endoftext|> " + b"".join(HOSTILE)
SPECIAL = "<|\x1b[31m\u202e<script>|>"

EMOJI_JOINER = re.compile(
    "(?<=[\U0001f300-\U0001faff\ufe0f])\u200d(?=[\u2600-\u27ff\U0001f300-\U0001faff])"
)
SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")
TAGS = {
    "a", "bdi", "body", "br", "circle", "code", "dd", "details", "div", "dl", "dt", "footer",
    "form", "g", "h1", "h2", "head", "header", "html", "input", "label", "li", "line", "main",
    "meta", "nav", "output", "p",
    "polygon", "polyline", "rect", "script", "section", "span", "style", "summary", "svg", "table",
    "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "aria-current", "aria-hidden", "aria-label", "aria-labelledby", "aria-live", "autocomplete",
    "charset", "class", "content", "cx", "cy", "data-detail", "data-points", "height", "href",
    "http-equiv", "id", "lang", "name", "points", "r", "role", "rx", "scope", "spellcheck",
    "tabindex", "text-anchor", "title", "transform", "type", "viewbox", "visibility", "width",
    "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip


def write_vocabulary(path: Path) -> list[str]:
    """Write a vocabulary of hostile tokens; return the options that load it."""
    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [token for token in HOSTILE if len(token) > 1]
    lines = [base64.b64encode(token) + b" %d\n" % id for id, token in enumerate(tokens)]
    path.write_bytes(b"".join(lines))
    return [str(path), "--pattern", "none", "--special-token", SPECIAL]


def assert_terminal_is_safe(output: bytes, *, colour: bool = False) -> None:
    text = output.decode()
    if colour:
        text = SEQUENCE.sub("", text)
    for line in text.split("\n"):
        assert is_printable(line), line


def is_printable(text: str) -> bool:
    """Whether nothing in a text is more than a sign, a joiner of emoji apart."""
    return EMOJI_JOINER.sub("", text).isprintable()


def assert_page_is_safe(data: bytes) -> None:
    assert all(map(is_printable, data.decode().split("\n")))
    found = _Elements()
    found.feed(data.decode())
    found.close()
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    assert found.scripts == 1
    assert all(link.startswith("#") for link in found.links)
    assert "default-src 'none'" in found.policy


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.scripts = 0
        self.policy = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str]]) -> None:
        self.tags.add(tag)
        named = dict(attributes)
        self.attributes |= set(named)
        self.scripts += tag == "script" and named.get("type") is None
        self.links += [named["href"]] if "href" in named else []
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"]
