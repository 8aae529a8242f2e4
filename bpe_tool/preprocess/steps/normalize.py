"""One form of characters and white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, Literal, TypeAlias

from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.character_classes import inside, members
from bpe_tool.preprocess.character_edits import through_lines, trimmed
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import LONG, Step, applied, pieces

Form: TypeAlias = Literal["NFC", "NFD", "NFKC", "NFKD", "none"]
WhiteSpace: TypeAlias = Literal["keep", "spaces", "collapse", "join"]

_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNICODE_SPACE = re.compile(f"[{_SPACES}]")
# A space at the ends of a line.
_LINE_EDGE = re.compile("(?<![^\r\n]) | (?![^\r\n])")
_ALL_SPACE = re.compile(f"[ \t-\r\x1c-\x1f\x85\u2028\u2029{_SPACES}]+")
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")
# A zero-width joiner is not among these: emoji, Persian and Indic scripts need it.
_ZERO_WIDTH = re.compile("[\xad\u200b\u2060\ufeff]+")
_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟″〝〞〟＂«»", '"')
    | dict.fromkeys(f"{APOSTROPHES}‚′‹›".replace("`", ""), "'")
)
_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2014\u2015\ufe58", "--")
)
TextChange: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Normalize(Step):
    """Brings characters and white space into one form.

    Attributes:
        form: The Unicode normal form, by Python's `unicodedata`. `NFC` changes the encoding of
            characters, not their look. `NFKC` also turns `ﬁ` into `fi`, `²` into `2` and `Ａ` into
            `A`.
        whitespace: `keep` leaves it alone. `spaces` turns all spaces of Unicode, such as
            no-break spaces, into plain ones. `collapse` also turns runs of spaces and tabs into
            one space, and removes them at the ends of lines. `join` joins lines too: every run
            of white space becomes one space, and the ends of the text have none.
        zero_width: Whether to remove invisible characters: zero-width spaces, word joiners, byte
            order marks, soft hyphens. Zero-width joiners stay.
        line_ends: Whether to end all lines with a line feed instead of CR LF, CR, NEL or
            Unicode's line and paragraph separators.
        quotes: Whether to make quotation marks, apostrophes and primes straight.
        dashes: Whether to write hyphens, en dashes and minus signs as `-`, and em dashes as
            `--`.
    """

    name: ClassVar[str] = "normalize"

    form: Form = "NFC"
    whitespace: WhiteSpace = "collapse"
    zero_width: bool = True
    line_ends: bool = False
    quotes: bool = False
    dashes: bool = False

    @property
    def by_line(self) -> bool:
        """Whether a text may be cut after line feeds."""
        return self.whitespace != "join"

    def edits(self, text: str) -> list[Edit]:
        """Return the edits. The rule of each is the first change that applies."""
        edits = []
        for match in self._unstable.finditer(text):
            start, end = match.span()
            # The next character does not change, but shows where a line ends.
            follows = text[end : end + 1]
            old = new = match[0] + follows
            rule = ""
            for name, change in self._changes:
                new = change(new)
                if not rule and new != old:
                    rule = name
            edit = trimmed(text, start, end, new[: len(new) - len(follows)], rule)
            if edit is not None:
                edits.append(edit)
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if self.whitespace == "join" and len(text) > LONG:
            return " ".join(filter(None, map(self._through, pieces(text))))
        return self._through(text)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        if self.whitespace == "join" or self.line_ends:
            return [self.apply(text) for text in texts]
        return through_lines(texts, self.apply)

    def _through(self, text: str) -> str:
        for _, change in self._changes:
            text = change(text)
        return text

    @cached_property
    def _changes(self) -> list[tuple[str, TextChange]]:
        """The changes to make, in this order, each with its name."""
        changes: list[tuple[str, TextChange]] = []
        if self.zero_width:
            changes.append(("zero-width", _unless_ascii(partial(_ZERO_WIDTH.sub, ""))))
        if self.form != "none":
            changes.append((self.form.lower(), partial(unicodedata.normalize, self.form)))
        if self.line_ends:
            changes.append(("line-end", _with_line_feeds))
        if self.quotes:
            changes.append(("quote", _unless_ascii(_mapper(_QUOTES))))
        if self.dashes:
            changes.append(("dash", _unless_ascii(_mapper(_DASHES))))
        if self.whitespace in ("spaces", "collapse"):
            changes.append(("space", _unless_ascii(partial(_UNICODE_SPACE.sub, " "))))
        if self.whitespace == "collapse":
            changes.append(("space", _collapsed))
        if self.whitespace == "join":
            changes.append(("space", _joined))
        return changes

    @cached_property
    def _unstable(self) -> re.Pattern[str]:
        """Text that may change. No change reaches across two matches."""
        sets = {"\t-\r\x1c-\x20\x85\u2028\u2029" + _SPACES}
        if self.zero_width:
            sets.add(_ZERO_WIDTH.pattern[1:-2])
        if self.quotes:
            sets.add(inside("".join(sorted(map(chr, _QUOTES)))))
        if self.dashes:
            sets.add(inside("".join(sorted(map(chr, _DASHES)))))
        high = ""
        if self.form != "none":
            # Characters that may combine with the one before, or are not in normal form.
            sets.add(inside(members(rf"[[\P{{ccc=0}}][\P{{{self.form}_QC=Yes}}]]")))
            high = "\U0002f800-\U0002fa1f"
        changing = "".join(sorted(sets)) + high
        # With the character before, which may combine with them, and shows where a line begins.
        return re.compile(f"[^{changing}]?[{changing}]+")


def _unless_ascii(change: TextChange) -> TextChange:
    return lambda text: text if text.isascii() else change(text)


def _mapper(table: dict[int, str]) -> TextChange:
    """Replace characters by a table. `str.translate` is slow where few of many change."""
    pattern = re.compile(f"[{inside(''.join(sorted(map(chr, table))))}]")
    return lambda text: pattern.sub(lambda match: table[ord(match[0])], text)


def _with_line_feeds(text: str) -> str:
    if text.isascii():
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return _LINE_END.sub("\n", text)


def _collapsed(text: str) -> str:
    # Replacing strings is many times faster than a pattern that is tried at every space.
    text = text.replace("\t", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    if "\r" in text:
        return _LINE_EDGE.sub("", text)
    return "\n".join([line.strip(" ") for line in text.split("\n")])


def _joined(text: str) -> str:
    return _ALL_SPACE.sub(" ", text).strip(" ")


def normalize(
    text: str,
    *,
    form: Form = "NFC",
    whitespace: WhiteSpace = "collapse",
    zero_width: bool = True,
    line_ends: bool = False,
    quotes: bool = False,
    dashes: bool = False,
) -> str:
    r"""Bring characters and white space into one form.

    Args:
        text: The text to change.
        form: `NFC`, `NFD`, `NFKC`, `NFKD` or `none`.
        whitespace: `keep`, `spaces`, `collapse` or `join`; see `Normalize`.
        zero_width: Whether to remove invisible characters.
        line_ends: Whether to end all lines with a line feed.
        quotes: Whether to make quotation marks and apostrophes straight.
        dashes: Whether to write dashes as `-` and `--`.

    Raises:
        ArgumentError: An option is invalid.

    >>> normalize("  cafe\u0301\u00a0 noir ")
    'café noir'
    >>> normalize("“It’s 1–2 ﬁles” ", form="NFKC", quotes=True, dashes=True)
    '"It\'s 1-2 files"'
    """
    return applied(Normalize, text, form, whitespace, zero_width, line_ends, quotes, dashes)
