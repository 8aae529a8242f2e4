"""Text out of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import ClassVar, NamedTuple

from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied
from bpe_tool.preprocess.steps.strip import html_tokens

# Cells of tables are set apart by a space.
_CELLS = frozenset({"td", "th"})
_SPACE = " \t\r\n"


@dataclass(frozen=True, kw_only=True)
class StripHtml(Step):
    """Takes HTML's markup out: tags, comments, and scripts and styles with what they hold.

    Elements that are blocks, and `<br>`, become one line feed, with the white space around
    them, or nothing at the start and end of the text. Cells of tables get a space
    between them; other markup leaves nothing.

    What is markup is what the HTML standard's tokenizer says, with few exceptions for prose
    and code. `a < b`, `x<y and y>z`, `<3`, `List<String>` and `<https://example.org>` stay;
    `html_tokens.py` has the rules. What is open at the end of the text ends there: text
    behind an unclosed `<script>` or `<!--` goes. Entities need their semicolon. What an
    entity stands for is text: `&lt;b&gt;` becomes `<b>` and stays.

    Attributes:
        entities: Whether to put characters for entities such as `&amp;` and `&#8217;`.
    """

    name: ClassVar[str] = "strip_html"
    #: `&amp;lt;` stands for `&lt;`.
    idempotent: ClassVar[bool] = False

    entities: bool = True

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

    def unfinished(self, text: str) -> bool:
        """Return whether markup is open at the end of a text."""
        if not html_tokens.may_be_open(text):
            return False
        return any(each.is_open for each in html_tokens.markup(text))

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
    for each in html_tokens.markup(text):
        kind = "inline"
        if each.kind == "entity":
            kind = "entity"
            entity = text[each.start : each.end]
            # `unescape` also finds names without a semicolon, as in `&notify;`.
            if not entities or not (entity[1] == "#" or entity[1:] in html5):
                continue
        elif each.name in html_tokens.BLOCKS:
            kind = "block"
        elif each.name in _CELLS:
            kind = "cell"
        yield _Part(each.start, each.end, kind, each.kind)


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
    r"""Take HTML's markup out: tags, comments, and scripts and styles with what they hold.

    Args:
        text: What to change.
        entities: Whether to put characters for entities such as `&amp;`.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> strip_html("<p>AT&amp;T <b>wins</b><!-- so --></p><p>if a < b")
    'AT&T wins\nif a < b'
    """
    return applied(StripHtml, text, entities)
