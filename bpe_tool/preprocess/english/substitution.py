"""Puts other words into a text: their case, the line ends among them, the article before them."""

from __future__ import annotations

import re
from typing import NamedTuple

from bpe_tool.preprocess.english.inflection import article

# After these a sentence may begin, beside the begin of a line.
_SENTENCE_END = frozenset(".!?:…)*-–—#|•>(")
_ARTICLE = re.compile(r"(?<![\w'’.-])(an?)([ \t]+|[ \t]*\r?\n[ \t]*)\Z", re.IGNORECASE)
# "Additional Protocol" is a name; "Subsequently I" is none.
_NEXT = re.compile(r"[ \t]+(?!I\b)(\w)")
_GAP = re.compile(r"[ \t\r\n]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")

# How far to look back for an article.
_REACH = 64


class Replacement(NamedTuple):
    """A stretch of text and what to write instead."""

    start: int
    end: int
    text: str


def reword(text: str, start: int, end: int, output: str) -> Replacement | None:
    """Write other words where some stand, as the rest of the text wants them.

    Args:
        text: The whole text.
        start: Where the words begin.
        end: Where they end.
        output: What to write, as it is in the middle of a sentence.

    Returns:
        The words in the case of the ones that they stand for, with the line end that was among
        those; with the article before them if `a` becomes `an` or the reverse. None if the
        words look like a name, or if a line would be left empty.
    """
    found = text[start:end]
    cased = _recase(text, start, end, output)
    if cased is None:
        return None
    left = text[max(0, start - _REACH) : start]
    match = _ARTICLE.search(left)
    gap = ""
    if match:
        wanted = article(output.lower())
        if wanted != article(found.lower()) and wanted != match[1].lower():
            gap = match[2]
            start -= len(match[0])
            cased = _recase_like(match[1], wanted) + gap + cased
    breaks = [match[0] for match in _GAP.finditer(found) if "\n" in match[0]]
    if not breaks:
        return Replacement(start, end, cased)
    if len(breaks) > 1 or "\n" in gap:
        return None
    return _with_line_end(text, start, end, cased, breaks[0], found)


def _with_line_end(
    text: str, start: int, end: int, output: str, line_end: str, found: str
) -> Replacement | None:
    """Put a line end after as many words as before, or else before all."""
    words = output.split(" ")
    if len(words) > 1:
        count = min(len(found[: found.index("\n")].split()), len(words) - 1)
        lines = (" ".join(words[:count]), " ".join(words[count:]))
        return Replacement(start, end, line_end.join(lines))
    while start and text[start - 1] in " \t":
        start -= 1
    if not start or text[start - 1] == "\n":
        return None
    return Replacement(start, end, line_end + output)


def _recase(text: str, start: int, end: int, output: str) -> str | None:
    """Return the output in the case of the words, or None if they look like a name."""
    found = text[start:end]
    if found.islower():
        return output
    if not found.isascii() and len(found.lower()) != len(found):
        return None
    words = found.split()
    if found.isupper():
        # One word in capitals may be the name of a thing, unless its line is all in capitals.
        many = len(words) > 1 or _line(text, start, end).isupper()
        return output.upper() if many else None
    if found[0].isupper() and found[1:].islower():
        following = _NEXT.match(text, end)
        if len(words) == 1 and following and following[1].isupper():
            return None
        return output[0].upper() + output[1:] if _starts_sentence(text, start) else None
    long_words = _LONG_WORD.findall(_line(text, start, end))
    if all(word[0].isupper() for word in long_words) and found[0].isupper():
        return " ".join(word[0].upper() + word[1:] for word in output.split(" "))
    return None


def _recase_like(found: str, output: str) -> str:
    if found.isupper() and len(found) > 1:
        return output.upper()
    return output.capitalize() if found[0].isupper() else output


def _starts_sentence(text: str, start: int) -> bool:
    left = text[max(0, start - _REACH) : start].rstrip(" \t\"'“‘_[")
    return not left or left[-1] == "\n" or left[-1] in _SENTENCE_END


def _line(text: str, start: int, end: int) -> str:
    """Return the line around a stretch, or as much of it as tells the case of its words."""
    first = text.rfind("\n", max(0, start - _REACH), start) + 1 or max(0, start - _REACH)
    last = text.find("\n", end, end + _REACH)
    return text[first : last if last >= 0 else end + _REACH]
