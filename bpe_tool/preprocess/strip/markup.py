"""Text out of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import ClassVar, NamedTuple

from bpe_tool.checks import flags
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

#: Elements that begin and end a line of text.
_BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr "
    "html legend li main menu nav ol option optgroup p pre search section select summary "
    "table tbody textarea tfoot thead title tr ul "
)
BLOCKS = frozenset(_BLOCKS.split())
#: Elements within a line. Cells of tables are set apart by a space.
_INLINE = (
    "a abbr acronym applet area audio b base basefont bdi bdo big button canvas cite code col "
    "colgroup data datalist del dfn em embed font frame i iframe img input ins kbd label link "
    "map mark meta meter noframes noscript object output param path picture progress q rp rt "
    "ruby s samp script slot small source span strike strong style sub sup svg template time "
    "track tt u var video wbr td th "
)
INLINE = frozenset(_INLINE.split())
_CELLS = frozenset({"td", "th"})
# Attributes that stand without a value; others without one are taken for prose.
_BARE = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|crossorigin|default|"
    "defer|disabled|download|hidden|inert|ismap|itemscope|loop|multiple|muted|nohref|nomodule|"
    "noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected|"
    "data-[-a-z0-9]+"
)
# The number of attributes is limited, so that hostile text costs no more than linear time.
_TAG = (
    rf"</?(?P<name>{'|'.join(sorted(BLOCKS | INLINE, key=lambda name: (-len(name), name)))})"
    r"(?:\s++(?:[A-Za-z_:@][-\w:.@]*+\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++)"
    rf"|(?:{_BARE})(?![-\w:.=]))){{0,64}}+\s*+/?>"
)
_MARKUP = re.compile(
    rf"{_TAG}|(?P<comment><!--)|<!doctype[^<>]*+>|<\?xml[^<>]*+\?>"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});",
    re.IGNORECASE,
)
_CONTENT_ENDS = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("script", "style")}
_SPACE = " \t\r\n"


@dataclass(frozen=True, kw_only=True)
class StripHtml(Step):
    """Takes HTML's tags and comments out, scripts and styles with what they hold.

    Elements that are blocks, and `<br>`, become one line feed, with the white space around
    them, or nothing at the start and end of the text. Cells of tables get a space
    between them; other tags leave nothing.

    Only the elements of HTML are tags, and only with attributes as HTML writes them:
    `a < b`, `x<y>z`, `Vec<A>` and `<https://example.org>` stay. Entities need their
    semicolon. What an entity stands for is text: `&lt;b&gt;` becomes `<b>` and stays.

    Attributes:
        entities: Whether to put characters for entities such as `&amp;` and `&#8217;`.
    """

    name: ClassVar[str] = "strip_html"
    #: `&amp;lt;` stands for `&lt;`.
    idempotent: ClassVar[bool] = False

    entities: bool = True

    def __post_init__(self) -> None:
        flags(entities=self.entities)

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each piece of markup, or for several around a line end."""
        if "<" not in text and "&" not in text:
            return []
        edits: list[Edit] = []
        group: list[_Part] = []
        for part in _parts(text, self.entities):
            between = text[group[-1].end : part.start].strip(_SPACE) if group else ""
            if group and (between or part.kind == "entity"):
                edits += _of_group(text, group)
                group = []
            if part.kind == "entity":
                edits.append(
                    Edit(part.start, part.end, unescape(text[part.start : part.end]), "entity")
                )
            else:
                group.append(part)
        if group:
            edits += _of_group(text, group)
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if "<" not in text and "&" not in text:
            return text
        return super().apply(text)


class _Part(NamedTuple):
    """A piece of markup: a `block`, a `cell`, something `inline`, or an `entity`."""

    start: int
    end: int
    kind: str
    rule: str


def _parts(text: str, entities: bool) -> Iterator[_Part]:
    """Yield the markup in a text, in order."""
    endless: set[str] = set()
    at = 0
    while match := _MARKUP.search(text, at):
        start, at = match.span()
        kind, rule = "inline", "tag"
        if match["name"]:
            name = match["name"].lower()
            if _is_type(text, match):
                continue
            kind = "block" if name in BLOCKS else "cell" if name in _CELLS else "inline"
            closing = _CONTENT_ENDS.get(name)
            if closing and text[start + 1] != "/":
                # Without its end the tag goes alone. Do not look for that twice.
                end = None if name in endless else closing.search(text, at)
                if end:
                    at, rule = end.end(), name
                else:
                    endless.add(name)
        elif match["comment"]:
            end_at = -1 if "comment" in endless else text.find("-->", at)
            if end_at < 0:
                endless.add("comment")
                continue
            at, rule = end_at + 3, "comment"
        elif match[0][0] == "&":
            kind = "entity"
            if not entities or unescape(match[0]) == match[0]:
                continue
        yield _Part(start, at, kind, rule)


def _is_type(text: str, match: re.Match[str]) -> bool:
    """Tell whether this is rather the parameter of a type: `Vec<A>`."""
    start = match.start()
    return bool(
        len(match[0]) == 3 and match["name"].isupper() and start and text[start - 1].isalnum()
    )


def _of_group(text: str, group: list[_Part]) -> list[Edit]:
    """Return the edits for pieces of markup with at most white space between them."""
    if any(part.kind == "block" for part in group):
        start, end = group[0].start, group[-1].end
        while start and text[start - 1] in _SPACE:
            start -= 1
        while end < len(text) and text[end] in _SPACE:
            end += 1
        new = "\n"
        if not start or (end == len(text) and not text.endswith("\n")):
            new = ""
        return [Edit(start, end, new, "block")]
    edits = []
    for part in group:
        start, end = part.start, part.end
        inner = (
            start and end < len(text) and not text[start - 1].isspace() and text[end] not in _SPACE
        )
        between = part.kind == "cell" and inner and text[start - 1] != ">"
        edits.append(Edit(start, end, " " if between else "", part.rule))
    return edits


def strip_html(text: str, *, entities: bool = True) -> str:
    r"""Take HTML's tags and comments out, scripts and styles with what they hold.

    Args:
        text: What to change.
        entities: Whether to put characters for entities such as `&amp;`.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> strip_html("<p>AT&amp;T <b>wins</b><!-- so --></p><p>if a < b")
    'AT&T wins\nif a < b'
    """
    return applied(StripHtml, text, entities=entities)
