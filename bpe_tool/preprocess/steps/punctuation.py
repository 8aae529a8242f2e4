"""Removes punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from string import punctuation
from typing import ClassVar, Literal, TypeAlias

from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.character_classes import BLANKS, CharacterClass, inside, members
from bpe_tool.preprocess.character_edits import through_lines, trimmed
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import ChunkwiseStep, applied

Punctuation: TypeAlias = Literal["unicode", "symbols", "ascii", "all"]

#: The characters of each choice, for the brackets of a class of `regex`.
CLASSES: dict[str, str] = {
    "unicode": r"\p{P}" + re.escape(punctuation),
    "symbols": r"\p{S}",
    "ascii": re.escape(punctuation),
    "all": r"\p{P}\p{S}",
}
HYPHENS = "-\u2010\u2011\ufe63\uff0d"

# Marks for what is removed: an apostrophe in a word, and anything else.
_APOSTROPHE, _GONE = "\x02", "\x01"
_MARKS = (_GONE, _APOSTROPHE)
# Stand-ins for these two characters, if the text itself holds them.
_SPARE = "".join(map(chr, (*range(0xFDD0, 0xFDF0), *range(0xE000, 0xF900))))
_SPACE = f"[{BLANKS}]"
_SPACES = re.compile(f"{_SPACE}+")
# A run of spaces is matched from its first one only, so that many of them take linear time.
_RUN = re.compile(
    f"{_APOSTROPHE}|((?<!{_SPACE}){_SPACE}++|){_GONE}+(?:{_SPACE}+{_GONE}+)*+({_SPACE}*+)"
)
_NOT_IN_WORD = re.compile(f"{_APOSTROPHE}(?!(?<=[0-9A-Za-z].)[0-9A-Za-z])")


@dataclass(frozen=True, kw_only=True)
class RemovePunctuation(ChunkwiseStep):
    """Removes punctuation without joining words.

    An apostrophe between two letters or digits leaves nothing (`don't` becomes `dont`). Any
    other run of punctuation, with the spaces and tabs in and around it, becomes

    - the first run of those spaces and tabs;
    - one space if there are none (`end.Start` becomes `end Start`);
    - at the start of a line only the spaces before it, at the end only those behind it.

    Characters that only modify a removed character go with it: accents, variation selectors,
    enclosing marks, skin tones, and the joiner to the next emoji. Joiners in words, as in
    Persian and the scripts of India, stay.

    Attributes:
        which: `unicode` is what Unicode calls punctuation, and all punctuation of ASCII, nine
            characters of which Unicode calls symbols. `symbols` is what Unicode calls symbols:
            currency, mathematics, most emoji, ``$+<=>^`|~``. `ascii` is `string.punctuation`.
            `all` is punctuation and symbols.
        keep: Characters to keep.
        keep_apostrophes: Whether to keep apostrophes between two letters or digits.
        keep_hyphens: Whether to keep hyphens between two letters or digits (`well-known`).
        keep_decimals: Whether to keep `.` and `,` between two digits (`3.14`).
    """

    name: ClassVar[str] = "remove_punctuation"
    by_line = True

    which: Punctuation = "unicode"
    keep: str = ""
    keep_apostrophes: bool = False
    keep_hyphens: bool = False
    keep_decimals: bool = False

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each run and each apostrophe."""
        marked = self._marked(_shielded(text)[0])
        found = []
        for match in _RUN.finditer(marked):
            start, end = match.span()
            if match[0] == _APOSTROPHE:
                found.append(Edit(start, end, "", "apostrophe"))
                continue
            new = _replacement(match)
            edit = trimmed(text, start, end, new, "punctuation")
            if edit is not None:
                found.append(edit)
        return found

    def apply(self, text: str) -> str:
        """Return the changed text."""
        shielded, restore = _shielded(text)
        marked = self._marked(shielded)
        if _APOSTROPHE in marked:
            marked = marked.replace(_APOSTROPHE, "")
        if _GONE in marked:
            marked = _without_marks(marked)
        return marked.translate(restore) if restore else marked

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        return through_lines(texts, self.apply)

    def chunk(self, chunk: str) -> str:
        """Return the result for one chunk."""
        # What is kept in words stands between letters, never at an end.
        inner = chunk.strip(self._ascii)
        return inner if inner.isalnum() or not inner else self.apply(chunk)

    def _marked(self, text: str) -> str:
        """Return the text with a mark for each character that is removed."""
        if self._table is not None and text.isascii():
            marked = text.translate(self._table)
            return _NOT_IN_WORD.sub(_GONE, marked) if _APOSTROPHE in marked else marked
        if any(apostrophe in text for apostrophe in self._apostrophes):
            text = self._apostrophe.sub(_APOSTROPHE, text)
        text = self._characters.replace(text, _GONE)
        if _GONE in text:
            text = _residue().sub(lambda match: _GONE * len(match[0]), text)
        return text

    @cached_property
    def _members(self) -> str:
        return members(f"[{CLASSES[self.which]}]").translate(dict.fromkeys(map(ord, self.keep)))

    @cached_property
    def _ascii(self) -> str:
        return "".join(character for character in self._members if character.isascii())

    @cached_property
    def _apostrophes(self) -> str:
        """The apostrophes that leave nothing when they stand in words."""
        removed = "" if self.keep_apostrophes else set(self._members)
        return "".join(sorted(set(APOSTROPHES).intersection(removed)))

    @cached_property
    def _apostrophe(self) -> re.Pattern[str]:
        return re.compile(f"[{inside(self._apostrophes)}]{_in_word()}")

    @cached_property
    def _characters(self) -> CharacterClass:
        kept = [
            f"(?<=[{inside(''.join(sorted(characters)))}]){_in_word()}"
            for characters, stay in (
                (APOSTROPHES, self.keep_apostrophes),
                (HYPHENS, self.keep_hyphens),
            )
            if stay
        ]
        if self.keep_decimals:
            digits = inside(members(r"\p{Nd}"))
            kept.append(f"(?<=[{digits}][.,])(?=[{digits}])")
        return CharacterClass(self._members, f"(?!{'|'.join(kept)})" if kept else "")

    @cached_property
    def _table(self) -> dict[int, str] | None:
        """What marks an ASCII text, where no character depends on those around it."""
        if self.keep_apostrophes or self.keep_hyphens or self.keep_decimals:
            return None
        return {
            ord(character): _APOSTROPHE if character in APOSTROPHES else _GONE
            for character in self._ascii
        }


@lru_cache
def _residue() -> re.Pattern[str]:
    """Match what goes, with what was to be seen on it alone: of `#\ufe0f\u20e3` all three."""
    upon = members(r"[\p{Mn}\p{Me}\u200c\u200d\p{Emoji_Modifier}]")
    return re.compile(f"{_GONE}(?:[{inside(upon)}]|[\U000e0020-\U000e007f\U000e0100-\U000e01ef])+")


@lru_cache
def _in_word() -> str:
    """Return the condition that the character before stands between letters or digits."""
    letters = inside(members(r"[\p{L}\p{M}\p{N}]"))
    return f"(?<=[{letters}].)(?=[{letters}])"


def _shielded(text: str) -> tuple[str, dict[int, str]]:
    """Return the text with other characters for those that are our marks, and the way back."""
    if _GONE not in text and _APOSTROPHE not in text:
        return text, {}
    spare = [character for character in _SPARE if character not in text][: len(_MARKS)]
    away = {ord(mark): other for mark, other in zip(_MARKS, spare, strict=True)}
    return text.translate(away), {ord(other): chr(mark) for mark, other in away.items()}


def _replacement(match: re.Match[str]) -> str:
    """Return what replaces a run."""
    text = match.string
    start, end = match.span()
    before, behind = match.groups()
    if not start or text[start - 1] in "\r\n":
        return str(before)
    if end == len(text) or text[end] in "\r\n":
        return str(behind)
    spaces = _SPACES.search(match[0])
    return spaces[0] if spaces else " "


def _without_marks(text: str) -> str:
    """Replace all runs, as `_replacement` does.

    Calling it for each takes microseconds, and every tenth character may be punctuation.
    So the common cases are done by replacing texts, and only lines with others by calls.
    """
    while _GONE * 2 in text:
        text = text.replace(_GONE * 2, _GONE)
    if not _is_awkward(f"\n{text}\n"):
        return _replaced(text)
    lines = text.split("\n")
    common = []
    for number, line in enumerate(lines):
        if _GONE in line and _is_awkward(f"\n{line}\n"):
            lines[number] = _RUN.sub(_replacement, line)
        else:
            common.append(number)
    if common:
        replaced = _replaced("\n".join([lines[number] for number in common])).split("\n")
        for number, line in zip(common, replaced, strict=True):
            lines[number] = line
    return "\n".join(lines)


def _is_awkward(lines: str) -> bool:
    """Whether marks stand next to several spaces where these matter, or to uncommon ones."""
    for pattern in _AWKWARD:
        if pattern in lines:
            return True
    for space in "\t\r" if lines.isascii() else _UNCOMMON:
        if space in lines and any(
            pair in lines
            for other in (_GONE, " ")
            for pair in (f"{space}{other}", f"{other}{space}")
        ):
            return True
    return False


def _replaced(text: str) -> str:
    lines = f"\n{text}\n"
    for old, new in _REPLACEMENTS:
        if old in lines:
            lines = lines.replace(old, new)
    return lines[1:-1]


_UNCOMMON = (
    "\t\r\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
_AWKWARD = tuple(
    text.replace("#", _GONE)
    for text in (" #  ", "\n#  ", "  #\n", "  # \n", "\n #\n", " # # ", " # #\n", "\r #", "  # \r")
)
# Only right in this order, and when nothing is awkward.
_REPLACEMENTS = tuple(
    (old.replace("#", _GONE), new)
    for old, new in (
        (" #\n", "\n"),
        (" # ", " "),
        ("\n# ", "\n"),
        (" #", " "),
        ("# ", " "),
        ("\n#", "\n"),
        ("#\n", "\n"),
        ("#", " "),
    )
)


def remove_punctuation(
    text: str,
    *,
    which: Punctuation = "unicode",
    keep: str = "",
    keep_apostrophes: bool = False,
    keep_hyphens: bool = False,
    keep_decimals: bool = False,
) -> str:
    """Remove punctuation without joining words.

    Args:
        text: The text to change.
        which: `unicode`, `symbols`, `ascii` or `all`; see `RemovePunctuation`.
        keep: Characters to keep.
        keep_apostrophes: Whether to keep apostrophes in words.
        keep_hyphens: Whether to keep hyphens in words.
        keep_decimals: Whether to keep `.` and `,` between digits.

    Raises:
        ArgumentError: An option is invalid.

    >>> remove_punctuation("“Don't stop” - the end.Start: well-known.")
    'Dont stop the end Start well known'
    >>> remove_punctuation("It's well-known: 3.14!", keep_hyphens=True, keep_decimals=True)
    'Its well-known 3.14'
    """
    return applied(
        RemovePunctuation, text, which, keep, keep_apostrophes, keep_hyphens, keep_decimals
    )
